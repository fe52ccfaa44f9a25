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
 * <li>{@code clip(x + 3, 0, 6) / 6} and {@code clip(alpha * x + beta, 0, 1)}: HardSigmoid;
 * <li>{@code relu(x) + slope * (x - |x|)}, {@code max(x, 0) + slope * min(x, 0)} and {@code relu(x) - slope * relu(-x)}: PRelu;
 * <li>{@code 1 / (1 + exp(-x))}: Sigmoid; {@code x * sigmoid(alpha * x)}: Swish; {@code x * tanh(softplus(x))}: Mish;
 * <li>{@code x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2}: Gelu;
 * <li>{@code max(min(x, b), a)} and the like, with a Relu before it or not: Clip.
 * </ul>
 */
final class RecognizeActivations implements Pass {

    private static final float TOLERANCE = 1e-5f;
    private static final float CUBIC = 0.044715f;
    private static final float SQRT_2_OVER_PI = 0.7978846f;

    @Override
    public String name() {
        return "recognize-activations";
    }

    @Override
    public String description() {
        return "PRelu, Sigmoid, Swish, Mish, Gelu by tanh, HardSigmoid and Clip that are spelled out become one node";
    }

    @Override
    public Graph run(Graph graph) {
        Graph current = graph;
        while (true) {
            Editor editor = new Editor(current);
            for (Node node : current.nodes()) {
                Node[] gate = node.is("Mul") || node.is("Div") ? gate(new Match(editor), node) : null;
                Node made = gate != null || !node.domain().isEmpty() ? null : match(editor, node);
                if (gate != null) {
                    editor.replace(node, gate);
                } else if (made != null && made.is("Identity") && !editor.isOutput(node.output(0))) {
                    editor.rename(node.output(0), made.input(0));
                    editor.replace(node);
                } else if (made != null) {
                    editor.replace(node, made);
                }
            }
            Graph next = editor.build();
            if (next == current) {
                return current;
            }
            current = Subgraphs.prune(next);
        }
    }

    private static Node match(Editor editor, Node node) {
        Match m = new Match(editor);
        switch (node.op()) {
            case "Add":
            case "Sub":
                return prelu(m, node);
            case "Mul":
                return gated(m, node);
            case "Div":
                return logistic(m, node);
            case "Min":
            case "Max":
            case "Relu":
            case "Clip":
                Node sigmoid = hardSigmoid(m, node);
                return sigmoid != null ? sigmoid : bounds(m, node);
            default:
                return null;
        }
    }

    /** {@code clip(x + 3, 0, 6)} over 6, or times a sixth that is rounded. */
    private static Node[] gate(Match m, Node node) {
        for (int i = 0; i < (node.is("Div") ? 1 : 2); i++) {
            float number = m.editor().scalar(node.input(1 - i));
            double by = node.is("Div") ? 6.0 / number : 6.0 * number;
            String x = HardGate.isNearOne(by) ? HardGate.source(m, node.input(i)) : null;
            if (x != null && m.editor().sameType(x, node.output(0))) {
                return HardGate.scaled(m.editor(), node, "HardSigmoid", x,
                        Attributes.of("alpha", HardGate.SIXTH, "beta", 0.5f), by);
            }
        }
        return null;
    }

    /** {@code clip(alpha * x + beta, 0, 1)}. */
    private static Node hardSigmoid(Match m, Node node) {
        float[] bounds = m.bounds(node);
        Node sum = bounds != null && bounds[0] == 0 && bounds[1] == 1 ? m.alone(m.bounded(node), "Add") : null;
        for (int i = 0; i < 2 && sum != null; i++) {
            float beta = m.editor().scalar(sum.input(i));
            Node product = beta == beta ? m.editor().producer(sum.input(1 - i)) : null;
            for (int k = 0; k < 2 && product != null && m.editor().uses(sum.input(1 - i)) == 1; k++) {
                float by = m.editor().scalar(product.input(k));
                float alpha = product.is("Mul") ? by : product.is("Div") && k == 1 ? 1 / by : Float.NaN;
                if (alpha == alpha && m.editor().sameType(product.input(1 - k), node.output(0))) {
                    return one(node, "HardSigmoid", product.input(1 - k), Attributes.of("alpha", alpha, "beta", beta));
                }
            }
        }
        return null;
    }

    private static Node prelu(Match m, Node node) {
        for (int i = 0; i < (node.is("Add") ? 2 : 1); i++) {
            String x = positive(m, node.input(i));
            Node product = x == null ? null : m.alone(node.input(1 - i), "Mul");
            for (int k = 0; product != null && k < 2; k++) {
                Tensor slope = m.editor().constant(product.input(k));
                float factor = slope == null || slope.dtype() != DType.FLOAT32 ? 0
                        : negative(m, product.input(1 - k), x) * (node.is("Sub") ? -1 : 1);
                boolean same = m.editor().sameType(x, node.output(0));
                if (slope != null && same && node.is("Add") && isNothing(m, product.input(1 - k), node.input(i))) {
                    return one(node, "Identity", node.input(i), Attributes.NONE);
                }
                if (factor != 0 && same) {
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

    /** Whether {@code value} is the negative part of what is a Relu already, {@code relu - |relu|}. */
    private static boolean isNothing(Match m, String value, String relu) {
        Node difference = m.editor().producer(value, "Sub");
        return difference != null && difference.input(0).equals(relu) && difference.input(1).equals(relu);
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
            float alpha = sigmoid == null ? Float.NaN : multiple(m, sigmoid.input(0), x);
            if (alpha == alpha) {
                return one(node, "Swish", x, alpha == 1 ? Attributes.NONE : Attributes.of("alpha", alpha));
            }
            Node tanh = m.alone(node.input(1 - i), "Tanh");
            Node softplus = tanh == null ? null : m.alone(tanh.input(0), "Softplus");
            if (softplus != null && softplus.input(0).equals(x)) {
                return one(node, "Mish", x, Attributes.NONE);
            }
        }
        return gelu(m, node);
    }

    /** The number that {@code value} is {@code x} times, or NaN. */
    private static float multiple(Match m, String value, String x) {
        Node mul = m.editor().producer(value, "Mul");
        Node neg = m.editor().producer(value, "Neg");
        for (int i = 0; mul != null && i < 2; i++) {
            if (mul.input(i).equals(x)) {
                return m.editor().scalar(mul.input(1 - i));
            }
        }
        return value.equals(x) ? 1 : neg != null && neg.input(0).equals(x) ? -1 : Float.NaN;
    }

    /** {@code 1 / (1 + exp(-x))}, or {@code x} over that. */
    private static Node logistic(Match m, Node node) {
        Node sum = m.alone(node.input(1), "Add");
        String power = sum == null ? null : m.beside(sum, 1, 0);
        Node exp = power == null ? null : m.alone(power, "Exp");
        Node argument = exp == null ? null : m.editor().producer(exp.input(0));
        for (int i = 0; argument != null && i < argument.inputs().size(); i++) {
            String x = argument.input(i);
            boolean one = m.editor().scalar(node.input(0)) == 1;
            if ((one || x.equals(node.input(0))) && multiple(m, exp.input(0), x) == -1 && m.editor().sameType(x, node.output(0))) {
                return one(node, one ? "Sigmoid" : "Swish", x, Attributes.NONE);
            }
        }
        return null;
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
