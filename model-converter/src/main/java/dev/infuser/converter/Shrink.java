package dev.infuser.converter;

import dev.infuser.converter.quantize.Activations;
import dev.infuser.converter.quantize.Precision;
import dev.infuser.converter.quantize.Quantized;
import dev.infuser.converter.quantize.Quantizer;
import dev.infuser.converter.quantize.Range;
import dev.infuser.format.Golden;
import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How to make a model small.
 *
 * @param weights     what weights are stored as
 * @param maxError    the budget of {@link Quantizer}, or NaN for that of {@link #budget}
 * @param force       whether a result over the budget is written all the same
 * @param calibration a folder of inputs to measure with, or null for generated ones: for models with one input a file each, for
 *                    others a folder for each set, with a file for each input, named as the input is
 * @param activations what int8 weights are multiplied by
 * @param method      how the ranges of static activations are found
 */
public record Shrink(Precision weights, double maxError, boolean force, Path calibration, Activations activations,
        Range.Method method) {

    /** Leaves weights as they are. */
    public static final Shrink NONE = new Shrink(Precision.F32, Double.NaN, false, null);

    private static final int SAMPLES = 2;
    private static final int GOLDEN_PARTS = 512;
    private static final float TIPPED = 200;

    /** Weights alone. */
    public Shrink(Precision weights, double maxError, boolean force, Path calibration) {
        this(weights, maxError, force, calibration, Activations.F32, Range.Method.MINMAX);
    }

    /** The largest error allowed: about what each type costs a well-behaved model. */
    public double budget() {
        return !Double.isNaN(maxError) ? maxError : weights == Precision.INT4 ? 0.3 : weights == Precision.INT8 ? 0.1 : 0.01;
    }

    /** The error that the conversion of a model was allowed to make, by its provenance; 0 where it has none. */
    static double budget(Map<String, String> metadata) {
        try {
            return Double.parseDouble(metadata.getOrDefault("quantized.budget", "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** The options as provenance has them. */
    String text() {
        return "weights=" + weights.label() + (weights == Precision.F32 ? "" : " max-error=" + budget()
                + (activations == Activations.F32 ? "" : " activations=" + activations.label())
                + (activations == Activations.STATIC_INT8 ? " method=" + method.name().toLowerCase(Locale.ROOT) : "")
                + (calibration == null ? "" : " calibrated") + (force ? " force" : ""));
    }

    /**
     * Quantises a model.
     *
     * @param model    optimised
     * @param imported the graph as imported, which tells the inputs
     * @throws InvalidModelException {@code over-budget}
     */
    Quantized quantize(Model model, Graph imported) throws IOException {
        Quantized quantized = Quantizer.quantize(model.graph(), weights, activations, method, budget(),
                samples(model, imported));
        if (!quantized.withinBudget() && !force) {
            throw new InvalidModelException("over-budget", "", quantized.summary(), "",
                    "use wider --weights, a larger --max-error, --calibrate with inputs of yours, or --force");
        }
        return quantized;
    }

    private List<List<Datum>> samples(Model model, Graph imported) throws IOException {
        List<List<Datum>> samples = new ArrayList<>();
        if (calibration == null) {
            SampleInputs generated = new SampleInputs(imported, model.metadata());
            for (int i = 0; i < SampleInputs.CASES; i++) {
                samples.add(new ArrayList<>(generated.draw(i).values()));
            }
            return samples.subList(0, SAMPLES);
        }
        if (!Files.isDirectory(calibration)) {
            throw new InvalidInputException("no-such-file", calibration.toString(), "there is no folder " + calibration, "", "");
        }
        for (Path entry : entries(calibration)) {
            Map<String, Path> files = new LinkedHashMap<>();
            for (Path file : Files.isDirectory(entry) ? entries(entry) : List.of(entry)) {
                String name = file.getFileName().toString();
                int dot = name.lastIndexOf('.');
                files.put(Files.isDirectory(entry) ? dot < 0 ? name : name.substring(0, dot)
                        : model.graph().inputs().get(0).name(), file);
            }
            Map<String, Tensor> feeds = InputFiles.feeds(model, files);
            List<Datum> sample = new ArrayList<>();
            for (Value input : model.graph().inputs()) {
                sample.add(feeds.get(input.name()));
            }
            samples.add(sample);
        }
        if (samples.isEmpty()) {
            throw new InvalidInputException("no-samples", calibration.toString(), "there are no files in " + calibration, "",
                    ".npy, .pb, .txt and images are read");
        }
        return samples;
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.getFileName().toString().startsWith(".")).sorted().toList();
        }
    }

    /**
     * What a quantised model itself gives for some generated inputs, or null where that is not small beside its weights. With
     * 8-bit activations a last bit of a sum may tip the rounding of what follows over.
     *
     * @param run runs the model
     */
    static Golden golden(SampleInputs generated, Quantized quantized, Verification.Runner run) {
        int least = 0;
        for (int i = 1; i < SampleInputs.CASES; i++) {
            least = size(generated.draw(i)) < size(generated.draw(least)) ? i : least;
        }
        try {
            Map<String, Tensor> outputs = run.run(generated.draw(least));
            float tolerance = tolerance(outputs) * (quantized.activations() == Activations.F32 ? 1 : TIPPED);
            return GoldenVectors.of(generated.draw(least), outputs, tolerance, Verification.MIN_TOLERANCE,
                    quantized.before() / GOLDEN_PARTS);
        } catch (InfuserException e) {
            return null;
        }
    }

    private static float tolerance(Map<String, Tensor> outputs) {
        float largest = 1;
        for (Tensor output : outputs.values()) {
            for (int i = 0; output.dtype().isFloat() && i < output.size(); i++) {
                float value = Math.abs((float) output.getDouble(i));
                largest = value < Float.POSITIVE_INFINITY ? Math.max(largest, value) : largest;
            }
        }
        return Verification.MIN_TOLERANCE * largest;
    }

    private static long size(Map<String, Tensor> tensors) {
        long sum = 0;
        for (Tensor tensor : tensors.values()) {
            sum += (long) tensor.size() * tensor.dtype().bytes();
        }
        return sum;
    }
}
