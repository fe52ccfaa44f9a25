package dev.infuser.tensor;

import java.util.List;

/** A value of a running model: a {@link Tensor}, a sequence, or an optional that may hold nothing. */
public sealed interface Datum permits Tensor, Datum.Sequence, Datum.Optional {

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
}
