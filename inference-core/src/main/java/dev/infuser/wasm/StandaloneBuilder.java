package dev.infuser.wasm;

/** A module under construction that has a memory of its own, with contents. */
public final class StandaloneBuilder extends ModuleBuilder {

    private static final int GLOBAL_KIND = 3;

    private final Bytes globals = new Bytes();
    private final Bytes data = new Bytes();
    private int globalCount;
    private int segments;
    private int pages;

    /**
     * Defines the memory and exports it.
     *
     * @param minPages pages of 64 KiB that it has at first; it may grow
     */
    public void exportMemory(String name, int minPages) {
        pages = minPages;
        export(name, MEMORY_KIND, 0);
    }

    /** Exports a number that never changes. */
    public void exportConstant(String name, int value) {
        globals.u8(ValueType.I32).u8(0).u8(Op.I32_CONST).s64(value).u8(Op.END);
        export(name, GLOBAL_KIND, globalCount++);
    }

    /** Puts {@code length} bytes of {@code bytes} at an address before anything runs. */
    public void data(long address, byte[] bytes, int from, int length) {
        data.u8(0).u8(Op.I32_CONST).s64((int) address).u8(Op.END).u32(length).bytes(bytes, from, length);
        segments++;
    }

    @Override
    void appendMemory(Bytes out) {
        section(out, 5, pages, new Bytes().u32(1).u8(0).u32(pages));
        section(out, 6, globalCount, new Bytes().u32(globalCount).bytes(globals));
    }

    @Override
    void appendData(Bytes out) {
        section(out, 11, segments, new Bytes().u32(segments).bytes(data));
    }
}
