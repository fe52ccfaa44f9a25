package dev.infuser.format;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;

/** Evenly spaced elements of a tensor too large to keep: number i of n is element {@code floor(i size / n)}. */
public final class Sample implements Tensor.Source {

    private final int size;
    private final Tensor values;

    private Sample(int size, Tensor values) {
        this.size = size;
        this.values = values;
    }

    /** A tensor of which only {@code count} elements are kept, at most as many as it has; strings are kept whole. */
    public static Tensor of(Tensor whole, int count) {
        if (whole.dtype() == DType.STRING || count >= whole.size()) {
            return whole;
        }
        int[] places = new int[count];
        for (int i = 0; i < count; i++) {
            places[i] = (int) ((long) i * whole.size() / count);
        }
        return tensor(whole.dims(), whole.pick(new int[] {count}, places));
    }

    /** The elements that are kept of a tensor, or null when it is whole. */
    public static Sample of(Tensor tensor) {
        return tensor.source() instanceof Sample sample ? sample : null;
    }

    /** A tensor of which {@code values}, a vector, is kept. */
    static Tensor tensor(int[] dims, Tensor values) {
        return Tensor.lazy(values.dtype(), dims, new Sample(Tensor.count(dims), values));
    }

    /** What is kept, a vector. */
    public Tensor values() {
        return values;
    }

    /** Where in the whole tensor element {@code i} of the kept ones is. */
    public int place(int i) {
        return (int) ((long) i * size / values.size());
    }

    @Override
    public Object load() {
        throw new InvalidInputException("sampled", values.size() + " of " + size + " elements are kept");
    }
}
