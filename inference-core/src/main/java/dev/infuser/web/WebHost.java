package dev.infuser.web;

import dev.infuser.kernel.Target;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Host;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.ResourceException;
import dev.infuser.tensor.Tensor;
import org.teavm.interop.Address;

/** The engine that runs this very program: kernels share its memory, above the window that the compiler uses. */
final class WebHost implements Host {

    /** Bytes at the beginning of memory that belong to the compiler. */
    static final long WINDOW = 3 * 65536;

    /** Bytes at the end of the window at which threads meet, beginning with their barrier. */
    private static final int CONTROL = 256;
    private static final int PAGE = 65536;

    private final Target target;
    private final int threads;
    private final Heap heap = new Heap(this, WINDOW);

    WebHost(boolean madd, Target.Dot dot, boolean manyRegisters, int threads) {
        this.target = new Target(madd, dot, manyRegisters, threads > 1 ? (int) WINDOW - CONTROL : 0);
        this.threads = threads;
    }

    Heap heap() {
        return heap;
    }

    @Override
    public Target target() {
        return target;
    }

    @Override
    public long size() {
        return (long) Engine.pages() * PAGE;
    }

    @Override
    public void grow(long bytes) {
        long missing = (bytes + PAGE - 1) / PAGE - Engine.pages();
        if (missing > 0 && (missing > PAGE || Engine.grow((int) missing) < 0)) {
            throw new ResourceException("out-of-memory", "", "the browser refused " + bytes / 1000000 + " MB of memory",
                    "has " + size() / 1000000 + " MB", "use a smaller or more compressed model, or dispose of others");
        }
    }

    @Override
    public int instantiate(byte[] module) {
        long at = heap.allocate(module.length);
        Memory.put(at, module, 0, module.length);
        int number = Engine.instantiate((int) at, module.length);
        heap.release(at);
        return number;
    }

    @Override
    public int threads() {
        return threads;
    }

    @Override
    public void run(int module, long steps, int count) {
        run(module, steps, count, 0);
    }

    @Override
    public void run(int module, long steps, int count, int shared) {
        Engine.run(module, (int) steps, count, shared);
    }

    @Override
    public void release(int module) {
        Engine.release(module);
    }

    @Override
    public void write(long address, int[] words, int count) {
        Address to = Memory.address(address);
        for (int i = 0; i < count; i++) {
            to.add(i * 4).putInt(words[i]);
        }
    }

    @Override
    public int read(long address) {
        return Memory.address(address).getInt();
    }

    @Override
    public void write(long address, Tensor tensor) {
        Memory.put(address, tensor);
    }

    @Override
    public void write(long address, byte[] bytes, int offset, int length) {
        Memory.put(address, bytes, offset, length);
    }

    @Override
    public Tensor read(long address, DType dtype, int[] dims) {
        return Memory.get(address, dtype, dims);
    }

    @Override
    public Tensor view(long address, DType dtype, int[] dims) {
        return Memory.view(address, dtype, dims);
    }
}
