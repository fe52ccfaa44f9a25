package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Writes the code of {@link Expr}: each method leaves one v128 on the stack. */
final class Lanes {
    private final FunctionBuilder f;
    private final boolean relaxed;
    private final boolean integers;
    private final LanesMath math;

    Lanes(FunctionBuilder f, Target target) {
        this(f, target, false);
    }

    /** Writes the arithmetic of i32 lanes if {@code integers}, else that of f32 lanes. */
    Lanes(FunctionBuilder f, Target target, boolean integers) {
        this.f = f;
        this.integers = integers;
        this.relaxed = target.relaxedMadd();
        this.math = new LanesMath(f, this);
    }

    /** Input numbers that an expression reads, ascending. */
    static Set<Integer> inputs(Expr e) {
        Set<Integer> found = new TreeSet<>();
        collect(e, found);
        return found;
    }

    private static void collect(Expr e, Set<Integer> found) {
        if (e instanceof Expr.Input input) {
            found.add(input.index());
        } else if (e instanceof Expr.Unary unary) {
            collect(unary.x(), found);
        } else if (e instanceof Expr.Binary binary) {
            collect(binary.a(), found);
            collect(binary.b(), found);
        } else if (e instanceof Expr.Select select) {
            collect(select.condition(), found);
            collect(select.a(), found);
            collect(select.b(), found);
        }
    }

    /** Roughly how many instructions an expression takes. */
    static int size(Expr e) {
        if (e instanceof Expr.Unary unary) {
            return size(unary.x()) + (FnOps.op(unary.fn()) == 0 ? 32 : 1);
        }
        if (e instanceof Expr.Binary binary) {
            return size(binary.a()) + size(binary.b()) + (FnOps.op(binary.fn()) == 0 ? 64 : 1);
        }
        return e instanceof Expr.Select select ? size(select.condition()) + size(select.a()) + size(select.b()) + 1 : 1;
    }

    /** Multiplies the two operands below unless {@link #add} will do it together with the addition. */
    Lanes mul() {
        if (!relaxed) {
            f.op(Op.F32X4_MUL);
        }
        return this;
    }

    /** Ends a multiply-add {@code a, b, mul(), c, add()}. */
    Lanes add() {
        f.op(relaxed ? Op.F32X4_RELAXED_MADD : Op.F32X4_ADD);
        return this;
    }

    /** Pushes the value of an expression whose inputs are the v128 locals {@code inputs}. */
    void push(Expr e, int[] inputs) {
        value(e, inputs, new HashMap<>());
    }

    private void value(Expr e, int[] inputs, Map<Expr, Integer> known) {
        if (e instanceof Expr.Input input) {
            f.get(inputs[input.index()]);
            return;
        }
        if (e instanceof Expr.Constant constant) {
            f.get(f.constant(integers ? (int) constant.value() : Float.floatToRawIntBits(constant.value())));
            return;
        }
        Integer local = known.get(e);
        if (local != null) {
            f.get(local);
            return;
        }
        if (e instanceof Expr.Select select) {
            value(select.a(), inputs, known);
            value(select.b(), inputs, known);
            mask(select.condition(), inputs, known);
            f.op(Op.V128_BITSELECT);
        } else if (logical(e)) {
            mask(e, inputs, known);
            f.get(f.constant(integers ? 1 : Float.floatToRawIntBits(1))).op(Op.V128_AND);
        } else if (e instanceof Expr.Unary unary) {
            value(unary.x(), inputs, known);
            if (op(unary.fn()) != 0) {
                f.op(op(unary.fn()));
            } else {
                math.unary(unary.fn());
            }
        } else if (!integers && e instanceof Expr.Binary binary && (binary.fn() == Fn.MAX || binary.fn() == Fn.MIN)) {
            boolean first = isNumber(binary.a());
            value(first ? binary.b() : binary.a(), inputs, known);
            value(first ? binary.a() : binary.b(), inputs, known);
            boolean max = binary.fn() == Fn.MAX;
            f.op(first || isNumber(binary.b()) ? max ? Op.F32X4_PMAX : Op.F32X4_PMIN : FnOps.op(binary.fn()));
        } else if (e instanceof Expr.Binary binary) {
            value(binary.a(), inputs, known);
            value(binary.b(), inputs, known);
            if (op(binary.fn()) != 0) {
                f.op(op(binary.fn()));
            } else if (integers) {
                divide();
            } else {
                math.pow();
            }
        }
        int kept = Emit.v128(f);
        f.tee(kept);
        known.put(e, kept);
    }

    /** Whether an expression is a constant and not NaN: {@code pmin} and {@code pmax} keep what is NaN in the other operand. */
    private static boolean isNumber(Expr e) {
        return e instanceof Expr.Constant constant && constant.value() == constant.value();
    }

    private static boolean logical(Expr e) {
        return e instanceof Expr.Unary unary && unary.fn().logical()
                || e instanceof Expr.Binary binary && binary.fn().logical();
    }

    /** Pushes all ones in the lanes where the expression is true. */
    private void mask(Expr e, int[] inputs, Map<Expr, Integer> known) {
        if (e instanceof Expr.Unary unary && unary.fn() == Fn.NOT) {
            mask(unary.x(), inputs, known);
            f.op(Op.V128_NOT);
        } else if (e instanceof Expr.Binary binary && binary.fn().compares()) {
            value(binary.a(), inputs, known);
            value(binary.b(), inputs, known);
            f.op(op(binary.fn()));
        } else if (e instanceof Expr.Binary binary && binary.fn().logical()) {
            mask(binary.a(), inputs, known);
            mask(binary.b(), inputs, known);
            f.op(op(binary.fn()));
        } else {
            value(e, inputs, known);
            f.f32x4(0).op(op(Fn.NE));
        }
    }

    private int op(Fn fn) {
        return integers ? FnOps.integer(fn) : FnOps.op(fn);
    }

    /** Divides i32 lanes; a lane beyond the end may hold anything, so that it divides by 1 where it could trap. */
    private void divide() {
        int a = Emit.v128(f);
        int b = Emit.v128(f);
        int negate = Emit.v128(f);
        f.tee(b).get(f.constant(-1)).op(Op.I32X4_EQ).set(negate).tee(a).op(Op.I32X4_NEG).get(a).get(negate)
                .op(Op.V128_BITSELECT).set(a);
        f.get(f.constant(1)).get(b).get(b).get(f.constant(0)).op(Op.I32X4_EQ).get(negate).op(Op.V128_OR)
                .op(Op.V128_BITSELECT).set(b);
        f.get(a);
        for (int lane = 0; lane < 4; lane++) {
            f.get(a).lane(Op.I32X4_EXTRACT_LANE, lane).get(b).lane(Op.I32X4_EXTRACT_LANE, lane).op(Op.I32_DIV_S)
                    .lane(Op.I32X4_REPLACE_LANE, lane);
        }
    }

    /** Pushes the exponential of the operand, which is not positive; results below 1e-38 become 0. */
    void expOfNegative() {
        math.expOfNegative();
    }

    /** Pushes the natural logarithm of the operand. */
    void log() {
        math.unary(Fn.LOG);
    }
}
