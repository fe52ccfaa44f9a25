package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import dev.infuser.converter.view.GraphPage;
import dev.infuser.format.Model;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.ValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The page that {@code inspect --html} writes, opened from a file. */
@ExtendWith(Harness.Shared.class)
class GraphPageTest {

    @Test
    void drawsFindsAndTellsOfNodes(@TempDir Path folder, Harness harness) throws IOException {
        GraphBuilder builder = new GraphBuilder("chain");
        builder.input("v0", ValueType.tensor(DType.FLOAT32, 2, 3));
        for (int i = 0; i < 600; i++) {
            builder.add(new Node("node" + i, "", i % 2 == 0 ? "Neg" : "Relu", List.of("v" + i), List.of("v" + (i + 1)),
                    Attributes.NONE));
        }
        Graph graph = Inference.infer(builder.output("v600").build());
        Path file = folder.resolve("graph.html");
        Files.write(file, GraphPage.of(new Model(graph, Map.of("source", "chain.onnx"), Map.of(), List.of()), graph));
        List<String> errors = new ArrayList<>();
        try (Page page = harness.chrome().browser().newPage()) {
            page.onPageError(errors::add);
            page.onConsoleMessage(message -> errors.add(message.text()));
            page.navigate(file.toUri().toString());
            assertTrue(page.locator("#panel").textContent().contains("chain.onnx"));
            page.locator("#n0-3").click();
            assertTrue(page.locator("#panel").textContent().contains("node2"), page.locator("#panel").textContent());
            assertTrue(page.locator("#panel").textContent().contains("24 bytes"));
            page.keyboard().press("ArrowDown");
            assertEquals("#0-4", page.evaluate("location.hash"));
            page.keyboard().press("/");
            page.keyboard().type("node500");
            page.keyboard().press("Enter");
            assertTrue(page.locator("#panel").textContent().contains("node500"));
            assertTrue((Boolean) page.evaluate("() => { const a = document.querySelector('.sel').getBoundingClientRect(),"
                    + " b = document.querySelector('#canvas').getBoundingClientRect();"
                    + " return a.top > b.top && a.bottom < b.bottom && a.left > b.left && a.right < b.right; }"));
            page.locator("#whole").click();
            page.locator("#theme").click();
        }
        assertEquals(List.of(), errors);
    }
}
