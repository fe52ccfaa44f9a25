package dev.infuser.demo.benchmark;

import com.google.gson.Gson;
import dev.infuser.demo.DemoModel;
import dev.infuser.demo.Site;
import dev.infuser.models.UnavailableException;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Networks, inputs and runtimes as files that pages load, and which of them cannot be had.
 *
 * @param workloads the networks
 * @param site      serves all of it
 * @param folder    where inputs and {@code workloads.json} are
 * @param absences  why a runtime does not take part, by its name, or in a network, by {@link #pair}
 */
record Course(List<Workload> workloads, Site site, Path folder, Map<String, String> absences) {

    /** The address of the list of networks. */
    static final String LIST = Runtimes.DATA + "workloads.json";

    /** The name of a runtime in a network. */
    static String pair(String runtime, Workload workload) {
        return runtime + " " + workload.name();
    }

    /** Why a runtime does not take part in a network, or "". */
    String absence(String runtime, Workload workload) {
        String general = absences.getOrDefault(runtime, "");
        return general.isEmpty() ? absences.getOrDefault(pair(runtime, workload), "") : general;
    }

    /** Writes everything to {@code folder}, and what Infuser converts to its cache. */
    static Course prepare(List<Workload> workloads, Set<String> runtimes, Path bundle, Path folder) throws IOException {
        Path models = DemoModel.folder();
        Site site = Site.demo(bundle, models).with(Runtimes.DATA, folder);
        Map<String, String> absences = new LinkedHashMap<>();
        Set<String> served = new TreeSet<>(runtimes);
        workloads.forEach(workload -> served.add(workload.reader()));
        for (String runtime : served) {
            try {
                for (Map.Entry<String, Path> place : Runtimes.folders(runtime).entrySet()) {
                    site = site.with(place.getKey(), place.getValue());
                }
            } catch (UnavailableException e) {
                absences.put(runtime, e.getMessage());
            }
        }
        List<Object> entries = new ArrayList<>();
        for (Workload workload : workloads) {
            String source = "/sources/" + workload.name() + "/";
            site = site.with(source, workload.source().getParent());
            Map<String, Object> sources = new LinkedHashMap<>(workload.others());
            List<Map<String, Object>> inputs = inputs(workload, folder);
            Map<String, Object> told = new LinkedHashMap<>(workload.others().getOrDefault(workload.reader(), Map.of()));
            told.put("model", source + workload.source().getFileName());
            told.put("inputs", inputs);
            sources.put(workload.reader(), told);
            try {
                sources.put(Runtimes.INFUSER, Map.of("model", Runtimes.MODELS + converted(workload, models), "inputs", inputs));
            } catch (InfuserException e) {
                absences.put(pair(Runtimes.INFUSER, workload), "not converted: " + e.getMessage());
            }
            for (String runtime : runtimes) {
                boolean reads = Runtimes.IN_PAGES.contains(runtime) ? sources.containsKey(runtime) : workload.isOnnx();
                if (!reads) {
                    absences.putIfAbsent(pair(runtime, workload), "reads no format of this model");
                }
            }
            entries.add(entry(workload, sources));
        }
        for (Limits.Limit limit : Limits.all()) {
            Files.write(folder.resolve(limit.name() + ".wasm"), limit.module());
            entries.add(Map.of("name", limit.name(), "title", limit.title(), "limit", true, "runtimes",
                    Map.of(Runtimes.LIMIT, Map.of("module", Runtimes.DATA + limit.name() + ".wasm", "pages", limit.pages(),
                            "iterations", limit.iterations()))));
        }
        Files.writeString(folder.resolve("workloads.json"), new Gson().toJson(Map.of("workloads", entries)));
        return new Course(workloads, site, folder, absences);
    }

    private static Map<String, Object> entry(Workload workload, Map<String, Object> sources) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", workload.name());
        entry.put("title", workload.title());
        entry.put("carried", workload.carried());
        entry.put("steps", workload.steps());
        entry.put("runtimes", sources);
        return entry;
    }

    private static String converted(Workload workload, Path models) throws IOException {
        String stem = workload.model() && workload.isOnnx() ? workload.source().getFileName().toString().replaceAll("\\.[a-z]+$", "") : workload.name();
        Path target = models.resolve(stem + ".tea");
        DemoModel.convert(workload.source(), target, false, () -> System.err.println("Converting " + workload.source().getFileName()));
        return target.getFileName().toString();
    }

    /** The inputs, each in a file, but for strings. */
    private static List<Map<String, Object>> inputs(Workload workload, Path folder) throws IOException {
        List<Map<String, Object>> inputs = new ArrayList<>();
        for (Map.Entry<String, Tensor> feed : workload.feeds().entrySet()) {
            Map<String, Object> input = new LinkedHashMap<>();
            input.put("name", feed.getKey());
            input.put("type", feed.getValue().dtype().label());
            input.put("dims", feed.getValue().dims());
            if (feed.getValue().dtype() == DType.STRING) {
                input.put("values", feed.getValue().strings());
            } else {
                String file = file(workload, feed.getKey());
                Files.write(folder.resolve(file), bytes(feed.getValue()));
                input.put("url", Runtimes.DATA + file);
            }
            inputs.add(input);
        }
        return inputs;
    }

    private static String file(Workload workload, String input) {
        return workload.name() + "." + input.replace('/', '_') + ".bin";
    }

    private static byte[] bytes(Tensor tensor) {
        if (tensor.dtype() == DType.FLOAT32) {
            return Tflite.bytes(tensor.floats());
        }
        boolean wide = tensor.dtype() == DType.INT64;
        ByteBuffer bytes = ByteBuffer.allocate(tensor.size() * (wide ? Long.BYTES : Integer.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        if (wide) {
            bytes.asLongBuffer().put(tensor.longs());
        } else {
            bytes.asIntBuffer().put(tensor.ints());
        }
        return bytes.array();
    }

    /** What {@code native.mjs} is told to run a network. */
    Map<String, Object> nativeTask(Workload workload, int threads) {
        List<Map<String, Object>> inputs = new ArrayList<>();
        workload.feeds().forEach((name, tensor) -> inputs.add(Map.of("name", name, "type",
                tensor.dtype().label(), "dims", tensor.dims(), "file",
                folder.resolve(file(workload, name)).toAbsolutePath().toString())));
        return Map.of("model", workload.source().toAbsolutePath().toString(), "threads", threads, "inputs", inputs, "carried",
                workload.carried(), "steps", workload.steps());
    }
}
