package dev.infuser.graph;

import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** The value of a node's attribute. */
public sealed interface Attribute {

    record OfInt(long value) implements Attribute {
    }

    record OfFloat(float value) implements Attribute {
    }

    record OfString(String value) implements Attribute {
    }

    record OfInts(List<Long> values) implements Attribute {
        public OfInts {
            values = List.copyOf(values);
        }
    }

    record OfFloats(List<Float> values) implements Attribute {
        public OfFloats {
            values = List.copyOf(values);
        }
    }

    record OfStrings(List<String> values) implements Attribute {
        public OfStrings {
            values = List.copyOf(values);
        }
    }

    record OfTensor(Tensor value) implements Attribute {
    }

    record OfGraph(Graph value) implements Attribute {
    }

    record OfType(ValueType value) implements Attribute {
    }
}
