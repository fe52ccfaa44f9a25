package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * Convolution of {@code X [N, D1..Dn, C]} to {@code Y [N, O1..On, M]} with a fused epilogue, f32, for n from 1 to 3
 * spatial axes; or, transposed, the gradient of one with respect to its input. Nothing is copied on the way: rows of a
 * matrix product are windows, read where they lie. Extents may be 0, and windows may hang over any edge.
 *
 * <p>The weights are the matrix {@code [k1 * .. * kn * C / group, M]}, or {@code [k1 * .. * kn * C, M / group]} when
 * transposed: in panels, perhaps of narrower numbers, or row-major.
 *
 * <p>Slots: {@code x w y} addresses; {@code scratch} 16-aligned address of {@link #scratchBytes} free bytes;
 * {@code n} batch size; {@code c m} channels and filters; {@code ldy} bytes from one pixel of Y to the next; per spatial axis i {@code in_i out_i} extents
 * and {@code pad_i}, the zeros before the input, or the outputs cut off when transposed; and those of the extras, whose
 * rows are pixels; last the {@code scales} of weights that have 4 bits.
 *
 * @param kernel    extents of the window
 * @param channels  constant C, or {@link Kernel#DYNAMIC}
 * @param filters   constant M, {@link Gemm#WHOLE} or {@link Kernel#DYNAMIC}
 * @param group     groups; where each channel is convolved by itself, what {@code channels} and {@code filters} are
 * @param weights   how the weights are stored, in panels or row-major
 * @param extras    further inputs of the epilogue, of element F32
 * @param epilogue  what is stored; input 0 is the convolution, input {@code 1 + e} extra e
 */
public record Conv(List<Integer> kernel, List<Integer> strides, List<Integer> dilations, int channels, int filters,
        int group, boolean transposed, Gemm.Layout weights, List<Operand> extras, Expr epilogue) implements Kernel {

    static final int X = 0;
    static final int W = 1;
    static final int Y = 2;
    static final int SCRATCH = 3;
    static final int N = 4;
    static final int LDY = 5;
    static final int C = 6;
    static final int M = 7;
    /** First slot of axis 0; {@link #AXIS} per axis. */
    static final int AXES = 8;
    static final int AXIS = 3;

    /** Refuses what the template cannot do. */
    public Conv {
        kernel = List.copyOf(kernel);
        strides = List.copyOf(strides);
        dilations = List.copyOf(dilations);
        extras = List.copyOf(extras);
        if (kernel.isEmpty() || kernel.size() > 3 || channels % group != 0 || filters % group != 0) {
            throw new IllegalArgumentException("kernel " + kernel + ", " + channels + " channels in " + group + " groups");
        }
        Epilogue.check(epilogue, extras);
    }

    /**
     * A convolution of which the kernel knows c and m as far as it gains by them: where one of them is at most 4, where they are
     * in groups of several, and where weights lie in rows of them.
     */
    public static Conv of(List<Integer> kernel, List<Integer> strides, List<Integer> dilations, int c, int m, int group,
            boolean transposed, Gemm.Layout weights, List<Operand> extras, Expr epilogue) {
        boolean depthwise = !transposed && group == c && m == c;
        boolean known = weights == Gemm.Layout.ROW_MAJOR || Math.min(c, m) <= Panels.WIDTH / 2 || group > 1 && !depthwise;
        int filters = known ? m : Gemm.known(m);
        return new Conv(kernel, strides, dilations, known ? c : depthwise ? filters : DYNAMIC, filters,
                depthwise ? filters : group, transposed, weights, extras, epilogue);
    }

    /** Whether the weights are in panels. */
    boolean packed() {
        return weights != Gemm.Layout.ROW_MAJOR;
    }

    /** Whether the weights have been through {@link WinogradWeights}. */
    boolean transformed() {
        return weights == Gemm.Layout.TRANSFORMED;
    }

    /** The slot behind those of the extras. */
    int scalesSlot() {
        return extraSlot() + 2 * extras.size() + Expr.numbers(epilogue);
    }

    /** Elements of the window. */
    int taps() {
        int taps = 1;
        for (int extent : kernel) {
            taps *= extent;
        }
        return taps;
    }

    int groupChannels() {
        return channels / group;
    }

    int groupFilters() {
        return filters / group;
    }

    /** Whether every channel is convolved by itself. */
    boolean depthwise() {
        return !transposed && group == channels && filters == channels;
    }

    /** Filters that one product makes: all, or those of a group when transposed. */
    int columns() {
        return transposed ? groupFilters() : filters;
    }

    /** Channels that an element of the packed window has, of {@code c}. */
    int depth(int c) {
        return transposed ? c : c / group;
    }

    /** Distance between the taps that one phase meets. */
    int tapStep(int i) {
        int common = dilations.get(i);
        for (int rest = strides.get(i); rest != 0;) {
            int next = common % rest;
            common = rest;
            rest = next;
        }
        return transposed ? strides.get(i) / common : 1;
    }

    /** Input positions from one of those taps to the next. */
    int move(int i) {
        return transposed ? -dilations.get(i) * tapStep(i) / strides.get(i) : dilations.get(i);
    }

    /** Input positions from one output of a phase to the next. */
    int outStep(int i) {
        return transposed ? 1 : strides.get(i);
    }

    /** Slot of the first extra. */
    int extraSlot() {
        return AXES + AXIS * kernel.size();
    }

    /** Bytes that {@code scratch} must have for {@code c} channels. */
    public int scratchBytes(int c) {
        return transformed() ? WinogradCode.scratchBytes(c) : depthwise() ? DepthwiseCode.scratchBytes(this, c) : ConvCode.scratchBytes(this, c);
    }

    @Override
    public String name() {
        StringBuilder name = new StringBuilder(transposed ? "deconv" : depthwise() ? "depthwise" : transformed() ? "winograd" : "conv");
        for (int i = 0; i < kernel.size(); i++) {
            name.append(i == 0 ? '_' : 'x').append((int) kernel.get(i));
        }
        name.append("_s").append((int) strides.get(0)).append(channels < 0 ? "" : "_c" + channels)
                .append(filters == Gemm.WHOLE ? "_whole" : filters < 0 ? "" : "_m" + filters);
        return name.append(group == 1 || depthwise() ? "" : "_g" + group).append(packed() ? weights.suffix() : "_row")
                .append(epilogue instanceof Expr.Input ? "" : "_fused").toString();
    }

    @Override
    public List<String> slots() {
        List<String> slots = new ArrayList<>(List.of("x", "w", "y", "scratch", "n", "ldy", "c", "m"));
        for (int i = 0; i < kernel.size(); i++) {
            slots.addAll(List.of("in_" + i, "out_" + i, "pad_" + i));
        }
        Epilogue.addSlots(slots, epilogue, extras.size(), 0);
        if (weights == Gemm.Layout.PACKED_I4) {
            slots.add("scales");
        }
        return slots;
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        long images = (long) words[at + N] * words[at + M];
        long stored = images * Emit.product(words, at + AXES + 1, AXIS, kernel.size());
        long taps = transposed ? images * Emit.product(words, at + AXES, AXIS, kernel.size()) : stored;
        for (int extent : kernel) {
            taps *= extent;
        }
        work[0] = 2 * taps * (depthwise() ? 1 : words[at + C] / group) + stored * Expr.operations(epilogue);
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        if (transformed()) {
            new WinogradCode(this, f, target).emit();
        } else if (depthwise()) {
            new DepthwiseCode(this, f, target).emit();
        } else {
            new ConvCode(this, f, target).emit();
        }
    }
}
