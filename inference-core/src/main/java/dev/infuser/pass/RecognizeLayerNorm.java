package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Finds normalisations over the last axis that are spelled out, and makes each one node, with what it is multiplied with and
 * what is added to it:
 *
 * <ul>
 * <li>{@code (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon)}, or times the reciprocal: LayerNormalization;
 * <li>{@code x * f + (bias - mean(x) * f)} with {@code f = scale / sqrt(...)}, as TensorFlow has it: LayerNormalization;
 * <li>{@code x / sqrt(mean(x^2) + epsilon)}: RMSNormalization.
 * </ul>
 */
final class RecognizeLayerNorm implements Pass {

    @Override
    public String name() {
        return "recognize-layer-norm";
    }

    @Override
    public String description() {
        return "a layer or RMS normalisation that is spelled out becomes one node";
    }

    @Override
    public Graph run(Graph graph) {
        Graph current = graph;
        while (true) {
            Editor editor = new Editor(current);
            Moments m = new Moments(current, editor);
            for (Node node : current.nodes()) {
                Node made = match(m, node);
                if (made != null) {
                    editor.replace(node, made);
                    break;
                }
            }
            Graph next = editor.build();
            if (next == current) {
                return current;
            }
            current = Subgraphs.prune(next);
        }
    }

    private static Node match(Moments m, Node node) {
        if (!node.is("Div") && !node.is("Mul") && !node.is("Add")) {
            return null;
        }
        for (int i = 0; i < (node.is("Div") ? 1 : 2); i++) {
            Node affine = affine(m, node, i);
            Node made = affine != null ? affine : node.is("Add") ? unfolded(m, node, i) : core(m, node, i);
            if (made != null) {
                return made;
            }
        }
        return null;
    }

    /** Input {@code i} over the root of its mean square, or times a constant over it. */
    private static Node core(Moments m, Node node, int i) {
        String centred = node.input(i);
        Node product = node.is("Mul") ? m.match().alone(node.input(1 - i), "Mul") : null;
        for (int k = 0; k < (product == null ? 1 : 2); k++) {
            String divisor = product == null ? node.input(1 - i) : product.input(k);
            Moments.Root root = node.is("Div") ? m.root(divisor) : m.inverse(divisor);
            float[] scale = product == null ? null : vector(m, product.input(1 - k), centred);
            if (root != null && m.squared(root.squares()).equals(centred) && (product == null || scale != null)) {
                Node difference = m.editor().producer(centred, "Sub");
                boolean centres = difference != null && difference.input(0).equals(m.averaged(difference.input(1)));
                return norm(m, node, centres ? difference.input(0) : centred, centres, root.epsilon(), scale, null);
            }
        }
        return null;
    }

    /** {@code x * f + (bias - mean(x) * f)}, the product being input {@code i}. */
    private static Node unfolded(Moments m, Node node, int i) {
        Node scaled = m.match().alone(node.input(i), "Mul");
        Node rest = m.match().alone(node.input(1 - i), "Sub");
        Node shift = rest == null ? null : m.match().alone(rest.input(1), "Mul");
        for (int k = 0; k < 4 && scaled != null && shift != null; k++) {
            String x = scaled.input(k & 1);
            String factor = scaled.input(1 - (k & 1));
            String mean = shift.input(k >> 1);
            Node product = m.editor().producer(factor, "Mul");
            if (!factor.equals(shift.input(1 - (k >> 1))) || !x.equals(m.averaged(mean))) {
                continue;
            }
            for (int j = 0; j < (product == null ? 1 : 2); j++) {
                Moments.Root root = m.inverse(product == null ? factor : product.input(j));
                Node difference = root == null ? null : m.editor().producer(m.squared(root.squares()), "Sub");
                float[] scale = product == null ? null : vector(m, product.input(1 - j), x);
                float[] bias = vector(m, rest.input(0), x);
                if (difference != null && difference.input(0).equals(x) && difference.input(1).equals(mean)
                        && bias != null && (product == null || scale != null)) {
                    return norm(m, node, x, true, root.epsilon(), scale, bias);
                }
            }
        }
        return null;
    }

    /** A normalisation that nobody else reads, times or plus a constant. */
    private static Node affine(Moments m, Node node, int i) {
        Node norm = m.match().alone(node.input(i), "LayerNormalization");
        if (norm == null && node.is("Mul")) {
            norm = m.match().alone(node.input(i), "RMSNormalization");
        }
        float[] by = norm == null || node.is("Div") || norm.attributes().integer("axis", -1) != -1 || norm.outputs().size() > 1
                ? null : vector(m, node.input(1 - i), norm.input(0));
        float[] scale = by == null ? null : vector(m, norm.input(1), norm.input(0));
        float[] bias = by == null || norm.input(2).isEmpty() ? null : vector(m, norm.input(2), norm.input(0));
        if (scale == null || bias == null && !norm.input(2).isEmpty()) {
            return null;
        }
        if (node.is("Add") && bias == null) {
            bias = new float[by.length];
        }
        for (int c = 0; c < by.length; c++) {
            scale[c] *= node.is("Mul") ? by[c] : 1;
            if (bias != null) {
                bias[c] = node.is("Mul") ? bias[c] * by[c] : bias[c] + by[c];
            }
        }
        return norm(m, node, norm.input(0), norm.is("LayerNormalization"), norm.attributes().real("epsilon", 1e-5f), scale, bias);
    }

    private static float[] vector(Moments m, String value, String x) {
        Tensor constant = m.editor().constant(value);
        int extent = m.lastExtent(x);
        if (constant == null || !constant.dtype().isFloat() || extent <= 0
                || constant.size() != 1 && (constant.size() != extent || constant.dim(-1) != extent)) {
            return null;
        }
        float[] out = new float[extent];
        for (int c = 0; c < extent; c++) {
            out[c] = (float) constant.getDouble(constant.size() == 1 ? 0 : c);
        }
        return out;
    }

    private static Node norm(Moments m, Node node, String x, boolean centres, float epsilon, float[] scale, float[] bias) {
        int extent = m.lastExtent(x);
        if (extent <= 0 || !m.editor().sameType(x, node.output(0)) || !m.isFloat(x)) {
            return null;
        }
        float[] ones = new float[extent];
        Arrays.fill(ones, 1);
        String by = m.editor().constantOf(node.output(0) + ".scale", Tensor.floats(new int[] {extent}, scale == null ? ones : scale));
        String plus = bias == null ? "" : m.editor().constantOf(node.output(0) + ".bias", Tensor.floats(new int[] {extent}, bias));
        return new Node(node.name(), "", centres ? "LayerNormalization" : "RMSNormalization",
                bias == null ? List.of(x, by) : List.of(x, by, plus), node.outputs(), Attributes.of("axis", -1, "epsilon", epsilon));
    }
}
