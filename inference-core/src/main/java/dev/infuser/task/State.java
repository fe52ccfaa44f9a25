package dev.infuser.task;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model takes beside an input of a person, as its metadata say: states, which {@code state} names, and settings. A state takes
 * the output that {@code input.NAME.from} names, else states take the last outputs in order, of the run before. {@code input.NAME.value}
 * is what all elements of a setting are, and of a state at first (0 by default); {@code input.NAME.dims} are its extents, which it
 * needs where the model leaves some open.
 */
final class State {

    private final Map<String, Tensor> first = new HashMap<>();
    /** The output that a state takes. */
    private final Map<String, String> sources = new HashMap<>();
    private final Map<String, Tensor> now = new HashMap<>();

    /**
     * Prepares.
     *
     * @param task  as errors name it
     * @param given the inputs that are a person's
     */
    State(String task, ModelInfo model, List<String> given) {
        List<String> states = new ArrayList<>();
        String named = " " + model.says("state", "") + " ";
        for (ModelInfo.Port input : model.inputs()) {
            boolean state = named.contains(" " + input.name() + " ");
            boolean stated = model.metadata().containsKey("input." + input.name() + ".value");
            if (state) {
                states.add(input.name());
            }
            if (state || stated && !given.contains(input.name())) {
                first.put(input.name(), constant(task, model, input));
            } else if (!given.contains(input.name())) {
                throw ModelInfo.unfit(task, "nothing is known of its input " + input.name(),
                        "state input." + input.name() + ".value when converting it");
            }
        }
        if (states.size() >= model.outputs().size() && !states.isEmpty()) {
            throw ModelInfo.unfit(task, "it has fewer outputs than states", "");
        }
        states.sort((a, b) -> named.indexOf(" " + a + " ") - named.indexOf(" " + b + " "));
        for (int i = 0; i < states.size(); i++) {
            String last = model.outputs().get(model.outputs().size() - states.size() + i).name();
            String source = model.says("input." + states.get(i) + ".from", last);
            if (model.output(source) == null) {
                throw ModelInfo.unfit(task, "its state " + states.get(i) + " is to take an output that is not there: " + source,
                        "state input." + states.get(i) + ".from when converting it");
            }
            sources.put(states.get(i), source);
        }
        reset();
    }

    private static Tensor constant(String task, ModelInfo model, ModelInfo.Port input) {
        double[] stated = model.numbers("input." + input.name() + ".dims");
        int[] dims = input.dims().clone();
        for (int i = 0; i < dims.length; i++) {
            if (stated != null && stated.length == dims.length && stated[i] >= 0 && stated[i] < 1e6) {
                dims[i] = (int) stated[i];
            } else if (dims[i] == ModelInfo.Port.OPEN) {
                throw ModelInfo.unfit(task, "it leaves the size of its input " + input.name() + " open",
                        "state input." + input.name() + ".dims when converting it");
            }
        }
        double[] values = new double[Tensor.count(dims)];
        Arrays.fill(values, model.number("input." + input.name() + ".value", 0));
        return Tensor.ofDoubles(DType.ofLabel(input.type()), dims, values);
    }

    /** The inputs that take the same in all runs. */
    List<String> settings() {
        List<String> settings = new ArrayList<>();
        for (String name : first.keySet()) {
            if (!sources.containsKey(name)) {
                settings.add(name);
            }
        }
        return settings;
    }

    /** Makes states what they were at first. */
    void reset() {
        now.putAll(first);
    }

    /** The feeds of the next run, to which those of a person are to be added. */
    Map<String, Tensor> feeds() {
        return new HashMap<>(now);
    }

    /** Takes the outputs of a run. */
    void took(Map<String, Tensor> outputs) {
        sources.forEach((input, output) -> {
            Tensor value = outputs.get(output);
            // Else the elements would be where the next message comes to lie.
            value.array();
            now.put(input, value);
        });
    }
}
