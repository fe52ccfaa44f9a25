package dev.infuser.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A random graph of operators that have kernels, as a {@link dev.infuser.testing.GraphSketch}. Extents are tracked for
 * all runs at once, so that values broadcast that may or may not differ; magnitudes are kept below {@link #LARGE}, and
 * nothing jumps, so that rounding errors stay small.
 */
final class RandomGraph {

    /** The extents of each run. */
    static final String[] RUNS = {"n=3 m=5 k=3", "n=1 m=1 k=1", "n=4 m=9 k=1", "n=1 m=2 k=1", "n=8 m=3 k=8"};

    private static final int[][] SYMBOLS = {{3, 1, 4, 1, 8}, {5, 1, 9, 2, 3}, {3, 1, 1, 1, 8}};
    private static final String[] UNARY = {"Abs", "Neg", "Tanh", "Sigmoid", "Relu", "Sin", "Erf", "Gelu", "Identity"};
    private static final String[] BINARY = {"Add", "Sub", "Mul", "Max", "Min"};
    private static final double LARGE = 6;

    private record Value(String name, int[][] dims, double magnitude) {
        int rank() {
            return dims.length;
        }
    }

    private final Random random;
    private final StringBuilder text = new StringBuilder();
    private final List<Value> values = new ArrayList<>();
    private final Set<String> read = new HashSet<>();
    private final Map<String, Integer> fresh = new HashMap<>();

    private RandomGraph(long seed) {
        random = new Random(seed);
    }

    static String sketch(long seed) {
        return new RandomGraph(seed).write();
    }

    private String write() {
        for (int i = 2 + random.nextInt(3); i > 0; i--) {
            input();
        }
        for (int i = 4 + random.nextInt(12); i > 0; i--) {
            Value value = node();
            if (value != null) {
                values.add(value.magnitude() > LARGE ? unary("Tanh", value) : value);
            }
        }
        List<String> outputs = new ArrayList<>();
        for (Value value : values) {
            if (!read.contains(value.name()) || random.nextInt(12) == 0) {
                outputs.add(value.name());
            }
        }
        return text.append("-> ").append(String.join(", ", outputs)).toString();
    }

    private Value any() {
        int size = values.size();
        return values.get(random.nextBoolean() ? size - 1 - random.nextInt(Math.min(3, size)) : random.nextInt(size));
    }

    private String name(String prefix) {
        return prefix + fresh.merge(prefix, 1, Integer::sum);
    }

    private static int[] constant(int extent) {
        int[] all = new int[RUNS.length];
        Arrays.fill(all, extent);
        return all;
    }

    private static boolean isConstant(int[] dim) {
        return Arrays.equals(dim, constant(dim[0]));
    }

    private void input() {
        int rank = random.nextInt(5);
        int[][] dims = new int[rank][];
        StringBuilder shape = new StringBuilder();
        for (int axis = 0; axis < rank; axis++) {
            int kind = random.nextInt(6);
            int extent = kind == 4 ? 1 : 4;
            dims[axis] = kind < 3 ? SYMBOLS[kind] : constant(extent);
            shape.append(axis == 0 ? "" : ",").append(kind < 3 ? "nmk".substring(kind, kind + 1)
                    : Integer.toString(extent));
        }
        String name = name("in");
        text.append(name).append(": float32[").append(shape).append("]\n");
        values.add(new Value(name, dims, 2));
    }

    private Value node() {
        Value x = any();
        switch (random.nextInt(12)) {
            case 0: case 1:
                return unary(UNARY[random.nextInt(UNARY.length)], x);
            case 2: case 3: case 4:
                return binary(BINARY[random.nextInt(BINARY.length)], x, any());
            case 5:
                return scaled(x);
            case 6:
                return product(x);
            case 7:
                return weighted(x);
            case 8:
                return transpose(x);
            case 9:
                return normalize(x);
            case 10:
                return reduce(x);
            default:
                return rearrange(x);
        }
    }

    private Value emit(String op, String inputs, String attributes, int[][] dims, double magnitude) {
        read.addAll(Arrays.asList(inputs.split(", ")));
        String name = name("v");
        text.append(name).append(" = ").append(op).append('(').append(inputs).append(')').append(attributes)
                .append('\n');
        return new Value(name, dims, magnitude);
    }

    private String constant(String type, String elements) {
        String name = name("c");
        text.append(name).append(": ").append(type).append(" = ").append(elements).append('\n');
        return name;
    }

    private Value unary(String op, Value x) {
        boolean squashes = op.equals("Tanh") || op.equals("Sigmoid") || op.equals("Sin") || op.equals("Erf");
        return emit(op, x.name(), "", x.dims(), squashes ? 1 : x.magnitude());
    }

    private Value binary(String op, Value x, Value y) {
        int[][] dims = broadcast(x.dims(), y.dims());
        double a = x.magnitude();
        double b = y.magnitude();
        return dims == null || dims.length > 6 ? null : emit(op, x.name() + ", " + y.name(), "", dims,
                op.equals("Mul") ? a * b : op.equals("Add") || op.equals("Sub") ? a + b : Math.max(a, b));
    }

    private static int[][] broadcast(int[][] a, int[][] b) {
        int rank = Math.max(a.length, b.length);
        int[][] out = new int[rank][];
        for (int axis = 0; axis < rank; axis++) {
            int i = axis - (rank - a.length);
            int j = axis - (rank - b.length);
            int[] x = i < 0 ? constant(1) : a[i];
            int[] y = j < 0 ? constant(1) : b[j];
            out[axis] = new int[RUNS.length];
            for (int run = 0; run < RUNS.length; run++) {
                if (x[run] != y[run] && x[run] != 1 && y[run] != 1) {
                    return null;
                }
                out[axis][run] = Math.max(x[run], y[run]);
            }
        }
        return out;
    }

    private Value scaled(Value x) {
        String scale = constant("float32[" + (x.rank() == 0 || random.nextBoolean() ? "" : "1") + "]", "0.5");
        return emit("Mul", random.nextBoolean() ? x.name() + ", " + scale : scale + ", " + x.name(), "", x.dims(),
                x.magnitude() / 2);
    }

    private Value product(Value x) {
        for (int i = 0; i < 8; i++) {
            Value y = any();
            int p = x.rank();
            int q = y.rank();
            if (p < 2 || q < 2 || !Arrays.equals(x.dims()[p - 1], y.dims()[q - 2])) {
                continue;
            }
            int[][] batch = broadcast(Arrays.copyOf(x.dims(), p - 2), Arrays.copyOf(y.dims(), q - 2));
            if (batch != null && batch.length < 5) {
                int[][] dims = Arrays.copyOf(batch, batch.length + 2);
                dims[batch.length] = x.dims()[p - 2];
                dims[batch.length + 1] = y.dims()[q - 1];
                return emit("MatMul", x.name() + ", " + y.name(), "", dims, 9 * x.magnitude() * y.magnitude());
            }
        }
        return null;
    }

    private Value weighted(Value x) {
        if (x.rank() < 2 || !isConstant(x.dims()[x.rank() - 1])) {
            return null;
        }
        int k = x.dims()[x.rank() - 1][0];
        int n = 1 + random.nextInt(9);
        int[][] dims = x.dims().clone();
        dims[dims.length - 1] = constant(n);
        String w = constant("float32[" + k + "," + n + "]", "random in -0.5..0.5");
        Value product = emit("MatMul", x.name() + ", " + w, "", dims, k * x.magnitude() / 2);
        return random.nextBoolean() ? product : emit("Add",
                product.name() + ", " + constant("float32[" + n + "]", "random"), "", dims, product.magnitude() + 2);
    }

    private Value transpose(Value x) {
        List<Integer> perm = new ArrayList<>();
        int[][] dims = new int[x.rank()][];
        for (int i = 0; i < x.rank(); i++) {
            perm.add(random.nextInt(i + 1), i);
        }
        for (int i = 0; i < x.rank(); i++) {
            dims[i] = x.dims()[perm.get(i)];
        }
        return x.rank() < 2 ? null : emit("Transpose", x.name(), " {perm=" + perm + "}", dims, x.magnitude());
    }

    private Value normalize(Value x) {
        if (x.rank() == 0) {
            return null;
        }
        int[] last = x.dims()[x.rank() - 1];
        if (random.nextBoolean() || !isConstant(last)) {
            return emit("Softmax", x.name(), "", x.dims(), 1);
        }
        String scale = constant("float32[" + last[0] + "]", "random");
        return random.nextBoolean() ? emit("RMSNormalization", x.name() + ", " + scale, " {epsilon=0.1}", x.dims(), 6)
                : emit("LayerNormalization", x.name() + ", " + scale + ", " + scale, " {epsilon=0.1}", x.dims(), 6);
    }

    private Value reduce(Value x) {
        if (x.rank() == 0) {
            return null;
        }
        int axis = random.nextInt(x.rank());
        boolean keep = random.nextBoolean();
        List<int[]> dims = new ArrayList<>(List.of(x.dims()));
        dims.remove(axis);
        if (keep) {
            dims.add(axis, constant(1));
        }
        String op = new String[] {"ReduceMean", "ReduceMax", "ReduceSum", "ReduceMin", "ReduceL1"}[random.nextInt(5)];
        return emit(op, x.name() + ", " + constant("int64[1]", Integer.toString(axis)), " {keepdims=" + (keep ? 1 : 0)
                + "}", dims.toArray(new int[0][]), x.magnitude() * (op.endsWith("Sum") || op.endsWith("L1") ? 9 : 1));
    }

    private Value rearrange(Value x) {
        if (x.rank() == 0 || x.rank() > 4) {
            return null;
        }
        int axis = random.nextInt(x.rank());
        int[][] dims = x.dims().clone();
        switch (random.nextInt(6)) {
            case 0:
                List<int[]> more = new ArrayList<>(List.of(dims));
                more.add(axis, constant(1));
                return emit("Unsqueeze", x.name() + ", " + constant("int64[1]", "" + axis), "",
                        more.toArray(new int[0][]), x.magnitude());
            case 1:
                dims[axis] = Arrays.stream(dims[axis]).map(extent -> 2 * extent).toArray();
                return emit("Concat", x.name() + ", " + x.name(), " {axis=" + axis + "}", dims, x.magnitude());
            case 2:
                dims[axis] = constant(1);
                return emit("Slice", x.name() + ", " + constant("int64[1]", "0") + ", " + constant("int64[1]", "1")
                        + ", "
                        + constant("int64[1]", "" + axis), "", dims, x.magnitude());
            case 3:
                dims[axis] = constant(2);
                return emit("Gather", x.name() + ", " + constant("int64[2]", "0 -1"), " {axis=" + axis + "}", dims,
                        x.magnitude());
            case 4:
                return emit("CumSum", x.name() + ", " + constant("int64[]", "" + axis), "", dims, 9 * x.magnitude());
            default:
                int[] all = constant(1);
                for (int[] dim : dims) {
                    for (int run = 0; run < all.length; run++) {
                        all[run] *= dim[run];
                    }
                }
                return emit("Reshape", x.name() + ", " + constant("int64[1]", "-1"), "", new int[][] {all},
                        x.magnitude());
        }
    }
}
