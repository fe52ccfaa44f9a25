package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** One of two subgraphs, which see the values around them. */
final class If implements Operator {

    @Override
    public String name() {
        return "If";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Tensor condition = c.constant(0);
        boolean known = condition != null && condition.size() == 1;
        boolean first = known && condition.getLong(0) != 0;
        if (known) {
            return c.infer(c.attributes().graph(first ? "then_branch" : "else_branch"), List.of());
        }
        List<ValueType> yes = null;
        InvalidModelException wrong = null;
        try {
            yes = c.infer(c.attributes().graph("then_branch"), List.of());
        } catch (InvalidModelException e) {
            wrong = e;
        }
        List<ValueType> no;
        try {
            no = c.infer(c.attributes().graph("else_branch"), List.of());
        } catch (InvalidModelException e) {
            // A branch that does not fit the extents at hand is one that cannot be taken with them.
            if (wrong != null) {
                throw wrong;
            }
            return yes;
        }
        if (wrong != null) {
            return no;
        }
        List<ValueType> out = new ArrayList<>();
        for (int i = 0; i < Math.min(yes.size(), no.size()); i++) {
            out.add(merge(c, yes.get(i), no.get(i)));
        }
        return out;
    }

    /** What is known of a value that is of one type or the other; null for nothing. */
    static ValueType merge(InferContext c, ValueType a, ValueType b) {
        if (a == null || b == null || a.equals(b)) {
            return a == null ? null : b == null ? null : a;
        }
        if (a instanceof ValueType.OfTensor x && b instanceof ValueType.OfTensor y) {
            if (x.dtype() != y.dtype()) {
                throw c.fail("a result is " + a + " or " + b);
            }
            if (x.shape() == null || y.shape() == null || x.shape().rank() != y.shape().rank()) {
                return ValueType.tensor(x.dtype(), (Shape) null);
            }
            Dim[] dims = new Dim[x.shape().rank()];
            for (int i = 0; i < dims.length; i++) {
                dims[i] = x.shape().dim(i).equals(y.shape().dim(i)) ? x.shape().dim(i) : c.unknown();
            }
            return ValueType.tensor(x.dtype(), Shape.of(dims));
        }
        if (a instanceof ValueType.OfSequence x && b instanceof ValueType.OfSequence y) {
            ValueType element = merge(c, x.element(), y.element());
            return element == null ? null : new ValueType.OfSequence(element);
        }
        return a instanceof ValueType.OfOptional ? a : b instanceof ValueType.OfOptional ? b : null;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        boolean yes = Axes.integer(c.tensor(0)) != 0;
        return c.run(c.attributes().graph(yes ? "then_branch" : "else_branch"), List.of());
    }
}
