package dev.infuser.demo.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What Infuser is to reach beside others in the same run, and whether it does. */
final class Goals {

    /**
     * A goal.
     *
     * @param text  what is to be reached
     * @param found what was found
     * @param met   {@code yes}, {@code no} or {@code not measured}
     */
    record Goal(String text, String found, String met) {
    }

    private final Results results;
    private final List<Goal> goals = new ArrayList<>();

    private Goals(Results results) {
        this.results = results;
    }

    static List<Goal> of(Results results) {
        Goals goals = new Goals(results);
        for (int threads : List.of(1, 2)) {
            goals.mean(threads);
        }
        goals.bestPeer();
        goals.noneSlower();
        goals.share("matmul-128x384x1536", 0.85);
        goals.share("conv-3x3", 0.75);
        goals.share("conv-1x1", 0.75);
        goals.each("first result at least 5 times sooner than onnxruntime-web", 5, Measurement::first);
        goals.each("the same beyond what the page takes until it asks for a runtime", 5, Measurement::firstBeyondPage);
        goals.each("peak memory of the page's process at most half of onnxruntime-web's", 2,
                measurement -> measurement.peakMemory() == 0 ? Double.NaN : measurement.peakMemory());
        goals.each("the same beyond what a page without a runtime takes", 2,
                measurement -> measurement.peakMemory() == 0 || results.barePage() == 0 ? Double.NaN
                        : Math.max(1, measurement.peakMemory() - results.barePage()));
        goals.compiles("minilm", "planning and generating MiniLM", 30);
        goals.compiles("ocr", "planning and generating a vision model", 60);
        goals.nearNative("minilm-f32-128", "MiniLM f32 in at most 1.3 times the time of native ONNX Runtime", 1 / 1.3);
        goals.nearNative("ocr-detector", "PP-OCRv4 detector faster than native ONNX Runtime", 1);
        return goals.goals;
    }

    private List<Workload> models() {
        return results.workloads().stream().filter(Workload::model).toList();
    }

    /** The models that onnxruntime-web reads. */
    private List<Workload> onnxModels() {
        return models().stream().filter(Workload::isOnnx).toList();
    }

    private void add(String text, String found, boolean measured, boolean met) {
        goals.add(new Goal(text, found, measured ? met ? "yes" : "no" : "not measured"));
    }

    private static String times(double value) {
        return String.format(Locale.ROOT, "%.2f×", value);
    }

    private void mean(int threads) {
        double[] ratios = onnxModels().stream().mapToDouble(workload -> results.ratio(Runtimes.ONNXRUNTIME_WEB, workload, threads))
                .filter(Double::isFinite).toArray();
        double mean = Statistics.geometricMean(ratios);
        String name = threads == 1 ? "one thread" : threads + " threads";
        boolean measured = ratios.length > 0 && ratios.length == onnxModels().size();
        add("geometric mean of the models at least 2 times onnxruntime-web's speed, " + name, ratios.length == 0 ? "–"
                : times(mean) + " over " + ratios.length + " of " + onnxModels().size() + " models", measured, mean >= 2);
    }

    /** Of the runtimes in pages, the least ratio to Infuser, or not a number. */
    private double best(Workload workload, int threads) {
        return Runtimes.IN_PAGES.stream().filter(runtime -> !runtime.equals(Runtimes.INFUSER))
                .mapToDouble(runtime -> results.ratio(runtime, workload, threads)).filter(Double::isFinite).min()
                .orElse(Double.NaN);
    }

    private void bestPeer() {
        worst("at least 1.3 times the best peer on each model, one thread", models(), 1.3, workload -> best(workload, 1));
    }

    private void noneSlower() {
        for (int threads : results.threads()) {
            worst("no network slower than any peer, " + threads + (threads == 1 ? " thread" : " threads"), results.workloads(), 1,
                    workload -> best(workload, threads));
        }
    }

    /** That the least of some ratios reaches a bound. */
    private void worst(String text, List<Workload> workloads, double bound, ToDoubleFunction<Workload> ratio) {
        Workload least = null;
        int measured = 0;
        for (Workload workload : workloads) {
            double value = ratio.applyAsDouble(workload);
            if (Double.isFinite(value)) {
                measured++;
                least = least == null || value < ratio.applyAsDouble(least) ? workload : least;
            }
        }
        double value = least == null ? Double.NaN : ratio.applyAsDouble(least);
        String found = least == null ? "–" : "least " + times(value) + " (" + least.title() + "), " + measured + " of "
                + workloads.size() + " measured";
        add(text, found, least != null && (measured == workloads.size() || value < bound), value >= bound);
    }

    private void share(String name, double bound) {
        for (Workload workload : results.workloads()) {
            if (workload.name().equals(name)) {
                share(String.format(Locale.ROOT, "%s at %.0f %% of the measured peak", workload.title(), 100 * bound), workload,
                        results.median(Runtimes.INFUSER, workload, 1), bound);
                share("the same by its kernel alone, without copies in and out", workload,
                        results.find(Runtimes.INFUSER, name, 1).map(Measurement::longestStep).orElse(Double.NaN), bound);
            }
        }
    }

    private void share(String text, Workload workload, double millis, double bound) {
        double share = workload.operations() / millis / 1e6 / results.peak(workload.name(), Limits.all().get(0));
        add(text, Double.isFinite(share) ? String.format(Locale.ROOT, "%.0f %%", 100 * share) : "–", Double.isFinite(share),
                share >= bound);
    }

    private void each(String text, double bound, ToDoubleFunction<Measurement> value) {
        worst(text, onnxModels(), bound, workload -> results.find(Runtimes.ONNXRUNTIME_WEB, workload.name(), 1)
                .map(value::applyAsDouble).orElse(Double.NaN)
                / results.find(Runtimes.INFUSER, workload.name(), 1).map(value::applyAsDouble).orElse(Double.NaN));
    }

    /** That planning and generating take less than so many milliseconds in a page for the networks of that name. */
    private void compiles(String prefix, String text, double bound) {
        double longest = results.workloads().stream().filter(workload -> workload.name().startsWith(prefix))
                .mapToDouble(workload -> results.find(Runtimes.INFUSER, workload.name(), 1).map(Measurement::compiling)
                        .orElse(Double.NaN)).filter(Double::isFinite).max().orElse(Double.NaN);
        if (Double.isFinite(longest)) {
            add(String.format(Locale.ROOT, "%s in less than %.0f ms", text, bound),
                    String.format(Locale.ROOT, "at most %.0f ms", longest), true, longest < bound);
        }
    }

    private void nearNative(String name, String text, double bound) {
        for (Workload workload : results.workloads()) {
            if (workload.name().equals(name)) {
                double ratio = results.ratio(Runtimes.NATIVE, workload, 1);
                add(text, Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.2f times its time", 1 / ratio) : "–",
                        Double.isFinite(ratio), ratio >= bound);
            }
        }
    }
}
