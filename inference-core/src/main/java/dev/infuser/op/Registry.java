package dev.infuser.op;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
        new Arithmetic("Add"),
        new Arithmetic("And"),
        new Arithmetic("BitShift"),
        new Arithmetic("BitwiseAnd"),
        new Unary("BitwiseNot"),
        new Arithmetic("BitwiseOr"),
        new Arithmetic("BitwiseXor"),
        new Cast("Cast"),
        new Cast("CastLike"),
        new Unary("Ceil"),
        new Concat(),
        new Constant(),
        new ConstantOfShape(),
        new Arithmetic("Div"),
        new Compare("Equal"),
        new Expand("Expand"),
        new Reshape("Flatten"),
        new Unary("Floor"),
        new Gather(),
        new Compare("Greater"),
        new Compare("GreaterOrEqual"),
        new Identity(),
        new If(),
        new Unary("IsInf"),
        new Unary("IsNaN"),
        new Compare("Less"),
        new Compare("LessOrEqual"),
        new Arithmetic("Mod"),
        new Arithmetic("Mul"),
        new Unary("Neg"),
        new Unary("Not"),
        new Arithmetic("Or"),
        new Arithmetic("PRelu"),
        new Generate("Range"),
        new Unary("Reciprocal"),
        new Unary("Relu"),
        new Reshape("Reshape"),
        new Unary("Round"),
        new ShapeOf(),
        new Unary("Sign"),
        new Generate("Size"),
        new Slice(),
        new Split(),
        new Unary("Sqrt"),
        new Reshape("Squeeze"),
        new Arithmetic("Sub"),
        new Expand("Tile"),
        new Transpose(),
        new Reshape("Unsqueeze"),
        new Where(),
        new Arithmetic("Xor"),
    };

    /** Those that models run as kernels; a page has their definitions only after {@link #extend}. */
    private static final Operator[] COMPILED = {
        new Transcendental("Acos"),
        new Transcendental("Acosh"),
        new Transcendental("Asin"),
        new Transcendental("Asinh"),
        new Transcendental("Atan"),
        new Transcendental("Atanh"),
        new ChannelsLast(new Pool("AveragePool")),
        new Activation("Celu"),
        new Clip(),
        new ChannelsLast(new Conv("Conv")),
        new ChannelsLast(new ConvTranspose()),
        new Transcendental("Cos"),
        new Transcendental("Cosh"),
        new QuantizeLinear("DequantizeLinear"),
        new Dropout(),
        new DynamicQuantizeLinear(),
        new Activation("Elu"),
        new Transcendental("Erf"),
        new Transcendental("Exp"),
        new Activation("Gelu"),
        new Gemm(),
        new Recurrent("infuser", "GRU"),
        new Softmax("Hardmax"),
        new Activation("HardSigmoid"),
        new Transcendental("HardSwish"),
        new LayerNormalization("LayerNormalization"),
        new Activation("LeakyRelu"),
        new Transcendental("Log"),
        new Softmax("LogSoftmax"),
        new Recurrent("infuser", "LSTM"),
        new MatMul(),
        new QuantizedMatMul("MatMulInteger"),
        new Variadic("Max"),
        new ChannelsLast(new Pool("MaxPool")),
        new Variadic("Mean"),
        new Variadic("Min"),
        new Transcendental("Mish"),
        new Pad(),
        new Pow(),
        new QuantizedMatMul("QLinearMatMul"),
        new QuantizeLinear("QuantizeLinear"),
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
        new Resize(),
        new LayerNormalization("RMSNormalization"),
        new Recurrent("infuser", "RNN"),
        new Activation("Selu"),
        new Activation("Shrink"),
        new Transcendental("Sigmoid"),
        new Transcendental("Sin"),
        new Transcendental("Sinh"),
        new Softmax("Softmax"),
        new Transcendental("Softplus"),
        new Transcendental("Softsign"),
        new Variadic("Sum"),
        new Activation("Swish"),
        new Transcendental("Tan"),
        new Transcendental("Tanh"),
        new Activation("ThresholdedRelu"),
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
    public static boolean isPage() {
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

    /** The names of all operators, those of other domains than ONNX's after their domain and a dot. */
    public static Set<String> names() {
        return new TreeSet<>(BY_NAME.keySet());
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
