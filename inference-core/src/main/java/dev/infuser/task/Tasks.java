package dev.infuser.task;

import dev.infuser.tensor.InvalidInputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Tasks by name, as far as a program has added them. */
public final class Tasks {

    /** What a task takes. */
    public enum Input { PICTURE, TEXTS, SOUND }

    /**
     * How a task is made.
     *
     * @param models   names of the models it cannot do without
     * @param optional names of those it can
     */
    public record Row(String name, Input input, List<String> models, List<String> optional,
            Function<Map<String, ModelInfo>, Task<?, ?>> make) {

        /** A task with one model. */
        public static Row of(String name, Input input, Function<ModelInfo, Task<?, ?>> make) {
            return new Row(name, input, List.of(Runs.MODEL), List.of(), models -> make.apply(models.get(Runs.MODEL)));
        }
    }

    private static final Map<String, Row> ROWS = new LinkedHashMap<>();

    private Tasks() {
    }

    /** Adds tasks. */
    public static void add(List<Row> rows) {
        for (Row row : rows) {
            ROWS.put(row.name(), row);
        }
    }

    /**
     * The task of a name.
     *
     * @throws InvalidInputException where there is none
     */
    public static Row row(String name) {
        Row row = ROWS.get(name);
        if (row == null) {
            throw new InvalidInputException("unknown-task", "", "there is no task '" + name + "'",
                    "tasks here: " + String.join(", ", ROWS.keySet()), "check the name");
        }
        return row;
    }

    /**
     * Checks which models are there.
     *
     * @throws InvalidInputException where one is missing or not known
     */
    public static Task<?, ?> make(Row row, Map<String, ModelInfo> models) {
        for (String name : row.models()) {
            if (!models.containsKey(name)) {
                throw wrong(row, "misses the model '" + name + "'");
            }
        }
        for (String name : models.keySet()) {
            if (!row.models().contains(name) && !row.optional().contains(name)) {
                throw wrong(row, "has no model '" + name + "'");
            }
        }
        return row.make().apply(models);
    }

    private static InvalidInputException wrong(Row row, String message) {
        return new InvalidInputException("bad-models", "", "the task " + row.name() + " " + message,
                "it takes " + String.join(", ", row.models())
                        + (row.optional().isEmpty() ? "" : ", and may take " + String.join(", ", row.optional())), "");
    }
}
