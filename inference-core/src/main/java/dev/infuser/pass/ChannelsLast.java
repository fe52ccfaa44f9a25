package dev.infuser.pass;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes convolutions and pools read and write channels as the last axis. What follows them is computed in that order too, as
 * far as {@link LayoutRules} knows how, so that transposes are left at the edges of a convolutional network only.
 */
final class ChannelsLast implements Pass {

    private static final int MAX_RANK = 5;

    @Override
    public String name() {
        return "channels-last";
    }

    @Override
    public String description() {
        return "convolutions, pools and what follows them keep channels as the last axis";
    }

    @Override
    public Graph run(Graph graph) {
        Graph typed = Inference.infer(graph);
        Layout layout = new Layout(typed);
        boolean found = false;
        for (Node node : typed.nodes()) {
            found |= isWindow(layout, node);
        }
        if (!found) {
            return graph;
        }
        for (Node node : typed.nodes()) {
            if (isWindow(layout, node)) {
                window(layout, node);
            } else if (node.attributes().hasGraph() || !LayoutRules.apply(layout, node)) {
                keep(layout, node);
            }
        }
        return layout.build();
    }

    private static boolean isWindow(Layout layout, Node node) {
        boolean integers = node.is("ConvInteger") && layout.constant(node.input(1)) != null
                && layout.constant(node.input(1)).dtype() == DType.INT8;
        boolean convolution = node.is("Conv") || node.is("ConvTranspose") || integers;
        boolean pool = (node.is("MaxPool") || node.is("AveragePool")) && node.output(1).isEmpty();
        boolean global = node.is("GlobalAveragePool") || node.is("GlobalMaxPool");
        Shape shape = convolution ? layout.shape(node.input(1)) : pool || global ? layout.shape(node.input(0)) : null;
        return shape != null && (integers || layout.isFloat(node.input(convolution ? 1 : 0))) && shape.rank() > 2
                && shape.rank() <= MAX_RANK;
    }

    private static void window(Layout layout, Node node) {
        String x = node.input(0);
        if (node.is("GlobalAveragePool") || node.is("GlobalMaxPool")) {
            global(layout, node);
            return;
        }
        boolean convolution = node.op().startsWith("Conv");
        int[] last = Layout.toLast(layout.shape(node.input(convolution ? 1 : 0)).rank());
        List<String> inputs = new ArrayList<>();
        inputs.add(layout.in(x, last));
        if (convolution) {
            inputs.add(layout.in(node.input(1), weightOrder(node, last.length)));
        }
        for (int i = 2; i < node.inputs().size(); i++) {
            inputs.add(node.input(i).isEmpty() ? "" : layout.plain(node.input(i)));
        }
        layout.add(node.name(), "infuser", node.op(), inputs, node.output(0), last, node.attributes());
    }

    private static int[] weightOrder(Node node, int rank) {
        int[] order = new int[rank];
        for (int i = 0; i < rank - 2; i++) {
            order[i] = i + 2;
        }
        order[rank - 2] = node.is("ConvTranspose") ? 0 : 1;
        order[rank - 1] = node.is("ConvTranspose") ? 1 : 0;
        return order;
    }

    private static void global(Layout layout, Node node) {
        int rank = layout.shape(node.input(0)).rank();
        long[] axes = new long[rank - 2];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i + 2;
        }
        String input = layout.constant(node.output(0) + ".axes", Tensor.vector(axes));
        Node reduce = new Node(node.name(), "", node.is("GlobalMaxPool") ? "ReduceMax" : "ReduceMean",
                List.of(node.input(0), input), node.outputs(), Attributes.NONE);
        if (!LayoutRules.apply(layout, reduce)) {
            keep(layout, reduce);
        }
    }

    private static void keep(Layout layout, Node node) {
        List<String> inputs = new ArrayList<>();
        for (String input : node.inputs()) {
            inputs.add(input.isEmpty() ? "" : layout.plain(input));
        }
        for (Map.Entry<String, Attribute> entry : node.attributes().map().entrySet()) {
            if (entry.getValue() instanceof Attribute.OfGraph g) {
                nameAll(layout, g.value());
            }
        }
        layout.add(node.withInputs(inputs));
    }

    private static void nameAll(Layout layout, Graph subgraph) {
        for (Node node : subgraph.nodes()) {
            node.inputs().forEach(layout::named);
            for (Attribute attribute : node.attributes().map().values()) {
                if (attribute instanceof Attribute.OfGraph g) {
                    nameAll(layout, g.value());
                }
            }
        }
        subgraph.outputs().forEach(layout::named);
    }
}
