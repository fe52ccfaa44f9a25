package dev.infuser.converter.view;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.infuser.format.Model;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class GraphPageTest {

    private static Graph graph() {
        GraphBuilder yes = new GraphBuilder("yes");
        yes.add(node("Neg", List.of("h"), "t", Attributes.NONE)).output("t");
        GraphBuilder no = new GraphBuilder("no").output("h");
        GraphBuilder whole = new GraphBuilder("whole");
        whole.input("x", ValueType.tensor(DType.FLOAT32, 2, 3));
        whole.input("c", ValueType.tensor(DType.BOOL));
        whole.constant("w", Tensor.floats(new int[] {3, 2}, 1, 2, 3, 4, 5, 6));
        whole.add(node("MatMul", List.of("x", "w"), "h", Attributes.NONE));
        whole.add(node("If", List.of("c"), "y", Attributes.of("then_branch", yes.buildSubgraph(), "else_branch",
                no.buildSubgraph())));
        return Inference.infer(whole.output("y").build());
    }

    private static Node node(String op, List<String> inputs, String output, Attributes attributes) {
        return new Node("", "", op, inputs, List.of(output), attributes);
    }

    private static String page(Map<String, String> metadata) throws IOException {
        Graph graph = graph();
        return new String(GraphPage.of(new Model(graph, metadata, Map.of("labels.txt", new byte[9]), List.of()), graph),
                StandardCharsets.UTF_8);
    }

    private static JsonObject data(String page) {
        String mark = "<script type=\"application/json\" id=\"data\">";
        int start = page.indexOf(mark) + mark.length();
        return JsonParser.parseString(page.substring(start, page.indexOf("</script>", start))).getAsJsonObject();
    }

    @Test
    void everyBoxIsDrawnAndToldOf() throws Exception {
        String page = page(Map.of());
        JsonArray graphs = data(page).getAsJsonArray("graphs");
        assertEquals(3, graphs.size());
        for (int g = 0; g < 3; g++) {
            int boxes = graphs.get(g).getAsJsonObject().getAsJsonArray("boxes").size();
            for (int i = 0; i < boxes; i++) {
                assertTrue(page.contains("id=\"n" + g + "-" + i + "\""), g + "-" + i);
            }
        }
        JsonObject product = graphs.get(0).getAsJsonObject().getAsJsonArray("boxes").get(2).getAsJsonObject();
        assertEquals("MatMul", product.get("op").getAsString());
        JsonObject weights = product.getAsJsonArray("reads").get(1).getAsJsonObject();
        assertEquals("float32[3,2]", weights.get("type").getAsString());
        assertEquals(24, weights.get("bytes").getAsInt());
        assertEquals("1.0, 2.0, 3.0, 4.0, 5.0, 6.0", weights.get("elements").getAsString());
        assertEquals("[3]", product.getAsJsonArray("next").toString(), "the If captures the product");
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(page.substring(
                page.indexOf("<svg"), page.indexOf("</svg>") + 6).getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void nothingOfTheModelIsMarkupAndNothingIsFetched() throws IOException {
        String page = page(Map.of("note", "</script><script>alert(1)</script>{svg}"));
        assertFalse(page.contains("<script>alert"));
        assertEquals("</script><script>alert(1)</script>{svg}",
                data(page).getAsJsonObject("metadata").get("note").getAsString());
        assertFalse(page.contains("http://") || page.contains("https://") || page.contains("src="));
        assertTrue(page.contains("default-src 'none'"));
    }

    @Test
    void theSameModelGivesTheSamePage() throws IOException {
        assertArrayEquals(page(Map.of()).toCharArray(), page(Map.of()).toCharArray());
    }
}
