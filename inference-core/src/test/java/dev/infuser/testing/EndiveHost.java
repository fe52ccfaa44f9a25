package dev.infuser.testing;

import dev.infuser.kernel.Target;
import dev.infuser.runtime.Host;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Elements;
import dev.infuser.tensor.ResourceException;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.ExportFunction;
import run.endive.runtime.ImportMemory;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.wasm.Parser;
import run.endive.wasm.types.MemoryLimits;

/** Runs compiled models in Endive, an interpreter in plain Java: slow, strict and independent of V8. */
public final class EndiveHost implements Host {

    private static final int PAGE = 1 << 16;

    private final Memory memory;
    private final List<ExportFunction> modules = new ArrayList<>();

    /** A host whose memory starts at one page of 64 KiB and may grow to {@code maxPages}. */
    public EndiveHost(int maxPages) {
        memory = new ByteArrayMemory(new MemoryLimits(1, maxPages));
    }

    @Override
    public Target target() {
        return Target.STRICT;
    }

    @Override
    public long size() {
        return (long) memory.pages() * PAGE;
    }

    @Override
    public void grow(long bytes) {
        long wanted = (bytes + PAGE - 1) / PAGE;
        if (wanted > Integer.MAX_VALUE || memory.grow((int) wanted - memory.pages()) < 0) {
            throw new ResourceException("out-of-memory", "the memory cannot grow to " + bytes + " bytes");
        }
    }

    @Override
    public int instantiate(byte[] module) {
        Instance instance = Instance.builder(Parser.parse(module))
                .withImportValues(ImportValues.builder().addMemory(new ImportMemory("env", "memory", memory)).build())
                .build();
        modules.add(instance.export("run"));
        return modules.size() - 1;
    }

    @Override
    public void run(int module, long steps, int count) {
        modules.get(module).apply(steps, count);
    }

    @Override
    public void release(int module) {
        modules.set(module, null);
    }

    @Override
    public void write(long address, int[] words, int count) {
        for (int i = 0; i < count; i++) {
            memory.writeI32((int) address + 4 * i, words[i]);
        }
    }

    @Override
    public int read(long address) {
        return memory.readInt((int) address);
    }

    @Override
    public void write(long address, Tensor tensor) {
        byte[] bytes;
        if (tensor.array() instanceof byte[] own) {
            bytes = own;
        } else {
            bytes = new byte[tensor.size() * tensor.dtype().bytes()];
            Elements.encode(tensor.dtype(), tensor.array(), 0, tensor.size(), bytes, 0);
        }
        memory.write((int) address, bytes);
    }

    @Override
    public void write(long address, byte[] bytes, int offset, int length) {
        memory.write((int) address, bytes, offset, length);
    }

    @Override
    public Tensor read(long address, DType dtype, int[] dims) {
        int size = Tensor.count(dims);
        byte[] bytes = memory.readBytes((int) address, size * dtype.bytes());
        return Tensor.of(dtype, dims, dtype.bytes() == 1 ? bytes : Elements.decode(dtype, bytes, 0, size));
    }
}
