package dev.infuser.tensor;

/** What is known of a value before it is computed. */
public sealed interface ValueType {

    /**
     * A tensor.
     *
     * @param shape the shape, or null where not even the rank is known
     */
    record OfTensor(DType dtype, Shape shape) implements ValueType {
        @Override
        public String toString() {
            return dtype.label() + (shape == null ? "[...]" : shape.toString());
        }
    }

    /** A sequence of values of one type. */
    record OfSequence(ValueType element) implements ValueType {
        @Override
        public String toString() {
            return "sequence<" + element + ">";
        }
    }

    /** A value that may be absent. */
    record OfOptional(ValueType element) implements ValueType {
        @Override
        public String toString() {
            return "optional<" + element + ">";
        }
    }

    /** A map from keys of one type, integers or strings, to elements of another. */
    record OfMap(DType key, DType value) implements ValueType {
        @Override
        public String toString() {
            return "map<" + key.label() + ", " + value.label() + ">";
        }
    }

    static OfTensor tensor(DType dtype, Shape shape) {
        return new OfTensor(dtype, shape);
    }

    static OfTensor tensor(DType dtype, long... dims) {
        return new OfTensor(dtype, Shape.of(dims));
    }
}
