package dev.infuser.kernel;

import dev.infuser.expr.Fn;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers from, or scatters to, dense data {@code [batch, dim_0, .., dim_(depth-1), block bytes]}: block {@code r} of a dense
 * tensor {@code [rows, block bytes]} belongs to the block of the data that row {@code r} of indices {@code [rows, depth]}
 * names, in batch {@code r / per}. An index out of range gives zeros, or writes nothing, and stores the address of the
 * parameter block at {@code error}.
 *
 * <p>Slots: {@code data indices other} addresses, the last of the gathered or of the updates; {@code error} address of an i32
 * that is written only on errors; {@code rows per} counts, {@code per} above 0; {@code block} bytes; {@code dim_d} dimensions.
 *
 * @param index   I32 or I64
 * @param depth   indices of a row, may be 0
 * @param scatter whether to write to the data, one update after the other
 * @param combine how f32 updates are combined with what is there, or null to replace it
 */
public record IndexedSlices(Element index, int depth, boolean scatter, Fn combine) implements Kernel {
    private static final int DATA = 0;
    private static final int INDICES = 1;
    private static final int OTHER = 2;
    private static final int ERROR = 3;
    private static final int ROWS = 4;
    private static final int PER = 5;
    private static final int BLOCK = 6;
    private static final int DIM = 7;

    @Override
    public String name() {
        return (scatter ? "scatter" : "gather") + "_slices_" + index + "_" + depth + (combine == null ? "" : "_" + combine);
    }

    @Override
    public List<String> slots() {
        List<String> slots = new ArrayList<>(List.of("data", "indices", "other", "error", "rows", "per", "block"));
        for (int d = 0; d < depth; d++) {
            slots.add("dim_" + d);
        }
        return slots;
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        Places places = new Places(f, index, ERROR);
        int rows = Emit.slot(f, ROWS);
        int block = Emit.slot(f, BLOCK);
        int row = Emit.i32(f);
        int from = Emit.i32(f);
        int place = Emit.i32(f);
        int valid = Emit.i32(f);
        int other = Emit.i32(f);
        int bytes = Emit.i32(f);
        int[] dims = new int[depth];
        for (int d = 0; d < depth; d++) {
            dims[d] = Emit.slot(f, DIM + d);
        }
        Runnable one = () -> {
            Emit.pushSlot(f, INDICES);
            f.get(row).i32(depth * index.size).op(Op.I32_MUL).op(Op.I32_ADD).set(from);
            f.i32(1).set(valid);
            f.get(row);
            Emit.pushSlot(f, PER);
            f.op(Op.I32_DIV_U).set(place);
            for (int dim : dims) {
                f.get(place).get(dim).op(Op.I32_MUL);
                places.push(from, dim, valid);
                f.op(Op.I32_ADD).set(place);
                Emit.add(f, from, index.size);
            }
            Emit.pushSlot(f, DATA);
            f.get(place).get(block).op(Op.I32_MUL).op(Op.I32_ADD).set(place);
            Emit.pushSlot(f, OTHER);
            f.get(row).get(block).op(Op.I32_MUL).op(Op.I32_ADD).set(other);
            f.get(block).set(bytes);
            f.get(valid).ifTrue();
            if (combine != null) {
                Emit.loopWhile(f, () -> f.get(bytes), () -> {
                    Places.write(f, place, other, Float.BYTES, combine);
                    Emit.add(f, place, Float.BYTES);
                    Emit.add(f, other, Float.BYTES);
                    Emit.add(f, bytes, -Float.BYTES);
                });
            } else {
                Emit.copy(f, scatter ? place : other, scatter ? other : place, bytes);
            }
            if (!scatter) {
                f.otherwise().get(other).i32(0).get(bytes).memoryFill();
            }
            f.end();
        };
        if (scatter) {
            Emit.units(f, Emit.i32(f), Emit.dim(f, 1, 0), () -> {
                f.i32(0).set(row);
                Emit.range(f, row, rows, 1, one);
            });
        } else {
            Emit.units(f, row, rows, one);
        }
    }
}
