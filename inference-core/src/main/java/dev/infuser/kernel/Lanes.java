package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Writes the code of {@link Expr}: each method leaves one v128 on the stack. */
final class Lanes {
    private final FunctionBuilder f;
    private final boolean relaxed;
    private final boolean integers;
    private final LanesMath math;
    /** The locals of the numbers that expressions are given. */
    private int[] numbers;
    private Expr expression;
    private Terms terms;
    private int[] inputs;
    /** The locals of values, by term, or -1. */
    private int[] known;

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

    /** Reads the numbers of an expression from slots of the parameter block. */
    void read(Expr e, int slot) {
        numbers = new int[Expr.numbers(e)];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Emit.v128(f);
            f.get(0).mem(Op.V128_LOAD32_SPLAT, 4 * (slot + i)).set(numbers[i]);
        }
    }

    /** Adds the names of the slots of the numbers of an expression. */
    static void addSlots(List<String> slots, Expr e) {
        for (int i = 0; i < Expr.numbers(e); i++) {
            slots.add("number_" + i);
        }
    }

    /** Pushes the value of an expression whose inputs are the v128 locals {@code inputs}. */
    void push(Expr e, int[] inputs) {
        if (e != expression) {
            expression = e;
            terms = new Terms(e);
        }
        this.inputs = inputs;
        known = new int[terms.size()];
        Arrays.fill(known, -1);
        value(known.length - 1);
    }

    private void value(int at) {
        Terms.Term term = terms.get(at);
        if (term.c() == Terms.Term.INPUT) {
            f.get(inputs[term.a()]);
            return;
        }
        if (term.c() == Terms.Term.NUMBER) {
            f.get(numbers[term.a()]);
            return;
        }
        if (term.c() == Terms.Term.CONSTANT) {
            f.get(f.constant(integers ? (int) term.value() : term.a()));
            return;
        }
        if (known[at] >= 0) {
            f.get(known[at]);
            return;
        }
        if (term.isSelect()) {
            value(term.a());
            value(term.b());
            mask(term.c());
            f.op(Op.V128_BITSELECT);
        } else if (term.isLogical()) {
            mask(at);
            f.get(f.constant(integers ? 1 : Float.floatToRawIntBits(1))).op(Op.V128_AND);
        } else if (!integers && (term.fn() == Fn.MAX || term.fn() == Fn.MIN)) {
            extreme(term);
        } else {
            value(term.a());
            if (term.b() >= 0) {
                value(term.b());
            }
            function(term);
        }
        int kept = Emit.v128(f);
        f.tee(kept);
        known[at] = kept;
    }

    private void function(Terms.Term term) {
        int op = op(term.fn());
        if (op != 0) {
            f.op(op);
        } else if (term.b() < 0) {
            math.unary(term.fn());
        } else if (integers) {
            divide();
        } else {
            math.pow();
        }
    }

    /** Pushes a maximum or minimum: {@code pmin} and {@code pmax} keep what is NaN in the operand that is no constant. */
    private void extreme(Terms.Term term) {
        boolean first = terms.get(term.a()).isNumber();
        value(first ? term.b() : term.a());
        value(first ? term.a() : term.b());
        boolean max = term.fn() == Fn.MAX;
        f.op(first || terms.get(term.b()).isNumber() ? max ? Op.F32X4_PMAX : Op.F32X4_PMIN : op(term.fn()));
    }

    /** Pushes all ones in the lanes where a term is true. */
    private void mask(int at) {
        Terms.Term term = terms.get(at);
        if (term.fn() == Fn.NOT) {
            mask(term.a());
            f.op(Op.V128_NOT);
        } else if (term.isLogical()) {
            if (term.fn().compares()) {
                value(term.a());
                value(term.b());
            } else {
                mask(term.a());
                mask(term.b());
            }
            f.op(op(term.fn()));
        } else {
            value(at);
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
