package dev.infuser.aot;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import dev.infuser.wasm.StandaloneBuilder;
import dev.infuser.wasm.ValueType;
import java.util.List;

/** Adds a command to a module: {@code _start}, which reads inputs, runs and writes outputs by functions of WASI, preview 1. */
final class WasiCommand {

    /** Bytes of memory behind the model's that it needs: an address, a length, and how many bytes were read or written. */
    static final int ROOM = 12;

    private static final String WASI = "wasi_snapshot_preview1";
    private static final int STANDARD_INPUT = 0;
    private static final int STANDARD_OUTPUT = 1;
    private static final int OUT_OF_RANGE = 1;
    private static final int TOO_SHORT = 2;
    private static final byte[] NONE = {};
    private static final byte[] ONE = {ValueType.I32};
    private static final byte[] THREE = {ValueType.I32, ValueType.I32, ValueType.I32};
    private static final byte[] FOUR = {ValueType.I32, ValueType.I32, ValueType.I32, ValueType.I32};

    private final StandaloneBuilder module;
    private final int read;
    private final int write;
    private final int exit;

    /** Declares the imports, which come before everything else. */
    WasiCommand(StandaloneBuilder module) {
        this.module = module;
        int transfer = module.type(FOUR, ONE);
        read = module.importFunction(WASI, "fd_read", transfer);
        write = module.importFunction(WASI, "fd_write", transfer);
        exit = module.importFunction(WASI, "proc_exit", module.type(ONE, NONE));
    }

    /** @param room where {@link #ROOM} bytes are free */
    void start(FunctionBuilder run, List<Standalone.Port> inputs, List<Standalone.Port> outputs, long room) {
        int in = transfer(read, STANDARD_INPUT, (int) room);
        int out = transfer(write, STANDARD_OUTPUT, (int) room);
        FunctionBuilder start = module.function(NONE, NONE);
        for (Standalone.Port input : inputs) {
            start.i32((int) input.address()).i32((int) input.bytes()).call(in);
        }
        start.call(run.index()).ifTrue();
        start.i32(OUT_OF_RANGE).call(exit).end();
        for (Standalone.Port output : outputs) {
            start.i32((int) output.address()).i32((int) output.bytes()).call(out);
        }
        module.export("_start", start);
    }

    /** A function that reads or writes so many bytes at an address, in as many pieces as it takes. */
    private int transfer(int function, int file, int room) {
        FunctionBuilder f = module.function(new byte[] {ValueType.I32, ValueType.I32}, NONE);
        int loop = f.block();
        int again = f.loop();
        f.get(1).op(Op.I32_EQZ).brIf(loop);
        f.i32(room).get(0).mem(Op.I32_STORE, 0);
        f.i32(room).get(1).mem(Op.I32_STORE, 4);
        f.i32(room).i32(0).mem(Op.I32_STORE, 8);
        f.i32(file).i32(room).i32(1).i32(room + 8).call(function);
        f.i32(room).mem(Op.I32_LOAD, 8).op(Op.I32_EQZ).op(Op.I32_OR).ifTrue();
        f.i32(TOO_SHORT).call(exit).end();
        f.get(0).i32(room).mem(Op.I32_LOAD, 8).op(Op.I32_ADD).set(0);
        f.get(1).i32(room).mem(Op.I32_LOAD, 8).op(Op.I32_SUB).set(1);
        f.br(again).end().end();
        return f.index();
    }
}
