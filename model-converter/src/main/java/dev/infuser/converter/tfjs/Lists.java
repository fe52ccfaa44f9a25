package dev.infuser.converter.tfjs;

import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lists of tensors while a graph is translated. Nodes pass them on by a name that no value has; what becomes of one depends
 * on what is known of it.
 */
final class Lists {

    /** What a list is in the graph. */
    sealed interface TensorList {
    }

    /**
     * Elements that are known one by one.
     *
     * @param elements with null for those that have not been written
     * @param size     an integer value, of a list that was made for so many; or null
     */
    record Parts(DType dtype, List<String> elements, String size) implements TensorList {
    }

    /** Elements of one shape along the first axis of a tensor. */
    record Stacked(String tensor) implements TensorList {
    }

    /** An ONNX sequence. */
    record Sequence(String value) implements TensorList {
    }

    /** A list into which every round of a loop writes one element. */
    record Slot(int number) implements TensorList {
    }

    /** A slot after that. */
    record Written(int number, String index, String element) implements TensorList {
    }

    /** That a slot is used for something else. */
    static final class NotASlot extends RuntimeException {
        private static final long serialVersionUID = 1;
        final int slot;

        NotASlot(int slot) {
            super(null, null, false, false);
            this.slot = slot;
        }
    }

    private static final Tensor FIRST = Tensor.longs(new int[0], 0);

    private final Map<String, TensorList> lists = new HashMap<>();

    boolean isList(String value) {
        return lists.containsKey(value);
    }

    String put(TensorList list) {
        String token = "list " + lists.size();
        lists.put(token, list);
        return token;
    }

    TensorList get(Ops ops, String token) {
        TensorList list = lists.get(token);
        if (list == null) {
            throw ops.unsupported("takes a list from something that is none");
        }
        return list;
    }

    /** As {@link #get}, of a list that a loop's slot must not be. */
    private TensorList own(Ops ops, String token) {
        TensorList list = get(ops, token);
        if (list instanceof Slot slot) {
            throw new NotASlot(slot.number);
        }
        if (list instanceof Written written) {
            throw new NotASlot(written.number);
        }
        return list;
    }

    String slot() {
        return put(new Slot(lists.size()));
    }

    String stacked(String tensor) {
        return put(new Stacked(tensor));
    }

    String sequence(String value) {
        return put(new Sequence(value));
    }

    /** An empty list that is made for {@code size} elements, or for any number where that is null. */
    String empty(DType dtype, String size) {
        return put(new Parts(dtype, List.of(), size));
    }

    /** The list as an ONNX sequence. */
    String asSequence(Ops ops, String token) {
        TensorList list = own(ops, token);
        if (list instanceof Sequence sequence) {
            return sequence.value;
        }
        if (list instanceof Stacked stacked) {
            return ops.op("SplitToSequence", Attributes.of("axis", 0, "keepdims", 0), stacked.tensor);
        }
        Parts parts = (Parts) list;
        if (!parts.elements.isEmpty() && !parts.elements.contains(null)) {
            return ops.op("SequenceConstruct", parts.elements.toArray(String[]::new));
        }
        if (parts.size == null) {
            return ops.op("SequenceEmpty", Attributes.of("dtype", parts.dtype.number()));
        }
        String blank = ops.constant(parts.dtype == DType.STRING ? Tensor.strings(new int[0], new String[] {""})
                : Tensor.zeros(parts.dtype, new int[0]));
        String sequence = ops.op("SplitToSequence", Attributes.of("axis", 0, "keepdims", 0),
                ops.op("Expand", blank, ops.longs(ops.reshape(parts.size, 1))));
        for (int i = 0; i < parts.elements.size(); i++) {
            if (parts.elements.get(i) != null) {
                sequence = replaced(ops, sequence, ops.constant(Tensor.longs(new int[0], i)), parts.elements.get(i));
            }
        }
        return sequence;
    }

    private static String replaced(Ops ops, String sequence, String index, String element) {
        return ops.op("SequenceInsert", ops.op("SequenceErase", sequence, index), element, index);
    }

    /** The elements along a new first axis. */
    String stack(Ops ops, String token) {
        TensorList list = own(ops, token);
        if (list instanceof Stacked stacked) {
            return stacked.tensor;
        }
        if (list instanceof Parts parts && !parts.elements.isEmpty() && !parts.elements.contains(null)) {
            return ops.concat(0, parts.elements.stream().map(part -> ops.unsqueeze(part, 0)).toList());
        }
        return ops.op("ConcatFromSequence", Attributes.of("axis", 0, "new_axis", 1), asSequence(ops, token));
    }

    /** The elements along the axis that is their first one. */
    String concat(Ops ops, String token) {
        TensorList list = own(ops, token);
        if (list instanceof Parts parts && !parts.elements.isEmpty() && !parts.elements.contains(null)) {
            return ops.concat(0, parts.elements);
        }
        return ops.op("ConcatFromSequence", Attributes.of("axis", 0, "new_axis", 0), asSequence(ops, token));
    }

    String at(Ops ops, String token, String index) {
        TensorList list = own(ops, token);
        long[] known = ops.knownLongs(index);
        if (list instanceof Stacked stacked) {
            return ops.op("Gather", Attributes.of("axis", 0), stacked.tensor, ops.reshape(index));
        }
        if (list instanceof Parts parts && known != null && known[0] >= 0 && known[0] < parts.elements.size()
                && parts.elements.get((int) known[0]) != null) {
            return parts.elements.get((int) known[0]);
        }
        return ops.op("SequenceAt", asSequence(ops, token), ops.longs(ops.reshape(index)));
    }

    /** The list with another element at an index. */
    String with(Ops ops, String token, String index, String element) {
        TensorList list = get(ops, token);
        if (list instanceof Slot slot) {
            return put(new Written(slot.number, index, element));
        }
        own(ops, token);
        long[] known = ops.knownLongs(index);
        if (list instanceof Parts parts && known != null && known[0] >= 0 && known[0] <= parts.elements.size()) {
            List<String> elements = new ArrayList<>(parts.elements);
            if (known[0] == elements.size()) {
                elements.add(element);
            } else {
                elements.set((int) known[0], element);
            }
            return put(new Parts(parts.dtype, elements, parts.size));
        }
        if (list instanceof Stacked stacked) {
            return put(new Stacked(written(ops, stacked.tensor, index, element)));
        }
        return sequence(replaced(ops, asSequence(ops, token), ops.longs(ops.reshape(index)), element));
    }

    /** A tensor with another slice along its first axis. */
    static String written(Ops ops, String tensor, String index, String element) {
        return ops.op("ScatterND", tensor, ops.longs(ops.reshape(index, 1, 1)), ops.unsqueeze(element, 0));
    }

    /** The list with one more element at its end. */
    String longer(Ops ops, String token, String element) {
        TensorList list = own(ops, token);
        if (list instanceof Parts parts && (parts.size == null || !parts.elements.isEmpty())) {
            List<String> elements = new ArrayList<>(parts.elements);
            elements.add(element);
            return put(new Parts(parts.dtype, elements, parts.size));
        }
        return sequence(ops.op("SequenceInsert", asSequence(ops, token), element));
    }

    /** The list without its last element, and that. */
    String[] shorter(Ops ops, String token) {
        TensorList list = own(ops, token);
        if (list instanceof Parts parts && !parts.elements.isEmpty() && !parts.elements.contains(null)) {
            int last = parts.elements.size() - 1;
            return new String[] {put(new Parts(parts.dtype, parts.elements.subList(0, last), null)),
                parts.elements.get(last)};
        }
        String sequence = asSequence(ops, token);
        String last = ops.constant(Tensor.longs(new int[0], -1));
        return new String[] {sequence(ops.op("SequenceErase", sequence, last)), ops.op("SequenceAt", sequence, last)};
    }

    /** The number of elements, int32. */
    String length(Ops ops, String token) {
        TensorList list = own(ops, token);
        if (list instanceof Parts parts) {
            return parts.size != null && parts.elements.isEmpty() ? ops.cast(ops.reshape(parts.size), DType.INT32)
                    : ops.constant(Tensor.ints(new int[0], parts.elements.size()));
        }
        if (list instanceof Stacked stacked) {
            String extents = ops.op("Shape", stacked.tensor);
            return ops.cast(ops.op("Gather", Attributes.of("axis", 0), extents, ops.constant(FIRST)), DType.INT32);
        }
        return ops.cast(ops.op("SequenceLength", ((Sequence) list).value), DType.INT32);
    }
}
