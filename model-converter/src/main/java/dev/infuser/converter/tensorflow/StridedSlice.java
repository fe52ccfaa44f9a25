package dev.infuser.converter.tensorflow;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of a tensor as {@code x[1:, ::2, ..., None, 3]} says it: one entry for each of some axes, whose masks are bits by
 * entry. Source: TensorFlow's {@code tf.strided_slice}.
 *
 * @param beginMask  entries whose begin does not count
 * @param endMask    entries whose end does not count
 * @param ellipsis   the entry that stands for all axes that no other does
 * @param newAxis    entries that add an axis of extent 1
 * @param shrinkAxis entries that take one place of their axis, which goes
 */
public record StridedSlice(long beginMask, long endMask, long ellipsis, long newAxis, long shrinkAxis) {

    private static final long END = Long.MAX_VALUE;

    /** Which elements of which axes are taken, as inputs of ONNX's Slice; values of one element, or constants. */
    private static final class Ranges {
        final List<Long> axes = new ArrayList<>();
        final List<String> starts = new ArrayList<>();
        final List<String> ends = new ArrayList<>();
        final List<Long> steps = new ArrayList<>();
    }

    /** The part of {@code x}; {@code begin}, {@code end} and {@code strides} are integer vectors. */
    public String of(Ops ops, String x, String begin, String end, String strides) {
        long[] steps = ops.longs(strides, "strides");
        int rank = ops.rank(x);
        int added = Long.bitCount(newAxis & (1L << steps.length) - 1);
        Ranges ranges = new Ranges();
        List<Long> gone = new ArrayList<>();
        List<Long> fresh = new ArrayList<>();
        int axis = 0;
        int place = 0;
        String result = x;
        for (int i = 0; i < steps.length; i++) {
            if (is(ellipsis, i)) {
                int skipped = rank - (steps.length - 1 - added);
                axis += skipped;
                place += skipped;
            } else if (is(newAxis, i)) {
                fresh.add((long) place++);
            } else {
                if (axis >= rank) {
                    throw ops.unsupported("takes a part of more dimensions than there are");
                }
                if (is(shrinkAxis, i)) {
                    gone.add((long) axis);
                    one(ops, ranges, axis, begin, i);
                } else {
                    range(ops, ranges, axis, begin, end, steps, i);
                    place++;
                }
                axis++;
            }
        }
        if (!ranges.axes.isEmpty()) {
            result = ops.op("Slice", result, ops.concat(0, ranges.starts), ops.concat(0, ranges.ends),
                    ops.vector(longs(ranges.axes)), ops.vector(longs(ranges.steps)));
        }
        return ops.unsqueeze(ops.squeeze(result, longs(gone)), longs(fresh));
    }

    private static boolean is(long mask, int bit) {
        return (mask >> bit & 1) != 0;
    }

    private void range(Ops ops, Ranges ranges, int axis, String begin, String end, long[] steps, int i) {
        boolean fromStart = is(beginMask, i);
        boolean toEnd = is(endMask, i);
        boolean back = steps[i] < 0;
        if (fromStart && toEnd && steps[i] == 1) {
            return;
        }
        ranges.axes.add((long) axis);
        ranges.starts.add(fromStart ? ops.vector(back ? END : 0) : element(ops, begin, i));
        ranges.ends.add(toEnd ? ops.vector(back ? Long.MIN_VALUE : END) : element(ops, end, i));
        ranges.steps.add(steps[i]);
    }

    /** The place {@code begin[i]} of an axis, counted from the end where it is negative. */
    private static void one(Ops ops, Ranges ranges, int axis, String begin, int i) {
        String start = element(ops, begin, i);
        long[] known = ops.knownLongs(start);
        ranges.axes.add((long) axis);
        ranges.starts.add(start);
        if (known != null) {
            ranges.ends.add(ops.vector(known[0] == -1 ? END : known[0] + 1));
        } else {
            String next = ops.op("Add", start, ops.vector(1));
            ranges.ends.add(ops.op("Where", ops.op("Equal", next, ops.vector(0)), ops.vector(END), next));
        }
        ranges.steps.add(1L);
    }

    private static String element(Ops ops, String vector, int i) {
        long[] known = ops.knownLongs(vector);
        return known != null ? ops.vector(known[i]) : ops.longs(ops.op("Gather", Attributes.of("axis", 0), vector,
                ops.constant(Tensor.ofLongs(DType.INT64, new int[] {1}, new long[] {i}))));
    }

    private static long[] longs(List<Long> list) {
        return list.stream().mapToLong(Long::longValue).toArray();
    }
}
