package dev.infuser.testing;

import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.ImportMemory;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.wasm.Parser;
import run.endive.wasm.types.MemoryLimits;

/** A module instance in Endive, an interpreter in plain Java: slow, strict and independent of V8. No relaxed SIMD. */
public final class Endive implements Engine {
    private final Instance instance;
    private final Memory memory;

    private Endive(Instance instance, Memory memory) {
        this.instance = instance;
        this.memory = memory;
    }

    /** Instantiates a strict module over a fresh memory of {@code pages} times 64 KiB. */
    public static Endive open(byte[] module, int pages) {
        Memory memory = new ByteArrayMemory(new MemoryLimits(pages, pages));
        Instance instance = Instance.builder(Parser.parse(module))
                .withImportValues(ImportValues.builder().addMemory(new ImportMemory("env", "memory", memory)).build())
                .build();
        return new Endive(instance, memory);
    }

    @Override
    public int call(String export, int... args) {
        long[] wide = new long[args.length];
        for (int i = 0; i < args.length; i++) {
            wide[i] = args[i];
        }
        long[] results = instance.export(export).apply(wide);
        return results == null || results.length == 0 ? 0 : (int) results[0];
    }

    @Override
    public void write(int address, byte[] bytes) {
        memory.write(address, bytes);
    }

    @Override
    public byte[] read(int address, int length) {
        return memory.readBytes(address, length);
    }

    @Override
    public void close() {
        instance.close();
    }
}
