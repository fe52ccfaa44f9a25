package dev.infuser.format;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;

/**
 * Elements that follow from a few numbers, so that a file need not hold them: {@code low + (high - low) m}, where {@code m}
 * is the mean of {@code terms} numbers of a generator, uniform in [0, 1). One term is a uniform distribution; several are
 * near a normal one. Integers and bool are rounded down.
 *
 * <p>The generator is xorshift (13, 17, 5) of 32 bits (Marsaglia 2003), whose upper 24 bits are the number.
 */
public final class Seeded implements Tensor.Source {

    static final int MAX_TERMS = 16;
    static final int MAX_ELEMENTS = 1 << 24;

    private final DType dtype;
    private final int[] dims;
    private final int seed;
    private final float low;
    private final float high;
    private final int terms;

    Seeded(DType dtype, int[] dims, int seed, float low, float high, int terms) {
        this.dtype = dtype;
        this.dims = dims;
        this.seed = seed;
        this.low = low;
        this.high = high;
        this.terms = terms;
    }

    /**
     * A tensor that files hold as its seed.
     *
     * @param dtype any but strings
     * @param seed  not 0
     * @param terms 1 to 16
     */
    public static Tensor tensor(DType dtype, int[] dims, int seed, float low, float high, int terms) {
        if (dtype == DType.STRING || seed == 0 || terms < 1 || terms > MAX_TERMS) {
            throw new IllegalArgumentException("no such generator");
        }
        return Tensor.lazy(dtype, dims, new Seeded(dtype, dims, seed, low, high, terms));
    }

    /** Whether a file holds this tensor as its seed; no more when its elements have been asked for. */
    public static boolean is(Tensor tensor) {
        return tensor.source() instanceof Seeded && tensor.size() <= MAX_ELEMENTS;
    }

    @Override
    public Object load() {
        double[] values = new double[Tensor.count(dims)];
        int state = seed;
        for (int i = 0; i < values.length; i++) {
            long sum = 0;
            for (int term = 0; term < terms; term++) {
                state ^= state << 13;
                state ^= state >>> 17;
                state ^= state << 5;
                sum += state >>> 8;
            }
            double value = low + ((double) high - low) * (sum / (terms * 16777216.0));
            values[i] = dtype.isFloat() ? value : Math.floor(value);
        }
        return Tensor.ofDoubles(dtype, dims, values).array();
    }

    void write(ByteWriter out) {
        out.fixed(seed, 4).f32(low).f32(high).varint(terms);
    }

    /** A tensor from what {@link #write} wrote. */
    static Tensor read(ByteReader in, DType dtype, int[] dims) {
        int seed = in.i32();
        float low = in.f32();
        float high = in.f32();
        int terms = in.number(" as terms", MAX_TERMS);
        in.require(dtype != DType.STRING && seed != 0 && terms > 0 && high - low < Float.POSITIVE_INFINITY
                && Tensor.count(dims) <= MAX_ELEMENTS, "an unknown generator");
        return tensor(dtype, dims, seed, low, high, terms);
    }
}
