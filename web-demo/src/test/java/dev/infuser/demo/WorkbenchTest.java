package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import dev.infuser.format.Model;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Harness.Shared.class)
class WorkbenchTest {

    private static final String DROP = """
            (base64) => {
              const transfer = new DataTransfer();
              transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], 'dropped.tea'));
              document.querySelector('#drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true }));
            }""";

    /** Words to scores of seven kinds, which have names: a table of 10 rows, and a sum over the words of a text. */
    private static byte[] scores() throws IOException {
        GraphBuilder graph = new GraphBuilder("scores");
        graph.input("words", new ValueType.OfTensor(DType.INT64, new Shape(List.of(Dim.symbol("batch"), Dim.symbol("length")))));
        float[] table = new float[70];
        for (int i = 0; i < table.length; i++) {
            table[i] = i % 7 == i / 7 ? 1 : 0;
        }
        graph.constant("table", Tensor.floats(new int[] {10, 7}, table));
        graph.constant("axis", Tensor.ofLongs(DType.INT64, new int[] {1}, new long[] {1}));
        graph.add(new Node("look up", "", "Gather", List.of("table", "words"), List.of("vectors"), Attributes.NONE));
        graph.add(new Node("add", "", "ReduceSum", List.of("vectors", "axis"), List.of("sum"), Attributes.of("keepdims", 0L)));
        graph.add(new Node("double", "", "Add", List.of("sum", "sum"), List.of("scores"), Attributes.NONE));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TeaWriter.write(new Model(Inference.infer(graph.output("scores").build()), Map.of("producer", "a test"),
                Map.of("labels.txt", "red\ngreen\nblue\ncyan\npink\ngrey\nblack\n".getBytes(StandardCharsets.UTF_8)), List.of()), Map.of(), out);
        return out.toByteArray();
    }

    private static byte[] npy(String descr, String shape, ByteBuffer data) {
        String header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }";
        header += " ".repeat(63 - (header.length() + 10) % 64) + "\n";
        ByteBuffer out = ByteBuffer.allocate(10 + header.length() + data.capacity()).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) 1).put((byte) 0).putShort((short) header.length());
        return out.put(header.getBytes(StandardCharsets.US_ASCII)).put(data.array()).array();
    }

    private static byte[] floats(String shape, float... values) {
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            data.putFloat(value);
        }
        return npy("<f4", shape, data);
    }

    private static void choose(Page page, String name, byte[] file) {
        page.locator("#file").setInputFiles(new FilePayload(name, "", file));
    }

    private static String text(Page page, String selector) {
        return page.locator(selector).innerText().replaceAll("\\s+", " ");
    }

    private static void run(Page page) {
        page.evaluate("document.querySelector('#results').replaceChildren()");
        page.locator("#run").click();
        page.waitForSelector("#results .output, #error:not([hidden])");
    }

    @Test
    void tellsDrawsAndRunsWhatIsDropped(Harness harness) throws IOException {
        try (Visit visit = harness.visit("workbench/index.html").await("ready")) {
            Page page = visit.page();
            page.evaluate(DROP, Base64.getEncoder().encodeToString(scores()));
            visit.await("open");
            assertEquals("scores", text(page, "#name"));
            assertTrue(text(page, "#facts").contains("3 nodes") && text(page, "#facts").contains("dropped.tea"), text(page, "#facts"));
            assertTrue(text(page, "#inputs").contains("words int64 batch × length"), text(page, "#inputs"));
            assertTrue(text(page, "#outputs").contains("scores float32 batch × 7"), text(page, "#outputs"));
            page.locator("#assets summary").click();
            assertTrue(text(page, "#assets").contains("labels.txt 36 bytes"), text(page, "#assets"));
            page.locator("#metadata summary").click();
            assertTrue(text(page, "#metadata").contains("producer a test"), text(page, "#metadata"));

            assertEquals(5, page.locator("#graph .n").count());
            page.locator("#n0-1").click();
            assertTrue(text(page, "#panel").contains("look up") && text(page, "#panel").contains("float32[10,7]"), text(page, "#panel"));

            assertEquals("10", page.locator("input[name='below words']").inputValue());
            page.locator("input[name='dim length']").fill("3");
            page.locator("select[name='kind words']").selectOption("ones");
            run(page);
            String scores = text(page, "#results");
            assertTrue(scores.contains("float32 1 × 7") && scores.contains("min 0 max 6") && scores.contains("1 green 6"), scores);
            assertTrue(scores.contains("0, 6, 0, 0, 0, 0, 0"), scores);

            page.locator("select[name='kind words']").selectOption("random");
            run(page);
            String first = text(page, "#results");
            page.locator("input[name='seed']").fill("2");
            run(page);
            String other = text(page, "#results");
            page.locator("input[name='seed']").fill("1");
            run(page);
            assertEquals(first, text(page, "#results"));
            assertTrue(!first.equals(other), first);
            visit.assertClean(harness.server().address());
        }
    }

    @Test
    void takesArraysFromFiles(Harness harness) {
        try (Visit visit = harness.visit("workbench/index.html").await("ready")) {
            Page page = visit.page();
            choose(page, "relu.tea", BadModels.relu());
            visit.await("open");
            page.locator("select[name='kind x']").selectOption("file");
            page.locator("input[name='file x']").setInputFiles(new FilePayload("x.npy", "", floats("2, 3", -5, -1, 1, 2, 3, 6)));
            run(page);
            assertTrue(text(page, "#results").contains("min 0 max 6 mean 2 0, 0, 1, 2, 3, 6"), text(page, "#results"));

            page.locator("input[name='file x']").setInputFiles(new FilePayload("y.npy", "", floats("3, 2", 1, 2, 3, 4, 5, 6)));
            run(page);
            assertTrue(text(page, "#error").toLowerCase().contains("the array in y.npy is 3×2, x takes 2×3"), text(page, "#error"));
            assertTrue((Boolean) page.evaluate("() => { const { top, bottom } = document.querySelector('#error').getBoundingClientRect();"
                    + " return top >= 0 && bottom <= innerHeight; }"), "what went wrong is in sight");

            page.locator("input[name='file x']").setInputFiles(new FilePayload("z.npy", "", new byte[100]));
            run(page);
            assertEquals("bad-npy", page.locator("html").getAttribute("data-code"));
            visit.assertClean(harness.server().address());
        }
    }

    @Test
    void goesThroughTheGraphByKeyboard(Harness harness) throws IOException {
        try (Visit visit = harness.visit("workbench/index.html").await("ready")) {
            Page page = visit.page();
            choose(page, "scores.tea", scores());
            visit.await("open");
            page.locator("#canvas").focus();
            page.keyboard().press("ArrowDown");
            assertTrue(text(page, "#panel").startsWith("input"), text(page, "#panel"));
            page.keyboard().press("ArrowDown");
            assertTrue(text(page, "#panel").startsWith("Gather look up"), text(page, "#panel"));
            String before = page.locator("#view").getAttribute("transform");
            page.keyboard().press("-");
            page.waitForFunction("(before) => document.querySelector('#view').getAttribute('transform') !== before", before);
            page.keyboard().press("/");
            page.keyboard().type("double");
            page.keyboard().press("Enter");
            assertTrue(text(page, "#panel").startsWith("Add double"), text(page, "#panel"));
            page.locator("input[name='seed']").focus();
            page.keyboard().press("ArrowUp");
            assertEquals("2", page.locator("input[name='seed']").inputValue());
            assertTrue(text(page, "#panel").startsWith("Add double"), text(page, "#panel"));
            page.keyboard().press("Enter");
            page.waitForSelector("#results .output");
        }
    }

    @Test
    void profilesAModelOfTheServer(Harness harness) {
        try (Visit visit = harness.visit("workbench/index.html").await("ready")) {
            Page page = visit.page();
            page.evaluate("""
                    async (name) => {
                      const input = document.querySelector('#file'), transfer = new DataTransfer();
                      transfer.items.add(new File([await (await fetch(`../models/${name}`)).blob()], name));
                      input.files = transfer.files;
                      input.dispatchEvent(new Event('change'));
                    }""", DemoModel.FILE);
            visit.await("open");
            assertEquals("30522", page.locator("input[name='below input_ids']").inputValue());
            page.locator("#profile").click();
            page.waitForSelector("#times:not([hidden])");
            List<Double> times = page.locator("#times tbody td:nth-child(2)").allInnerTexts().stream().map(Double::valueOf).toList();
            assertTrue(times.size() > 40, times.toString());
            assertEquals(times.stream().sorted(java.util.Comparator.reverseOrder()).toList(), times);
            double shares = page.locator("#times tbody td:nth-child(3)").allInnerTexts().stream()
                    .mapToDouble(share -> Double.parseDouble(share.replace("%", ""))).sum();
            assertEquals(100, shares, 3);
            Locator first = page.locator("#times tbody button").first();
            first.click();
            page.waitForSelector("#graph .n.sel");
            assertEquals(0, page.locator("#error:visible").count());
            visit.assertClean(harness.server().address());
        }
    }

    @Test
    void saysInWordsWhatIsWrongWithAFile(Harness harness) {
        try (Visit visit = harness.visit("workbench/index.html").await("ready")) {
            Page page = visit.page();
            choose(page, "page.tea", BadModels.html());
            visit.await("error");
            assertEquals("foreign-file", page.locator("html").getAttribute("data-code"));
            assertTrue(text(page, "#error").contains("an HTML page"), text(page, "#error"));
            choose(page, "empty.tea", new byte[0]);
            page.waitForSelector("html[data-code='empty-file']");
            choose(page, "frobnicate.tea", BadModels.unknownOperator());
            page.waitForSelector("html[data-code='unsupported-operator']");
            choose(page, "relu.tea", BadModels.relu());
            visit.await("open");
            assertEquals(0, page.locator("#error:visible").count());
            visit.assertClean(harness.server().address());
        }
    }
}
