package dev.infuser.converter.view;

import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.view.GraphView;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

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
        GraphView view = GraphView.of(graph, model.metadata(), model.assets(), true);
        String[] parts = text(GraphPage.class, "graph.html").split("\\{(title|style|svg|data|script)}");
        return (parts[0] + GraphView.escape(graph.name()) + parts[1] + text(GraphView.class, "page/graph.css") + parts[2] + view.svg()
                + parts[3] + view.data() + parts[4] + text(GraphView.class, "page/graph.js") + parts[5])
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Class<?> beside, String resource) throws IOException {
        try (InputStream in = beside.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
