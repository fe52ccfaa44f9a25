package dev.infuser.demo.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Results as Markdown. */
final class Report {

    private static final int KERNELS = 5;

    private final Results results;
    private final StringBuilder out = new StringBuilder();
    private final List<String> notes = new ArrayList<>();

    private Report(Results results) {
        this.results = results;
    }

    static String markdown(Results results, List<Goals.Goal> goals) {
        Report report = new Report(results);
        report.out.append("# Benchmark\n\n");
        results.facts().forEach((name, value) -> report.out.append("* ").append(name).append(": ").append(value).append('\n'));
        for (int threads : results.threads()) {
            report.times(threads);
        }
        report.shares();
        report.kernels();
        report.compare("Navigation to first result", "ms, medians of fresh starts with an empty cache, one thread, the model and the"
                + " runtime downloaded from this machine", Measurement::first, "%.0f");
        report.pages();
        report.loading();
        report.compare("Peak memory", "MB, the greatest resident size of the page's process, one thread; " + text("%.0f MB of it are"
                + " those of a page without a runtime", results.barePage() / 1e6), measurement -> measurement.peakMemory() == 0
                ? Double.NaN : measurement.peakMemory() / 1e6, "%.0f");
        report.sizes();
        report.goals(goals);
        report.checks();
        report.notes();
        return report.out.toString();
    }

    private void heading(String text, String explanation) {
        out.append("\n## ").append(text).append("\n\n").append(explanation).append(".\n\n");
    }

    private void row(List<String> cells) {
        out.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private void head(List<String> cells) {
        row(cells);
        row(Collections.nCopies(cells.size(), "---"));
    }

    private static String text(String format, double... values) {
        Object[] boxed = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            boxed[i] = values[i];
        }
        return String.format(Locale.ROOT, format, boxed);
    }

    /** A mark for a note, which is the same for the same text. */
    private String note(String text) {
        if (!notes.contains(text)) {
            notes.add(text);
        }
        return "– [" + (notes.indexOf(text) + 1) + "]";
    }

    private List<String> columns(String first) {
        List<String> columns = new ArrayList<>(List.of(first));
        results.runtimes().forEach(runtime -> columns.add(Runtimes.title(runtime)));
        return columns;
    }

    private void times(int threads) {
        heading(threads == 1 ? "One thread" : threads + " threads", "Milliseconds of a run, from arrays of JavaScript to arrays"
                + " of JavaScript: median (p10–p90), and how many times Infuser's time that is");
        head(columns("network"));
        for (Workload workload : results.workloads()) {
            List<String> cells = new ArrayList<>(List.of(workload.title()));
            for (String runtime : results.runtimes()) {
                cells.add(results.find(runtime, workload.name(), threads).map(m -> timeCell(m, workload)).orElse("–"));
            }
            row(cells);
        }
        List<String> means = new ArrayList<>(List.of("geometric mean of the models"));
        for (String runtime : results.runtimes()) {
            double[] ratios = results.workloads().stream().filter(Workload::model)
                    .mapToDouble(workload -> results.ratio(runtime, workload, threads)).filter(Double::isFinite).toArray();
            means.add(runtime.equals(Runtimes.INFUSER) || ratios.length == 0 ? ""
                    : text("**%.2f×**", Statistics.geometricMean(ratios)) + " over " + ratios.length);
        }
        row(means);
    }

    private String timeCell(Measurement measurement, Workload workload) {
        double median = measurement.median();
        if (!Double.isFinite(median)) {
            return note(measurement.failure());
        }
        String format = median < 1 ? "%.3f (%.3f–%.3f)" : median < 10 ? "%.2f (%.2f–%.2f)" : "%.1f (%.1f–%.1f)";
        String cell = text(format, median, measurement.quantile(0.1), measurement.quantile(0.9));
        double ratio = results.ratio(measurement.runtime(), workload, measurement.threads());
        return measurement.runtime().equals(Runtimes.INFUSER) || !Double.isFinite(ratio) ? cell : cell + text(" **%.2f×**", ratio);
    }

    private void shares() {
        List<Workload> operators = results.workloads().stream().filter(workload -> workload.operations() > 0).toList();
        heading("Share of the machine's peak", "GFLOP/s at one thread, and their share of a loop of multiply-adds in registers in"
                + " the same rounds; the last column is Infuser's longest kernel alone, without copies in and out. A convolution counts"
                + " the operations of the sum written out; Winograd's algorithm does fewer, so that the share may exceed 100 %");
        List<String> columns = columns("network");
        columns.add(1, "peak");
        columns.add("kernel alone");
        head(columns);
        Limits.Limit limit = Limits.all().get(0);
        for (Workload workload : operators) {
            double peak = results.peak(workload.name(), limit);
            List<String> cells = new ArrayList<>(List.of(workload.title(), text("%.1f", peak)));
            for (String runtime : results.runtimes()) {
                cells.add(share(workload.operations() / results.median(runtime, workload, 1) / 1e6, peak));
            }
            double step = results.find(Runtimes.INFUSER, workload.name(), 1).map(Measurement::longestStep).orElse(Double.NaN);
            cells.add(share(workload.operations() / step / 1e6, peak));
            row(cells);
        }
        for (Limits.Limit each : Limits.all()) {
            out.append("\n* ").append(each.title()).append(": ").append(text("%.1f ", results.peak(each.name(), each)))
                    .append(each.unit());
        }
        out.append('\n');
    }

    /** The steps of one kernel. */
    private record Share(String kernel, double millis, double operations, double bytes, double peak) {

        static Share of(Map<String, Object> step) {
            return new Share((String) step.get("kernel"), number(step, "ms"), number(step, "operations"), number(step, "bytes"),
                    number(step, "peak"));
        }

        private static double number(Map<String, Object> step, String name) {
            return step.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
        }

        Share plus(Share other) {
            return new Share(kernel, millis + other.millis, operations + other.operations, bytes + other.bytes, peak);
        }

        List<String> cells(double sum) {
            double speed = operations / millis / 1e6;
            return List.of("`" + kernel + "`", text("%.2f (%.0f %%)", millis, 100 * millis / sum),
                    operations > 0 ? share(speed, peak) : "–", text("%.1f", bytes / millis / 1e6));
        }
    }

    /** The kernels that take most of a run. */
    private void kernels() {
        heading("Where Infuser's time goes", "At one thread, the kernels that take most of the time of all steps, by the median of"
                + " each step: GFLOP/s and their share of multiply-adds in registers by the same instructions, and GB/s read and"
                + " written, which caches give too");
        head(List.of("network", "ms in steps", "kernel", "ms", "GFLOP/s", "GB/s"));
        for (Workload workload : results.workloads()) {
            Map<String, Share> kernels = new LinkedHashMap<>();
            results.find(Runtimes.INFUSER, workload.name(), 1).map(Measurement::profile).orElse(List.of()).forEach(step ->
                    kernels.merge((String) step.get("kernel"), Share.of(step), Share::plus));
            double sum = kernels.values().stream().mapToDouble(Share::millis).sum();
            List<String> first = new ArrayList<>(List.of(workload.title(), kernels.isEmpty() ? "–" : text("%.2f", sum)));
            for (Share share : kernels.values().stream().sorted(Comparator.comparingDouble(Share::millis).reversed())
                    .limit(KERNELS).toList()) {
                first.addAll(share.cells(sum));
                row(first);
                first = new ArrayList<>(List.of("", ""));
            }
            if (kernels.isEmpty()) {
                first.addAll(List.of("–", "–", "–", "–"));
                row(first);
            }
        }
    }

    /** What a bare page takes, as a row of the table above it. */
    private void pages() {
        List<String> cells = new ArrayList<>(List.of("the page alone, until it asks for a runtime"));
        for (String runtime : results.runtimes()) {
            double own = Statistics.median(results.measurements().stream().filter(m -> m.runtime().equals(runtime))
                    .map(Measurement::began).filter(Double::isFinite).toList());
            cells.add(Double.isFinite(own) ? text("%.0f", own) : "–");
        }
        row(cells);
    }

    private void loading() {
        heading("Loading from memory", "Infuser at one thread, medians in fresh pages, ms: instantiating, copying the weights,"
                + " planning and generating kernels, and then the first run of code that is not optimised yet");
        head(List.of("network", "loading", "of it planning and generating", "first run"));
        for (Workload workload : results.workloads()) {
            results.find(Runtimes.INFUSER, workload.name(), 1).filter(m -> Double.isFinite(m.loading()))
                    .ifPresent(m -> row(List.of(workload.title(), text("%.0f", m.loading()),
                            text("%.0f", m.compiling()), text("%.1f", m.firstRun()))));
        }
    }

    private static String share(double speed, double peak) {
        return Double.isFinite(speed) && Double.isFinite(peak) ? text("%.1f (%.0f %%)", speed, 100 * speed / peak) : "–";
    }

    private void compare(String title, String explanation, ToDoubleFunction<Measurement> value, String format) {
        heading(title, explanation);
        head(columns("network"));
        for (Workload workload : results.workloads()) {
            double own = results.find(Runtimes.INFUSER, workload.name(), 1).map(value::applyAsDouble).orElse(Double.NaN);
            List<String> cells = new ArrayList<>(List.of(workload.title()));
            for (String runtime : results.runtimes()) {
                double found = results.find(runtime, workload.name(), 1).map(value::applyAsDouble).orElse(Double.NaN);
                String cell = Double.isFinite(found) ? text(format, found) : "–";
                cells.add(runtime.equals(Runtimes.INFUSER) || !Double.isFinite(found / own) ? cell
                        : cell + text(" **%.2f×**", found / own));
            }
            row(cells);
        }
    }

    private void sizes() {
        heading("Runtime bytes", "Scripts and WebAssembly that a page fetched for one network at one thread, KB");
        head(List.of("runtime", "raw", "brotli", "networks"));
        results.sizes().forEach(size -> row(List.of(Runtimes.title(size.runtime()), text("%.0f", size.raw() / 1000.0),
                text("%.0f", size.brotli() / 1000.0), String.join(", ", size.networks()))));
    }

    private void goals(List<Goals.Goal> goals) {
        heading("Goals", "In this run");
        head(List.of("goal", "found", "met"));
        goals.forEach(goal -> row(List.of(goal.text(), goal.found(), goal.met())));
    }

    private void checks() {
        heading("Checks", "Each output beside native ONNX Runtime's, or that of the runtime whose format the model has, before and after timing; what is wrong is not timed");
        for (Workload workload : results.workloads()) {
            out.append("* ").append(workload.title()).append(": ").append(workload.tolerance().reason()).append('\n');
            for (Measurement measurement : results.measurements()) {
                Map<String, Object> map = measurement.toMap();
                if (measurement.workload().equals(workload.name()) && !measurement.runtime().equals(Runtimes.LIMIT)) {
                    List<?> checks = (List<?>) map.get("checks");
                    String found = checks.stream().distinct().map(String::valueOf).reduce((a, b) -> a + "; " + b).orElse("–");
                    out.append("  * ").append(Runtimes.title(measurement.runtime())).append(", ").append(measurement.threads())
                            .append(measurement.threads() == 1 ? " thread: " : " threads: ").append(found)
                            .append(measurement.failure().isEmpty() ? "" : " – " + measurement.failure()).append('\n');
                }
            }
        }
    }

    private void notes() {
        if (!notes.isEmpty()) {
            heading("Not measured", "Why");
            for (int i = 0; i < notes.size(); i++) {
                out.append("* [").append(i + 1).append("] ").append(notes.get(i)).append('\n');
            }
        }
    }
}
