package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Integer arithmetic on planes [H, W] and their neighbours, which {@code Slice} of a {@code Pad} are, becomes one node for all that
 * can be computed together: {@code infuser.Stencil}.
 */
final class FuseStencils implements Pass {

    @Override
    public String name() {
        return "fuse-stencils";
    }

    @Override
    public String description() {
        return "integer arithmetic on the neighbours of pixels is one node";
    }

    @Override
    public Graph run(Graph graph) {
        Graph current = graph;
        for (Shape shape : shapes(graph)) {
            current = fuse(current, shape);
        }
        return current;
    }

    /** The extents of planes of which neighbours are read. */
    private static Set<Shape> shapes(Graph graph) {
        Set<String> padded = new HashSet<>();
        Set<Shape> shapes = new LinkedHashSet<>();
        for (Node node : graph.nodes()) {
            if (node.is("Pad")) {
                padded.add(node.output(0));
            } else if (node.is("Slice") && padded.contains(node.input(0)) && graph.type(node.output(0)) instanceof ValueType.OfTensor type
                    && type.shape() != null && type.shape().rank() == 2 && type.shape().isConstant() && StencilValues.isPlane(type.dtype())) {
                shapes.add(type.shape());
            }
        }
        return shapes;
    }

    private static Graph fuse(Graph graph, Shape shape) {
        StencilValues values = new StencilValues(graph, shape);
        Map<Integer, List<Node>> regions = new LinkedHashMap<>();
        List<Node> others = new ArrayList<>();
        boolean neighbours = false;
        for (Node node : graph.nodes()) {
            if (values.add(node)) {
                regions.computeIfAbsent(values.level(node.output(0)), level -> new ArrayList<>()).add(node);
                neighbours |= node.is("Slice");
            } else {
                others.add(node);
            }
        }
        if (!neighbours) {
            return graph;
        }
        for (Map.Entry<Integer, List<Node>> region : regions.entrySet()) {
            Set<String> used = new HashSet<>(graph.outputs());
            for (Node node : graph.nodes()) {
                if (!region.getValue().contains(node)) {
                    used.addAll(node.inputs());
                    used.addAll(Subgraphs.captured(node));
                }
            }
            Node fused = new StencilBuilder(graph, values).build(region.getValue(), used);
            if (fused == null) {
                return graph;
            }
            others.add(fused);
            for (Node node : region.getValue()) {
                if (values.isPadded(node.output(0)) && used.contains(node.output(0))) {
                    others.add(node);
                }
            }
        }
        return graph.withNodes(ordered(graph, others));
    }

    /** The nodes, each after those whose outputs it reads. */
    private static List<Node> ordered(Graph graph, List<Node> nodes) {
        Set<String> open = new HashSet<>();
        nodes.forEach(node -> open.addAll(node.outputs()));
        open.remove("");
        List<Node> left = new ArrayList<>(nodes);
        List<Node> ordered = new ArrayList<>();
        while (!left.isEmpty()) {
            int before = left.size();
            for (Node node : List.copyOf(left)) {
                Set<String> reads = new HashSet<>(node.inputs());
                reads.addAll(Subgraphs.captured(node));
                reads.retainAll(open);
                if (reads.isEmpty()) {
                    ordered.add(node);
                    left.remove(node);
                    open.removeAll(node.outputs());
                }
            }
            if (left.size() == before) {
                throw new IllegalStateException("the nodes of " + graph.name() + " have no order");
            }
        }
        return ordered;
    }
}
