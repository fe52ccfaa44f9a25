package dev.infuser.runtime;

import dev.infuser.kernel.Target;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;

/** An engine that runs WebAssembly over one linear memory. Addresses are unsigned 32-bit byte offsets, held in longs. */
public interface Host {

    /** What the engine offers beyond the standard instructions. */
    Target target();

    /** The most threads that share a step. */
    default int threads() {
        return 1;
    }

    /** Bytes of memory at present. */
    long size();

    /**
     * Makes the memory at least {@code bytes} long.
     *
     * @throws dev.infuser.tensor.ResourceException where the engine refuses
     */
    void grow(long bytes);

    /**
     * Compiles and instantiates a module that imports {@code env.memory} and exports {@code run(steps, count)}.
     *
     * @return a number for {@link #run}
     */
    int instantiate(byte[] module);

    /** Runs {@code count} steps of the table at {@code steps}. */
    void run(int module, long steps, int count);

    /** Runs {@code count} steps, the first {@code shared} of which on as many threads as there are. */
    default void run(int module, long steps, int count, int shared) {
        run(module, steps, count);
    }

    /** Forgets a module. */
    void release(int module);

    /** Copies words into memory. */
    void write(long address, int[] words, int count);

    /** Reads one word. */
    int read(long address);

    /** Copies the elements of a numeric or bool tensor into memory, 4- and 2-bit ones a byte each. */
    void write(long address, Tensor tensor);

    /** Copies {@code length} bytes of {@code bytes} into memory. */
    void write(long address, byte[] bytes, int offset, int length);

    /** A new tensor of elements copied from memory. */
    Tensor read(long address, DType dtype, int[] dims);

    /** A tensor of elements in memory, which may read them when it is asked for them. */
    default Tensor view(long address, DType dtype, int[] dims) {
        return read(address, dtype, dims);
    }
}
