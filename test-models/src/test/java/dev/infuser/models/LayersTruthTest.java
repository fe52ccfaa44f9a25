package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.infuser.converter.build.ExternalData;
import dev.infuser.converter.tfjs.TfjsImporter;
import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.pass.Passes;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.V8Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every layer of TensorFlow.js in small models that it makes, saves and runs itself. */
class LayersTruthTest {

    private static final double TOLERANCE = 1e-5;
    private static final int HEAP_START = 1024;

    @TempDir
    static Path folder;
    private static V8Host host;

    @BeforeAll
    static void makeModels() throws Exception {
        try {
            NodeScript.run(folder, "layers.cjs", folder.toString());
        } catch (UnavailableException e) {
            abort(e.getMessage());
        }
        host = new V8Host(Target.RELAXED);
    }

    @AfterAll
    static void close() {
        if (host != null) {
            host.close();
        }
    }

    @TestFactory
    List<DynamicTest> layersGiveWhatTensorFlowJsGives() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        JsonArray names = JsonParser.parseString(Files.readString(folder.resolve("names.json"))).getAsJsonArray();
        for (int i = 0; i < names.size(); i++) {
            String file = Integer.toString(i);
            tests.add(DynamicTest.dynamicTest(names.get(i).getAsString(), () -> check(file)));
        }
        return tests;
    }

    private static void check(String file) throws IOException {
        ExternalData files = (location, offset, length) -> {
            try {
                return ByteBuffer.wrap(Files.readAllBytes(folder.resolve(location)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        ByteBuffer json = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(file + ".json")));
        Graph graph = Passes.optimize(TfjsImporter.importModel(json, files).graph());
        JsonObject run = JsonParser.parseString(Files.readString(folder.resolve(file + ".run.json"))).getAsJsonObject();
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        for (JsonElement input : run.getAsJsonArray("inputs")) {
            feeds.put(input.getAsJsonObject().get("name").getAsString(), tensor(input.getAsJsonObject()));
        }
        JsonArray expected = run.getAsJsonArray("outputs");
        assertEquals(expected.size(), graph.outputs().size());
        try (Session reference = Session.of(Model.of(graph))) {
            compare(expected, graph, reference.run(feeds), "reference");
        }
        Heap heap = new Heap(host, HEAP_START);
        try (Session compiled = Session.compile(Model.of(graph), heap)) {
            compare(expected, graph, compiled.run(feeds), "kernels");
        }
    }

    private static void compare(JsonArray expected, Graph graph, Map<String, Tensor> given, String how) {
        for (int i = 0; i < expected.size(); i++) {
            Tensor wanted = tensor(expected.get(i).getAsJsonObject());
            Tensor actual = given.get(graph.outputs().get(i));
            assertArrayEquals(wanted.dims(), actual.dims(), how);
            float[] a = wanted.floats();
            float[] b = actual.toFloats();
            double largest = 0;
            for (float value : a) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int k = 0; k < a.length; k++) {
                int at = k;
                assertTrue(Math.abs(a[k] - b[k]) <= TOLERANCE * largest,
                        () -> how + ", element " + at + ": " + b[at] + ", expected " + a[at]);
            }
        }
    }

    private static Tensor tensor(JsonObject json) {
        int[] dims = json.getAsJsonArray("dims").asList().stream().mapToInt(JsonElement::getAsInt).toArray();
        JsonArray values = json.getAsJsonArray("values");
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i).getAsFloat();
        }
        return Tensor.floats(dims, floats);
    }
}
