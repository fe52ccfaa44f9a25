package dev.infuser.testing;

/** A WebAssembly instance with one imported memory, {@code env.memory}, as tests drive it. */
public interface Engine extends AutoCloseable {
    /** Calls an export that takes i32 arguments; the result is the export's i32, or 0 when it has none. */
    int call(String export, int... args);

    /** Copies bytes into the memory. */
    void write(int address, byte[] bytes);

    /** Copies bytes out of the memory. */
    byte[] read(int address, int length);

    @Override
    void close();
}
