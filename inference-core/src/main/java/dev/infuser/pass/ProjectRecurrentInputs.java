package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes the products with the input out of {@code LSTM}, {@code GRU} and {@code RNN} with constant float32 weights: one
 * matrix product over all steps, then the recurrence alone, as the domain {@code infuser} has it.
 */
final class ProjectRecurrentInputs implements Pass {

    private static final int BLOCK = 8;

    @Override
    public String name() {
        return "project-recurrent-inputs";
    }

    @Override
    public String description() {
        return "LSTM, GRU and RNN take their inputs through one product for all steps";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            int gates = node.is("LSTM") ? 4 : node.is("GRU") ? 3 : node.is("RNN") ? 1 : 0;
            if (gates > 0 && constant(editor, node, 1, true) && constant(editor, node, 2, true)
                    && constant(editor, node, 3, false) && constant(editor, node, 7, false)) {
                new Layer(editor, node, gates).replace();
            }
        }
        return editor.build();
    }

    private static boolean constant(Editor editor, Node node, int input, boolean required) {
        Tensor tensor = editor.constant(node.input(input));
        return tensor == null ? !required && node.input(input).isEmpty() : tensor.dtype() == DType.FLOAT32;
    }

    private static final class Layer {
        private final Editor editor;
        private final Node node;
        private final int gates;
        private final int directions;
        private final int hidden;
        private final int blocks;
        private final int columns;
        private final String base;

        Layer(Editor editor, Node node, int gates) {
            this.editor = editor;
            this.node = node;
            this.gates = gates;
            Tensor r = editor.constant(node.input(2));
            directions = r.dim(0);
            hidden = r.dim(2);
            blocks = (hidden + BLOCK - 1) / BLOCK;
            columns = directions * blocks * gates * BLOCK;
            String first = "";
            for (String output : node.outputs()) {
                first = first.isEmpty() ? output : first;
            }
            base = first;
        }

        private int column(int direction, int gate, int unit) {
            return ((direction * blocks + unit / BLOCK) * gates + gate) * BLOCK + unit % BLOCK;
        }

        void replace() {
            boolean biased = !node.input(3).isEmpty();
            boolean apart = biased && gates == 3 && node.attributes().flag("linear_before_reset", false);
            List<Node> nodes = new ArrayList<>();
            editor.constant(base + ".w", input());
            nodes.add(new Node(node.name(), "", "MatMul", List.of(node.input(0), base + ".w"), List.of(base + ".x"),
                    Attributes.NONE));
            if (biased) {
                editor.constant(base + ".b", bias(apart));
                nodes.add(new Node(node.name(), "", "Add", List.of(base + ".x", base + ".b"), List.of(base + ".xb"),
                        Attributes.NONE));
            }
            editor.constant(base + ".r", recurrent());
            boolean peepholes = gates == 4 && !node.input(7).isEmpty();
            if (peepholes || apart) {
                editor.constant(base + ".e", peepholes ? units(node.input(7), 3, 3, 0) : units(node.input(3), 1, 6, 5));
            }
            nodes.add(new Node(node.name(), "infuser", node.op(), List.of(base + (biased ? ".xb" : ".x"), "", base + ".r", "",
                    node.input(4), node.input(5), node.input(6), peepholes || apart ? base + ".e" : ""), node.outputs(),
                    node.attributes()));
            editor.replace(node, nodes.toArray(new Node[0]));
        }

        private Tensor input() {
            Tensor w = editor.constant(node.input(1));
            int depth = w.dim(2);
            float[] out = new float[depth * columns];
            for (int i = 0; i < w.size(); i++) {
                int row = i / depth % (gates * hidden);
                out[i % depth * columns + column(i / depth / (gates * hidden), row / hidden, row % hidden)] = w.floats()[i];
            }
            return Tensor.floats(new int[] {depth, columns}, out);
        }

        private Tensor bias(boolean apart) {
            float[] b = editor.constant(node.input(3)).floats();
            float[] out = new float[columns];
            int all = gates * hidden;
            for (int i = 0; i < directions * all; i++) {
                int d = i / all;
                int gate = i % all / hidden;
                float recurrent = apart && gate == 2 ? 0 : b[(2 * d + 1) * all + i % all];
                out[column(d, gate, i % hidden)] = b[2 * d * all + i % all] + recurrent;
            }
            return Tensor.floats(new int[] {columns}, out);
        }

        private Tensor recurrent() {
            float[] r = editor.constant(node.input(2)).floats();
            float[] out = new float[columns * hidden];
            for (int i = 0; i < r.length; i++) {
                int unit = i / hidden % hidden;
                int gate = i / hidden / hidden % gates;
                int block = i / hidden / hidden / gates * blocks + unit / BLOCK;
                out[((block * hidden + i % hidden) * gates + gate) * BLOCK + unit % BLOCK] = r[i];
            }
            return Tensor.floats(new int[] {directions, blocks, hidden, gates * BLOCK}, out);
        }

        /** {@code count} vectors of each direction, from vector {@code first} of the {@code stored} that it has. */
        private Tensor units(String name, int count, int stored, int first) {
            float[] from = editor.constant(name).floats();
            float[] out = new float[directions * count * blocks * BLOCK];
            for (int i = 0; i < directions * count * hidden; i++) {
                int vector = i / hidden / count * stored + first + i / hidden % count;
                out[i / hidden * blocks * BLOCK + i % hidden] = from[vector * hidden + i % hidden];
            }
            return Tensor.floats(new int[] {directions, count, blocks * BLOCK}, out);
        }
    }
}
