package dev.infuser.converter.quantize;

import dev.infuser.graph.Graph;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What came of quantising.
 *
 * @param graph   reads weights as they are stored now
 * @param wanted  what they were to be stored as
 * @param activations what was to be multiplied by int8 weights
 * @param budget  the largest error allowed
 * @param error   that of the outputs on the samples
 * @param choices one per layer
 * @param before  bytes of all constants before
 * @param after   bytes of all constants now
 */
public record Quantized(Graph graph, Precision wanted, Activations activations, double budget, double error, List<Choice> choices, long before,
        long after) {

    public Quantized {
        choices = List.copyOf(choices);
    }

    /**
     * What became of one weight.
     *
     * @param weight its name
     * @param op     the operator that reads it
     * @param shape  its shape
     * @param chosen what it is stored as
     * @param bytes  what it takes at each precision, -1 where it cannot be stored so
     * @param errors what each precision does to the result of its layer alone
     * @param bytesRead whether it is multiplied by 8-bit activations
     * @param bytesError what int8 with them does to the layer alone, or NaN where they were not tried
     */
    public record Choice(String weight, String op, String shape, Precision chosen, Map<Precision, Long> bytes,
            Map<Precision, Double> errors, boolean bytesRead, double bytesError) {
    }

    /** Whether the outputs are within the budget. */
    public boolean withinBudget() {
        return error <= budget;
    }

    /** The layers that are stored wider than wanted. */
    public List<Choice> wider() {
        return choices.stream().filter(choice -> choice.chosen != wanted).toList();
    }

    /** A line for each layer, and one for all. */
    public String table() {
        StringBuilder out = new StringBuilder(String.format(Locale.ROOT, "%-40s %-13s %-18s %-6s", "weight", "operator", "shape", "as"));
        for (Precision precision : Precision.values()) {
            out.append(String.format(Locale.ROOT, " %21s", precision.label()));
        }
        out.append(activations == Activations.F32 ? "" : "  activations").append(System.lineSeparator());
        for (Choice choice : choices) {
            out.append(String.format(Locale.ROOT, "%-40s %-13s %-18s %-6s", choice.weight, choice.op, choice.shape, choice.chosen.label()
                    + (choice.chosen == wanted ? "" : "*")));
            for (Precision precision : Precision.values()) {
                out.append(choice.bytes.get(precision) < 0 ? String.format(" %21s", "-") : String.format(Locale.ROOT, " %12d %8.2g",
                        choice.bytes.get(precision), choice.errors.get(precision)));
            }
            out.append(Double.isNaN(choice.bytesError) ? "" : String.format(Locale.ROOT, " %8.2g%s", choice.bytesError,
                    choice.bytesRead ? "" : "*")).append(System.lineSeparator());
        }
        return out.append(summary()).append(System.lineSeparator()).toString();
    }

    /** One line. */
    public String summary() {
        List<Choice> wider = wider();
        return String.format(Locale.ROOT, "weights as %s: %d of %d layers%s, %s%.1f %% of the bytes, error of the outputs %.2g (budget %.2g)",
                wanted.label(), choices.size() - wider.size(), choices.size(), wider.isEmpty() ? "" : ", wider: " + names(wider),
                activations == Activations.F32 ? "" : choices.stream().filter(Choice::bytesRead).count() + " with "
                        + activations.label() + " activations, ",
                100.0 * after / Math.max(1, before), error, budget);
    }

    private static String names(List<Choice> choices) {
        List<String> names = new ArrayList<>();
        for (Choice choice : choices.subList(0, Math.min(3, choices.size()))) {
            names.add(choice.weight + " (" + choice.chosen.label() + ")");
        }
        return String.join(", ", names) + (choices.size() > 3 ? " and " + (choices.size() - 3) + " more" : "");
    }

    /** The report by name, for JSON. */
    public Map<String, Object> toMap() {
        List<Object> layers = new ArrayList<>();
        for (Choice choice : choices) {
            Map<String, Object> options = new LinkedHashMap<>();
            for (Precision precision : Precision.values()) {
                if (choice.bytes.get(precision) >= 0) {
                    options.put(precision.label(), Map.of("bytes", choice.bytes.get(precision), "error", choice.errors.get(precision)));
                }
            }
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("weight", choice.weight);
            map.put("operator", choice.op);
            map.put("shape", choice.shape);
            map.put("stored", choice.chosen.label());
            map.put("choices", options);
            map.put("activations", choice.bytesRead ? activations.label() : Activations.F32.label());
            if (!Double.isNaN(choice.bytesError)) {
                map.put("activationsError", choice.bytesError);
            }
            layers.add(map);
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("weights", wanted.label());
        map.put("activations", activations.label());
        map.put("budget", budget);
        map.put("error", error);
        map.put("withinBudget", withinBudget());
        map.put("bytesBefore", before);
        map.put("bytesAfter", after);
        map.put("layers", layers);
        return map;
    }
}
