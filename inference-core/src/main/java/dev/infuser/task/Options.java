package dev.infuser.task;

import dev.infuser.tensor.InvalidInputException;
import java.util.List;
import java.util.Map;

/** What the caller of a task asks for beyond its defaults: numbers, texts and booleans by name. */
public record Options(Map<String, Object> values) {

    public static final Options NONE = new Options(Map.of());

    /**
     * Refuses names that a task does not know.
     *
     * @throws InvalidInputException with those that it does
     */
    public Options only(String... names) {
        for (String name : values.keySet()) {
            if (!List.of(names).contains(name)) {
                throw new InvalidInputException("unknown-option", name, "there is no option '" + name + "'",
                        "the options: " + String.join(", ", names), "check the name");
            }
        }
        return this;
    }

    /** A number from {@code least} to {@code most}, or {@code otherwise} where it is not given. */
    public double number(String name, double otherwise, double least, double most) {
        Object value = values.getOrDefault(name, otherwise);
        if (value instanceof Double number && number >= least && number <= most) {
            return number;
        }
        throw unfit(name, "a number from " + least + " to " + most);
    }

    /** A text, or {@code otherwise} where it is not given. */
    public String text(String name, String otherwise) {
        Object value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof String text) {
            return text;
        }
        throw unfit(name, "a text");
    }

    /** A boolean, or {@code otherwise} where it is not given. */
    public boolean flag(String name, boolean otherwise) {
        Object value = values.getOrDefault(name, otherwise);
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw unfit(name, "true or false");
    }

    private InvalidInputException unfit(String name, String wanted) {
        return new InvalidInputException("bad-option", name, "option '" + name + "' takes " + wanted, "found " + values.get(name), "");
    }
}
