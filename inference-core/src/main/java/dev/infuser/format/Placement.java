package dev.infuser.format;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Elements;
import dev.infuser.tensor.Layout;
import dev.infuser.tensor.Tensor;

/**
 * Where a constant lies in the weights section.
 *
 * @param name   of the constant, or "" for the tensor of an attribute
 * @param dtype  the element type
 * @param dims   the extents of the tensor, not of its stored form
 * @param layout how its elements are laid out
 * @param offset from the beginning of the weights section, a multiple of 64
 * @param length bytes; at least 16 more are readable behind them
 */
public record Placement(String name, DType dtype, int[] dims, Layout layout, long offset, long length) {

    private static final int CHUNK = 1 << 16;

    /** The tensor, row-major, read from {@code weights} (the weights section) when its elements are first asked for. */
    public Tensor tensor(ByteSource weights) {
        return Tensor.lazy(dtype, dims, () -> load(weights));
    }

    private Object load(ByteSource weights) {
        int count = layout.storedElements(dims);
        ByteSource.check(weights, offset + length, 0);
        Object array = Tensor.newArray(dtype, count);
        byte[] chunk = new byte[(int) Math.min(CHUNK, length)];
        int perChunk = CHUNK * 8 / dtype.bits();
        long at = offset;
        for (int done = 0; done < count; ) {
            int n = Math.min(perChunk, count - done);
            int bytes = (int) Elements.bytes(dtype, n);
            weights.read(at, chunk, 0, bytes);
            Elements.decode(dtype, chunk, 0, array, done, n);
            at += bytes;
            done += n;
        }
        return layout.unpack(dtype, dims, array);
    }
}
