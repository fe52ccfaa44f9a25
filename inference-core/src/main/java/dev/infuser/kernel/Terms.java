package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import java.util.ArrayList;
import java.util.List;

/** An expression as a list of distinct terms, each behind those that it is made of. */
final class Terms {

    /**
     * An input, a constant, a number, a function or a choice.
     *
     * @param fn       the function, or null
     * @param a        the first operand or what is chosen where the condition holds; else the bits of a constant, or the index of the input or number
     * @param b        the second operand or what is chosen elsewhere, or -1
     * @param c        the condition of a choice, or {@link #NONE}, {@link #INPUT}, {@link #CONSTANT} or {@link #NUMBER}
     */
    record Term(Fn fn, int a, int b, int c) {

        static final int NONE = -1;
        static final int INPUT = -2;
        static final int CONSTANT = -3;
        static final int NUMBER = -4;

        boolean isSelect() {
            return c >= 0;
        }

        /** Whether it is a truth value, 1 or 0. */
        boolean isLogical() {
            return fn != null && fn.logical();
        }

        float value() {
            return Float.intBitsToFloat(a);
        }

        /** Whether it is the same in all lanes and not NaN. */
        boolean isNumber() {
            return c == NUMBER || c == CONSTANT && value() == value();
        }
    }

    private final List<Term> terms = new ArrayList<>();

    /** The terms of an expression, whose own is the last. */
    Terms(Expr e) {
        add(e);
    }

    int size() {
        return terms.size();
    }

    Term get(int term) {
        return terms.get(term);
    }

    private int add(Expr e) {
        Term term;
        if (e instanceof Expr.Unary unary) {
            term = new Term(unary.fn(), add(unary.x()), -1, Term.NONE);
        } else if (e instanceof Expr.Binary binary) {
            int a = add(binary.a());
            term = new Term(binary.fn(), a, add(binary.b()), Term.NONE);
        } else if (e instanceof Expr.Select select) {
            int a = add(select.a());
            int b = add(select.b());
            term = new Term(null, a, b, add(select.condition()));
        } else if (e instanceof Expr.Input input) {
            term = new Term(null, input.index(), -1, Term.INPUT);
        } else if (e instanceof Expr.Number number) {
            term = new Term(null, number.index(), -1, Term.NUMBER);
        } else {
            term = new Term(null, Float.floatToRawIntBits(((Expr.Constant) e).value()), -1, Term.CONSTANT);
        }
        int known = terms.indexOf(term);
        if (known >= 0) {
            return known;
        }
        terms.add(term);
        return terms.size() - 1;
    }
}
