package dev.infuser.converter.tensorflow;

import dev.infuser.converter.build.Emitter;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.List;

/** Writes ONNX nodes for one node of a source graph; the names of what it adds begin with the name of that. */
public final class Ops {

    private final Emitter out;
    private final String name;
    private final String kind;

    /**
     * For a node.
     *
     * @param kind its operator, for messages
     */
    public Ops(Emitter out, String name, String kind) {
        this.out = out;
        this.name = name;
        this.kind = kind;
    }

    public Emitter emitter() {
        return out;
    }

    public String name() {
        return name;
    }

    public String op(String op, String... inputs) {
        return out.op(name, op, Attributes.NONE, inputs);
    }

    public String op(String op, Attributes attributes, String... inputs) {
        return out.op(name, op, attributes, inputs);
    }

    public String[] ops(String op, Attributes attributes, int outputs, String... inputs) {
        return out.ops(name, op, attributes, outputs, inputs);
    }

    /** Writes an operator of this project's own. */
    public String[] own(String op, Attributes attributes, int outputs, String... inputs) {
        String[] names = new String[outputs];
        for (int i = 0; i < outputs; i++) {
            names[i] = out.unique(name + "_" + op);
        }
        out.add(new Node(name, "infuser", op, List.of(inputs), List.of(names), attributes));
        return names;
    }

    /** An int64 vector. */
    public String vector(long... values) {
        return out.vector(name + "_const", values);
    }

    public String constant(Tensor tensor) {
        return out.constant(name + "_const", tensor);
    }

    /** A constant without dimensions, of the type of {@code value}. */
    public String like(String value, double number) {
        return constant(Tensor.ofDoubles(dtype(value), new int[0], new double[] {number}));
    }

    public String cast(String x, DType to) {
        return out.dtype(x) == to ? x : op("Cast", Attributes.of("to", to.number()), x);
    }

    /** As int64, as ONNX takes shapes and indices. */
    public String longs(String x) {
        Node cast = out.producer(x);
        if (cast != null && cast.is("Cast") && out.dtype(x) == DType.INT32 && out.dtype(cast.input(0)) == DType.INT64) {
            return cast.input(0);
        }
        return cast(x, DType.INT64);
    }

    /** In other dimensions; -1 for one that follows. */
    public String reshape(String x, long... dims) {
        return op("Reshape", Attributes.of("allowzero", 1), x, vector(dims));
    }

    public String transpose(String x, long... perm) {
        return op("Transpose", Attributes.of("perm", perm), x);
    }

    public String squeeze(String x, long... axes) {
        return axes.length == 0 ? x : op("Squeeze", x, vector(axes));
    }

    public String unsqueeze(String x, long... axes) {
        return axes.length == 0 ? x : op("Unsqueeze", x, vector(axes));
    }

    /** The elements from {@code start} to before {@code end} along an axis. */
    public String slice(String x, int axis, long start, long end) {
        return op("Slice", x, vector(start), vector(end), vector(axis));
    }

    public String concat(int axis, List<String> parts) {
        return parts.size() == 1 ? parts.get(0) : op("Concat", Attributes.of("axis", axis), parts.toArray(String[]::new));
    }

    /** The number of dimensions, which must be known. */
    public int rank(String x) {
        int rank = out.rank(x);
        if (rank < 0) {
            throw unsupported("has an input whose number of dimensions is not known");
        }
        return rank;
    }

    public Shape shape(String x) {
        rank(x);
        return out.shape(x);
    }

    /** An extent that must be known. */
    public long extent(String x, int axis) {
        if (!shape(x).dim(axis).isConstant()) {
            throw unsupported("has an input of which dimension " + axis + " is not known");
        }
        return shape(x).dim(axis).value();
    }

    public DType dtype(String x) {
        DType dtype = out.dtype(x);
        if (dtype == null) {
            throw unsupported("has an input whose element type is not known");
        }
        return dtype;
    }

    /** An axis counted from the front. */
    public int axis(long axis, int rank) {
        if (axis < -rank || axis >= rank) {
            throw unsupported("works along axis " + axis + " of " + rank + " dimensions");
        }
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** The integers that a value holds, or null where they are not known yet. */
    public long[] knownLongs(String x) {
        Tensor tensor = out.constantOf(x);
        if (tensor == null) {
            return null;
        }
        long[] longs = new long[tensor.size()];
        for (int i = 0; i < longs.length; i++) {
            longs[i] = tensor.getLong(i);
        }
        return longs;
    }

    /** Element {@code i} of an integer vector, or null where it is not known yet, though others may be. */
    public Long known(String vector, int i) {
        long[] all = knownLongs(vector);
        if (all != null) {
            return i < all.length ? (Long) all[i] : null;
        }
        Node node = out.producer(vector);
        if (node != null && (node.is("Cast") || node.is("Reshape"))) {
            return known(node.input(0), i);
        }
        int at = i;
        for (String part : node != null && node.is("Concat") ? node.inputs() : List.<String>of()) {
            Shape shape = out.shape(part);
            if (shape == null || shape.rank() != 1 || !shape.isConstant()) {
                return null;
            }
            if (at < shape.dim(0).value()) {
                return known(part, at);
            }
            at -= (int) shape.dim(0).value();
        }
        return node != null && node.is("Unsqueeze") && rank(node.input(0)) == 0 ? known(node.input(0), 0) : null;
    }

    /** The integers that a value holds; {@code what} names them where they are not known. */
    public long[] longs(String x, String what) {
        long[] longs = knownLongs(x);
        if (longs == null) {
            throw unsupported("takes its " + what + " from a computed value");
        }
        return longs;
    }

    /** That this node {@code has} something that cannot be translated. */
    public UnsupportedModelException unsupported(String has) {
        return new UnsupportedModelException("unsupported-node", name, kind + " '" + name + "' " + has, "",
                "export the model without that, or ask for it to be added");
    }
}
