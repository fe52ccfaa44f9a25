package dev.infuser.tensor;

import java.util.List;

/** A value of a running model: a {@link Tensor}, a sequence, an optional that may hold nothing, or a map. */
public sealed interface Datum permits Tensor, Datum.Sequence, Datum.Optional, Datum.Map {

    /** A sequence; its elements are all of one kind. */
    record Sequence(List<Datum> elements) implements Datum {
        public Sequence {
            elements = List.copyOf(elements);
        }
    }

    /** An optional; {@code value} is null when it is absent. */
    record Optional(Datum value) implements Datum {
        public static final Optional ABSENT = new Optional(null);
    }

    /**
     * A map from integers or strings to elements, in the order of their keys.
     *
     * @param keys   a vector of keys, no two of them equal
     * @param values a vector of the element that belongs to each
     */
    record Map(Tensor keys, Tensor values) implements Datum {
        public Map {
            if (keys.rank() != 1 || values.rank() != 1 || keys.size() != values.size()) {
                throw new InvalidInputException("bad-map", "", "a map needs as many values as keys", "found keys " + keys
                        + " and values " + values, "");
            }
        }
    }
}
