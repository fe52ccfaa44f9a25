package dev.infuser.op;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.HashMap;
import java.util.Map;
import org.teavm.interop.PlatformMarker;
import org.teavm.interop.Platforms;

/**
 * The operators, in alphabetical order: here those that models often have, in {@link RareOperators} the others. A page
 * has the others, and the definitions of those that models run as kernels, only after {@link #extend}; elsewhere all are
 * there.
 */
public final class Registry {

    private static final Operator[] COMMON = {
        new Unary("Abs"),
        new Unary("Acos"),
        new Unary("Acosh"),
        new Arithmetic("Add"),
        new Arithmetic("And"),
        new ArgReduce("ArgMax"),
        new ArgReduce("ArgMin"),
        new Unary("Asin"),
        new Unary("Asinh"),
        new Unary("Atan"),
        new Unary("Atanh"),
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
        new Select("Compress"),
        new Concat(),
        new Constant(),
        new ConstantOfShape(),
        new Unary("Cos"),
        new Unary("Cosh"),
        new Cumulative("CumProd"),
        new Cumulative("CumSum"),
        new Arrange("DepthToSpace"),
        new QuantizeLinear("DequantizeLinear"),
        new Arithmetic("Div"),
        new Dropout(),
        new DynamicQuantizeLinear(),
        new Activation("Elu"),
        new Compare("Equal"),
        new Unary("Erf"),
        new Unary("Exp"),
        new Expand("Expand"),
        new Generate("EyeLike"),
        new Reshape("Flatten"),
        new Unary("Floor"),
        new Gather(),
        new Indexed("GatherElements"),
        new Indexed("GatherND"),
        new Activation("Gelu"),
        new Compare("Greater"),
        new Compare("GreaterOrEqual"),
        new Activation("HardSigmoid"),
        new Unary("HardSwish"),
        new Identity(),
        new If(),
        new Unary("IsInf"),
        new Unary("IsNaN"),
        new Activation("LeakyRelu"),
        new Compare("Less"),
        new Compare("LessOrEqual"),
        new Unary("Log"),
        new Variadic("Max"),
        new Variadic("Mean"),
        new Variadic("Min"),
        new Unary("Mish"),
        new Arithmetic("Mod"),
        new Arithmetic("Mul"),
        new Unary("Neg"),
        new Select("NonZero"),
        new Unary("Not"),
        new Generate("OneHot"),
        new Arithmetic("Or"),
        new Arithmetic("PRelu"),
        new Pad(),
        new Pow(),
        new QuantizeLinear("QuantizeLinear"),
        new Generate("Range"),
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
        new Indexed("ScatterElements"),
        new Indexed("ScatterND"),
        new Activation("Selu"),
        new ShapeOf(),
        new Activation("Shrink"),
        new Unary("Sigmoid"),
        new Unary("Sign"),
        new Unary("Sin"),
        new Unary("Sinh"),
        new Generate("Size"),
        new Slice(),
        new Unary("Softplus"),
        new Unary("Softsign"),
        new Arrange("SpaceToDepth"),
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
        new Select("TopK"),
        new Transpose(),
        new Arrange("Trilu"),
        new Reshape("Unsqueeze"),
        new Where(),
        new Arithmetic("Xor"),
    };

    /** Those that models run as kernels; a page has their definitions only after {@link #extend}. */
    private static final Operator[] COMPILED = {
        new ChannelsLast(new Pool("AveragePool")),
        new ChannelsLast(new Conv("Conv")),
        new ChannelsLast(new ConvTranspose()),
        new Recurrent("", "GRU"),
        new Recurrent("infuser", "GRU"),
        new Gemm(),
        new Softmax("Hardmax"),
        new Recurrent("", "LSTM"),
        new Recurrent("infuser", "LSTM"),
        new LayerNormalization("LayerNormalization"),
        new Softmax("LogSoftmax"),
        new MatMul(),
        new QuantizedMatMul("MatMulInteger"),
        new ChannelsLast(new Pool("MaxPool")),
        new QuantizedMatMul("QLinearMatMul"),
        new LayerNormalization("RMSNormalization"),
        new Recurrent("", "RNN"),
        new Recurrent("infuser", "RNN"),
        new Resize(),
        new Softmax("Softmax"),
    };

    private static final Map<String, Operator> BY_NAME = index();

    private Registry() {
    }

    private static Map<String, Operator> index() {
        Map<String, Operator> map = new HashMap<>();
        add(map, COMMON);
        if (isPage()) {
            for (Operator operator : COMPILED) {
                map.put(key(operator.domain(), operator.name()), new KernelOnly(operator));
            }
        } else {
            extend(map);
        }
        return map;
    }

    private static void add(Map<String, Operator> map, Operator[] operators) {
        for (Operator operator : operators) {
            map.put(key(operator.domain(), operator.name()), operator);
        }
    }

    /** Known at compile time, so that what a page does without is not in its program. */
    @PlatformMarker(Platforms.WEBASSEMBLY_GC)
    private static boolean isPage() {
        return false;
    }

    /** Adds the rare operators and definitions, in a program that has them. */
    public static void extend() {
        extend(BY_NAME);
    }

    private static void extend(Map<String, Operator> map) {
        add(map, COMPILED);
        add(map, RareOperators.ALL);
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
            throw missing(node);
        }
        return operator;
    }

    static UnsupportedModelException missing(Node node) {
        return new UnsupportedModelException("unsupported-operator", node.label(),
                "operator " + node.qualifiedOp() + " is not supported", "in node " + node.label(),
                "export the model without it, or ask for it to be added");
    }

    /**
     * Checks that {@code node} and the nodes of its subgraphs can be evaluated.
     *
     * @throws UnsupportedModelException where one cannot
     */
    public static void requireDefined(Node node) {
        if (find(node) instanceof KernelOnly) {
            throw missing(node);
        }
        for (Graph graph : Subgraphs.of(node)) {
            for (Node inner : graph.nodes()) {
                requireDefined(inner);
            }
        }
    }

    /**
     * Checks every node of {@code graph}, those of subgraphs included.
     *
     * @throws UnsupportedModelException where one has no operator
     */
    public static void requireAll(Graph graph) {
        for (Node node : graph.nodes()) {
            require(node);
            for (Graph inner : Subgraphs.of(node)) {
                requireAll(inner);
            }
        }
    }

    /** Whether the outputs of {@code node} depend on nothing but its inputs and attributes, subgraphs aside. */
    public static boolean isPure(Node node) {
        return !node.attributes().hasGraph() && !node.op().startsWith("Random") && !node.is("Bernoulli")
                && !node.is("Multinomial");
    }
}
