package dev.infuser.kernel;

import static dev.infuser.wasm.Op.I32_ADD;
import static dev.infuser.wasm.Op.I32_AND;
import static dev.infuser.wasm.Op.I32_DIV_U;
import static dev.infuser.wasm.Op.I32_EQ;
import static dev.infuser.wasm.Op.I32_GE_S;
import static dev.infuser.wasm.Op.I32_GT_S;
import static dev.infuser.wasm.Op.I32_LE_S;
import static dev.infuser.wasm.Op.I32_LT_S;
import static dev.infuser.wasm.Op.I32_LT_U;
import static dev.infuser.wasm.Op.I32_MUL;
import static dev.infuser.wasm.Op.I32_SUB;
import static dev.infuser.wasm.Op.SELECT;
import static dev.infuser.wasm.Op.V128_LOAD;
import static dev.infuser.wasm.Op.V128_STORE;

import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;

/**
 * The code of a {@link Conv} of each channel by itself. A tile is 4 adjacent pixels of a line, all channels of them, 8 at
 * a time; each input is read once per row of taps and added to every pixel whose window has it. Windows that hang over an
 * edge are copied, with zeros around them, to the scratch first, and so are those of a tile that the line ends in.
 */
final class DepthwiseCode {
    private static final int PATCH = 128;
    private static final int PIXELS = 4;
    private static final int CHUNK = 64;
    private static final int MOST_UNROLLED = 25;
    private static final int VECTORS = 2;
    private static final int STEP = 4 * Panels.WIDTH;

    private final Conv conv;
    private final FunctionBuilder f;
    private final Lanes lanes;
    private final Epilogue epilogue;
    private final int last;
    private final int span;
    /** Bytes of a pixel. */
    private final int pixel;
    private final boolean whole;
    private final int x;
    private final int scratch;
    private final int[] in;
    private final int[] out;
    private final int[] pad;
    private final int[] step;
    private final int[] start;
    private final int[] tapStep;
    private final int line;
    private final int lineIndex;
    private final int first;
    private final int column;
    private final int at;
    private final int index;
    private final int from;
    private final int allWeights;
    private final int weights;
    private final int channel;
    private final int count;
    private final int filters;
    private final int to;
    private final int bytes;
    private final int next;
    private final int[][] acc = new int[PIXELS][VECTORS];
    private final int[][] weight;
    /** Vectors of weights that are held at once. */
    private final int together;
    private final int value;

    DepthwiseCode(Conv conv, FunctionBuilder f, Target target) {
        this.conv = conv;
        this.f = f;
        lanes = new Lanes(f, target);
        int rank = conv.kernel().size();
        last = rank - 1;
        span = span(conv);
        whole = Gemm.isWhole(conv.filters());
        pixel = Emit.i32(f);
        x = Emit.slot(f, Conv.X);
        scratch = Emit.scratch(f, Conv.SCRATCH);
        epilogue = new Epilogue(f, lanes, conv.epilogue(), conv.extras(), Conv.Y, Conv.LDY, conv.extraSlot(), 0, 1,
                whole);
        in = new int[rank];
        out = new int[rank];
        pad = new int[rank];
        step = new int[rank];
        start = new int[rank];
        tapStep = new int[rank];
        for (int i = 0; i < rank; i++) {
            in[i] = Emit.slot(f, Conv.AXES + Conv.AXIS * i);
            out[i] = Emit.slot(f, Conv.AXES + Conv.AXIS * i + 1);
            pad[i] = Emit.slot(f, Conv.AXES + Conv.AXIS * i + 2);
            step[i] = Emit.i32(f);
            start[i] = Emit.i32(f);
            tapStep[i] = Emit.i32(f);
        }
        line = Emit.i32(f);
        lineIndex = Emit.i32(f);
        first = Emit.i32(f);
        column = Emit.i32(f);
        at = Emit.i32(f);
        index = Emit.i32(f);
        from = Emit.i32(f);
        allWeights = Emit.slot(f, Conv.W);
        weights = Emit.i32(f);
        channel = Emit.i32(f);
        count = Emit.i32(f);
        filters = Emit.dim(f, conv.filters(), Conv.M);
        to = Emit.i32(f);
        bytes = Emit.i32(f);
        next = Emit.i32(f);
        for (int[] sums : acc) {
            for (int v = 0; v < VECTORS; v++) {
                sums[v] = Emit.v128(f);
            }
        }
        together = conv.kernel().get(last) <= 3 ? VECTORS : 1;
        weight = new int[conv.kernel().get(last)][together];
        for (int[] vectors : weight) {
            for (int v = 0; v < together; v++) {
                vectors[v] = Emit.v128(f);
            }
        }
        value = Emit.v128(f);
    }

    /** Input pixels that a tile meets along the line. */
    private static int span(Conv conv) {
        int last = conv.kernel().size() - 1;
        return (PIXELS - 1) * conv.strides().get(last) + (conv.kernel().get(last) - 1) * conv.dilations().get(last) + 1;
    }

    static int scratchBytes(Conv conv, int channels) {
        return PATCH + patchPixels(conv) * 4 * channels + 32 + (conv.weights().isNarrow()
                ? ((channels + Panels.WIDTH - 1) / Panels.WIDTH * conv.taps() + Narrow.GROUP) * STEP : 0);
    }

    /** Pixels of the copy of a window in the scratch. */
    private static int patchPixels(Conv conv) {
        return conv.taps() / conv.kernel().get(conv.kernel().size() - 1) * span(conv);
    }

    void emit() {
        int total = Emit.i32(f);
        int chunks = Emit.i32(f);
        int unit = Emit.i32(f);
        f.get(filters).i32(4).op(I32_MUL).tee(pixel).set(step[last]);
        for (int i = last - 1; i >= 0; i--) {
            f.get(step[i + 1]).get(in[i + 1]).op(I32_MUL).set(step[i]);
        }
        f.get(out[last]).i32(CHUNK - 1).op(I32_ADD).i32(CHUNK).op(I32_DIV_U).tee(chunks);
        Emit.pushSlot(f, Conv.N);
        f.op(I32_MUL);
        for (int i = 0; i < last; i++) {
            f.get(out[i]).op(I32_MUL);
        }
        f.set(total);
        if (conv.weights().isNarrow()) {
            widen();
        }
        Emit.units(f, unit, total, () -> unit(unit, chunks));
    }

    /** Unpacks all weights to the scratch, each panel over the rows that the one before wrote too many. */
    private void widen() {
        Narrow narrow = new Narrow(f, conv.weights(), conv.scalesSlot());
        int panel = Emit.i32(f);
        int panels = Emit.i32(f);
        int wide = Emit.i32(f);
        int taps = Emit.dim(f, conv.taps(), 0);
        f.get(filters).i32(Panels.WIDTH - 1).op(I32_ADD).i32(Panels.WIDTH).op(I32_DIV_U).set(panels);
        f.get(scratch).get(pixel).i32(patchPixels(conv)).op(I32_MUL).op(I32_ADD).i32(PATCH + 31).op(I32_ADD).i32(-16).op(I32_AND)
                .tee(wide).set(to);
        Emit.range(f, panel, panels, 1, () -> {
            narrow.locate(allWeights, panel, taps);
            narrow.expand(to, taps);
        });
        f.get(wide).set(allWeights);
    }

    private void unit(int unit, int chunks) {
        int rest = Emit.i32(f);
        int end = Emit.i32(f);
        int inside = Emit.i32(f);
        f.get(unit).set(rest);
        Emit.divide(f, rest, chunks, at);
        f.get(at).i32(CHUNK).op(I32_MUL).tee(at).i32(CHUNK).op(I32_ADD).set(end);
        Emit.min(f, end, out[last]);
        f.set(end);
        for (int i = last - 1; i >= 0; i--) {
            Emit.divide(f, rest, out[i], start[i]);
        }
        f.get(rest).tee(lineIndex).set(line);
        f.i32(1).set(inside);
        for (int i = 0; i < last; i++) {
            f.get(lineIndex).get(out[i]).op(I32_MUL).get(start[i]).op(I32_ADD).set(lineIndex);
            f.get(start[i]).i32(conv.strides().get(i)).op(I32_MUL).get(pad[i]).op(I32_SUB).set(start[i]);
            f.get(line).get(in[i]).op(I32_MUL).get(start[i]).op(I32_ADD).set(line);
            f.get(inside).get(start[i]).i32(0).op(I32_GE_S).op(I32_AND);
            f.get(start[i]).i32((conv.kernel().get(i) - 1) * conv.dilations().get(i)).op(I32_ADD).get(in[i]).op(I32_LT_S)
                    .op(I32_AND).set(inside);
        }
        f.get(line).get(in[last]).op(I32_MUL).get(pixel).op(I32_MUL).get(x).op(I32_ADD).set(line);
        f.get(lineIndex).get(out[last]).op(I32_MUL).set(lineIndex);
        Emit.loopWhile(f, () -> f.get(at).get(end).op(I32_LT_S), () -> tile(inside));
    }

    private void tile(int inside) {
        f.get(at).i32(conv.strides().get(last)).op(I32_MUL).get(pad[last]).op(I32_SUB).set(first);
        f.get(lineIndex).get(at).op(I32_ADD).set(index);
        f.get(out[last]).get(at).op(I32_SUB).set(count);
        Emit.min(f, count, Emit.dim(f, PIXELS, 0));
        f.set(count);
        f.get(inside).get(first).i32(0).op(I32_GE_S).op(I32_AND);
        f.get(first).i32(span).op(I32_ADD).get(in[last]).op(I32_LE_S).op(I32_AND).ifTrue();
        f.get(line).get(first).get(pixel).op(I32_MUL).op(I32_ADD).set(from);
        for (int i = 0; i < last; i++) {
            f.get(step[i]).i32(conv.dilations().get(i)).op(I32_MUL).set(tapStep[i]);
        }
        f.otherwise();
        f.get(scratch).i32(PATCH).op(I32_ADD).tee(from).set(to);
        patch(0, line, -1);
        int pixels = span;
        for (int i = last - 1; i >= 0; i--) {
            f.get(pixel).i32(pixels).op(I32_MUL).set(tapStep[i]);
            pixels *= conv.kernel().get(i);
        }
        f.end();
        f.get(allWeights).set(weights).i32(0).set(column);
        int again = f.loop();
        channels();
        Emit.add(f, from, STEP);
        Emit.add(f, weights, conv.packed() ? conv.taps() * STEP : STEP);
        Emit.add(f, column, STEP);
        f.get(column).get(pixel).op(I32_LT_U).brIf(again).end();
        Emit.add(f, at, PIXELS);
    }

    /** Copies what taps from axis {@code i} on meet, {@code live} telling whether they are within the outer axes. */
    private void patch(int i, int origin, int live) {
        if (i < last) {
            int k = Emit.i32(f);
            int own = Emit.i32(f);
            int within = Emit.i32(f);
            f.get(origin).set(own);
            f.i32(0).set(k);
            Emit.range(f, k, Emit.dim(f, conv.kernel().get(i), 0), 1, () -> {
                f.get(start[i]).get(k).i32(conv.dilations().get(i)).op(I32_MUL).op(I32_ADD).get(in[i]).op(I32_LT_U);
                if (live >= 0) {
                    f.get(live).op(I32_AND);
                }
                f.set(within);
                patch(i + 1, own, within);
                f.get(own).get(step[i]).i32(conv.dilations().get(i)).op(I32_MUL).op(I32_ADD).set(own);
            });
            return;
        }
        int left = Emit.i32(f);
        int right = Emit.i32(f);
        int spanned = Emit.dim(f, span, 0);
        f.i32(0).get(first).op(I32_SUB).set(left);
        f.get(left).i32(0).get(left).i32(0).op(I32_GT_S).op(SELECT).set(left);
        Emit.min(f, left, spanned);
        f.set(left);
        f.get(in[last]).get(first).op(I32_SUB).set(right);
        Emit.min(f, right, spanned);
        f.set(right);
        f.get(left).get(right).get(left).get(right).op(I32_GT_S).op(SELECT).set(right);
        if (live >= 0) {
            f.get(right).get(left).get(live).op(SELECT).set(right);
        }
        f.get(left).get(pixel).op(I32_MUL).set(bytes);
        zero();
        f.get(origin).get(first).get(left).op(I32_ADD).get(pixel).op(I32_MUL).op(I32_ADD).set(channel);
        f.get(right).get(left).op(I32_SUB).get(pixel).op(I32_MUL).set(bytes);
        f.get(to).tee(left).get(bytes).op(I32_ADD).set(to);
        Emit.copy(f, left, channel, bytes);
        f.i32(span).get(right).op(I32_SUB).get(pixel).op(I32_MUL).set(bytes);
        zero();
    }

    /** Writes zeros to the next {@code bytes} bytes, and perhaps up to 12 more, which are written later. */
    private void zero() {
        Emit.loopWhile(f, () -> f.get(bytes).i32(0).op(I32_GT_S), () -> {
            f.get(to).f32x4(0).mem(V128_STORE, 0);
            Emit.add(f, to, 16);
            Emit.add(f, bytes, -16);
        });
        Emit.addLocal(f, to, bytes);
    }

    /** Computes and stores 8 channels of the tile. */
    private void channels() {
        for (int[] sums : acc) {
            for (int sum : sums) {
                f.f32x4(0).set(sum);
            }
        }
        taps(0, from, weights, 0);
        epilogue.start();
        epilogue.locate(index, column, filters);
        if (whole) {
            f.get(count).i32(PIXELS).op(I32_EQ).ifTrue();
            for (int[] sums : acc) {
                epilogue.row(sums[0], sums[1]);
            }
            f.otherwise();
            spilled();
            f.end();
        } else {
            spilled();
        }
    }

    private void spilled() {
        for (int p = 0; p < PIXELS; p++) {
            for (int v = 0; v < VECTORS; v++) {
                f.get(scratch).get(acc[p][v]).mem(V128_STORE, p * STEP + 16 * v);
            }
        }
        int tile = Emit.i32(f);
        int stop = Emit.i32(f);
        f.get(scratch).tee(tile).get(count).i32(STEP).op(I32_MUL).op(I32_ADD).set(stop);
        Emit.loopWhile(f, () -> f.get(tile).get(stop).op(I32_LT_U), () -> {
            f.get(tile).mem(V128_LOAD, 0).set(acc[0][0]);
            f.get(tile).mem(V128_LOAD, 16).set(acc[0][1]);
            epilogue.row(acc[0][0], acc[0][1]);
            Emit.add(f, tile, STEP);
        });
    }

    /** Bytes between the weights of a channel for one tap and the next. */
    private int tapBytes() {
        return conv.packed() ? STEP : 4 * conv.filters();
    }

    /** Adds the taps from axis {@code i} on; their weights begin {@code shift} bytes behind {@code tap}. */
    private void taps(int i, int origin, int tap, int shift) {
        if (i == last) {
            line(origin, tap, shift);
            return;
        }
        int inner = tapBytes();
        for (int j = i + 1; j <= last; j++) {
            inner *= conv.kernel().get(j);
        }
        int bytes = inner;
        int extent = conv.kernel().get(i);
        int own = Emit.i32(f);
        f.get(origin).set(own);
        if (conv.taps() <= MOST_UNROLLED) {
            for (int k = 0; k < extent; k++) {
                taps(i + 1, own, tap, shift + k * bytes);
                if (k < extent - 1) {
                    Emit.addLocal(f, own, tapStep[i]);
                }
            }
            return;
        }
        int ownTap = Emit.i32(f);
        int end = Emit.i32(f);
        f.get(tap).tee(ownTap).i32(extent * bytes).op(I32_ADD).set(end);
        Emit.loopWhile(f, () -> f.get(ownTap).get(end).op(I32_LT_U), () -> {
            taps(i + 1, own, ownTap, 0);
            Emit.addLocal(f, own, tapStep[i]);
            Emit.add(f, ownTap, bytes);
        });
    }

    /** Adds a row of taps to every pixel: to 4 channels at a time, or to 8 where registers can hold their weights. */
    private void line(int origin, int tap, int shift) {
        int stride = conv.strides().get(last);
        int dilation = conv.dilations().get(last);
        for (int from = 0; from < VECTORS; from += together) {
            for (int v = from; v < from + together; v++) {
                for (int k = 0; k < weight.length; k++) {
                    f.get(tap).mem(V128_LOAD, shift + k * tapBytes() + 16 * v).set(weight[k][v % together]);
                }
            }
            f.get(origin).set(next);
            for (int at = 0; at < span; at++) {
                for (int v = from; v < from + together; v++) {
                    boolean loaded = false;
                    for (int k = 0; k < weight.length; k++) {
                        int behind = at - k * dilation;
                        if (behind < 0 || behind % stride != 0 || behind / stride >= PIXELS) {
                            continue;
                        }
                        if (!loaded) {
                            f.get(next).mem(V128_LOAD, 16 * v).set(value);
                            loaded = true;
                        }
                        int sum = acc[behind / stride][v];
                        f.get(value).get(weight[k][v % together]);
                        lanes.mul();
                        f.get(sum);
                        lanes.add();
                        f.set(sum);
                    }
                }
                if (at < span - 1) {
                    Emit.addLocal(f, next, pixel);
                }
            }
        }
    }
}
