package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Reshape}, {@code Flatten}, {@code Squeeze} and {@code Unsqueeze}: the same elements under other dims.
 *
 * <p>In the shape given to {@code Reshape}, -1 stands for what is left of the elements, and 0 for the dimension of the
 * input at the same place unless {@code allowzero} is set.
 */
final class Reshape implements Operator {

    private final String name;

    Reshape(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        List<Dim> argument = c.content(1);
        if (c.has(1) && argument == null) {
            Dim n = c.rank(1) == 0 ? Dim.ONE : c.shape(1).dim(0);
            int sign = name.equals("Squeeze") ? -1 : 1;
            int rank = (name.equals("Reshape") ? 0 : c.rank(0)) + sign * (int) n.value();
            return List.of(n.isConstant() ? c.unknown(c.dtype(0), Math.max(0, rank))
                    : ValueType.tensor(c.dtype(0), (Shape) null));
        }
        return List.of(ValueType.tensor(c.dtype(0), target(c.shape(0), argument, c.attributes())));
    }

    @Override
    public List<Dim> content(InferContext c) {
        ValueType.OfTensor out = (ValueType.OfTensor) infer(c).get(0);
        return out.shape() != null && out.shape().rank() <= 1 ? c.content(0) : null;
    }

    @Override
    public Lowering lower(InferContext c) {
        return new Lowering.Alias();
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor in = c.tensor(0);
        return List.of(in.reshape(target(in.shape(), Axes.dims(c.longs(1, null)), c.attributes()).toInts()));
    }

    private Shape target(Shape in, List<Dim> argument, Attributes attributes) {
        switch (name) {
            case "Flatten":
                long axis = attributes.integer("axis", 1);
                int split = axis == in.rank() ? in.rank() : Axes.normalize(axis, in.rank());
                return Shape.of(new Shape(in.dims().subList(0, split)).elements(),
                        new Shape(in.dims().subList(split, in.rank())).elements());
            case "Squeeze":
                return squeeze(in, argument);
            case "Unsqueeze":
                require(argument);
                return unsqueeze(in, argument);
            default:
                require(argument);
                return reshape(in, argument, attributes.flag("allowzero", false));
        }
    }

    private static void require(List<Dim> argument) {
        if (argument == null) {
            throw Axes.bad("input 1 is missing");
        }
    }

    private static long[] axes(List<Dim> argument) {
        long[] axes = Axes.longs(argument);
        if (axes == null) {
            throw Axes.bad("axes depend on the extents of inputs");
        }
        return axes;
    }

    private static Shape squeeze(Shape in, List<Dim> argument) {
        if (argument == null) {
            List<Dim> dims = new ArrayList<>();
            for (Dim dim : in.dims()) {
                if (!dim.isConstant()) {
                    return null;
                }
                if (!dim.is(1)) {
                    dims.add(dim);
                }
            }
            return new Shape(dims);
        }
        boolean[] drop = new boolean[in.rank()];
        for (int axis : Axes.normalize(axes(argument), in.rank())) {
            if (in.dim(axis).isConstant() && !in.dim(axis).is(1)) {
                throw Axes.bad("axis " + axis + " of " + in + " is not 1");
            }
            drop[axis] = true;
        }
        List<Dim> dims = new ArrayList<>();
        for (int i = 0; i < drop.length; i++) {
            if (!drop[i]) {
                dims.add(in.dim(i));
            }
        }
        return new Shape(dims);
    }

    private static Shape unsqueeze(Shape in, List<Dim> argument) {
        int rank = in.rank() + argument.size();
        boolean[] added = new boolean[rank];
        for (int axis : Axes.normalize(axes(argument), rank)) {
            added[axis] = true;
        }
        List<Dim> dims = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < rank; i++) {
            dims.add(added[i] ? Dim.ONE : in.dim(next++));
        }
        return new Shape(dims);
    }

    private static Shape reshape(Shape in, List<Dim> argument, boolean allowZero) {
        List<Dim> dims = new ArrayList<>(argument);
        int rest = -1;
        for (int i = 0; i < dims.size(); i++) {
            if (dims.get(i).is(0) && !allowZero) {
                if (i >= in.rank()) {
                    throw Axes.bad("no dimension of " + in + " to keep at " + i);
                }
                dims.set(i, in.dim(i));
            } else if (dims.get(i).is(-1)) {
                if (rest >= 0) {
                    throw Axes.bad("more than one -1 in " + new Shape(argument));
                }
                rest = i;
            } else if (dims.get(i).isConstant() && dims.get(i).value() < 0) {
                throw Axes.bad("negative extent in " + new Shape(argument));
            }
        }
        if (rest >= 0) {
            dims.set(rest, Dim.ONE);
            dims.set(rest, quotient(in, new Shape(dims)));
        }
        return check(in, new Shape(dims));
    }

    private static Shape check(Shape in, Shape out) {
        Dim a = in.elements();
        Dim b = out.elements();
        if (a.isConstant() && b.isConstant() && !a.equals(b)) {
            throw Axes.bad("cannot view " + in + " as " + out);
        }
        return out;
    }

    /** The elements of {@code in} over those of {@code known}, symbols that both have cancelled. */
    private static Dim quotient(Shape in, Shape known) {
        List<Dim> above = new ArrayList<>(in.dims());
        Dim below = Dim.ONE;
        for (Dim dim : known.dims()) {
            if (dim.isConstant() || !above.remove(dim)) {
                below = below.times(dim);
            }
        }
        long constant = 1;
        Dim symbols = Dim.ONE;
        for (Dim dim : above) {
            if (dim.isConstant()) {
                constant *= dim.value();
            } else {
                symbols = symbols.times(dim);
            }
        }
        if (below.isConstant() && below.value() != 0 && constant % below.value() == 0) {
            return symbols.times(Dim.of(constant / below.value()));
        }
        if (below.is(0)) {
            throw Axes.bad("-1 beside an extent of 0");
        }
        return symbols.times(Dim.of(constant)).floorDiv(below);
    }
}
