package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** Makes vectors in a matrix product matrices of one row or column, and takes the axis out of the result again. */
final class LowerVectorProducts implements Pass {

    @Override
    public String name() {
        return "lower-vector-products";
    }

    @Override
    public String description() {
        return "vectors in matrix products become matrices of one row or column";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            if (node.is("MatMul") && (isVector(graph, node.input(0)) || isVector(graph, node.input(1)))) {
                lower(editor, graph, node);
            }
        }
        return editor.build();
    }

    private static boolean isVector(Graph graph, String value) {
        return graph.type(value) instanceof ValueType.OfTensor type && type.shape() != null && type.shape().rank() == 1;
    }

    private static void lower(Editor editor, Graph graph, Node node) {
        List<Node> nodes = new ArrayList<>();
        List<String> operands = new ArrayList<>();
        List<Long> gone = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            String operand = node.input(i);
            if (isVector(graph, operand)) {
                String matrix = editor.fresh(operand + "/matrix" + i);
                String axis = editor.constantOf(matrix + "/axis", Tensor.vector(i));
                nodes.add(new Node("", "", "Unsqueeze", List.of(operand, axis), List.of(matrix), Attributes.NONE));
                operand = matrix;
                gone.add(i - 2L);
            }
            operands.add(operand);
        }
        String product = editor.fresh(node.output(0) + "/product");
        long[] axes = gone.stream().mapToLong(Long::longValue).toArray();
        String axis = editor.constantOf(product + "/axes", Tensor.vector(axes));
        nodes.add(new Node(node.name(), "", "MatMul", operands, List.of(product), node.attributes()));
        nodes.add(new Node("", "", "Squeeze", List.of(product, axis), node.outputs(), Attributes.NONE));
        editor.replace(node, nodes.toArray(new Node[0]));
    }
}
