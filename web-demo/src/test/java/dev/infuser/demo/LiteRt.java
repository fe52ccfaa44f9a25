package dev.infuser.demo;

import dev.infuser.converter.build.ImportedModel;
import dev.infuser.converter.tflite.TfliteImporter;
import dev.infuser.format.Model;
import dev.infuser.format.TeaWriter;
import dev.infuser.models.Models;
import dev.infuser.pass.Passes;
import dev.infuser.plan.Planner;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A page with Infuser and LiteRT.js, and the folder of models that both read: {@code NAME.tea} and {@code NAME.tflite}. */
record LiteRt(Path models, SiteServer server, Visit visit) implements AutoCloseable {

    /** LiteRT.js adds a script element of its own. */
    private static final String POLICY = SiteServer.POLICY.replace("script-src", "script-src 'unsafe-inline' blob:");

    /**
     * An output of both.
     *
     * @param error   the largest difference
     * @param largest the largest magnitude of LiteRT.js
     */
    record Output(String name, double error, double largest, List<?> dims, List<?> actual, List<?> expected) {
    }

    /**
     * Opens the page.
     *
     * @throws dev.infuser.models.UnavailableException where LiteRT.js cannot be had
     */
    static LiteRt open(Harness harness, Path models) throws IOException {
        Site site = Site.demo(Harness.bundle(), models).with("/test/", Site.packaged("/site-test"))
                .with("/litert/", Models.peerPackage("@litertjs/core"))
                .with("/litert-wasm-utils/", Models.peerPackage("@litertjs/wasm-utils").resolve("dist"));
        SiteServer server = SiteServer.start(site, 0, true, POLICY);
        return new LiteRt(models, server, Visit.open(harness.chrome().browser(), server.address() + "test/litert.html").await("ready"));
    }

    /** Adds a model to the folder, and the same converted. */
    void put(String name, byte[] model) throws IOException {
        Files.write(models.resolve(name + ".tflite"), model);
        ImportedModel imported = TfliteImporter.importModel(ByteBuffer.wrap(model));
        Model converted = Model.of(Passes.optimize(imported.graph()));
        try (OutputStream out = Files.newOutputStream(models.resolve(name + ".tea"))) {
            TeaWriter.write(converted, Planner.packable(converted.graph()), out);
        }
    }

    /** Both runtimes on noise between two bounds, or on what is given, by input. */
    List<Output> compare(String name, List<Double> bounds, int seed, List<?> given) {
        Map<?, ?> result = (Map<?, ?>) visit.call("compare", name, bounds, seed, given == null ? List.of() : given);
        return ((List<?>) result.get("outputs")).stream().map(entry -> {
            Map<?, ?> output = (Map<?, ?>) entry;
            return new Output((String) output.get("name"), number(output, "error"), number(output, "largest"),
                    (List<?>) output.get("dims"), (List<?>) output.get("actual"), (List<?>) output.get("expected"));
        }).toList();
    }

    private static double number(Map<?, ?> output, String key) {
        Object value = output.get(key);
        return value == null ? Double.POSITIVE_INFINITY : ((Number) value).doubleValue();
    }

    @Override
    public void close() {
        visit.close();
        server.close();
    }
}
