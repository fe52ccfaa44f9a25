package dev.infuser.converter.view;

import com.google.gson.Gson;
import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A page that draws a model and tells all about each of its nodes; it needs no other file and no network. */
public final class GraphPage {

    private GraphPage() {
    }

    /**
     * The page, in UTF-8.
     *
     * @param graph of the model, with types inferred
     */
    public static byte[] of(Model model, Graph graph) throws IOException {
        List<Drawing> drawings = new ArrayList<>();
        new Drawing(graph, Map.of(), drawings);
        StringBuilder svg = new StringBuilder();
        List<Object> graphs = new ArrayList<>();
        for (Drawing drawing : drawings) {
            svg.append(drawing.svg());
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("name", drawing.name());
            map.put("boxes", drawing.details());
            graphs.add(map);
        }
        Map<String, Object> data = summary(model, graph);
        data.put("kinds", Kinds.LABELS);
        data.put("graphs", graphs);
        String[] parts = template().split("\\{(title|svg|data)}");
        return (parts[0] + Drawing.escape(graph.name()) + parts[1] + svg + parts[2] + new Gson().toJson(data) + parts[3])
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, Object> summary(Model model, Graph graph) {
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
        Map<String, Integer> assets = new LinkedHashMap<>();
        model.assets().forEach((name, content) -> assets.put(name, content.length));
        data.put("name", graph.name());
        data.put("elements", elements);
        data.put("bytes", bytes);
        data.put("operators", operators);
        data.put("metadata", model.metadata());
        data.put("assets", assets);
        return data;
    }

    private static String template() throws IOException {
        try (InputStream in = GraphPage.class.getResourceAsStream("graph.html")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
