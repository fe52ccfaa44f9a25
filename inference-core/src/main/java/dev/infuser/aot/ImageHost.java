package dev.infuser.aot;

import dev.infuser.kernel.Target;
import dev.infuser.runtime.Host;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Elements;
import dev.infuser.tensor.ResourceException;
import dev.infuser.tensor.Tensor;
import java.util.Arrays;

/** A host that runs nothing but keeps what was written to its memory, as the contents of another's at the beginning. */
final class ImageHost implements Host {

    /** Arrays of Java hold no more. */
    private static final long MOST = Integer.MAX_VALUE - 64;

    private final Target target;
    private byte[] memory = new byte[0];
    private long size;
    private long constantsEnd;
    private boolean planned;

    /** @param start below which nothing is written */
    ImageHost(Target target, int start) {
        this.target = target;
        this.constantsEnd = start;
    }

    /** What the memory holds; bytes at the end that are not there are zero. */
    byte[] memory() {
        return memory;
    }

    /** Where the constants end, which lie before all else. */
    long constantsEnd() {
        return constantsEnd;
    }

    @Override
    public Target target() {
        return target;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void grow(long bytes) {
        size = bytes;
    }

    @Override
    public int instantiate(byte[] module) {
        return 0;
    }

    @Override
    public void run(int module, long steps, int count) {
        throw new UnsupportedOperationException("nothing runs here");
    }

    @Override
    public void release(int module) {
    }

    @Override
    public void write(long address, int[] words, int count) {
        byte[] bytes = new byte[Integer.BYTES * count];
        Elements.encode(DType.INT32, words, 0, count, bytes, 0);
        planned = true;
        write(address, bytes, 0, bytes.length);
    }

    @Override
    public int read(long address) {
        int[] word = new int[1];
        Elements.decode(DType.INT32, memory, (int) address, word, 0, 1);
        return word[0];
    }

    @Override
    public void write(long address, Tensor tensor) {
        byte[] bytes = new byte[tensor.size() * tensor.dtype().bytes()];
        if (tensor.array() instanceof byte[] own) {
            System.arraycopy(own, 0, bytes, 0, bytes.length);
        } else {
            Elements.encode(tensor.dtype(), tensor.array(), 0, tensor.size(), bytes, 0);
        }
        write(address, bytes, 0, bytes.length);
    }

    @Override
    public void write(long address, byte[] bytes, int offset, int length) {
        long end = address + length;
        if (end > MOST) {
            throw new ResourceException("model-too-large", "a model compiled ahead of time takes at most 2 GB");
        }
        if (end > memory.length) {
            memory = Arrays.copyOf(memory, (int) Math.min(MOST, Math.max(end, memory.length * 3L / 2)));
        }
        System.arraycopy(bytes, offset, memory, (int) address, length);
        constantsEnd = planned ? constantsEnd : Math.max(constantsEnd, end);
    }

    @Override
    public Tensor read(long address, DType dtype, int[] dims) {
        throw new UnsupportedOperationException("nothing runs here");
    }
}
