package dev.infuser.op;

import dev.infuser.graph.Node;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.HashMap;
import java.util.Map;

/** All operators, in alphabetical order. */
public final class Registry {

    private static final Operator[] ALL = {
        new Unary("Abs"),
        new Unary("Acos"),
        new Unary("Acosh"),
        new Arithmetic("Add"),
        new Arithmetic("And"),
        new Unary("Asin"),
        new Unary("Asinh"),
        new Unary("Atan"),
        new Unary("Atanh"),
        new Pool("AveragePool"),
        new Arithmetic("BitShift"),
        new Arithmetic("BitwiseAnd"),
        new Unary("BitwiseNot"),
        new Arithmetic("BitwiseOr"),
        new Arithmetic("BitwiseXor"),
        new Cast("Cast"),
        new Cast("CastLike"),
        new Unary("Ceil"),
        new Activation("Celu"),
        new Clip(),
        new Concat(),
        new Constant(),
        new ConstantOfShape(),
        new Conv("Conv"),
        new Conv("ConvInteger"),
        new ConvTranspose(),
        new Unary("Cos"),
        new Unary("Cosh"),
        new Arithmetic("Div"),
        new Activation("Elu"),
        new Compare("Equal"),
        new Unary("Erf"),
        new Unary("Exp"),
        new Expand("Expand"),
        new Reshape("Flatten"),
        new Unary("Floor"),
        new Gather(),
        new Activation("Gelu"),
        new Pool("GlobalAveragePool"),
        new Pool("GlobalLpPool"),
        new Pool("GlobalMaxPool"),
        new Compare("Greater"),
        new Compare("GreaterOrEqual"),
        new Activation("HardSigmoid"),
        new Unary("HardSwish"),
        new Softmax("Hardmax"),
        new Identity(),
        new Unary("IsInf"),
        new Unary("IsNaN"),
        new LayerNormalization("LayerNormalization"),
        new Activation("LeakyRelu"),
        new Compare("Less"),
        new Compare("LessOrEqual"),
        new Unary("Log"),
        new Softmax("LogSoftmax"),
        new Pool("LpPool"),
        new MatMul(),
        new Variadic("Max"),
        new Pool("MaxPool"),
        new Variadic("Mean"),
        new Variadic("Min"),
        new Unary("Mish"),
        new Arithmetic("Mod"),
        new Arithmetic("Mul"),
        new Unary("Neg"),
        new Unary("Not"),
        new Arithmetic("Or"),
        new Arithmetic("PRelu"),
        new Pad(),
        new Pow(),
        new Conv("QLinearConv"),
        new LayerNormalization("RMSNormalization"),
        new Unary("Reciprocal"),
        new Reduce("ReduceL1"),
        new Reduce("ReduceL2"),
        new Reduce("ReduceLogSum"),
        new Reduce("ReduceLogSumExp"),
        new Reduce("ReduceMax"),
        new Reduce("ReduceMean"),
        new Reduce("ReduceMin"),
        new Reduce("ReduceProd"),
        new Reduce("ReduceSum"),
        new Reduce("ReduceSumSquare"),
        new Unary("Relu"),
        new Reshape("Reshape"),
        new Unary("Round"),
        new Activation("Selu"),
        new ShapeOf(),
        new Activation("Shrink"),
        new Unary("Sigmoid"),
        new Unary("Sign"),
        new Unary("Sin"),
        new Unary("Sinh"),
        new Slice(),
        new Softmax("Softmax"),
        new Unary("Softplus"),
        new Unary("Softsign"),
        new Split(),
        new Unary("Sqrt"),
        new Reshape("Squeeze"),
        new Arithmetic("Sub"),
        new Variadic("Sum"),
        new Activation("Swish"),
        new Unary("Tan"),
        new Unary("Tanh"),
        new Activation("ThresholdedRelu"),
        new Expand("Tile"),
        new Transpose(),
        new Reshape("Unsqueeze"),
        new Where(),
        new Arithmetic("Xor"),
    };

    private static final Map<String, Operator> BY_NAME = index();

    private Registry() {
    }

    private static Map<String, Operator> index() {
        Map<String, Operator> map = new HashMap<>();
        for (Operator operator : ALL) {
            map.put(key(operator.domain(), operator.name()), operator);
        }
        return map;
    }

    private static String key(String domain, String name) {
        return domain.isEmpty() ? name : domain + "." + name;
    }

    /** The operator of {@code node}, or null. */
    public static Operator find(Node node) {
        return BY_NAME.get(key(node.domain(), node.op()));
    }

    /**
     * The operator of {@code node}.
     *
     * @throws UnsupportedModelException where there is none
     */
    public static Operator require(Node node) {
        Operator operator = find(node);
        if (operator == null) {
            throw new UnsupportedModelException("unsupported-operator", node.label(),
                    "operator " + node.qualifiedOp() + " is not supported", "in node " + node.label(),
                    "export the model without it, or ask for it to be added");
        }
        return operator;
    }

    /** Whether the outputs of {@code node} depend on nothing but its inputs and attributes, subgraphs aside. */
    public static boolean isPure(Node node) {
        return !node.attributes().hasGraph() && !node.op().startsWith("Random") && !node.is("Bernoulli")
                && !node.is("Multinomial");
    }
}
