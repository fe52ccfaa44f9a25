package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.converter.onnx.OnnxTensors;
import dev.infuser.converter.onnx.OnnxWriter;
import dev.infuser.format.FileSource;
import dev.infuser.format.Golden;
import dev.infuser.format.Model;
import dev.infuser.format.TeaReader;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.Graph;
import dev.infuser.pass.Passes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class CommandLineTest {

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private String model;
    private String tea;

    @BeforeEach
    void writeModel() throws IOException {
        model = folder.resolve("perceptron.onnx").toString();
        tea = folder.resolve("perceptron.tea").toString();
        Files.write(Path.of(model), OnnxWriter.perceptron());
    }

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine commands = Main.commandLine();
        commands.setOut(new PrintWriter(out));
        commands.setErr(new PrintWriter(err));
        return commands.execute(args);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void convertVerifiesAndKeepsProvenanceGoldenVectorsAndTheTokenizer() throws IOException {
        Files.writeString(folder.resolve("perceptron-tokenizer.json"), "{}");
        assertEquals(0, run("convert", model, "-o", tea), err::toString);
        assertTrue(out.toString().contains("agrees with ONNX Runtime"), out.toString());
        assertEquals("", err.toString());
        try (FileSource file = new FileSource(tea)) {
            TeaReader reader = TeaReader.open(file);
            assertEquals(1, reader.golden().size());
            assertEquals(64, reader.metadata().get("source.sha256").length());
            assertTrue(Double.parseDouble(reader.metadata().get("verified.maxAbs")) < 1e-5);
            assertArrayEquals("{}".getBytes(StandardCharsets.UTF_8), reader.assets().get("tokenizer.json"));
        }
    }

    @Test
    void theSameModelGivesTheSameFile() throws IOException {
        run("convert", model, "-o", tea);
        byte[] first = Files.readAllBytes(Path.of(tea));
        run("convert", model, "-o", tea);
        assertArrayEquals(first, Files.readAllBytes(Path.of(tea)));
    }

    /** A product of 64 x 64 weights. */
    private void writeProduct() throws IOException {
        double[] weights = new Random(1).doubles(64 * 64, -1, 1).toArray();
        Files.write(Path.of(model), OnnxWriter.model(13, new OnnxWriter().string(2, "product")
                .message(11, OnnxWriter.value("x", DType.FLOAT32, "batch", 64))
                .message(12, OnnxWriter.value("y", DType.FLOAT32, "batch", 64))
                .message(5, OnnxWriter.initializer("W", Tensor.ofDoubles(DType.FLOAT32, new int[] {64, 64}, weights)))
                .message(1, OnnxWriter.node("MatMul", "x W", "y"))));
    }

    @ParameterizedTest
    @CsvSource({"f16,0.01", "int8,0.1", "int4,0.3"})
    void weightsAreStoredInFewerBitsWithAReport(String type, String budget) throws IOException {
        writeProduct();
        assertEquals(0, run("convert", model, "-o", tea, "--weights", type, "--layers"), err::toString);
        assertTrue(out.toString().contains("weights as " + type + ": 1 of 1 layers"), out.toString());
        byte[] first = Files.readAllBytes(Path.of(tea));
        assertEquals(0, run("verify", tea), err::toString);
        assertTrue(out.toString().startsWith("expected outputs are of Infuser, with these weights"), out.toString());
        assertEquals(0, run("verify", model, tea), err::toString);
        assertEquals(0, run("convert", model, "-o", tea, "--weights", type, "--json"), err::toString);
        JsonObject layer = JsonParser.parseString(out.toString()).getAsJsonObject().getAsJsonObject("quantization")
                .getAsJsonArray("layers").get(0).getAsJsonObject();
        assertEquals(type, layer.get("stored").getAsString());
        assertEquals(4 * 64 * 64, layer.getAsJsonObject("choices").getAsJsonObject("f32").get("bytes").getAsInt());
        assertArrayEquals(first, Files.readAllBytes(Path.of(tea)));
        try (FileSource file = new FileSource(tea)) {
            TeaReader reader = TeaReader.open(file);
            assertEquals(type, reader.metadata().get("quantized.weights"));
            assertEquals(budget, reader.metadata().get("quantized.budget"));
        }
    }

    @ParameterizedTest
    @CsvSource({"dynamic-int8,DynamicQuantizeLinear", "static-int8,QuantizeLinear"})
    void activationsAreQuantisedToo(String activations, String op) throws IOException {
        writeProduct();
        assertEquals(0, run("convert", model, "-o", tea, "--weights", "int8", "--activations", activations), err::toString);
        assertTrue(out.toString().contains("1 with " + activations + " activations"), out.toString());
        assertEquals(0, run("inspect", tea), err::toString);
        assertTrue(out.toString().contains(" " + op), out.toString());
        assertTrue(out.toString().contains("activations=" + activations), out.toString());
        assertEquals(0, run("verify", model, tea), err::toString);
        assertEquals(2, run("convert", model, "-o", tea, "--weights", "int4", "--activations", activations));
    }

    @Test
    void aResultOverTheBudgetIsRefusedUnlessForced() throws IOException {
        writeProduct();
        String[] command = {"convert", model, "-o", tea, "--weights", "int8", "--max-error", "1e-6"};
        assertEquals(1, run(command));
        assertTrue(err.toString().contains("(budget 1.0e-06); use wider --weights"), err.toString());
        assertEquals(List.of("perceptron.onnx"), names());
        String[] forced = Arrays.copyOf(command, command.length + 1);
        forced[command.length] = "--force";
        assertEquals(0, run(forced), err::toString);
        assertTrue(Files.exists(Path.of(tea)));
    }

    @Test
    void errorsAreMeasuredOnTheFilesOfAFolder() throws IOException {
        writeProduct();
        Path samples = Files.createDirectories(folder.resolve("samples"));
        assertEquals(2, run("convert", model, "-o", tea, "--weights", "int8", "--calibrate", samples.toString()));
        float[] one = new float[64];
        one[3] = 1;
        Files.write(samples.resolve("a.npy"), Npy.write(Tensor.floats(new int[] {1, 64}, one)));
        assertEquals(0, run("convert", model, "-o", tea, "--weights", "int8", "--calibrate", samples.toString(), "--json"));
        assertTrue(JsonParser.parseString(out.toString()).getAsJsonObject().getAsJsonObject("quantization").get("error")
                .getAsDouble() > 0);
    }

    @Test
    void verifyPrintsATableOrJson() {
        run("convert", model, "-o", tea, "--no-verify");
        assertEquals(0, run("verify", model, tea), err::toString);
        assertTrue(out.toString().contains("cosine"), out.toString());
        assertEquals(0, run("verify", model, tea, "--json"));
        assertTrue(out.toString().contains("\"agrees\": true"), out.toString());
    }

    @Test
    void verifyTellsAnotherModel() throws IOException {
        run("convert", model, "-o", tea, "--no-verify");
        Files.write(Path.of(model), OnnxWriter.model(13, new OnnxWriter().string(2, "other")
                .message(11, OnnxWriter.value("x", DType.FLOAT32, "batch", 3))
                .message(12, OnnxWriter.value("y", DType.FLOAT32, "batch", 2))
                .message(5, OnnxWriter.initializer("W", Tensor.floats(new int[] {3, 2}, -1, 2, 3, 4, -5, 6)))
                .message(1, OnnxWriter.node("MatMul", "x W", "y"))));
        assertEquals(1, run("verify", model, tea));
        assertTrue(err.toString().contains("differs from ONNX Runtime 1") && err.toString().contains("output 'y'"), err.toString());
    }

    @Test
    void goldenVectorsAreReplayedWithoutTheSource() throws IOException {
        run("convert", model, "-o", tea);
        assertEquals(0, run("verify", tea), err::toString);
        assertTrue(out.toString().contains("generated: passed, max abs error"), out.toString());
        assertEquals(0, run("verify", tea, "--json"), err::toString);
        JsonObject report = JsonParser.parseString(out.toString()).getAsJsonObject();
        assertTrue(report.get("passed").getAsBoolean());
        assertTrue(report.get("with").getAsString().startsWith("ONNX Runtime 1"), report::toString);
        try (FileSource file = new FileSource(tea)) {
            Model good = TeaReader.open(file).model();
            Golden golden = good.golden().get(0);
            Golden other = new Golden(golden.name(), golden.inputs(), Map.of("y", Tensor.zeros(DType.FLOAT32,
                    golden.outputs().get("y").dims())), 0, 0);
            try (OutputStream wrong = Files.newOutputStream(folder.resolve("wrong.tea"))) {
                TeaWriter.write(new Model(good.graph(), Map.of(), Map.of(), List.of(other)), Map.of(), wrong);
            }
            try (OutputStream none = Files.newOutputStream(folder.resolve("none.tea"))) {
                TeaWriter.write(Model.of(good.graph()), Map.of(), none);
            }
        }
        assertEquals(1, run("verify", folder.resolve("wrong.tea").toString()));
        assertTrue(out.toString().contains("generated: failed"), out.toString());
        assertEquals(1, run("verify", folder.resolve("none.tea").toString()));
        assertTrue(err.toString().contains("no golden vectors"), err.toString());
    }

    @Test
    void goldenVectorsOfImagesAreSmall() throws IOException {
        Files.write(Path.of(model), OnnxWriter.model(13, new OnnxWriter().string(2, "threshold")
                .message(11, OnnxWriter.value("image", DType.FLOAT32, 1, 3, 256, 256))
                .message(12, OnnxWriter.value("y", DType.FLOAT32, 1, 3, 256, 256))
                .message(1, OnnxWriter.node("Sigmoid", "image", "y"))));
        assertEquals(0, run("convert", model, "-o", tea), err::toString);
        assertTrue(Files.size(Path.of(tea)) < 4000, () -> "the file has " + Path.of(tea).toFile().length() + " bytes");
        assertEquals(0, run("verify", tea), err::toString);
        assertTrue(out.toString().contains("generated: passed"), out.toString());
    }

    /** {@code y = Relu(MatMul(x, W))} as a graph model of TensorFlow.js, with W in the JSON's own folder. */
    @Test
    void modelsOfTensorFlowJsAreVerifiedOnTheImportedGraph() throws IOException {
        String shape = "{\"shape\":{\"dim\":[{\"size\":\"-1\"},{\"size\":\"2\"}]}}";
        Path json = folder.resolve("model.json");
        Files.writeString(json, "{\"modelTopology\":{\"node\":[{\"name\":\"x\",\"op\":\"Placeholder\",\"attr\":{\"dtype\":"
                + "{\"type\":\"DT_FLOAT\"},\"shape\":" + shape + "}},{\"name\":\"w\",\"op\":\"Const\",\"attr\":{\"dtype\":"
                + "{\"type\":\"DT_FLOAT\"}}},{\"name\":\"h\",\"op\":\"MatMul\",\"input\":[\"x\",\"w\"],\"attr\":{}},"
                + "{\"name\":\"y\",\"op\":\"Relu\",\"input\":[\"h\"],\"attr\":{}}]},\"weightsManifest\":[{\"paths\":"
                + "[\"w.bin\"],\"weights\":[{\"name\":\"w\",\"shape\":[2,2],\"dtype\":\"float32\"}]}]}");
        Files.write(folder.resolve("w.bin"), new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40, 0, 0,
            (byte) 0x80, (byte) 0xbf});
        assertEquals(0, run("convert", json.toString(), "-o", tea), err::toString);
        assertTrue(out.toString().contains("on the imported graph: max abs error"), out.toString());
        assertEquals(0, run("verify", json.toString(), tea), err::toString);
        assertEquals(0, run("verify", tea), err::toString);
        assertTrue(out.toString().contains("on the imported graph"), out.toString());
    }

    @Test
    void whatTheSourceFrameworkCannotRunIsConvertedAndSaidToBeUnverified() throws IOException {
        Files.write(Path.of(model), OnnxWriter.model(13, new OnnxWriter()
                .message(11, OnnxWriter.value("x", DType.UINT16, 2)).message(12, OnnxWriter.value("y", DType.UINT16, 2))
                .message(1, OnnxWriter.node("Identity", "x", "y"))));
        assertEquals(0, run("convert", model, "-o", tea), err::toString);
        assertTrue(out.toString().contains("not verified: "), out.toString());
        assertTrue(Files.exists(Path.of(tea)));
    }

    @Test
    void aModelThatComputesSomethingElseDoesNotAgree() throws IOException {
        Source source = Source.open(model);
        Graph graph = OnnxImporter.importModel(source.bytes(), source.external()).graph();
        Verification verification = Verification.run(graph, optimised -> OnnxRuntime.open(source.file(), optimised),
                feeds -> Map.of("y", Tensor.floats(new int[] {feeds.get("x").dim(0), 2},
                        new float[2 * feeds.get("x").dim(0)])));
        assertFalse(verification.agrees());
        assertNull(verification.golden());
    }

    @Test
    void fixGivesADimensionItsExtent() {
        assertEquals(0, run("convert", model, "-o", tea, "--fix", "batch=4"), err::toString);
        assertEquals(0, run("inspect", tea));
        assertTrue(out.toString().contains("x: float32[4,3]"), out.toString());
        assertTrue(out.toString().contains("y: float32[4,2]"), out.toString());
    }

    @Test
    void inspectShowsInputsOperatorsAndSizes() {
        assertEquals(0, run("inspect", model));
        assertTrue(out.toString().contains("input   x: float32[batch,3]"), out.toString());
        assertTrue(out.toString().contains("MatMul"), out.toString());
        assertEquals(0, run("inspect", model, "--json"));
        assertTrue(out.toString().contains("\"dims\": [\"batch\", 3]"), out.toString());
    }

    @Test
    void everyCommandPrintsJson() throws IOException {
        assertEquals(0, run("convert", model, "-o", tea, "--json"), err::toString);
        JsonObject converted = JsonParser.parseString(out.toString()).getAsJsonObject();
        assertTrue(converted.getAsJsonObject("verification").get("agrees").getAsBoolean());
        assertEquals(Files.size(Path.of(tea)), converted.get("bytes").getAsLong());
        assertEquals(0, run("convert", folder.toString(), "-o", folder.resolve("all").toString(), "--json"));
        assertEquals(1, JsonParser.parseString(out.toString()).getAsJsonArray().size());
        assertEquals(0, run("run", tea, "--json"), err::toString);
        JsonObject y = JsonParser.parseString(out.toString()).getAsJsonObject().getAsJsonArray("outputs").get(0)
                .getAsJsonObject();
        assertEquals("float32", y.get("type").getAsString());
        assertEquals(2, y.getAsJsonArray("data").size());
        assertEquals(0, run("passes", "--json"));
        assertEquals(Passes.ALL.size(), JsonParser.parseString(out.toString()).getAsJsonArray().size());
    }

    @Test
    void errorsAreJsonWhereItIsAskedFor() throws IOException {
        Files.write(Path.of(model), "not a model".getBytes(StandardCharsets.UTF_8));
        assertEquals(1, run("convert", model, "-o", tea, "--json"));
        JsonObject error = JsonParser.parseString(out.toString()).getAsJsonObject().getAsJsonObject("error");
        assertEquals("foreign-file", error.get("code").getAsString());
        assertFalse(error.get("hint").getAsString().isEmpty());
        assertEquals(1, err.toString().lines().count());
    }

    @Test
    void passesAreListedAndLeftOut() throws IOException {
        assertEquals(0, run("passes"));
        assertEquals(Passes.ALL.size(), out.toString().lines().count());
        assertEquals(0, run("convert", model, "-o", tea, "--without", "fold-constants,channels-last"), err::toString);
        assertEquals(0, run("inspect", tea));
        assertTrue(out.toString().contains("without:channels-last without:fold-constants"), out.toString());
        assertEquals(2, run("convert", model, "-o", tea, "--without", "fold-everything"));
        assertTrue(err.toString().contains("there is no pass 'fold-everything' (there are hoist-constants"), err.toString());
    }

    @Test
    void helpHasExamplesThatParse() {
        for (Map.Entry<String, CommandLine> command : Main.commandLine().getSubcommands().entrySet()) {
            assertEquals(0, run(command.getKey(), "--help"));
            String[] examples = out.toString().split("Examples:\\R");
            assertEquals(2, examples.length, command.getKey());
            for (String example : examples[1].lines().map(String::trim).filter(l -> l.startsWith("infuser ")).toList()) {
                Main.commandLine().parseArgs(example.substring("infuser ".length()).split(" +"));
            }
        }
    }

    @Test
    void completionKnowsCommandsAndPasses() {
        for (String shell : List.of("bash", "zsh")) {
            assertEquals(0, run("completion", shell), err::toString);
            assertTrue(out.toString().contains("convert inspect run verify compile passes completion"));
            assertTrue(out.toString().contains("\"recognize-gelu\""));
        }
        assertEquals(2, run("completion", "fish"));
    }

    @Test
    void inspectShowsThePlan() {
        assertEquals(0, run("inspect", model, "--plan"), err::toString);
        assertTrue(out.toString().contains("1 steps, 0 of them evaluated"), out.toString());
        assertTrue(out.toString().contains("gemm_packed_n2"), out.toString());
        assertTrue(out.toString().contains("y: float32[batch,2]"), out.toString());
        assertTrue(out.toString().contains("give them by --fix"), out.toString());
        assertEquals(0, run("inspect", model, "--plan", "--fix", "batch=4"), err::toString);
        assertTrue(out.toString().contains("y: float32[4,2]"), out.toString());
        assertTrue(out.toString().contains("gemm_packed_n2_fused: 64 operations, 112 bytes read and written, 8 parameters"),
                out.toString());
        assertTrue(out.toString().contains("in all 64 operations"), out.toString());
        assertTrue(out.toString().contains("activations in "), out.toString());
    }

    @Test
    void runTakesNpyAndPbAndWritesNpy() throws IOException {
        run("convert", model, "-o", tea);
        Tensor x = Tensor.floats(new int[] {1, 3}, 1, 2, 3);
        Files.write(folder.resolve("x.npy"), Npy.write(x));
        Files.write(folder.resolve("x.pb"), OnnxTensors.write("x", x));
        for (String file : List.of("x.npy", "x.pb")) {
            Path target = folder.resolve(file + ".out");
            assertEquals(0, run("run", tea, "--input", "x=" + folder.resolve(file), "--output", target.toString()),
                    err::toString);
            Tensor y = Npy.read(Files.readAllBytes(target.resolve("y.npy")));
            assertArrayEquals(new float[] {22.5f, 7.5f}, y.floats());
        }
        assertEquals(0, run("run", tea), err::toString);
        assertTrue(out.toString().contains("output  y: float32[1,2]"), out.toString());
    }

    @Test
    void aFolderIsConvertedModelByModel() throws IOException {
        Files.createDirectories(folder.resolve("models/deep"));
        Files.write(folder.resolve("models/deep/a.onnx"), OnnxWriter.perceptron());
        Files.writeString(folder.resolve("models/b.onnx"), "no model");
        Path target = folder.resolve("converted");
        assertEquals(1, run("convert", folder.resolve("models").toString(), "-o", target.toString()));
        assertTrue(Files.exists(target.resolve("deep/a.tea")));
        assertFalse(Files.exists(target.resolve("b.tea")));
        assertTrue(out.toString().contains("1 converted, 1 failed"), out.toString());
        assertTrue(err.toString().startsWith("infuser: b.onnx: "), err.toString());
    }

    @Test
    void anEntryOfAnArchiveIsConvertedWithItsTokenizer() throws IOException {
        Path jar = folder.resolve("models.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("m/p.onnx"));
            zip.write(OnnxWriter.perceptron());
            zip.putNextEntry(new ZipEntry("m/tokenizer.json"));
            zip.write("{}".getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(0, run("convert", jar + "!/m/p.onnx", "-o", tea), err::toString);
        assertTrue(out.toString().contains("with tokenizer.json"), out.toString());
        assertEquals(2, run("convert", jar + "!/m/q.onnx", "-o", tea));
    }

    @Test
    void nothingPartialIsLeft() throws IOException {
        Files.write(Path.of(model), "not a model".getBytes(StandardCharsets.UTF_8));
        assertEquals(1, run("convert", model, "-o", tea));
        assertEquals(List.of("perceptron.onnx"), names());
        assertEquals(1, err.toString().lines().count(), err.toString());
    }

    @Test
    void unsupportedOperatorsAreNamedInOneLine() throws IOException {
        Files.write(Path.of(model), OnnxWriter.model(13, new OnnxWriter()
                .message(11, OnnxWriter.value("x", DType.FLOAT32, 2)).message(12, OnnxWriter.value("y", DType.FLOAT32, 2))
                .message(1, OnnxWriter.node("Frobnicate", "x", "y").string(3, "frob"))));
        assertEquals(1, run("convert", model, "-o", tea));
        assertEquals(1, err.toString().lines().count(), err.toString());
        assertTrue(err.toString().contains("Frobnicate (frob); export the model without them"), err.toString());
    }

    @Test
    void wrongUsageEndsWithTwo() {
        assertEquals(2, run());
        assertEquals(2, run("convert", model));
        assertEquals(2, run("convert", folder.resolve("none.onnx").toString(), "-o", tea));
        assertEquals(2, run("convert", model, "-o", tea, "--weights", "f8"));
        assertEquals(2, run("convert", model, "-o", tea, "--fix", "batch=0"));
        assertEquals(2, run("convert", model, "-o", tea, "--fix", "width=4"));
        assertTrue(err.toString().contains("its dimensions: batch"), err.toString());
        assertEquals(2, run("run", model, "--input", "z=x.npy"));
        assertEquals(0, run("--help"));
    }

    @Test
    void aDamagedTeaFileIsRefused() throws IOException {
        run("convert", model, "-o", tea);
        byte[] bytes = Files.readAllBytes(Path.of(tea));
        bytes[bytes.length / 2] ^= 1;
        Files.write(Path.of(tea), bytes);
        assertEquals(1, run("run", tea));
        assertEquals(1, err.toString().lines().count(), err.toString());
    }
}
