package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import java.util.List;

/**
 * A template with its parameters, implemented by records: equal records are the same kernel and are compiled once.
 *
 * <p>A kernel compiles to a function {@code (i32 block, i32 share, i32 shares, i32 thread) -> ()}. {@code block} is the 4-aligned address of its parameter
 * block: one i32 for each of {@link #slots}, in that order. Pointers and strides are in bytes (unless the kernel says
 * otherwise) and need no alignment; dimensions are counts of elements, at least 0. Where a template takes a constant
 * dimension its slot stays in the block but is not read; {@link #DYNAMIC} means that the slot decides.
 *
 * <p>Kernels write exactly the output, but may read up to {@link #PADDING} bytes past the end of any buffer, so each
 * buffer must lie at least that far from the end of the memory. What lies there does not matter. An output must not
 * overlap an input unless the kernel says that it may.
 *
 * <p>Every call does one of as many shares of the units of work ({@code Emit.units}). Units write disjoint
 * memory, read nothing that other units write, and are cut the same way for any number of shares, so that results do not
 * depend on it. Working memory is each thread's own ({@code Emit.scratch}); the word before the parameter block holds the
 * bytes from that of one thread to that of the next. A kernel whose work does not divide has a single unit.
 */
public interface Kernel {
    /** A dimension that is read from its slot. */
    int DYNAMIC = -1;

    /** Readable bytes that must follow every buffer. */
    int PADDING = 64;

    /** Template, tile and layout for people and profiles, such as {@code gemm_packed_k384_n1536}; not unique. */
    String name();

    /** The name of a constant as kernels' names have it; all Latin letters, so without the tables that {@code toLowerCase} needs. */
    static String label(Enum<?> constant) {
        StringBuilder label = new StringBuilder();
        for (int i = 0; i < constant.name().length(); i++) {
            char letter = constant.name().charAt(i);
            label.append(letter == '_' || letter <= '9' ? letter : (char) (letter + 'a' - 'A'));
        }
        return label.toString();
    }

    /** Names of the i32 slots of the parameter block, in order. */
    List<String> slots();

    /**
     * Tells how much a call does whose parameter block begins at {@code words[at]}.
     *
     * @param work takes first the arithmetic operations, where a multiply-add is two and any function one, if there are some;
     *             then the bytes read and written, if these are not all of its inputs and outputs
     */
    default void work(int[] words, int at, long[] work) {
    }

    /**
     * Writes the body of a function whose local 0 is the address of the parameter block, local 1 the number of the calling
     * thread and local 2 the number of threads, without the final {@code end}.
     */
    void emit(FunctionBuilder f, Target target);
}
