package dev.infuser.demo;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder;
import dev.infuser.models.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * MiniLM in Infuser and in onnxruntime-web (wasm, one thread), side by side in one Chromium. Every result is checked against
 * native ONNX Runtime before and after; each (runtime, length) has a fresh page; rounds alternate between runtimes. Prints
 * Markdown and writes it with the raw numbers as JSON.
 */
@Command(name = "benchmark", mixinStandardHelpOptions = true)
final class Benchmark implements Callable<Integer> {

    private static final List<String> RUNTIMES = List.of("infuser", "onnxruntime-web");
    private static final int[] LENGTHS = {16, 128};
    private static final int WARM_UP_MILLIS = 2000;
    private static final int ROUND_MILLIS = 1000;
    private static final double TOLERANCE = 1e-4;

    @Option(names = "--bundle", paramLabel = "DIR", defaultValue = "inference-core/target/npm")
    private Path bundle;

    @Option(names = "--rounds", defaultValue = "7", description = "rounds of a second each (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--starts", defaultValue = "5", description = "fresh starts per runtime (default: ${DEFAULT-VALUE})")
    private int starts;

    @Option(names = "--output", paramLabel = "DIR", defaultValue = "web-demo/target", description = "where the report goes")
    private Path output;

    private record Cell(String runtime, int length) {
    }

    private record Size(long raw, long brotli) {
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new Benchmark()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path folder = DemoModel.folder();
        DemoModel.prepare(folder, () -> { });
        Path source = Models.miniLm();
        Path peer = Models.npmPackage("onnxruntime-web").resolve("dist");
        Site site = Site.demo(bundle, folder).with("/onnxruntime-web/", peer).with("/source/", source.getParent());
        Map<Cell, List<Double>> times = new LinkedHashMap<>();
        Map<String, List<Double>> first = new LinkedHashMap<>();
        Map<String, Size> sizes = new LinkedHashMap<>();
        String browser;
        try (Chrome chrome = new Chrome(); SiteServer server = SiteServer.start(site, 0, false);
                Oracle oracle = Oracle.open(source)) {
            browser = "Chromium " + chrome.browser().version();
            firstResults(chrome, server, site, oracle, first, sizes);
            steadyState(chrome, server, oracle, times);
        }
        String report = markdown(browser, times, first, sizes);
        Files.createDirectories(output);
        Files.writeString(output.resolve("benchmark.md"), report);
        Files.writeString(output.resolve("benchmark.json"), json(browser, times, first, sizes));
        System.out.print(report);
        return 0;
    }

    private static Oracle.Batch batch(int length) {
        long[] ids = LongStream.range(0, length).map(i -> i == 0 ? 101 : i == length - 1 ? 102 : 1037 + i * 97 % 20000).toArray();
        long[] mask = new long[length];
        Arrays.fill(mask, 1);
        return new Oracle.Batch(1, length, ids, mask);
    }

    private static Visit open(Chrome chrome, SiteServer server, String runtime, int length) {
        String ids = LongStream.of(batch(length).ids()).mapToObj(Long::toString).collect(Collectors.joining(","));
        return Visit.open(chrome.browser(), server.address() + "benchmark/run.html?runtime=" + runtime + "&ids=" + ids)
                .await("ready");
    }

    private void firstResults(Chrome chrome, SiteServer server, Site site, Oracle oracle, Map<String, List<Double>> first,
            Map<String, Size> sizes) throws Exception {
        for (int i = 0; i < starts; i++) {
            for (String runtime : RUNTIMES) {
                try (Visit visit = open(chrome, server, runtime, LENGTHS[0])) {
                    check(oracle, visit, "first", LENGTHS[0], runtime);
                    Object millis = visit.page().evaluate("() => Number(document.documentElement.dataset.first)");
                    first.computeIfAbsent(runtime, key -> new ArrayList<>()).add(((Number) millis).doubleValue());
                    if (!sizes.containsKey(runtime)) {
                        sizes.put(runtime, size(site, visit, server, "/" + runtime + "/"));
                    }
                }
            }
        }
    }

    private void steadyState(Chrome chrome, SiteServer server, Oracle oracle, Map<Cell, List<Double>> times)
            throws Exception {
        for (int length : LENGTHS) {
            Map<String, Visit> visits = new LinkedHashMap<>();
            try {
                for (String runtime : RUNTIMES) {
                    Visit visit = open(chrome, server, runtime, length);
                    visits.put(runtime, visit);
                    check(oracle, visit, "first", length, runtime);
                    runs(visit, WARM_UP_MILLIS);
                }
                for (int round = 0; round < rounds; round++) {
                    for (Map.Entry<String, Visit> entry : visits.entrySet()) {
                        entry.getValue().page().bringToFront();
                        times.computeIfAbsent(new Cell(entry.getKey(), length), key -> new ArrayList<>())
                                .addAll(runs(entry.getValue(), ROUND_MILLIS));
                    }
                }
                for (Map.Entry<String, Visit> entry : visits.entrySet()) {
                    check(oracle, entry.getValue(), "again", length, entry.getKey());
                }
            } finally {
                visits.values().forEach(Visit::close);
            }
        }
    }

    private static List<Double> runs(Visit visit, int millis) {
        return numbers(visit.page().evaluate("(millis) => benchmark.runs(millis)", millis));
    }

    private static List<Double> numbers(Object array) {
        return ((List<?>) array).stream().map(number -> ((Number) number).doubleValue()).toList();
    }

    private static void check(Oracle oracle, Visit visit, String which, int length, String runtime) throws Exception {
        List<Double> found = numbers(visit.page().evaluate("() => benchmark." + which + "()"));
        float[] values = new float[found.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = found.get(i).floatValue();
        }
        float[] expected = oracle.run(batch(length));
        double distance = values.length == expected.length ? Oracle.distance(expected, values) : Double.POSITIVE_INFINITY;
        if (!(distance <= TOLERANCE)) {
            throw new IllegalStateException(runtime + " is wrong at " + length + " tokens: differs by " + distance);
        }
    }

    /** The files below {@code prefix} that a page asked for. */
    private static Size size(Site site, Visit visit, SiteServer server, String prefix) throws IOException {
        Brotli4jLoader.ensureAvailability();
        long raw = 0;
        long brotli = 0;
        String origin = server.address().substring(0, server.address().length() - 1);
        for (String url : new TreeSet<>(visit.requests())) {
            String path = url.startsWith(origin) ? url.substring(origin.length()) : "";
            if (path.startsWith(prefix)) {
                byte[] data = Files.readAllBytes(site.find(path).orElseThrow());
                raw += data.length;
                brotli += Encoder.compress(data, new Encoder.Parameters().setQuality(11).setWindow(24)).length;
            }
        }
        return new Size(raw, brotli);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static String markdown(String browser, Map<Cell, List<Double>> times, Map<String, List<Double>> first,
            Map<String, Size> sizes) {
        StringBuilder out = new StringBuilder("MiniLM f32, one thread, " + browser + ", medians in ms\n\n"
                + "| | infuser | onnxruntime-web 1.30 | ratio |\n|---|---|---|---|\n");
        for (int length : LENGTHS) {
            row(out, length + " tokens", "%.1f", median(times.get(new Cell(RUNTIMES.get(0), length))),
                    median(times.get(new Cell(RUNTIMES.get(1), length))));
        }
        row(out, "navigation to first result", "%.0f", median(first.get(RUNTIMES.get(0))), median(first.get(RUNTIMES.get(1))));
        Size own = sizes.get(RUNTIMES.get(0));
        Size peer = sizes.get(RUNTIMES.get(1));
        row(out, "runtime, KB raw", "%.0f", own.raw() / 1000.0, peer.raw() / 1000.0);
        row(out, "runtime, KB brotli", "%.0f", own.brotli() / 1000.0, peer.brotli() / 1000.0);
        return out.toString();
    }

    private static void row(StringBuilder out, String what, String format, double own, double peer) {
        out.append("| ").append(what).append(" | ").append(String.format(Locale.ROOT, format, own)).append(" | ")
                .append(String.format(Locale.ROOT, format, peer)).append(" | ")
                .append(String.format(Locale.ROOT, "%.1f×", peer / own)).append(" |\n");
    }

    private static String json(String browser, Map<Cell, List<Double>> times, Map<String, List<Double>> first,
            Map<String, Size> sizes) {
        String steady = times.entrySet().stream().map(entry -> "    {\"runtime\": \"" + entry.getKey().runtime()
                + "\", \"tokens\": " + entry.getKey().length() + ", \"ms\": " + entry.getValue() + "}")
                .collect(Collectors.joining(",\n"));
        String starts = first.entrySet().stream().map(entry -> "    {\"runtime\": \"" + entry.getKey() + "\", \"ms\": "
                + entry.getValue() + "}").collect(Collectors.joining(",\n"));
        String bytes = sizes.entrySet().stream().map(entry -> "    {\"runtime\": \"" + entry.getKey() + "\", \"raw\": "
                + entry.getValue().raw() + ", \"brotli\": " + entry.getValue().brotli() + "}")
                .collect(Collectors.joining(",\n"));
        return "{\n  \"browser\": \"" + browser + "\",\n  \"runs\": [\n" + steady + "\n  ],\n  \"firstResult\": [\n" + starts
                + "\n  ],\n  \"runtimeBytes\": [\n" + bytes + "\n  ]\n}\n";
    }
}
