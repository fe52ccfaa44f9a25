package dev.infuser.kernel;

import dev.infuser.expr.StencilProgram.Code;
import dev.infuser.expr.StencilProgram.Place;
import dev.infuser.expr.StencilProgram.Plane;
import dev.infuser.expr.StencilProgram.Stage;
import dev.infuser.expr.StencilProgram.Term;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes the code of {@link Stencil}. */
final class StencilCode {

    private static final int SHARE = 1;
    private static final int SHARES = 2;
    private static final int VECTOR = 128;
    /** Elements of a row from which on blocks are larger. */
    private static final int WIDE = 64;

    private final FunctionBuilder f;
    private final Stencil stencil;
    private final StencilRows rows;
    /** By plane: the local of its address, or of where its rows begin. */
    private final int[] base;
    private final int first;
    private final int last;
    private final int row;
    private final int x;
    private final int from;
    private final int from2;
    private final int from4;
    private final int at;
    private final List<Integer> pointers = new ArrayList<>();

    StencilCode(FunctionBuilder f, Stencil stencil) {
        this.f = f;
        this.stencil = stencil;
        this.rows = new StencilRows(stencil);
        base = new int[stencil.planes().size()];
        first = Emit.i32(f);
        last = Emit.i32(f);
        row = Emit.i32(f);
        x = Emit.i32(f);
        from = Emit.i32(f);
        from2 = Emit.i32(f);
        from4 = Emit.i32(f);
        at = Emit.i32(f);
    }

    void emit() {
        int slot = stencil.slots().size() - 1;
        int scratch = Emit.scratch(f, slot);
        for (int p = base.length - 1; p >= 0; p--) {
            if (stencil.planes().get(p).place() == Place.ROWS) {
                base[p] = Emit.i32(f);
                f.get(scratch).i32(rows.start[p]).op(Op.I32_ADD).set(base[p]);
            } else {
                base[p] = Emit.slot(f, --slot);
            }
        }
        share(0, first);
        share(1, last);
        f.get(first).get(last).op(Op.I32_LT_S).ifTrue();
        for (int p = 0; p < base.length; p++) {
            outside(p);
        }
        int time = Emit.i32(f);
        int earliest = 0;
        for (Stage stage : stencil.stages()) {
            earliest = Math.min(earliest, rows.above[stage.plane()] - rows.lead[stage.plane()]);
        }
        f.get(first).i32(earliest).op(Op.I32_ADD).set(time);
        Emit.range(f, time, last, 1, () -> {
            for (Stage stage : stencil.stages()) {
                int plane = stage.plane();
                f.get(time).i32(rows.lead[plane]).op(Op.I32_ADD).tee(row).get(first).i32(rows.above[plane]).op(Op.I32_ADD)
                        .op(Op.I32_GE_S);
                f.get(row).get(last).i32(rows.below[plane]).op(Op.I32_ADD).op(Op.I32_LT_S).op(Op.I32_AND);
                f.get(row).i32(stencil.height()).op(Op.I32_LT_U).op(Op.I32_AND).ifTrue();
                row(stage);
                f.end();
            }
        });
        f.end();
    }

    /** Sets a local to the first row of the share that is {@code ahead} of this one. */
    private void share(int ahead, int local) {
        f.i64(stencil.height()).get(SHARE).i32(ahead).op(Op.I32_ADD).op(Op.I64_EXTEND_I32_U).op(Op.I64_MUL).get(SHARES)
                .op(Op.I64_EXTEND_I32_U).op(Op.I64_DIV_U).op(Op.I32_WRAP_I64).set(local);
    }

    /** Writes the row that stands for those above and below. */
    private void outside(int p) {
        Plane plane = stencil.planes().get(p);
        if (plane.place() != Place.ROWS || plane.edge()) {
            return;
        }
        int address = Emit.i32(f);
        int end = Emit.i32(f);
        f.get(base[p]).i32(rows.ring[p] * rows.pitch[p]).op(Op.I32_ADD).tee(address).i32(rows.pitch[p]).op(Op.I32_ADD).set(end);
        Emit.range(f, address, end, VECTOR / Byte.SIZE, () -> f.get(address).v128x4(StencilLanes.repeat(plane.fill(), plane.bits()))
                .mem(Op.V128_STORE, 0));
    }

    /** Pushes the address of a row of a plane, {@code down} rows below that of the stage, its left margin included. */
    private void address(int p, int down) {
        Plane plane = stencil.planes().get(p);
        if (plane.place() != Place.ROWS) {
            f.get(base[p]).get(row).i32(stencil.width() * plane.bits() / Byte.SIZE).op(Op.I32_MUL).op(Op.I32_ADD);
            return;
        }
        f.get(base[p]);
        f.get(row).i32(down).op(Op.I32_ADD).set(at);
        if (down != 0 && plane.edge()) {
            int end = down < 0 ? 0 : stencil.height() - 1;
            f.i32(end).get(at).get(at).i32(end).op(down < 0 ? Op.I32_LT_S : Op.I32_GT_S).op(Op.SELECT).set(at);
        }
        f.get(at).i32(rows.ring[p] - 1).op(Op.I32_AND);
        if (down != 0 && !plane.edge()) {
            f.i32(rows.ring[p]).get(at).i32(stencil.height()).op(Op.I32_LT_U).op(Op.SELECT);
        }
        f.i32(rows.pitch[p]).op(Op.I32_MUL).op(Op.I32_ADD);
    }

    private int pointer(int index) {
        while (pointers.size() <= index) {
            pointers.add(Emit.i32(f));
        }
        return pointers.get(index);
    }

    private void row(Stage stage) {
        Map<List<Integer>, Integer> read = new HashMap<>();
        for (Term term : stage.terms()) {
            List<Integer> key = List.of(term.a(), term.b());
            if (term.code() == Code.LOAD && !read.containsKey(key)) {
                int pointer = pointer(read.size());
                read.put(key, pointer);
                address(term.a(), term.b());
                f.set(pointer);
            }
        }
        Plane plane = stencil.planes().get(stage.plane());
        int target = pointer(read.size());
        address(stage.plane(), 0);
        f.set(target);
        int count = (stencil.width() < WIDE ? 512 : 1024) / VECTOR / (stage.bits() == 8 ? 2 : 1);
        int block = count * VECTOR / stage.bits();
        Map<Integer, Integer> addresses = new HashMap<>();
        int next = read.size() + 1;
        for (int pointer : read.values()) {
            addresses.put(pointer, pointer(next++));
        }
        f.i32(0).set(x);
        Emit.loopWhile(f, () -> f.get(x).i32(stencil.width()).op(Op.I32_LT_S), () -> {
            f.get(x).i32(stencil.width() - block).get(x).i32(stencil.width() - block).op(Op.I32_LT_S).op(Op.SELECT).set(from);
            f.get(from).i32(1).op(Op.I32_SHL).set(from2);
            f.get(from).i32(2).op(Op.I32_SHL).set(from4);
            read.forEach((key, pointer) -> {
                along(pointer, stencil.planes().get(key.get(0)).bits());
                f.set(addresses.get(pointer));
            });
            StencilLanes lanes = new StencilLanes(f, stage, (term, element) -> load(stage, term, element,
                    addresses.get(read.get(List.of(term.a(), term.b())))));
            along(target, plane.bits());
            f.set(at);
            Term guard = guard(stage);
            if (guard == null) {
                compute(stage, plane, lanes, lanes.root(), count);
            } else {
                Term root = stage.terms().get(lanes.root());
                int guarded = addresses.get(read.get(List.of(guard.a(), guard.b())));
                int margin = stencil.planes().get(guard.a()).place() == Place.ROWS ? rows.left[guard.a()] : 0;
                for (int i = 0; i < block; i += VECTOR / Byte.SIZE) {
                    f.get(guarded).mem(Op.V128_LOAD, margin + guard.c() + i);
                    if (i > 0) {
                        f.op(Op.V128_OR);
                    }
                }
                f.op(Op.V128_ANY_TRUE).ifTrue();
                compute(stage, plane, lanes, lanes.root(), count);
                f.otherwise();
                int otherwise = root.code() == Code.SELECT ? root.b() : root.a();
                boolean replaces = stencil.program().replaced() >= 0;
                if (replaces) {
                    f.get(at).get(addresses.get(read.get(List.of(stage.terms().get(otherwise).a(), 0)))).op(Op.I32_NE).ifTrue();
                }
                compute(stage, plane, lanes, otherwise, count);
                if (replaces) {
                    f.end();
                }
                f.end();
            }
            Emit.add(f, x, block);
        });
        if (plane.place() == Place.ROWS) {
            margins(stage.plane(), target);
        }
    }

    /** Writes the code of a term for the whole block, and stores it: as many vectors at a time as become one. */
    private void compute(Stage stage, Plane plane, StencilLanes lanes, int term, int count) {
        int group = stage.bits() / plane.bits();
        for (int v = 0; v < count; v += group) {
            int[] results = new int[group];
            for (int i = 0; i < group; i++) {
                results[i] = lanes.vector(v + i, term);
            }
            store(stage, plane, results, v / group);
        }
    }

    /** The truth values of 8 bits of which a result depends that is another, simpler term where none is true; or null. */
    private Term guard(Stage stage) {
        Term root = stage.terms().get(stage.terms().size() - 1);
        if (root.code() != Code.SELECT && root.code() != Code.AND) {
            return null;
        }
        Term guard = stage.terms().get(root.code() == Code.SELECT ? root.c() : root.a());
        return guard.code() == Code.LOAD && stencil.planes().get(guard.a()).truth() ? guard : null;
    }

    /** Pushes a pointer moved to the current block. */
    private void along(int pointer, int bits) {
        f.get(pointer).get(bits == Byte.SIZE ? from : bits == Short.SIZE ? from2 : from4).op(Op.I32_ADD);
    }

    /** Pushes the lanes that begin {@code element} elements behind the beginning of the block. */
    private void load(Stage stage, Term term, int element, int address) {
        Plane plane = stencil.planes().get(term.a());
        int margin = plane.place() == Place.ROWS ? rows.left[term.a()] : 0;
        int offset = (margin + element + term.c()) * plane.bits() / Byte.SIZE;
        boolean mask = plane.truth() && plane.place() == Place.ROWS;
        boolean signed = plane.signed() || mask;
        f.get(address);
        if (plane.bits() == stage.bits()) {
            f.mem(Op.V128_LOAD, offset);
        } else if (stage.bits() == 16) {
            f.mem(signed ? Op.V128_LOAD8X8_S : Op.V128_LOAD8X8_U, offset);
        } else if (plane.bits() == 16) {
            f.mem(signed ? Op.V128_LOAD16X4_S : Op.V128_LOAD16X4_U, offset);
        } else {
            f.mem(Op.V128_LOAD32_ZERO, offset).op(signed ? Op.I16X8_EXTEND_LOW_I8X16_S : Op.I16X8_EXTEND_LOW_I8X16_U)
                    .op(signed ? Op.I32X4_EXTEND_LOW_I16X8_S : Op.I32X4_EXTEND_LOW_I16X8_U);
        }
        if (plane.truth() && !mask) {
            f.op(StencilLanes.op(Code.NEG, stage.bits(), true));
        }
    }

    private void store(Stage stage, Plane plane, int[] results, int number) {
        int margin = plane.place() == Place.ROWS ? rows.left[stage.plane()] * plane.bits() / Byte.SIZE : 0;
        boolean signed = plane.signed() || plane.truth();
        int count = results.length;
        for (int bits = stage.bits(); bits > plane.bits(); bits /= 2) {
            int narrow = bits == 32 ? signed ? Op.I16X8_NARROW_I32X4_S : Op.I16X8_NARROW_I32X4_U
                    : signed ? Op.I8X16_NARROW_I16X8_S : Op.I8X16_NARROW_I16X8_U;
            count /= 2;
            for (int v = 0; v < count; v++) {
                f.get(results[2 * v]).get(results[2 * v + 1]).op(narrow).set(results[v]);
            }
        }
        f.get(at).get(results[0]);
        if (plane.truth() && plane.place() == Place.OUTPUT) {
            f.v128x4(0x01010101).op(Op.V128_AND);
        }
        f.mem(Op.V128_STORE, margin + number * VECTOR / Byte.SIZE);
    }

    /** Writes what lies left and right of a row. */
    private void margins(int p, int target) {
        Plane plane = stencil.planes().get(p);
        int size = plane.bits() / Byte.SIZE;
        int load = size == 4 ? Op.I32_LOAD : size == 2 ? Op.I32_LOAD16_U : Op.I32_LOAD8_U;
        int store = size == 4 ? Op.I32_STORE : size == 2 ? Op.I32_STORE16 : Op.I32_STORE8;
        int begin = rows.left[p];
        int end = begin + stencil.width();
        for (int i = 0; i < end + rows.right[p]; i = i == begin - 1 ? end : i + 1) {
            if (i == begin) {
                i = end;
                if (rows.right[p] == 0) {
                    return;
                }
            }
            f.get(target);
            if (plane.edge()) {
                f.get(target).mem(load, (i < begin ? begin : end - 1) * size);
            } else {
                f.i32(plane.fill());
            }
            f.mem(store, i * size);
        }
    }
}
