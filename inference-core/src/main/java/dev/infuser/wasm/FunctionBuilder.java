package dev.infuser.wasm;

import java.util.HashMap;
import java.util.Map;

/**
 * The body of one function, written instruction by instruction. Locals are numbered from zero, parameters first. Blocks
 * take and leave no operands; {@link #block}, {@link #loop} and {@link #ifTrue} return a label that {@link #br} and
 * {@link #brIf} accept while the block is open. Every method returns {@code this} unless it says otherwise.
 */
public final class FunctionBuilder {
    private static final int EMPTY = 0x40;

    private final int type;
    private final int index;
    private final Bytes code = new Bytes();
    private final Bytes prelude = new Bytes();
    private final Map<Integer, Integer> constants = new HashMap<>();
    private final Bytes locals = new Bytes();
    private Bytes start;
    private int localRuns;
    private int runType;
    private int runLength;
    private int localCount;
    private int depth;
    private boolean usesTable;

    FunctionBuilder(int type, int index, int params) {
        this.type = type;
        this.index = index;
        this.localCount = params;
    }

    /** Index of this function in its module, imports first. */
    public int index() {
        return index;
    }

    /** Index of the type of this function in its module. */
    public int type() {
        return type;
    }

    boolean usesTable() {
        return usesTable;
    }

    /** Declares a local of a {@link ValueType} and returns its index; locals start at zero. */
    public int local(byte valueType) {
        if (valueType != runType) {
            flushLocals();
            runType = valueType;
        }
        runLength++;
        return localCount++;
    }

    /** Appends an instruction without immediates. */
    public FunctionBuilder op(int op) {
        int prefix = op >>> 16;
        if (prefix == 0) {
            code.u8(op);
        } else {
            code.u8(prefix).u32(op & 0xffff);
        }
        return this;
    }

    /** {@code local.get}. */
    public FunctionBuilder get(int local) {
        return withLocal(Op.LOCAL_GET, local);
    }

    /** {@code local.set}. */
    public FunctionBuilder set(int local) {
        return withLocal(Op.LOCAL_SET, local);
    }

    /** {@code local.tee}. */
    public FunctionBuilder tee(int local) {
        return withLocal(Op.LOCAL_TEE, local);
    }

    /** {@code i32.const}. */
    public FunctionBuilder i32(int value) {
        op(Op.I32_CONST);
        code.s64(value);
        return this;
    }

    /** {@code i64.const}. */
    public FunctionBuilder i64(long value) {
        op(Op.I64_CONST);
        code.s64(value);
        return this;
    }

    /** {@code f32.const}. */
    public FunctionBuilder f32(float value) {
        op(Op.F32_CONST);
        code.fixed(Float.floatToRawIntBits(value), 4);
        return this;
    }

    /** {@code v128.const} of two 64-bit halves, the low one first. */
    public FunctionBuilder v128(long low, long high) {
        op(Op.V128_CONST);
        code.fixed(low, 8).fixed(high, 8);
        return this;
    }

    /** {@code v128.const} of the same 32 bits in four lanes. */
    public FunctionBuilder v128x4(int bits) {
        long pair = bits & 0xffffffffL | (long) bits << 32;
        return v128(pair, pair);
    }

    /** {@code v128.const} of the same number in four f32 lanes. */
    public FunctionBuilder f32x4(float value) {
        return v128x4(Float.floatToRawIntBits(value));
    }

    /**
     * A local that holds the same 32 bits in four lanes from the start of the function on, so that loops need not build
     * them again; equal constants share a local, which must not be set.
     */
    public int constant(int bits) {
        Integer known = constants.get(bits);
        if (known != null) {
            return known;
        }
        int local = local(ValueType.V128);
        long pair = bits & 0xffffffffL | (long) bits << 32;
        prelude.u8(Op.V128_CONST >>> 16).u32(Op.V128_CONST & 0xffff).fixed(pair, 8).fixed(pair, 8)
                .u8(Op.LOCAL_SET).u32(local);
        constants.put(bits, local);
        return local;
    }

    /** {@code v128.const} of the same number in two f64 lanes. */
    public FunctionBuilder f64x2(double value) {
        long bits = Double.doubleToRawLongBits(value);
        return v128(bits, bits);
    }

    /** A load or store at a constant offset from the address operand, which may be unaligned. */
    public FunctionBuilder mem(int op, int offset) {
        op(op);
        code.u8(0).u32(offset);
        return this;
    }

    /** An atomic access of an i32, or a wait for one or a notification, at an address that must be 4-aligned. */
    public FunctionBuilder atomic(int op, int offset) {
        op(op);
        code.u8(2).u32(offset);
        return this;
    }

    /** A load or store of one lane ({@code v128.store32_lane} and its like), which may be unaligned. */
    public FunctionBuilder memLane(int op, int offset, int lane) {
        mem(op, offset);
        code.u8(lane);
        return this;
    }

    /** An {@code extract_lane} or {@code replace_lane}. */
    public FunctionBuilder lane(int op, int lane) {
        op(op);
        code.u8(lane);
        return this;
    }

    /** {@code i8x16.shuffle} that moves 32-bit lanes; 0 to 3 name the first operand's, 4 to 7 the second's. */
    public FunctionBuilder shuffle32(int a, int b, int c, int d) {
        op(Op.I8X16_SHUFFLE);
        for (int lane : new int[] {a, b, c, d}) {
            for (int i = 0; i < 4; i++) {
                code.u8(4 * lane + i);
            }
        }
        return this;
    }

    /** {@code i8x16.shuffle} with sixteen byte indices, 0 to 31. */
    public FunctionBuilder shuffle(byte[] lanes) {
        op(Op.I8X16_SHUFFLE);
        code.bytes(lanes);
        return this;
    }

    /** {@code memory.copy} of the only memory; operands are destination, source, size. */
    public FunctionBuilder memoryCopy() {
        op(Op.MEMORY_COPY);
        code.u8(0).u8(0);
        return this;
    }

    /** {@code memory.fill} of the only memory; operands are destination, value, size. */
    public FunctionBuilder memoryFill() {
        op(Op.MEMORY_FILL);
        code.u8(0);
        return this;
    }

    /** {@code call} of a function of the same module. */
    public FunctionBuilder call(int function) {
        op(Op.CALL);
        code.u32(function);
        return this;
    }

    /** {@code call_indirect} through the only table, to a function of a type made by {@link ModuleBuilder#type}. */
    public FunctionBuilder callIndirect(int functionType) {
        op(Op.CALL_INDIRECT);
        code.u32(functionType).u8(0);
        usesTable = true;
        return this;
    }

    /** Opens a block and returns its label, which branches to its end. */
    public int block() {
        return open(Op.BLOCK);
    }

    /** Opens a loop and returns its label, which branches to its start. */
    public int loop() {
        return open(Op.LOOP);
    }

    /** Opens an {@code if} on the i32 operand and returns its label, which branches to its end. */
    public int ifTrue() {
        return open(Op.IF);
    }

    /** Starts the {@code else} part of the innermost open {@code if}. */
    public FunctionBuilder otherwise() {
        return op(Op.ELSE);
    }

    /** Closes the innermost open block. */
    public FunctionBuilder end() {
        if (depth == 0) {
            throw new IllegalStateException("no open block");
        }
        depth--;
        return op(Op.END);
    }

    /** Branches to a label. */
    public FunctionBuilder br(int label) {
        return branch(Op.BR, label);
    }

    /** Branches to a label when the i32 operand is not zero. */
    public FunctionBuilder brIf(int label) {
        return branch(Op.BR_IF, label);
    }

    /** Ends the function; returns how many bytes {@link #append} will append. */
    int finish() {
        if (depth != 0) {
            throw new IllegalStateException(depth + " blocks left open");
        }
        flushLocals();
        runType = 0;
        Bytes runs = new Bytes(8).u32(localRuns);
        code.u8(Op.END);
        int size = runs.size() + locals.size() + prelude.size() + code.size();
        start = new Bytes(16).u32(size).bytes(runs);
        return start.size() - runs.size() + size;
    }

    /** Appends the finished function, preceded by its size. */
    void append(Bytes out) {
        out.bytes(start).bytes(locals).bytes(prelude).bytes(code);
    }

    private int open(int op) {
        op(op);
        code.u8(EMPTY);
        return ++depth;
    }

    private FunctionBuilder branch(int op, int label) {
        if (label < 1 || label > depth) {
            throw new IllegalArgumentException("label " + label + " is not open");
        }
        op(op);
        code.u32(depth - label);
        return this;
    }

    private FunctionBuilder withLocal(int op, int local) {
        if (local < 0 || local >= localCount) {
            throw new IllegalArgumentException("no local " + local);
        }
        code.pair(op, local);
        return this;
    }

    private void flushLocals() {
        if (runLength > 0) {
            locals.u32(runLength).u8(runType);
            localRuns++;
            runLength = 0;
        }
    }
}
