package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import com.google.gson.Gson;
import dev.infuser.converter.Converter;
import dev.infuser.converter.Progress;
import dev.infuser.converter.Source;
import dev.infuser.format.Model;
import dev.infuser.kernel.Target;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.V8Host;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Image classifiers in script and upscalers, as their packages carry them, against TensorFlow.js. */
class LayersPackagesTruthTest {

    private static final double TOLERANCE = 1e-5;
    private static final int HEAP_START = 1024;

    @TempDir
    static Path folder;

    private record Job(String model, int[] shape) {
    }

    @TestFactory
    List<DynamicTest> modelsGiveWhatTensorFlowJsGives() throws Exception {
        List<Job> jobs = new ArrayList<>();
        try {
            for (String name : new String[] {"mobilenet_v2", "mobilenet_v2_mid", "inception_v3"}) {
                int size = name.startsWith("inception") ? 299 : 224;
                jobs.add(new Job(Models.tensorFlowPackage("nsfwjs").resolve("dist/models/" + name + "/model.min.js").toString(),
                        new int[] {1, size, size, 3}));
            }
            jobs.add(upscaler("default-model", "model.json"));
            for (String scale : new String[] {"x2", "x3", "x4", "x8"}) {
                jobs.add(upscaler("esrgan-slim", scale + "/model.json"));
            }
            Files.writeString(folder.resolve("jobs.json"), new Gson().toJson(jobs));
            NodeScript.run(folder, "packages.cjs", folder.toString());
        } catch (UnavailableException e) {
            abort(e.getMessage());
        }
        int[][] dims = new Gson().fromJson(Files.readString(folder.resolve("results.json")), int[][].class);
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 0; i < jobs.size(); i++) {
            int number = i;
            Path model = Path.of(jobs.get(i).model);
            tests.add(DynamicTest.dynamicTest(model.getParent().getParent().getParent().getFileName() + "/"
                    + model.getParent().getFileName(), () -> check(jobs.get(number), number, dims[number])));
        }
        return tests;
    }

    private static Job upscaler(String name, String file) {
        return new Job(Models.tensorFlowPackage("@upscalerjs/" + name).resolve("models/" + file).toString(),
                new int[] {1, 7, 9, 3});
    }

    private static void check(Job job, int number, int[] dims) throws Exception {
        Path target = folder.resolve(number + ".tea");
        Model model;
        try (Source source = Source.open(job.model)) {
            model = Converter.convert(source, target, Converter.Options.DEFAULT.verify(false), Progress.SILENT).model();
        }
        Tensor x = Tensor.floats(job.shape, floats(folder.resolve(number + ".in")));
        try (V8Host host = new V8Host(Target.RELAXED)) {
            try (Session session = Session.compile(model, new Heap(host, HEAP_START))) {
                assertEquals(0, session.compiled().program().hostSteps());
                Tensor y = session.run(Map.of(session.inputs().get(0).name(), x)).values().iterator().next();
                assertArrayEquals(dims, y.dims());
                float[] expected = floats(folder.resolve(number + ".out"));
                float[] given = y.floats();
                double largest = 0;
                double difference = 0;
                for (int i = 0; i < expected.length; i++) {
                    largest = Math.max(largest, Math.abs(expected[i]));
                    difference = Math.max(difference, Math.abs(expected[i] - given[i]));
                }
                assertTrue(difference <= TOLERANCE * largest, "differs by " + difference + " of " + largest);
            }
        }
    }

    private static float[] floats(Path file) throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        float[] floats = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(floats);
        return floats;
    }
}
