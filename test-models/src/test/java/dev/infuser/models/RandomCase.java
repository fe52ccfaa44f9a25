package dev.infuser.models;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** An operator's inputs and attributes in the making, from the numbers of one seed. */
final class RandomCase {

    private static final int[] EXTENTS = {0, 1, 1, 2, 2, 3, 3, 4, 5, 7};
    private static final float[] ODD = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f, 0f, 1e30f, -1e30f, 1e-30f};

    final Random random;
    final List<Tensor> inputs = new ArrayList<>();
    Attributes attributes = Attributes.NONE;
    int outputs = 1;

    RandomCase(long seed) {
        random = new Random(seed);
    }

    int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    boolean chance() {
        return random.nextBoolean();
    }

    @SafeVarargs
    final <T> T one(T... of) {
        return of[random.nextInt(of.length)];
    }

    RandomCase set(String name, Object value) {
        attributes = attributes.with(name, value);
        return this;
    }

    /** Extents, also 0 and 1. */
    int[] dims(int least, int most) {
        int[] dims = new int[between(least, most)];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = EXTENTS[random.nextInt(EXTENTS.length)];
        }
        return dims;
    }

    /** Extents of at least 1. */
    int[] full(int least, int most) {
        int[] dims = dims(least, most);
        for (int i = 0; i < dims.length; i++) {
            dims[i] = Math.max(1, dims[i]);
        }
        return dims;
    }

    /** Dims that can be broadcast to {@code dims}. */
    int[] under(int[] dims) {
        int[] out = java.util.Arrays.copyOfRange(dims, between(0, dims.length), dims.length);
        for (int i = 0; i < out.length; i++) {
            out[i] = random.nextInt(3) == 0 ? 1 : out[i];
        }
        return out;
    }

    /** An axis, from the front or the back. */
    int axis(int rank) {
        return between(-rank, rank - 1);
    }

    Tensor floats(double least, double most, int... dims) {
        float[] values = new float[Tensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (least + (most - least) * random.nextDouble());
        }
        return Tensor.floats(dims, values);
    }

    /** Also what is no number, infinite, or of one of two zeros. */
    Tensor odd(int... dims) {
        Tensor tensor = floats(-4, 4, dims);
        for (int i = 0; i < tensor.size(); i++) {
            if (random.nextInt(6) == 0) {
                tensor.floats()[i] = ODD[random.nextInt(ODD.length)];
            }
        }
        return tensor;
    }

    Tensor integers(DType type, long least, long most, int... dims) {
        long[] values = new long[Tensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = least + (long) (random.nextDouble() * (most - least + 1));
        }
        return Tensor.ofLongs(type, dims, values);
    }

    /** Also the greatest and the least. */
    Tensor extreme(DType type, int... dims) {
        Tensor tensor = integers(type, -9, 9, dims);
        long[] values = tensor.toLongs();
        for (int i = 0; i < values.length; i++) {
            boolean wide = type == DType.INT64;
            values[i] = random.nextInt(6) > 0 ? values[i] : chance() ? wide ? Long.MAX_VALUE : Integer.MAX_VALUE : wide ? Long.MIN_VALUE : Integer.MIN_VALUE;
        }
        return Tensor.ofLongs(type, dims, values);
    }

    Tensor truths(int... dims) {
        return integers(DType.BOOL, 0, 1, dims);
    }

    RandomCase in(Tensor... more) {
        inputs.addAll(List.of(more));
        return this;
    }
}
