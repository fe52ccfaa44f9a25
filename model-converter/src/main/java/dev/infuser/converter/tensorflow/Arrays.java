package dev.infuser.converter.tensorflow;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What moves elements and does not compute with them. */
public final class Arrays {

    private Arrays() {
    }

    /** {@code x} in the dimensions that an integer vector holds, one of which may be -1. */
    public static String reshape(Ops ops, String x, String dims) {
        return ops.op("Reshape", Attributes.of("allowzero", 1), x, ops.longs(dims));
    }

    /** The extents of {@code x}. */
    public static String shape(Ops ops, String x, DType dtype) {
        return ops.cast(ops.op("Shape", x), dtype);
    }

    /** Tensors of one shape along a new axis. */
    public static String pack(Ops ops, List<String> parts, long axis) {
        int at = ops.axis(axis, ops.rank(parts.get(0)) + 1);
        return ops.concat(at, parts.stream().map(part -> ops.unsqueeze(part, at)).toList());
    }

    /** The parts of {@code x} along an axis, without it. */
    public static String[] unpack(Ops ops, String x, int count, long axis) {
        int at = ops.axis(axis, ops.rank(x));
        String[] parts = split(ops, x, count, at);
        for (int i = 0; i < parts.length; i++) {
            parts[i] = ops.squeeze(parts[i], at);
        }
        return parts;
    }

    /** Equal parts of {@code x} along an axis. */
    public static String[] split(Ops ops, String x, int count, long axis) {
        int at = ops.axis(axis, ops.rank(x));
        return count == 1 ? new String[] {x} : ops.ops("Split", Attributes.of("axis", at, "num_outputs", count), count, x);
    }

    /** Parts of given extents along an axis, one of which may be -1. */
    public static String[] splitSizes(Ops ops, String x, long[] sizes, long axis) {
        int at = ops.axis(axis, ops.rank(x));
        long[] extents = sizes.clone();
        for (int i = 0; i < extents.length; i++) {
            if (extents[i] < 0) {
                extents[i] = ops.extent(x, at) - java.util.Arrays.stream(sizes).filter(size -> size >= 0).sum();
            }
        }
        return ops.ops("Split", Attributes.of("axis", at), extents.length, x, ops.vector(extents));
    }

    /**
     * Elements of {@code x} along an axis by index.
     *
     * @param batchDims axes that both begin with, along which they go together
     */
    public static String gather(Ops ops, String x, String indices, long axis, long batchDims) {
        int rank = ops.rank(x);
        int at = ops.axis(axis, rank);
        int batch = ops.axis(batchDims, ops.rank(indices) + 1);
        if (batch == 0) {
            return ops.op("Gather", Attributes.of("axis", at), x, indices);
        }
        if (at != batch) {
            throw ops.unsupported("gathers along axis " + at + " with " + batch + " batch dimensions");
        }
        String by = ops.unsqueeze(indices, ops.rank(indices));
        return ops.op("GatherND", Attributes.of("batch_dims", batch), x, ops.longs(by));
    }

    public static String gatherNd(Ops ops, String x, String indices) {
        return ops.op("GatherND", x, ops.longs(indices));
    }

    /** {@code x} with {@code paddings} elements {@code [rank, 2]} before and after each axis. */
    public static String pad(Ops ops, String x, String paddings, String mode, String value) {
        if (mode.equals("symmetric")) {
            return symmetric(ops, x, ops.longs(paddings, "paddings"));
        }
        List<String> before = new ArrayList<>();
        List<String> after = new ArrayList<>();
        List<Long> axes = new ArrayList<>();
        String flat = ops.longs(ops.reshape(paddings, -1));
        for (int i = 0; i < ops.rank(x); i++) {
            Long first = ops.known(flat, 2 * i);
            Long last = ops.known(flat, 2 * i + 1);
            if (first == null || last == null || first != 0 || last != 0) {
                before.add(first == null ? at(ops, flat, 2 * i) : ops.vector(first));
                after.add(last == null ? at(ops, flat, 2 * i + 1) : ops.vector(last));
                axes.add((long) i);
            }
        }
        if (axes.isEmpty()) {
            return x;
        }
        before.addAll(after);
        return ops.op("Pad", Attributes.of("mode", mode), x, ops.concat(0, before), value == null ? "" : value,
                ops.vector(axes.stream().mapToLong(Long::longValue).toArray()));
    }

    /** Mirrored at the edges, which are repeated. */
    private static String symmetric(Ops ops, String x, long[] paddings) {
        String result = x;
        for (int axis = 0; axis < paddings.length / 2; axis++) {
            long before = paddings[2 * axis];
            long after = paddings[2 * axis + 1];
            List<String> parts = new ArrayList<>();
            if (before > 0) {
                parts.add(ops.op("Slice", result, ops.vector(before - 1), ops.vector(Long.MIN_VALUE), ops.vector(axis),
                        ops.vector(-1)));
            }
            parts.add(result);
            if (after > 0) {
                parts.add(ops.op("Slice", result, ops.vector(-1), ops.vector(-after - 1), ops.vector(axis), ops.vector(-1)));
            }
            result = ops.concat(axis, parts);
        }
        return result;
    }

    /** The {@code size} elements from {@code begin} of every axis; -1 for all that are left. */
    public static String slice(Ops ops, String x, String begin, String size) {
        List<String> starts = new ArrayList<>();
        List<String> ends = new ArrayList<>();
        List<Long> axes = new ArrayList<>();
        for (int i = 0; i < ops.rank(x); i++) {
            Long from = ops.known(begin, i);
            Long extent = ops.known(size, i);
            if (from != null && from == 0 && extent != null && extent < 0) {
                continue;
            }
            String start = from == null ? at(ops, ops.longs(begin), i) : ops.vector(from);
            if (extent != null && (extent < 0 || from != null)) {
                ends.add(ops.vector(extent < 0 ? Long.MAX_VALUE : from + extent));
            } else {
                String open = at(ops, ops.longs(size), i);
                String end = ops.op("Add", start, open);
                ends.add(extent != null ? end : ops.op("Where", ops.op("Less", open, ops.vector(0)),
                        ops.vector(Long.MAX_VALUE), end));
            }
            starts.add(start);
            axes.add((long) i);
        }
        return axes.isEmpty() ? x : ops.op("Slice", x, ops.concat(0, starts), ops.concat(0, ends),
                ops.vector(axes.stream().mapToLong(Long::longValue).toArray()));
    }

    /** {@code value}, of no dimensions, in the dimensions that an integer vector holds. */
    public static String fill(Ops ops, String dims, String value) {
        return ops.op("Expand", value, ops.longs(dims));
    }

    public static String range(Ops ops, String start, String limit, String delta) {
        return ops.op("Range", start, limit, delta);
    }

    /** Zeros and ones as TensorFlow's one_hot has them: {@code on} at the index along an axis, {@code off} elsewhere. */
    public static String oneHot(Ops ops, String indices, String depth, String on, String off, long axis) {
        String values = ops.concat(0, List.of(ops.reshape(off, 1), ops.reshape(on, 1)));
        return ops.op("OneHot", Attributes.of("axis", axis), inside(ops, indices, depth), depth, values);
    }

    /** Indices with those below zero moved out of range: ONNX would count them from the end. */
    private static String inside(Ops ops, String indices, String depth) {
        return ops.op("Where", ops.op("Less", indices, ops.like(indices, 0)), ops.cast(depth, ops.dtype(indices)), indices);
    }

    /** The places where {@code condition} holds: int64 {@code [count, rank]}. */
    public static String where(Ops ops, String condition) {
        String holds = ops.cast(condition, DType.BOOL);
        return ops.transpose(ops.op("NonZero", holds), 1, 0);
    }

    /** {@code x} where {@code condition} holds, else {@code y}; a vector of conditions chooses rows. */
    public static String select(Ops ops, String condition, String x, String y) {
        int rank = ops.rank(x);
        int known = ops.rank(condition);
        String wide = condition;
        if (known == 1 && rank > 1) {
            long[] axes = new long[rank - 1];
            for (int i = 0; i < axes.length; i++) {
                axes[i] = i + 1;
            }
            wide = ops.unsqueeze(condition, axes);
        }
        return ops.op("Where", wide, x, y);
    }

    /** The {@code k} greatest elements along the last axis, and their int32 indices. */
    public static String[] topK(Ops ops, String x, String k, boolean sorted) {
        String[] found = ops.ops("TopK", Attributes.of("axis", -1, "sorted", sorted ? 1 : 0), 2, x,
                ops.longs(ops.reshape(k, 1)));
        return new String[] {found[0], ops.cast(found[1], DType.INT32)};
    }

    /** The elements of a batch as blocks of the spatial axes, less crops {@code [axes, 2]}. */
    public static String batchToSpace(Ops ops, String x, long[] block, String crops) {
        int n = block.length;
        int rank = ops.rank(x);
        List<String> dims = new ArrayList<>();
        List<Long> perm = new ArrayList<>();
        List<String> joined = new ArrayList<>();
        long size = java.util.Arrays.stream(block).reduce(1, (a, b) -> a * b);
        String shape = ops.op("Shape", x);
        for (long extent : block) {
            dims.add(ops.vector(extent));
        }
        dims.add(ops.op("Div", at(ops, shape, 0), ops.vector(size)));
        perm.add((long) n);
        joined.add(dims.get(n));
        for (int i = 1; i < rank; i++) {
            String extent = at(ops, shape, i);
            dims.add(extent);
            perm.add((long) n + i);
            if (i <= n) {
                perm.add((long) i - 1);
                joined.add(ops.op("Mul", extent, ops.vector(block[i - 1])));
            } else {
                joined.add(extent);
            }
        }
        String parted = ops.op("Reshape", x, ops.concat(0, dims));
        String moved = ops.transpose(parted, perm.stream().mapToLong(Long::longValue).toArray());
        return crop(ops, ops.op("Reshape", moved, ops.concat(0, joined)), n, crops);
    }

    /** The spatial axes without so many elements at their begin and end. */
    public static String crop(Ops ops, String x, int axes, String crops) {
        String shape = ops.op("Shape", x);
        long[] known = ops.knownLongs(crops);
        String result = x;
        for (int i = 0; i < axes; i++) {
            if (known != null && known[2 * i] == 0 && known[2 * i + 1] == 0) {
                continue;
            }
            String row = ops.reshape(ops.slice(ops.longs(crops), 0, i, i + 1), -1);
            String end = ops.op("Sub", at(ops, shape, i + 1), at(ops, row, 1));
            result = ops.op("Slice", result, at(ops, row, 0), end, ops.vector(i + 1));
        }
        return result;
    }

    /** The spatial axes with zeros before and after, {@code [axes, 2]} of them. */
    public static String padSpatial(Ops ops, String x, int axes, String paddings) {
        long[] known = ops.knownLongs(paddings);
        if (known != null && java.util.Arrays.stream(known).allMatch(pad -> pad == 0)) {
            return x;
        }
        String flat = ops.longs(ops.reshape(paddings, -1));
        List<String> pads = new ArrayList<>();
        long[] places = new long[axes];
        for (int i = 0; i < 2 * axes; i++) {
            Long pad = ops.known(flat, i % axes * 2 + i / axes);
            pads.add(pad == null ? at(ops, flat, i % axes * 2 + i / axes) : ops.vector(pad));
            places[i % axes] = i % axes + 1;
        }
        return ops.op("Pad", x, ops.concat(0, pads), "", ops.vector(places));
    }

    /** Blocks of the padded spatial axes as elements of a batch. */
    public static String spaceToBatch(Ops ops, String x, long[] block, String paddings) {
        int n = block.length;
        int rank = ops.rank(x);
        String padded = padSpatial(ops, x, n, paddings);
        String shape = ops.op("Shape", padded);
        long size = java.util.Arrays.stream(block).reduce(1, (a, b) -> a * b);
        List<String> dims = new ArrayList<>(List.of(at(ops, shape, 0)));
        List<Long> perm = new ArrayList<>();
        List<Long> rest = new ArrayList<>(List.of(0L));
        List<String> joined = new ArrayList<>(List.of(ops.op("Mul", at(ops, shape, 0), ops.vector(size))));
        for (int i = 1; i < rank; i++) {
            String extent = at(ops, shape, i);
            if (i <= n) {
                extent = ops.op("Div", extent, ops.vector(block[i - 1]));
                dims.add(extent);
                rest.add((long) dims.size() - 1);
                dims.add(ops.vector(block[i - 1]));
                perm.add((long) dims.size() - 1);
            } else {
                dims.add(extent);
                rest.add((long) dims.size() - 1);
            }
            joined.add(extent);
        }
        perm.addAll(rest);
        String parted = ops.op("Reshape", padded, ops.concat(0, dims));
        return ops.op("Reshape", ops.transpose(parted, perm.stream().mapToLong(Long::longValue).toArray()),
                ops.concat(0, joined));
    }

    private static String at(Ops ops, String shape, int i) {
        return ops.op("Gather", Attributes.of("axis", 0), shape,
                ops.constant(Tensor.ofLongs(DType.INT64, new int[] {1}, new long[] {i})));
    }

    /** {@code x} from behind along axes. */
    public static String reverse(Ops ops, String x, long[] axes) {
        String result = x;
        for (long axis : axes) {
            result = ops.op("Slice", result, ops.vector(-1), ops.vector(Long.MIN_VALUE), ops.vector(axis), ops.vector(-1));
        }
        return result;
    }

    /** The sums of updates {@code [.., parts]} by index {@code [.., k]}, in the dimensions that an integer vector holds. */
    public static String scatterNd(Ops ops, String indices, String updates, String dims) {
        String zeros = fill(ops, dims, ops.like(updates, 0));
        return ops.op("ScatterND", Attributes.of("reduction", "add"), zeros, ops.longs(indices), updates);
    }

    /**
     * {@code x} with {@code part}, of known extents, in place of the elements from {@code start} of every axis.
     *
     * @param start an int64 vector
     */
    public static String update(Ops ops, String x, String part, String start) {
        int rank = ops.rank(x);
        int[] dims = new int[rank + 1];
        for (int i = 0; i < rank; i++) {
            dims[i] = Math.toIntExact(ops.extent(part, i));
        }
        dims[rank] = rank;
        long[] places = new long[Tensor.count(dims)];
        for (int i = 0; i < places.length; i++) {
            int rest = i / rank;
            for (int axis = rank - 1; axis > i % rank; axis--) {
                rest /= dims[axis];
            }
            places[i] = rest % dims[i % rank];
        }
        return ops.op("ScatterND", x, ops.op("Add", ops.constant(Tensor.longs(dims, places)), start), part);
    }

    /**
     * Rows of {@code x} that have one number put together.
     *
     * @param reduction {@code add}, {@code mul}, {@code max} or {@code min}
     * @param ids       the numbers, which may have more axes in common with {@code x}; rows below zero are left out
     * @param count     how many there are, or null where the last number is the greatest
     */
    public static String segment(Ops ops, String reduction, String x, String ids, String count) {
        int common = ops.rank(ids);
        String numbers = ops.reshape(ops.longs(ids), -1);
        String size = count == null ? ops.op("Add", ops.slice(numbers, 0, -1, Long.MAX_VALUE), ops.vector(1))
                : ops.reshape(ops.longs(count), 1);
        String inner = ops.slice(ops.op("Shape", x), 0, common, Long.MAX_VALUE);
        String rows = common == 1 ? x : ops.op("Reshape", x, ops.concat(0, List.of(ops.vector(-1), inner)));
        DType dtype = ops.dtype(x);
        double first = reduction.equals("add") ? 0 : reduction.equals("mul") ? 1
                : (reduction.equals("max") ? -1 : 1) * (dtype.isFloat() ? Float.MAX_VALUE : Math.scalb(1.0, dtype.bits() - 1));
        if (!dtype.isFloat() && reduction.equals("min")) {
            first--;
        }
        String dims = ops.concat(0, List.of(ops.op("Add", size, ops.vector(1)), inner));
        String places = ops.op("Where", ops.op("Less", numbers, ops.vector(0)), size, numbers);
        String all = ops.op("ScatterND", Attributes.of("reduction", reduction), fill(ops, dims, ops.like(x, first)),
                ops.unsqueeze(places, 1), rows);
        return ops.op("Slice", all, ops.vector(0), size, ops.vector(0));
    }
}
