package dev.infuser.converter.quantize;

import dev.infuser.graph.Graph;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Stores the weights of an optimised graph in fewer bits. A layer whose own error is over the budget stays wider, and so do
 * the worst ones, as few as suffice, when the outputs of the model are over it: up to float16, and float32 where float16 has
 * no such numbers.
 */
public final class Quantizer {

    private Quantizer() {
    }

    /** The graph with those weights as float16 that float16 holds exactly, as sources often have them. */
    public static Graph exact(Graph graph) {
        Map<Layer, Precision> chosen = new LinkedHashMap<>();
        for (Layer layer : Layer.of(graph)) {
            if (layer.isHalf()) {
                chosen.put(layer, Precision.F16);
            }
        }
        return chosen.isEmpty() ? graph : Rewriter.rewrite(graph, chosen, Map.of());
    }

    /**
     * Quantises weights.
     *
     * @param graph   optimised, with types inferred
     * @param wanted  what weights are stored as where the budget allows it
     * @param budget  the largest error, of any layer by itself and of the outputs: the length of the difference over the
     *                length of what float32 gives
     * @param samples inputs to measure with, one value per input of the graph; at least one
     */
    public static Quantized quantize(Graph graph, Precision wanted, double budget, List<List<Datum>> samples) {
        return quantize(graph, wanted, Activations.F32, Range.Method.MINMAX, budget, samples);
    }

    /**
     * Quantises weights and, where int8 weights are multiplied, perhaps activations; layers that are over the budget with those
     * keep float32 activations.
     *
     * @param method how the ranges of static activations are found
     */
    public static Quantized quantize(Graph graph, Precision wanted, Activations activations, Range.Method method, double budget,
            List<List<Datum>> samples) {
        List<Layer> layers = Layer.of(graph);
        Errors errors = new Errors(graph, samples, layers);
        Map<Layer, Map<Precision, Double>> measured = new LinkedHashMap<>();
        layers.forEach(layer -> measured.put(layer, new EnumMap<>(Precision.class)));
        layers.parallelStream().forEach(layer -> {
            for (Precision precision : Precision.values()) {
                measured.get(layer).put(precision, errors.of(layer, precision));
            }
        });
        Map<Layer, Precision> chosen = new LinkedHashMap<>();
        for (Layer layer : layers) {
            chosen.put(layer, bearable(measured.get(layer), wanted, budget));
        }
        Map<Layer, Optional<Range>> bytes = new LinkedHashMap<>();
        Map<Layer, Double> rounded = new LinkedHashMap<>();
        for (Layer layer : layers) {
            if (activations != Activations.F32 && chosen.get(layer) == Precision.INT8 && layer.takesBytes()) {
                Range range = errors.range(layer, activations == Activations.STATIC_INT8 ? method : Range.Method.MINMAX);
                rounded.put(layer, errors.of(layer, range));
                bytes.put(layer, activations == Activations.STATIC_INT8 ? Optional.of(range) : Optional.empty());
            }
        }
        bytes.keySet().removeIf(layer -> rounded.get(layer) > budget);
        Graph result = Rewriter.rewrite(graph, chosen, bytes);
        double error = errors.of(result);
        if (error > budget && !bytes.isEmpty()) {
            bytes = bearable(errors, graph, chosen, bytes, rounded, budget);
            result = Rewriter.rewrite(graph, chosen, bytes);
            error = errors.of(result);
        }
        List<Layer> worst = new ArrayList<>(layers);
        worst.sort(Comparator.comparingDouble((Layer layer) -> -measured.get(layer).get(wanted)));
        for (Precision wider = wanted.wider(); error > budget && wider != Precision.F32; wider = wider.wider()) {
            int fewest = 1;
            int most = worst.size();
            while (fewest < most) {
                int half = (fewest + most) / 2;
                if (errors.of(Rewriter.rewrite(graph, widened(chosen, worst.subList(0, half), wider), Map.of())) > budget) {
                    fewest = half + 1;
                } else {
                    most = half;
                }
            }
            chosen = widened(chosen, worst.subList(0, most), wider);
            bytes = Map.of();
            result = Rewriter.rewrite(graph, chosen, bytes);
            error = errors.of(result);
        }
        return new Quantized(result, wanted, activations, budget, error, report(chosen, measured, bytes.keySet(), rounded),
                bytes(graph), bytes(result));
    }

    /** As many layers with 8-bit activations as the outputs can bear, those with the least errors. */
    private static Map<Layer, Optional<Range>> bearable(Errors errors, Graph graph, Map<Layer, Precision> chosen,
            Map<Layer, Optional<Range>> bytes, Map<Layer, Double> rounded, double budget) {
        List<Layer> best = new ArrayList<>(bytes.keySet());
        best.sort(Comparator.comparingDouble(rounded::get));
        int fewest = 0;
        int most = best.size() - 1;
        while (fewest < most) {
            int half = (fewest + most + 1) / 2;
            if (errors.of(Rewriter.rewrite(graph, chosen, some(bytes, best.subList(0, half)))) > budget) {
                most = half - 1;
            } else {
                fewest = half;
            }
        }
        return some(bytes, best.subList(0, fewest));
    }

    private static Map<Layer, Optional<Range>> some(Map<Layer, Optional<Range>> bytes, List<Layer> layers) {
        Map<Layer, Optional<Range>> out = new LinkedHashMap<>(bytes);
        out.keySet().retainAll(layers);
        return out;
    }

    private static Precision bearable(Map<Precision, Double> errors, Precision wanted, double budget) {
        Precision precision = wanted;
        while (errors.get(precision) > budget && precision.compareTo(Precision.F16) > 0
                || Double.isInfinite(errors.get(precision))) {
            precision = precision.wider();
        }
        return precision;
    }

    /** The choice with some layers at least as wide as {@code least}. */
    private static Map<Layer, Precision> widened(Map<Layer, Precision> chosen, List<Layer> some, Precision least) {
        Map<Layer, Precision> out = new LinkedHashMap<>(chosen);
        for (Layer layer : some) {
            if (out.get(layer).compareTo(least) > 0) {
                Precision precision = least;
                while (layer.stored(precision) == null) {
                    precision = precision.wider();
                }
                out.put(layer, precision);
            }
        }
        return out;
    }

    private static List<Quantized.Choice> report(Map<Layer, Precision> chosen, Map<Layer, Map<Precision, Double>> errors,
            Set<Layer> bytes, Map<Layer, Double> rounded) {
        List<Quantized.Choice> choices = new ArrayList<>();
        chosen.forEach((layer, precision) -> {
            Map<Precision, Long> sizes = new EnumMap<>(Precision.class);
            for (Precision each : Precision.values()) {
                sizes.put(each, layer.bytes(each));
            }
            choices.add(new Quantized.Choice(layer.weight, layer.nodes.get(0).op(), layer.tensor().shape().toString(), precision,
                    sizes, Map.copyOf(errors.get(layer)), bytes.contains(layer), rounded.getOrDefault(layer, Double.NaN)));
        });
        return choices;
    }

    private static long bytes(Graph graph) {
        long sum = 0;
        for (Tensor tensor : graph.constants().values()) {
            sum += ((long) tensor.size() * tensor.dtype().bits() + 7) / 8;
        }
        return sum;
    }
}
