package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.List;

/**
 * Finds activation functions that are spelled out and makes each one node:
 *
 * <ul>
 * <li>{@code clip(x + 3, 0, 6) / 6}: HardSigmoid;
 * <li>{@code relu(x) + slope * (x - |x|)}, {@code max(x, 0) + slope * min(x, 0)} and {@code relu(x) - slope * relu(-x)}: PRelu;
 * <li>{@code x * sigmoid(x)}: Swish; {@code x * tanh(softplus(x))}: Mish;
 * <li>{@code x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2}: Gelu;
 * <li>{@code max(min(x, b), a)} and the like, with a Relu before it or not: Clip.
 * </ul>
 */
final class RecognizeActivations implements Pass {

    private static final float SIXTH = 1f / 6;
    private static final float TOLERANCE = 1e-5f;
    private static final float CUBIC = 0.044715f;
    private static final float SQRT_2_OVER_PI = 0.7978846f;

    @Override
    public String name() {
        return "recognize-activations";
    }

    @Override
    public String description() {
        return "PRelu, Swish, Mish, Gelu by tanh, HardSigmoid and Clip that are spelled out become one node";
    }

    @Override
    public Graph run(Graph graph) {
        Graph current = graph;
        while (true) {
            Editor editor = new Editor(current);
            for (Node node : current.nodes()) {
                Node made = node.domain().isEmpty() ? match(editor, node) : null;
                if (made != null) {
                    editor.replace(node, made);
                }
            }
            Graph next = editor.build();
            if (next == current) {
                return current == graph ? graph : Subgraphs.prune(current);
            }
            current = next;
        }
    }

    private static Node match(Editor editor, Node node) {
        Match m = new Match(editor);
        switch (node.op()) {
            case "Add":
            case "Sub":
                return prelu(m, node);
            case "Mul":
                Node sigmoid = hardSigmoid(m, node);
                return sigmoid != null ? sigmoid : gated(m, node);
            case "Div":
                return hardSigmoid(m, node);
            case "Min":
            case "Max":
            case "Relu":
            case "Clip":
                return bounds(m, node);
            default:
                return null;
        }
    }

    private static Node hardSigmoid(Match m, Node node) {
        String gate = m.divided(node, 6);
        Node clip = gate == null ? null : m.alone(gate, "Clip");
        if (clip == null || m.editor().scalar(clip.input(1)) != 0 || m.editor().scalar(clip.input(2)) != 6) {
            return null;
        }
        Node sum = m.alone(clip.input(0), "Add");
        String x = sum == null ? null : m.beside(sum, 3, 0);
        return x == null || !m.editor().sameType(x, node.output(0)) ? null : one(node, "HardSigmoid", x,
                Attributes.of("alpha", SIXTH, "beta", 0.5f));
    }

    private static Node prelu(Match m, Node node) {
        for (int i = 0; i < (node.is("Add") ? 2 : 1); i++) {
            String x = positive(m, node.input(i));
            Node product = x == null ? null : m.alone(node.input(1 - i), "Mul");
            for (int k = 0; product != null && k < 2; k++) {
                Tensor slope = m.editor().constant(product.input(k));
                float factor = slope == null || slope.dtype() != DType.FLOAT32 ? 0
                        : negative(m, product.input(1 - k), x) * (node.is("Sub") ? -1 : 1);
                if (factor != 0 && m.editor().sameType(x, node.output(0))) {
                    float[] slopes = slope.floats().clone();
                    for (int e = 0; e < slopes.length; e++) {
                        slopes[e] *= factor;
                    }
                    String name = m.editor().constantOf(node.output(0) + ".slope", Tensor.floats(slope.dims(), slopes));
                    return new Node(node.name(), "", "PRelu", List.of(x, name), node.outputs(), Attributes.NONE);
                }
            }
        }
        return null;
    }

    /** The x of {@code max(x, 0)}, or null. */
    private static String positive(Match m, String value) {
        Node relu = m.editor().producer(value, "Relu");
        Node max = m.editor().producer(value, "Max");
        return relu != null ? relu.input(0) : max != null && max.inputs().size() == 2 ? m.beside(max, 0, 0) : null;
    }

    /** What {@code value} is {@code min(x, 0)} times, or 0. */
    private static float negative(Match m, String value, String x) {
        Node min = m.editor().producer(value, "Min");
        if (min != null && min.inputs().size() == 2 && x.equals(m.beside(min, 0, 0))) {
            return 1;
        }
        Node difference = m.editor().producer(value, "Sub");
        if (difference != null && difference.input(0).equals(x)) {
            Node abs = m.editor().producer(difference.input(1), "Abs");
            return abs != null && abs.input(0).equals(x) ? 2 : 0;
        }
        Node relu = m.editor().producer(value, "Relu");
        Node neg = relu == null ? null : m.editor().producer(relu.input(0), "Neg");
        return neg != null && neg.input(0).equals(x) ? -1 : 0;
    }

    private static Node gated(Match m, Node node) {
        for (int i = 0; i < 2; i++) {
            String x = node.input(i);
            Node sigmoid = m.alone(node.input(1 - i), "Sigmoid");
            if (sigmoid != null && sigmoid.input(0).equals(x)) {
                return one(node, "Swish", x, Attributes.NONE);
            }
            Node tanh = m.alone(node.input(1 - i), "Tanh");
            Node softplus = tanh == null ? null : m.alone(tanh.input(0), "Softplus");
            if (softplus != null && softplus.input(0).equals(x)) {
                return one(node, "Mish", x, Attributes.NONE);
            }
        }
        return gelu(m, node);
    }

    private static Node gelu(Match m, Node node) {
        String[] factors = m.factors(node);
        for (int i = 0; i < factors.length; i++) {
            Node sum = m.editor().producer(factors[i], "Add");
            String curve = sum == null || m.editor().uses(factors[i]) != 1 ? null : m.beside(sum, 1, 0);
            Node tanh = curve == null ? null : m.editor().producer(curve, "Tanh");
            if (tanh == null || factors.length != 3) {
                continue;
            }
            for (int k = 0; k < 3; k++) {
                String x = k == i ? "" : factors[3 - i - k];
                if (k != i && m.editor().scalar(factors[k]) == 0.5f && isArgument(m, tanh.input(0), x)
                        && m.editor().sameType(x, node.output(0))) {
                    return one(node, "Gelu", x, Attributes.of("approximate", "tanh"));
                }
            }
        }
        return null;
    }

    /** Whether a value is {@code sqrt(2 / pi) * (x + 0.044715 * x^3)}. */
    private static boolean isArgument(Match m, String value, String x) {
        Node mul = m.editor().producer(value, "Mul");
        String inner = mul == null ? null : m.beside(mul, SQRT_2_OVER_PI, TOLERANCE);
        Node sum = inner == null ? null : m.editor().producer(inner, "Add");
        for (int i = 0; sum != null && i < 2; i++) {
            if (sum.input(i).equals(x) && isCubic(m, sum.input(1 - i), x)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isCubic(Match m, String value, String x) {
        Node mul = m.editor().producer(value, "Mul");
        if (mul == null) {
            return false;
        }
        String cube = m.beside(mul, CUBIC, TOLERANCE);
        Node pow = cube == null ? null : m.editor().producer(cube, "Pow");
        if (pow != null) {
            return pow.input(0).equals(x) && m.editor().scalar(pow.input(1)) == 3;
        }
        int times = 0;
        boolean scaled = false;
        for (String factor : m.factors(mul)) {
            Node square = m.editor().producer(factor, "Mul");
            boolean isSquare = square != null && square.input(0).equals(x) && square.input(1).equals(x);
            times += factor.equals(x) ? 1 : isSquare ? 2 : 0;
            scaled |= Math.abs(m.editor().scalar(factor) - CUBIC) < TOLERANCE;
        }
        return scaled && times == 3;
    }

    private static Node bounds(Match m, Node node) {
        float[] outer = m.bounds(node);
        Node inner = outer == null ? null : m.editor().producer(m.bounded(node));
        float[] within = inner == null || m.editor().uses(m.bounded(node)) != 1 ? null : m.bounds(inner);
        if (within == null || !m.editor().sameType(m.bounded(inner), node.output(0))) {
            return null;
        }
        float low = Math.min(Math.max(within[0], outer[0]), outer[1]);
        float high = Math.max(Math.min(within[1], outer[1]), outer[0]);
        String min = m.editor().constantOf(node.output(0) + ".min", Tensor.floats(new int[0], low));
        String max = m.editor().constantOf(node.output(0) + ".max", Tensor.floats(new int[0], high));
        return new Node(node.name(), "", "Clip", List.of(m.bounded(inner), min, max), node.outputs(), Attributes.NONE);
    }

    private static Node one(Node node, String op, String x, Attributes attributes) {
        return new Node(node.name(), "", op, List.of(x), node.outputs(), attributes);
    }
}
