package dev.infuser.kernel;

import dev.infuser.expr.StencilProgram.Code;
import dev.infuser.expr.StencilProgram.Stage;
import dev.infuser.expr.StencilProgram.Term;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.Arrays;

/** Writes the arithmetic of a {@link Stage}, a vector at a time. */
final class StencilLanes {

    /** Pushes the lanes of a plane. */
    interface Loads {
        /** @param element the first of the lanes, counted from the beginning of the block */
        void push(Term term, int element);
    }

    private static final int VECTOR = 128;
    /** Terms that are worth a branch around them. */
    private static final int SKIPPED = 12;

    private final FunctionBuilder f;
    private final Stage stage;
    private final Loads loads;
    private final int[] uses;
    /** The locals of values, by term, or -1. */
    private int[] known;
    private int element;

    StencilLanes(FunctionBuilder f, Stage stage, Loads loads) {
        this.f = f;
        this.stage = stage;
        this.loads = loads;
        uses = new int[stage.terms().size()];
        known = new int[uses.length];
        for (Term term : stage.terms()) {
            if (term.code().isUnary()) {
                uses[term.a()]++;
            }
            if (term.code().isBinary()) {
                uses[term.b()]++;
            }
            if (term.code() == Code.SELECT) {
                uses[term.c()]++;
            }
        }
    }

    /** The last term, which is the stage's result. */
    int root() {
        return known.length - 1;
    }

    /** Writes the code of a term for vector {@code v} of the block and returns the local of the result. */
    int vector(int v, int term) {
        element = v * VECTOR / stage.bits();
        Arrays.fill(known, -1);
        push(term);
        int result = Emit.v128(f);
        f.set(result);
        return result;
    }

    private void push(int at) {
        if (known[at] >= 0) {
            f.get(known[at]);
            return;
        }
        Term term = stage.terms().get(at);
        Code code = term.code();
        int bits = stage.bits();
        if (code == Code.CONSTANT) {
            f.get(f.constant(repeat(term.a(), bits)));
            return;
        }
        if (code == Code.LOAD) {
            loads.push(term, element);
        } else if (code == Code.AND && costs(term.b(), term.a()) > SKIPPED) {
            pushUnlessNone(term);
        } else if (code == Code.MUL15) {
            push(term.a());
            push(term.b());
            f.op(Op.I32X4_DOT_I16X8_S);
        } else if (code == Code.NUMBER) {
            push(term.a());
            f.get(f.constant(repeat(1, bits))).op(Op.V128_AND);
        } else if (code != Code.ADD || bits != 32 || !pairOfProducts(term)) {
            push(term.a());
            if (code.isBinary()) {
                push(term.b());
            }
            if (code == Code.SELECT) {
                push(term.c());
            } else if (code == Code.SHL || code == Code.SHR) {
                f.i32(term.b());
            }
            f.op(op(code, bits, term.signed()));
        }
        if (uses[at] > 1) {
            known[at] = Emit.v128(f);
            f.tee(known[at]);
        }
    }

    /** Pushes both operands' common bits; where the first has none, the second is not computed. */
    private void pushUnlessNone(Term term) {
        int result = Emit.v128(f);
        push(term.a());
        f.tee(result).op(Op.V128_ANY_TRUE).ifTrue();
        int[] before = known.clone();
        f.get(result);
        push(term.b());
        f.op(Op.V128_AND).set(result);
        known = before;
        f.end().get(result);
    }

    /** How many terms are computed for one, beyond those for another. */
    private int costs(int term, int beyond) {
        boolean[] seen = new boolean[known.length];
        count(beyond, seen);
        return count(term, seen);
    }

    private int count(int at, boolean[] seen) {
        if (seen[at]) {
            return 0;
        }
        seen[at] = true;
        Term term = stage.terms().get(at);
        Code code = term.code();
        return 1 + (code.isUnary() ? count(term.a(), seen) : 0) + (code.isBinary() ? count(term.b(), seen) : 0)
                + (code == Code.SELECT ? count(term.c(), seen) : 0);
    }

    /** Pushes the sum of two products of constants with the low and with the high half of the same word's lanes, as one instruction. */
    private boolean pairOfProducts(Term sum) {
        long[] low = product(sum.a());
        long[] high = product(sum.b());
        if (low == null || high == null || low[0] != high[0] || low[1] == high[1]) {
            return false;
        }
        long[] first = low[1] == 0 ? low : high;
        long[] second = low[1] == 0 ? high : low;
        if (first[1] != 0 || second[1] != 16) {
            return false;
        }
        push((int) first[0]);
        f.get(f.constant((int) (first[2] | second[2] << 16))).op(Op.V128_AND);
        f.get(f.constant((int) (first[3] | second[3] << 16))).op(Op.I32X4_DOT_I16X8_S);
        return true;
    }

    /** Of a product of a constant and some bits of a word: the word's term, how far these bits are moved, their mask, the constant; or null. */
    private long[] product(int at) {
        Term product = stage.terms().get(at);
        if (product.code() != Code.MUL15) {
            return null;
        }
        Term masked = stage.terms().get(product.a());
        Term factor = stage.terms().get(product.b());
        if (masked.code() != Code.AND || factor.code() != Code.CONSTANT || factor.a() < 0) {
            return null;
        }
        Term mask = stage.terms().get(masked.b());
        Term word = stage.terms().get(masked.a());
        boolean moved = word.code() == Code.SHR;
        return mask.code() != Code.CONSTANT || mask.a() < 0 || mask.a() >= 1 << 15 ? null
                : new long[] {moved ? word.a() : masked.a(), moved ? word.b() : 0, mask.a(), factor.a()};
    }

    /** The 32 bits that lanes of {@code bits} with the same number in each have. */
    static int repeat(int value, int bits) {
        return bits == 8 ? (value & 0xff) * 0x01010101 : bits == 16 ? (value & 0xffff) * 0x00010001 : value;
    }

    /** The instruction for a function of lanes of {@code bits}. */
    static int op(Code code, int bits, boolean signed) {
        int size = bits == 8 ? 0 : bits == 16 ? 1 : 2;
        return switch (code) {
            case ADD -> pick(size, Op.I8X16_ADD, Op.I16X8_ADD, Op.I32X4_ADD);
            case SUB -> pick(size, Op.I8X16_SUB, Op.I16X8_SUB, Op.I32X4_SUB);
            case MUL -> pick(size, 0, Op.I16X8_MUL, Op.I32X4_MUL);
            case MIN -> signed ? pick(size, Op.I8X16_MIN_S, Op.I16X8_MIN_S, Op.I32X4_MIN_S)
                    : pick(size, Op.I8X16_MIN_U, Op.I16X8_MIN_U, Op.I32X4_MIN_U);
            case MAX -> signed ? pick(size, Op.I8X16_MAX_S, Op.I16X8_MAX_S, Op.I32X4_MAX_S)
                    : pick(size, Op.I8X16_MAX_U, Op.I16X8_MAX_U, Op.I32X4_MAX_U);
            case ABS -> pick(size, Op.I8X16_ABS, Op.I16X8_ABS, Op.I32X4_ABS);
            case NEG -> pick(size, Op.I8X16_NEG, Op.I16X8_NEG, Op.I32X4_NEG);
            case AND -> Op.V128_AND;
            case OR -> Op.V128_OR;
            case XOR -> Op.V128_XOR;
            case NOT -> Op.V128_NOT;
            case SHL -> pick(size, Op.I8X16_SHL, Op.I16X8_SHL, Op.I32X4_SHL);
            case SHR -> signed ? pick(size, Op.I8X16_SHR_S, Op.I16X8_SHR_S, Op.I32X4_SHR_S)
                    : pick(size, Op.I8X16_SHR_U, Op.I16X8_SHR_U, Op.I32X4_SHR_U);
            case EQ -> pick(size, Op.I8X16_EQ, Op.I16X8_EQ, Op.I32X4_EQ);
            case NE -> pick(size, Op.I8X16_NE, Op.I16X8_NE, Op.I32X4_NE);
            case LT -> signed ? pick(size, Op.I8X16_LT_S, Op.I16X8_LT_S, Op.I32X4_LT_S)
                    : pick(size, Op.I8X16_LT_U, Op.I16X8_LT_U, Op.I32X4_LT_U);
            case GT -> signed ? pick(size, Op.I8X16_GT_S, Op.I16X8_GT_S, Op.I32X4_GT_S)
                    : pick(size, Op.I8X16_GT_U, Op.I16X8_GT_U, Op.I32X4_GT_U);
            case LE -> signed ? pick(size, Op.I8X16_LE_S, Op.I16X8_LE_S, Op.I32X4_LE_S)
                    : pick(size, Op.I8X16_LE_U, Op.I16X8_LE_U, Op.I32X4_LE_U);
            case GE -> signed ? pick(size, Op.I8X16_GE_S, Op.I16X8_GE_S, Op.I32X4_GE_S)
                    : pick(size, Op.I8X16_GE_U, Op.I16X8_GE_U, Op.I32X4_GE_U);
            case SELECT -> Op.V128_BITSELECT;
            default -> throw new IllegalArgumentException(code + " is no instruction");
        };
    }

    private static int pick(int size, int bytes, int shorts, int ints) {
        return size == 0 ? bytes : size == 1 ? shorts : ints;
    }
}
