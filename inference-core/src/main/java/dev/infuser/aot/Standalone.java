package dev.infuser.aot;

import dev.infuser.kernel.KernelModule;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import dev.infuser.wasm.StandaloneBuilder;
import dev.infuser.wasm.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * A model whose extents are fixed, ready to be written as a module that runs anywhere.
 *
 * @param inputs       in the order of the model, without those that were given a value
 * @param outputs      in the order of the model
 * @param weightsStart where the constants begin in memory
 * @param weightsEnd   where they end
 * @param labels       the nodes of each step, by the number that {@code run} answers where an index is out of range in it
 */
public record Standalone(List<Port> inputs, List<Port> outputs, long weightsStart, long weightsEnd, Map<Integer, String> labels,
        Image image) {

    /**
     * An input or output.
     *
     * @param type    an element type such as {@code float32}
     * @param address where its elements lie in memory, in row-major order
     * @param bytes   what they take
     */
    public record Port(String name, String type, int[] dims, long address, long bytes) {
    }

    /**
     * What runs, and the memory that it runs in.
     *
     * @param memory the contents at the beginning; the rest is zero
     * @param bytes  the size of the memory
     */
    record Image(KernelModule kernels, byte[] memory, long bytes, long table, int count, long errorWord) {
    }

    private static final int PAGE = 1 << 16;
    /** Zeros that take more to write than another segment. */
    private static final int GAP = 16;
    private static final byte[] NONE = {};
    private static final byte[] NUMBER = {ValueType.I32};

    /**
     * The module. It imports nothing and exports {@code memory}; {@code run() -> i32}, which computes the outputs from the inputs
     * and answers 0, or the number of the step in which an index is out of range; and {@code infuser}, a number by which
     * {@link #stamp} knows that description and module belong together.
     *
     * @param withWeights whether the constants are in it; otherwise {@link #weights} must be put into memory before the first run
     */
    public byte[] module(boolean withWeights) {
        StandaloneBuilder module = new StandaloneBuilder();
        FunctionBuilder run = body(module, withWeights);
        module.export("run", run);
        module.exportConstant("infuser", stamp());
        return module.build();
    }

    /**
     * The module as a command of WASI (preview 1): it reads the elements of all inputs from the standard input, in order, and
     * writes those of all outputs to the standard output; numbers of several bytes begin with the lowest. Its exit status is 0,
     * 1 where an index is out of range, or 2 where the input is too short.
     */
    public byte[] command() {
        StandaloneBuilder module = new StandaloneBuilder();
        WasiCommand command = new WasiCommand(module);
        command.start(body(module, true), inputs, outputs, image.bytes);
        return module.build();
    }

    private FunctionBuilder body(StandaloneBuilder module, boolean withWeights) {
        FunctionBuilder steps = image.kernels.addTo(module)[0];
        module.exportMemory("memory", (int) (memoryBytes() / PAGE));
        FunctionBuilder run = module.function(NONE, NUMBER);
        run.i32((int) image.errorWord).i32(0).mem(Op.I32_STORE, 0);
        run.i32((int) image.table).i32(image.count).call(steps.index());
        run.i32((int) image.errorWord).mem(Op.I32_LOAD, 0);
        contents(module, withWeights ? 0 : weightsEnd);
        return run;
    }

    /** Writes what is not zero as data. */
    private void contents(StandaloneBuilder module, long from) {
        byte[] memory = image.memory;
        for (int at = (int) from; at < memory.length;) {
            if (memory[at] == 0) {
                at++;
                continue;
            }
            int end = at + 1;
            for (int next = end; next < memory.length && next - end < GAP; next++) {
                end = memory[next] == 0 ? end : next + 1;
            }
            module.data(at, memory, at, end - at);
            at = end;
        }
    }

    /** Bytes of the module but for the contents of memory. */
    public int kernelBytes() {
        return image.kernels.build().length;
    }

    /** Bytes of memory that an instance takes. */
    public long memoryBytes() {
        return (image.bytes + WasiCommand.ROOM + PAGE - 1) / PAGE * PAGE;
    }

    /** The constants, which belong into memory at {@link #weightsStart}. */
    public byte[] weights() {
        return Arrays.copyOfRange(image.memory, (int) weightsStart, (int) weightsEnd);
    }

    /** A checksum of the contents of memory at the beginning and of what they mean. */
    public int stamp() {
        CRC32 crc = new CRC32();
        crc.update(image.memory);
        crc.update((inputs.size() + " " + outputs.size() + " " + image.bytes).getBytes(StandardCharsets.US_ASCII));
        return (int) crc.getValue();
    }
}
