package dev.infuser.study;

import dev.infuser.aot.AheadOfTime;
import dev.infuser.aot.Standalone;
import dev.infuser.format.Model;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.op.Inference;
import dev.infuser.pass.Passes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Writes the pipelines for the page of the image study: each as a model and as a module compiled ahead of time, which needs no more than
 * SIMD, and {@code modules.json}, which tells what there is and where modules take the picture and leave the result.
 */
public final class Modules {

    /** What the page offers. */
    static final List<String> SIZES = List.of("1280x720", "1920x1080", "3840x2160");

    private static final Map<String, BiFunction<Integer, Integer, Graph>> GRAPHS = graphs();

    private Modules() {
    }

    private static Map<String, BiFunction<Integer, Integer, Graph>> graphs() {
        Map<String, BiFunction<Integer, Integer, Graph>> graphs = new LinkedHashMap<>();
        graphs.put("edges", EdgesGraph::of);
        graphs.put("input", ModelInputGraph::of);
        return graphs;
    }

    /** Writes the pipelines for the sizes of the page into a folder, the only argument. */
    public static void main(String[] args) throws IOException {
        write(Path.of(args[0]), SIZES);
    }

    /**
     * Writes the pipelines.
     *
     * @param folder made where it is missing
     * @param sizes  width and height, such as {@code 1280x720}
     */
    public static void write(Path folder, List<String> sizes) throws IOException {
        Files.createDirectories(folder);
        List<String> entries = new ArrayList<>();
        for (String pipeline : GRAPHS.keySet()) {
            for (String size : sizes) {
                String[] extents = size.split("x");
                Graph graph = GRAPHS.get(pipeline).apply(Integer.parseInt(extents[0]), Integer.parseInt(extents[1]));
                entries.add(write(folder, pipeline, extents, Inference.infer(Passes.optimize(graph))));
            }
        }
        Files.writeString(folder.resolve("modules.json"), "[\n  " + String.join(",\n  ", entries) + "\n]\n");
    }

    private static String write(Path folder, String pipeline, String[] extents, Graph graph) throws IOException {
        String name = pipeline + "-" + extents[0] + "x" + extents[1];
        try (OutputStream out = Files.newOutputStream(folder.resolve(name + ".tea"))) {
            TeaWriter.write(Model.of(graph), Map.of(), out);
        }
        Standalone module = AheadOfTime.compile(graph, Map.of(), Target.STRICT);
        Files.write(folder.resolve(name + ".wasm"), module.module(true));
        return "{ \"pipeline\": \"" + pipeline + "\", \"width\": " + extents[0] + ", \"height\": " + extents[1] + ", \"name\": \"" + name
                + "\", \"input\": " + port(module.inputs().get(0)) + ", \"output\": " + port(module.outputs().get(0)) + " }";
    }

    private static String port(Standalone.Port port) {
        return "{ \"name\": \"" + port.name() + "\", \"type\": \"" + port.type() + "\", \"dims\": " + Arrays.toString(port.dims())
                + ", \"address\": " + port.address() + ", \"bytes\": " + port.bytes() + " }";
    }
}
