package dev.infuser.kernel;

import dev.infuser.expr.Fn;
import dev.infuser.wasm.Op;

/** The functions that one SIMD instruction computes, on f32 lanes and on i32 lanes. */
final class FnOps {
    private FnOps() {}

    /** The instruction that is {@code fn} of i32 lanes, on masks for the logical ones, or 0. */
    static int integer(Fn fn) {
        switch (fn) {
            case NEG:
                return Op.I32X4_NEG;
            case ABS:
                return Op.I32X4_ABS;
            case ADD:
                return Op.I32X4_ADD;
            case SUB:
                return Op.I32X4_SUB;
            case MUL:
                return Op.I32X4_MUL;
            case MIN:
                return Op.I32X4_MIN_S;
            case MAX:
                return Op.I32X4_MAX_S;
            case EQ:
                return Op.I32X4_EQ;
            case NE:
                return Op.I32X4_NE;
            case LT:
                return Op.I32X4_LT_S;
            case GT:
                return Op.I32X4_GT_S;
            case LE:
                return Op.I32X4_LE_S;
            case GE:
                return Op.I32X4_GE_S;
            case AND: case OR: case XOR:
                return op(fn);
            default:
                return 0;
        }
    }

    /** The instruction that is {@code fn}, on masks for the logical ones, or 0. */
    static int op(Fn fn) {
        switch (fn) {
            case NEG:
                return Op.F32X4_NEG;
            case ABS:
                return Op.F32X4_ABS;
            case SQRT:
                return Op.F32X4_SQRT;
            case FLOOR:
                return Op.F32X4_FLOOR;
            case CEIL:
                return Op.F32X4_CEIL;
            case TRUNC:
                return Op.F32X4_TRUNC;
            case ROUND:
                return Op.F32X4_NEAREST;
            case ADD:
                return Op.F32X4_ADD;
            case SUB:
                return Op.F32X4_SUB;
            case MUL:
                return Op.F32X4_MUL;
            case DIV:
                return Op.F32X4_DIV;
            case MIN:
                return Op.F32X4_MIN;
            case MAX:
                return Op.F32X4_MAX;
            case EQ:
                return Op.F32X4_EQ;
            case NE:
                return Op.F32X4_NE;
            case LT:
                return Op.F32X4_LT;
            case GT:
                return Op.F32X4_GT;
            case LE:
                return Op.F32X4_LE;
            case GE:
                return Op.F32X4_GE;
            case AND:
                return Op.V128_AND;
            case OR:
                return Op.V128_OR;
            case XOR:
                return Op.V128_XOR;
            default:
                return 0;
        }
    }
}
