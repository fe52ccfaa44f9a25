package dev.infuser.converter;

import dev.infuser.format.Golden;
import dev.infuser.graph.Graph;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The source framework and Infuser on the same inputs.
 *
 * @param runs    one per set of inputs, at least one
 * @param golden  small inputs with the outputs of the source framework, or null when inputs are too large to keep
 * @param with    what the outputs were compared with, with its version
 */
public record Verification(List<Run> runs, Golden golden, String with) {

    private static final int WANTED_RUNS = 2;
    static final float MIN_TOLERANCE = 1e-4f;

    public Verification {
        runs = List.copyOf(runs);
    }

    /**
     * One set of inputs.
     *
     * @param inputs  their types and shapes
     * @param outputs how each output compares
     */
    public record Run(String inputs, List<Comparison> outputs) {
        boolean agrees() {
            return outputs.stream().allMatch(Comparison::agrees);
        }
    }

    /** Loads the source framework. */
    interface Framework extends AutoCloseable {
        Running open(boolean optimised) throws IOException;

        /** What it is, with its version. */
        default String name() {
            return "ONNX Runtime " + OnnxRuntime.version();
        }

        @Override
        default void close() throws IOException {
        }
    }

    /** A model that the source framework has loaded. */
    interface Running extends AutoCloseable {

        /**
         * The outputs, in the model's order.
         *
         * @throws UnsupportedModelException {@code source-framework} when the run fails
         */
        List<Tensor> run(List<Tensor> inputs);

        @Override
        default void close() {
        }
    }

    /** Runs a model. */
    interface Runner {
        Map<String, Tensor> run(Map<String, Tensor> feeds);
    }

    /**
     * Compares on generated inputs.
     *
     * @param imported the source as imported, which tells the inputs
     * @throws UnsupportedModelException {@code not-verified} when the source framework accepts none of the inputs
     */
    static Verification run(Graph imported, Framework framework, Runner infuser) throws IOException {
        return run(imported, new SampleInputs(imported), framework, infuser);
    }

    /** Compares on these inputs. */
    static Verification run(Graph imported, SampleInputs samples, Framework framework, Runner infuser) throws IOException {
        try (Running source = framework.open(true)) {
            return run(imported, samples, source, framework, infuser);
        }
    }

    private static Verification run(Graph imported, SampleInputs samples, Running source, Framework framework, Runner infuser)
            throws IOException {
        List<Run> runs = new ArrayList<>();
        Golden golden = null;
        String refusal = "";
        for (int i = 0; i < SampleInputs.CASES && runs.size() < WANTED_RUNS; i++) {
            Map<String, Tensor> feeds = samples.draw(i);
            List<Tensor> expected;
            try {
                expected = source.run(new ArrayList<>(feeds.values()));
            } catch (InfuserException e) {
                refusal = e.getMessage();
                continue;
            }
            Map<String, Tensor> wanted = named(imported, expected);
            Run run = compare(feeds, wanted, infuser.run(feeds));
            if (!run.agrees()) {
                run = besideItself(run, feeds, wanted, imported, framework);
            }
            Golden found = golden(samples.draw(i), wanted, run, GoldenVectors.budget(imported));
            golden = golden == null || found != null && found.absolute() < golden.absolute() ? found : golden;
            runs.add(run);
        }
        if (runs.isEmpty()) {
            throw new UnsupportedModelException("not-verified", "", "the source framework accepts none of the inputs"
                    + " generated: " + refusal, "", "");
        }
        return new Verification(runs, runs.stream().allMatch(Run::agrees) ? golden : null, framework.name());
    }

    /** The run, with how far the source framework differs from itself when it optimises nothing. */
    private static Run besideItself(Run run, Map<String, Tensor> feeds, Map<String, Tensor> wanted, Graph imported,
            Framework framework) throws IOException {
        Map<String, Tensor> plain;
        try (Running source = framework.open(false)) {
            plain = named(imported, source.run(new ArrayList<>(feeds.values())));
        }
        List<Comparison> outputs = new ArrayList<>();
        for (Comparison output : run.outputs) {
            double own = Comparison.of("", wanted.get(output.output()), plain.get(output.output())).cosine();
            outputs.add(Double.isNaN(own) ? output : output.withOwn(own));
        }
        return new Run(run.inputs, outputs);
    }

    private static Map<String, Tensor> named(Graph graph, List<Tensor> outputs) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        if (outputs.size() != graph.outputs().size()) {
            throw new UnsupportedModelException("not-verified", "", "outputs that are no tensors cannot be compared", "", "");
        }
        for (int i = 0; i < outputs.size(); i++) {
            named.put(graph.outputs().get(i), outputs.get(i));
        }
        return named;
    }

    private static Run compare(Map<String, Tensor> feeds, Map<String, Tensor> wanted, Map<String, Tensor> found) {
        StringBuilder inputs = new StringBuilder();
        for (Map.Entry<String, Tensor> feed : feeds.entrySet()) {
            inputs.append(inputs.length() == 0 ? "" : ", ").append(feed.getKey()).append(' ').append(feed.getValue());
        }
        List<Comparison> outputs = new ArrayList<>();
        for (Map.Entry<String, Tensor> want : wanted.entrySet()) {
            outputs.add(Comparison.of(want.getKey(), want.getValue(), found.get(want.getKey())));
        }
        return new Run(inputs.toString(), outputs);
    }

    private static Golden golden(Map<String, Tensor> feeds, Map<String, Tensor> wanted, Run run, long bytes) {
        float tolerance = MIN_TOLERANCE;
        for (Comparison output : run.outputs) {
            if (!output.agrees()) {
                return null;
            }
            tolerance = Math.max(tolerance, (float) (4 * output.maxAbs()));
        }
        return GoldenVectors.of(feeds, wanted, tolerance, MIN_TOLERANCE, bytes);
    }

    /** The comparison, allowing the error that quantising was allowed to make. */
    Verification within(double budget) {
        return new Verification(runs.stream().map(run -> new Run(run.inputs, run.outputs.stream()
                .map(output -> output.within(budget)).toList())).toList(), golden, with);
    }

    /** Whether all outputs of all runs agree. */
    public boolean agrees() {
        return runs.stream().allMatch(Run::agrees);
    }

    /** The largest absolute difference of all. */
    public double maxAbs() {
        return runs.stream().flatMap(run -> run.outputs.stream()).mapToDouble(Comparison::maxAbs).max().orElse(0);
    }

    /** The largest relative difference of all. */
    public double maxRel() {
        return runs.stream().flatMap(run -> run.outputs.stream()).mapToDouble(Comparison::maxRel).max().orElse(0);
    }

    /** The smallest cosine of all. */
    public double cosine() {
        return runs.stream().flatMap(run -> run.outputs.stream()).mapToDouble(Comparison::cosine).min().orElse(1);
    }

    /** The smallest cosine between the source framework and itself, where that was measured; else 1. */
    double own() {
        return runs.stream().flatMap(run -> run.outputs.stream()).mapToDouble(Comparison::own).min().orElse(1);
    }

    /** What differs most, for a message. */
    String worst() {
        for (Run run : runs) {
            for (Comparison output : run.outputs) {
                if (!output.agrees()) {
                    return "output '" + output.output() + "' " + (output.mismatch().isEmpty()
                            ? "has cosine " + number(output.cosine()) + " and max abs error " + number(output.maxAbs())
                            : output.mismatch());
                }
            }
        }
        return "";
    }

    /** The comparison as a table. */
    String table() {
        StringBuilder out = new StringBuilder(String.format(Locale.ROOT, "%-32s %-24s %10s %10s %11s %7s%n", "output", "type", "max abs",
                "max rel", "cosine", "top-1"));
        for (Run run : runs) {
            out.append("with ").append(run.inputs).append(System.lineSeparator());
            for (Comparison c : run.outputs) {
                out.append(String.format(Locale.ROOT, "%-32s %-24s %10s %10s %11s %6.2f%% %s%n", c.output(), c.type(), number(c.maxAbs()),
                        number(c.maxRel()), String.format(Locale.ROOT, "%.8f", c.cosine()), 100 * c.top1(), c.mismatch().isEmpty()
                                && c.own() != 1 ? String.format(Locale.ROOT, "(ONNX Runtime and itself: cosine %.8f)", c.own())
                                : c.mismatch()));
            }
        }
        return out.toString();
    }

    /** A number in three digits. */
    static String number(double value) {
        return String.format(Locale.ROOT, "%.3g", value);
    }

    /** The report by name, for JSON. */
    Map<String, Object> toMap() {
        List<Object> list = new ArrayList<>();
        for (Run run : runs) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("inputs", run.inputs);
            map.put("outputs", run.outputs.stream().map(Comparison::toMap).toList());
            list.add(map);
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("with", with);
        map.put("agrees", agrees());
        map.put("maxAbs", maxAbs());
        map.put("maxRel", maxRel());
        map.put("cosine", cosine());
        map.put("runs", list);
        return map;
    }
}
