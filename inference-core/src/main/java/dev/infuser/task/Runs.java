package dev.infuser.task;

import dev.infuser.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The runs of models that a task waits for, in order, and what it does with the outputs of each, which may be to add others. */
public final class Runs {

    /** The name of a task's model where it has but one. */
    public static final String MODEL = "model";

    /**
     * A run that is wanted.
     *
     * @param model   the name that the task gives the model
     * @param outputs those wanted, or none for all
     */
    public record Run(String model, Map<String, Tensor> feeds, List<String> outputs, Consumer<Map<String, Tensor>> then) {
    }

    private final ArrayDeque<Run> waiting = new ArrayDeque<>();

    /** Asks for a run after all others. */
    public void add(String model, Map<String, Tensor> feeds, Consumer<Map<String, Tensor>> then) {
        add(model, feeds, List.of(), then);
    }

    /** Asks for a run, after all others, of which some outputs are wanted. */
    public void add(String model, Map<String, Tensor> feeds, List<String> outputs, Consumer<Map<String, Tensor>> then) {
        waiting.add(new Run(model, feeds, outputs, then));
    }

    /** The run that is next, or null where none is left. */
    public Run next() {
        return waiting.peek();
    }

    /** Takes the outputs of {@link #next}, by name. */
    public void took(Map<String, Tensor> outputs) {
        waiting.remove().then().accept(outputs);
    }
}
