package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A chain of kernels that runs on a few rows at a time, for every combination of outer dimensions, so that what passes from
 * one kernel to the next stays in the thread's working memory, and in the cache.
 *
 * <p>Slots: {@code scratch} 16-aligned address of working memory, whose first {@link #blockBytes} are the chain's own;
 * {@code rows} of a tile at most; {@code dim_d} dimensions, outermost first, the last of them counting the rows. Then for
 * each link its slots for the first row, prefixed by its number and a dot; then for each moved slot and each dimension a
 * stride, named as the slot with {@code @d} behind it.
 *
 * @param rank  number of dimensions, at least 1
 * @param links what is called for a tile, in order
 */
public record Tiled(int rank, List<Link> links) implements Kernel {

    private static final int SCRATCH = 0;
    private static final int ROWS = 1;
    private static final int DIM = 2;

    /**
     * One kernel of a chain.
     *
     * @param kernel its template
     * @param index  its number in the module
     * @param rows   the slot that takes the number of rows in the tile
     * @param local  slots that are given as offsets from the working memory
     * @param moved  slots that are addresses, moved for every tile
     */
    public record Link(Kernel kernel, int index, String rows, List<String> local, List<String> moved) {
        private int slot(String name) {
            return 4 * kernel.slots().indexOf(name);
        }

        private int bytes() {
            return 4 * kernel.slots().size();
        }
    }

    /** Bytes at the start of the working memory in which the links find their parameters. */
    public int blockBytes() {
        int bytes = 0;
        for (Link link : links) {
            bytes += link.bytes() + 19 & -16;
        }
        return bytes;
    }

    @Override
    public String name() {
        StringBuilder name = new StringBuilder("tiled");
        for (Link link : links) {
            name.append('_').append(link.kernel().name());
        }
        return name.toString();
    }

    @Override
    public List<String> slots() {
        List<String> slots = new ArrayList<>(List.of("scratch", "rows"));
        for (int d = 0; d < rank; d++) {
            slots.add("dim_" + d);
        }
        for (int i = 0; i < links.size(); i++) {
            for (String name : links.get(i).kernel().slots()) {
                slots.add(i + "." + name);
            }
            for (String name : links.get(i).moved()) {
                for (int d = 0; d < rank; d++) {
                    slots.add(i + "." + name + "@" + d);
                }
            }
        }
        return slots;
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        long row = 0;
        int slot = at + DIM + rank;
        for (Link link : links) {
            int[] block = Arrays.copyOfRange(words, slot, slot + link.bytes() / 4);
            block[link.slot(link.rows()) / 4] = 1;
            link.kernel().work(block, 0, work);
            row += work[0];
            slot += block.length + rank * link.moved().size();
        }
        work[0] = row * Emit.product(words, at + DIM, 1, rank);
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        int scratch = Emit.scratch(f, SCRATCH);
        int most = Emit.slot(f, ROWS);
        int all = Emit.slot(f, DIM + rank - 1);
        int tiles = Emit.i32(f);
        int total = Emit.i32(f);
        int unit = Emit.i32(f);
        int rest = Emit.i32(f);
        int rows = Emit.i32(f);
        int[] at = new int[rank];
        for (int d = 0; d < rank; d++) {
            at[d] = Emit.i32(f);
        }
        int first = at[rank - 1];
        f.get(all).get(most).op(Op.I32_ADD).i32(1).op(Op.I32_SUB).get(most).op(Op.I32_DIV_U).tee(tiles);
        Emit.product(f, DIM, 1, rank - 1);
        f.set(total);
        Emit.units(f, unit, total, () -> {
            f.get(unit).set(rest);
            Emit.divide(f, rest, tiles, first);
            f.get(first).get(most).op(Op.I32_MUL).set(first);
            f.get(all).get(first).op(Op.I32_SUB).set(rows);
            Emit.min(f, rows, most);
            f.set(rows);
            int index = Emit.i32(f);
            Emit.indices(f, rest, index, DIM, 1, rank - 1, d -> f.get(index).set(at[d]));
            int slot = DIM + rank;
            int offset = 4;
            for (Link link : links) {
                int block = Emit.i32(f);
                f.get(scratch).i32(offset).op(Op.I32_ADD).set(block);
                call(f, link, slot, block, scratch, rows, at);
                slot += link.kernel().slots().size() + rank * link.moved().size();
                offset += link.bytes() + 19 & -16;
            }
        });
    }

    private void call(FunctionBuilder f, Link link, int slot, int block, int scratch, int rows, int[] at) {
        f.get(block).get(0).i32(4 * slot).op(Op.I32_ADD).i32(link.bytes()).memoryCopy();
        f.get(block).get(rows).mem(Op.I32_STORE, link.slot(link.rows()));
        for (String name : link.local()) {
            f.get(block).get(block).mem(Op.I32_LOAD, link.slot(name)).get(scratch).op(Op.I32_ADD)
                    .mem(Op.I32_STORE, link.slot(name));
        }
        int stride = slot + link.kernel().slots().size();
        for (String name : link.moved()) {
            f.get(block).get(block).mem(Op.I32_LOAD, link.slot(name));
            for (int index : at) {
                f.get(index);
                Emit.pushSlot(f, stride++);
                f.op(Op.I32_MUL).op(Op.I32_ADD);
            }
            f.mem(Op.I32_STORE, link.slot(name));
        }
        f.get(block).i32(0).i32(1).i32(0).i32(link.index()).callIndirect(f.type());
    }
}
