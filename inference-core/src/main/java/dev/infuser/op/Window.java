package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.Dim;
import java.util.ArrayList;
import java.util.List;

/**
 * The sliding window of convolutions and poolings over {@code n} spatial axes.
 *
 * <p>Window {@code o} and kernel element {@code k} meet the padded plane at {@code o * stride + k * dilation - begin}.
 *
 * @param begin padding before each axis
 * @param end   padding after each axis
 */
record Window(int[] kernel, int[] strides, int[] dilations, int[] begin, int[] end) {

    /** The attribute of {@code n} integers, all at least {@code min}, or {@code fallback} for each when it is missing. */
    static int[] ints(Attributes attributes, String name, int n, int fallback, int min) {
        long[] values = attributes.ints(name);
        int[] out = new int[n];
        for (int i = 0; i < n; i++) {
            long value = values == null ? fallback : i < values.length ? values[i] : min - 1L;
            if (value < min || value > Integer.MAX_VALUE || values != null && values.length != n) {
                throw Axes.bad(name + " is not made for " + n + " spatial axes");
            }
            out[i] = (int) value;
        }
        return out;
    }

    /** Whether {@code auto_pad} keeps the extent, divided by the stride. */
    static boolean isSame(Attributes attributes) {
        return attributes.string("auto_pad", "NOTSET").startsWith("SAME");
    }

    /** The window that attributes describe, its pads resolved for a plane of {@code extents}; symbols where SAME allows. */
    static Window of(Attributes a, int[] kernel, List<Dim> extents) {
        int n = kernel.length;
        int[] strides = ints(a, "strides", n, 1, 1);
        int[] dilations = ints(a, "dilations", n, 1, 1);
        int[] begin = new int[n];
        int[] end = new int[n];
        String auto = a.string("auto_pad", "NOTSET");
        int[] pads = ints(a, "pads", 2 * n, 0, 0);
        for (int i = 0; i < n; i++) {
            if (auto.equals("NOTSET")) {
                begin[i] = pads[i];
                end[i] = pads[n + i];
            } else if (isSame(a) && extents.get(i).isConstant()) {
                int in = (int) extents.get(i).value();
                int out = (in + strides[i] - 1) / strides[i];
                int total = Math.max(0, (out - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - in);
                begin[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
                end[i] = total - begin[i];
            }
        }
        return new Window(kernel, strides, dilations, begin, end);
    }

    /** The number of windows along each axis; null where a symbol and {@code ceil} leave it open. */
    List<Dim> count(Attributes a, List<Dim> extents, boolean ceil) {
        List<Dim> out = new ArrayList<>();
        for (int i = 0; i < kernel.length; i++) {
            out.add(count(a, extents.get(i), i, ceil));
        }
        return out;
    }

    private Dim count(Attributes a, Dim extent, int i, boolean ceil) {
        int stride = strides[i];
        if (isSame(a)) {
            return shift(extent, stride - 1).floorDiv(Dim.of(stride));
        }
        int reach = (kernel[i] - 1) * dilations[i] + 1;
        int slack = begin[i] + end[i] - reach;
        if (extent.isConstant() && extent.value() + slack < 0) {
            if (ceil || extent.value() + slack <= -stride) {
                throw Axes.bad("a window of " + reach + " does not fit " + extent);
            }
        }
        if (!ceil) {
            return shift(extent, slack + stride).floorDiv(Dim.of(stride));
        }
        Dim count = shift(extent, slack + 2 * stride - 1).floorDiv(Dim.of(stride));
        if (!extent.isConstant()) {
            return stride + end[i] > reach ? null : count;
        }
        return (count.value() - 1) * stride >= extent.value() + begin[i] ? Dim.of(count.value() - 1) : count;
    }

    static Dim shift(Dim dim, long by) {
        return by < 0 ? dim.minus(Dim.of(-by)) : dim.plus(Dim.of(by));
    }

    /** The number of kernel elements. */
    int size() {
        return Axes.count(kernel, 0, kernel.length);
    }

    /**
     * For each kernel element, and each of {@code count} windows of the grid {@code windows} beginning with window
     * {@code first}: the index in a plane of extents {@code plane} where they meet, or -1 outside it.
     */
    int[][] table(int[] windows, int[] plane, int first, int count) {
        int n = kernel.length;
        if (count == 0) {
            return new int[size()][0];
        }
        int[][] base = new int[n][count];
        int[] at = coordinates(first, windows);
        for (int p = 0; p < count; p++) {
            for (int i = 0; i < n; i++) {
                base[i][p] = at[i] * strides[i] - begin[i];
            }
            next(at, windows);
        }
        int[][] table = new int[size()][count];
        int[] k = new int[n];
        for (int[] row : table) {
            for (int p = 0; p < count; p++) {
                int index = 0;
                for (int i = 0; i < n; i++) {
                    int x = base[i][p] + k[i] * dilations[i];
                    index = x < 0 || x >= plane[i] || index < 0 ? -1 : index * plane[i] + x;
                }
                row[p] = index;
            }
            next(k, kernel);
        }
        return table;
    }

    private static int[] coordinates(int index, int[] dims) {
        int[] at = new int[dims.length];
        for (int i = dims.length - 1; i >= 0; i--) {
            at[i] = index % dims[i];
            index /= dims[i];
        }
        return at;
    }

    private static void next(int[] at, int[] dims) {
        for (int i = dims.length - 1; i >= 0; i--) {
            if (++at[i] < dims[i]) {
                return;
            }
            at[i] = 0;
        }
    }
}
