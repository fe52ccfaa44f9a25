package dev.infuser.view;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model for a page that draws it: {@code page/graph.js} shows this in the elements that it names, {@code page/graph.css} styles it.
 *
 * @param svg  a group for each graph, {@code g0} the outermost, with a group for each box and a path for the lines below it
 * @param data JSON: what the model is, and for each graph its name and what to tell of its boxes
 */
public record GraphView(String svg, String data) {

    /**
     * Draws a graph and those within it.
     *
     * @param graph    with as many types as are known
     * @param metadata what the model says of its origin
     * @param assets   what else is in its file
     * @param elements whether to tell the first elements of constants, which are then read
     */
    public static GraphView of(Graph graph, Map<String, String> metadata, Map<String, byte[]> assets, boolean elements) {
        List<Drawing> drawings = new ArrayList<>();
        new Drawing(graph, Map.of(), elements, drawings);
        StringBuilder svg = new StringBuilder();
        List<Object> graphs = new ArrayList<>();
        for (Drawing drawing : drawings) {
            svg.append(drawing.svg());
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("name", drawing.name());
            map.put("boxes", drawing.details());
            graphs.add(map);
        }
        Map<String, Object> data = summary(graph);
        data.put("metadata", metadata);
        Map<String, Integer> sizes = new LinkedHashMap<>();
        assets.forEach((name, content) -> sizes.put(name, content.length));
        data.put("assets", sizes);
        data.put("kinds", Kinds.LABELS);
        data.put("graphs", graphs);
        return new GraphView(svg.toString(), Json.of(data));
    }

    private static Map<String, Object> summary(Graph graph) {
        Map<String, Object> data = new LinkedHashMap<>();
        long elements = 0;
        long bytes = 0;
        for (Tensor tensor : graph.constants().values()) {
            elements += tensor.size();
            bytes += Types.bytes(tensor);
        }
        Map<String, Integer> operators = new TreeMap<>();
        for (Node node : graph.nodes()) {
            operators.merge(node.op(), 1, Integer::sum);
        }
        data.put("name", graph.name());
        data.put("elements", elements);
        data.put("bytes", bytes);
        data.put("operators", operators);
        return data;
    }

    /** Text for HTML. */
    public static String escape(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;"
                    : c < ' ' ? " " : Character.toString(c));
        }
        return out.toString();
    }
}
