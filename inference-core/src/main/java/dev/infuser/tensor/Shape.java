package dev.infuser.tensor;

import java.util.ArrayList;
import java.util.List;

/** The dimensions of a tensor, outermost first; the rank is always known. */
public record Shape(List<Dim> dims) {

    public static final Shape SCALAR = new Shape(List.of());

    public Shape {
        dims = List.copyOf(dims);
    }

    public static Shape of(long... dims) {
        List<Dim> list = new ArrayList<>(dims.length);
        for (long dim : dims) {
            list.add(Dim.of(dim));
        }
        return new Shape(list);
    }

    public static Shape of(Dim... dims) {
        return new Shape(List.of(dims));
    }

    public static Shape of(int[] dims) {
        List<Dim> list = new ArrayList<>(dims.length);
        for (int dim : dims) {
            list.add(Dim.of(dim));
        }
        return new Shape(list);
    }

    public int rank() {
        return dims.size();
    }

    /** The dimension at {@code axis}, which counts from the end when negative. */
    public Dim dim(int axis) {
        return dims.get(axis < 0 ? axis + dims.size() : axis);
    }

    public boolean isConstant() {
        for (Dim dim : dims) {
            if (!dim.isConstant()) {
                return false;
            }
        }
        return true;
    }

    /** The extents of a {@linkplain #isConstant constant} shape. */
    public int[] toInts() {
        int[] out = new int[dims.size()];
        for (int i = 0; i < out.length; i++) {
            Dim dim = dims.get(i);
            if (!dim.isConstant() || dim.value() < 0 || dim.value() > Integer.MAX_VALUE) {
                throw new InvalidModelException("bad-shape", "shape " + this + " has no concrete extent at axis " + i);
            }
            out[i] = (int) dim.value();
        }
        return out;
    }

    /** The number of elements: a constant where all dimensions are. */
    public Dim elements() {
        Dim product = Dim.ONE;
        for (Dim dim : dims) {
            product = product.times(dim);
        }
        return product;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < dims.size(); i++) {
            text.append(i == 0 ? "" : ",").append(dims.get(i).toString());
        }
        return text.append(']').toString();
    }
}
