package dev.infuser.op;

import dev.infuser.graph.Attribute;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Sequences of tensors ({@code SequenceEmpty}, {@code SequenceConstruct}, {@code SequenceInsert}, {@code SequenceErase},
 * {@code SequenceAt}, {@code SequenceLength}, {@code SplitToSequence}, {@code ConcatFromSequence}) and optional values
 * ({@code Optional}, {@code OptionalHasElement}, {@code OptionalGetElement}). Negative positions count from the end; a
 * missing one means the end.
 */
final class Sequences implements Operator {

    private final String name;

    Sequences(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return Collections.singletonList(type(c));
    }

    private ValueType type(InferContext c) {
        switch (name) {
            case "SequenceEmpty":
                DType dtype = DType.ofNumber((int) c.attributes().integer("dtype", 1));
                if (dtype == null) {
                    throw c.fail("no element type " + c.attributes().integer("dtype", 1));
                }
                return new ValueType.OfSequence(ValueType.tensor(dtype, (Shape) null));
            case "SequenceConstruct":
                ValueType all = c.type(0);
                for (int i = 1; i < c.inputs(); i++) {
                    all = If.merge(c, all, c.type(i));
                }
                return new ValueType.OfSequence(all);
            case "SequenceInsert":
                return new ValueType.OfSequence(If.merge(c, element(c), c.type(1)));
            case "SequenceErase":
                return c.type(0);
            case "SequenceAt":
                return element(c);
            case "SequenceLength":
                return ValueType.tensor(DType.INT64);
            case "SplitToSequence":
                return new ValueType.OfSequence(split(c));
            case "ConcatFromSequence":
                return joined(c);
            case "Optional":
                return new ValueType.OfOptional(c.has(0) ? c.type(0)
                        : c.attributes().map().get("type") instanceof Attribute.OfType t ? t.value() : null);
            case "OptionalHasElement":
                return ValueType.tensor(DType.BOOL);
            default:
                return c.type(0) instanceof ValueType.OfOptional o ? o.element() : c.type(0);
        }
    }

    private static ValueType element(InferContext c) {
        if (c.type(0) instanceof ValueType.OfSequence s) {
            return s.element();
        }
        throw c.fail("input 0 must be a sequence, found " + c.type(0));
    }

    private static ValueType split(InferContext c) {
        Shape shape = c.shape(0);
        int axis = c.axis(c.attributes().integer("axis", 0), shape.rank());
        if (!c.has(1)) {
            boolean keep = c.attributes().flag("keepdims", true);
            return ValueType.tensor(c.dtype(0), Axes.splice(shape, axis, axis + 1, keep ? List.of(Dim.ONE) : List.of()));
        }
        return ValueType.tensor(c.dtype(0), Axes.with(shape, axis, c.unknown()));
    }

    private static ValueType joined(InferContext c) {
        if (!(element(c) instanceof ValueType.OfTensor t) || t.shape() == null) {
            return element(c);
        }
        boolean fresh = c.attributes().flag("new_axis", false);
        int axis = c.axis(c.attributes().integer("axis"), t.shape().rank() + (fresh ? 1 : 0));
        return ValueType.tensor(t.dtype(), Axes.splice(t.shape(), axis, fresh ? axis : axis + 1, List.of(c.unknown())));
    }

    /** The elements of a sequence input. */
    static List<Datum> elements(EvalContext c, int input) {
        if (c.datum(input) instanceof Datum.Sequence s) {
            return s.elements();
        }
        throw c.fail("input " + input + " must be a sequence");
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        return List.of(value(c));
    }

    private Datum value(EvalContext c) {
        switch (name) {
            case "SequenceEmpty":
                return new Datum.Sequence(List.of());
            case "SequenceConstruct":
                List<Datum> all = new ArrayList<>();
                for (int i = 0; i < c.inputs(); i++) {
                    all.add(c.datum(i));
                }
                return new Datum.Sequence(all);
            case "SequenceInsert":
                List<Datum> longer = new ArrayList<>(elements(c, 0));
                longer.add(position(c, 2, longer.size(), longer.size() + 1), c.datum(1));
                return new Datum.Sequence(longer);
            case "SequenceErase":
                List<Datum> shorter = new ArrayList<>(elements(c, 0));
                shorter.remove(position(c, 1, shorter.size(), shorter.size()));
                return new Datum.Sequence(shorter);
            case "SequenceAt":
                return elements(c, 0).get(position(c, 1, elements(c, 0).size(), elements(c, 0).size()));
            case "SequenceLength":
                return Tensor.longs(new int[0], elements(c, 0).size());
            case "SplitToSequence":
                return new Datum.Sequence(split(c));
            case "ConcatFromSequence":
                return join(c);
            case "Optional":
                return new Datum.Optional(c.has(0) ? c.datum(0) : null);
            case "OptionalHasElement":
                boolean present = c.has(0) && (!(c.datum(0) instanceof Datum.Optional o) || o.value() != null);
                return Tensor.of(DType.BOOL, new int[0], new byte[] {(byte) (present ? 1 : 0)});
            default:
                Datum value = c.datum(0) instanceof Datum.Optional o ? o.value() : c.datum(0);
                if (value == null) {
                    throw c.fail("the optional holds nothing");
                }
                return value;
        }
    }

    private static int position(EvalContext c, int input, int length, int limit) {
        long at = c.has(input) ? Axes.integer(c.tensor(input)) : limit - 1;
        at = at < 0 && c.has(input) ? at + length : at;
        if (at < 0 || at >= limit) {
            throw c.fail("position " + at + " is outside a sequence of " + length);
        }
        return (int) at;
    }

    private static List<Datum> split(EvalContext c) {
        Tensor in = c.tensor(0);
        int axis = c.axis(c.attributes().integer("axis", 0), in.rank());
        int extent = in.dim(axis);
        long[] extents = c.longs(1, null);
        if (extents == null || c.tensor(1).rank() == 0) {
            long chunk = extents == null ? 1 : Axes.integer(c.tensor(1));
            if (chunk < 1) {
                throw c.fail("cannot split into parts of " + chunk);
            }
            extents = new long[(int) ((extent + chunk - 1) / chunk)];
            for (int i = 0; i < extents.length; i++) {
                extents[i] = Math.min(chunk, extent - i * chunk);
            }
        }
        List<Datum> parts = new ArrayList<>();
        for (Tensor part : Split.parts(in, axis, extents)) {
            boolean drop = !c.has(1) && !c.attributes().flag("keepdims", true);
            parts.add(drop ? part.reshape(Axes.splice(part.shape(), axis, axis + 1, List.of()).toInts()) : part);
        }
        return parts;
    }

    private static Tensor join(EvalContext c) {
        List<Tensor> parts = new ArrayList<>();
        boolean fresh = c.attributes().flag("new_axis", false);
        int axis = 0;
        for (Datum datum : elements(c, 0)) {
            Tensor part = (Tensor) datum;
            axis = c.axis(c.attributes().integer("axis"), part.rank() + (fresh ? 1 : 0));
            parts.add(fresh ? part.reshape(Axes.splice(part.shape(), axis, axis, List.of(Dim.ONE)).toInts()) : part);
        }
        if (parts.isEmpty()) {
            throw c.fail("nothing to join");
        }
        return Concat.join(parts, axis);
    }
}
