package dev.infuser.converter;

import dev.infuser.format.Seeded;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Generates inputs that a model is likely to accept: ids within the tables that they index, masks of ones that end in
 * zeros, pixels, floats in the range that the model states or near the normal distribution (those of images from 0 to 1
 * in every other case), and symbolic dimensions of several sizes. The same graph and case give the same inputs, of which a file keeps the seed.
 */
public final class SampleInputs {

    /** How many cases there are; the last ones are for models that refuse the first. */
    public static final int CASES = 6;

    private static final long[] BATCH = {1, 2, 1, 2, 1, 1};
    private static final long[] LENGTH = {8, 13, 512, 512, 1, 64};
    private static final long[] SPATIAL = {64, 96, 48, 32, 224, 256};
    private static final int BELL_TERMS = 4;
    /** The mean of {@link #BELL_TERMS} numbers that are uniform between this and its negative has the variance 1. */
    private static final float BELL = (float) Math.sqrt(12);
    private static final long SAMPLE_RATE = 16000;
    private static final Set<String> KEEPS_VALUES = Set.of("Cast", "Identity", "Reshape", "Unsqueeze", "Squeeze",
            "Transpose", "Slice", "Flatten", "Concat", "Expand");

    private static final float PIXEL = 255;

    private final Graph graph;
    private final Map<String, String> metadata;

    /** Inputs for {@code graph}, which should be as imported: later passes may hide what ids index. */
    public SampleInputs(Graph graph) {
        this(graph, Map.of());
    }

    /**
     * Inputs within the ranges that a model states.
     *
     * @param metadata may have {@code input.NAME.min} and {@code max}, or {@code mean} and {@code std}, which pixels are normalised
     *                 with, or {@code value}, which all elements are; and {@code dims}, for those that are symbols
     */
    public SampleInputs(Graph graph, Map<String, String> metadata) {
        this.graph = graph;
        this.metadata = metadata;
    }

    /**
     * The inputs of a case, by name.
     *
     * @throws UnsupportedModelException when an input is no tensor, or of unknown rank
     */
    public Map<String, Tensor> draw(int number) {
        Map<String, Long> symbols = new HashMap<>();
        Map<String, Tensor> out = new LinkedHashMap<>();
        for (Value input : graph.inputs()) {
            if (!(input.type() instanceof ValueType.OfTensor type) || type.shape() == null) {
                throw new UnsupportedModelException("sample-input", input.name(), "inputs cannot be generated for '"
                        + input.name() + "': " + input.type(), "", "give them as files");
            }
            int[] dims = new int[type.shape().rank()];
            for (int axis = 0; axis < dims.length; axis++) {
                state(input.name(), type.shape(), axis, symbols);
                dims[axis] = (int) extent(type.shape(), axis, number, symbols);
            }
            out.put(input.name(), tensor(input.name(), type.dtype(), dims, number,
                    (number + 1) * 0x9E3779B9 ^ (out.size() + 1) * 0x85EBCA6B | 1));
        }
        return out;
    }

    /** Binds a symbol to the extent that the model states for an input, if it does. */
    private void state(String name, Shape shape, int axis, Map<String, Long> symbols) {
        String[] stated = metadata.getOrDefault("input." + name + ".dims", "").strip().split(" ");
        if (!shape.dim(axis).isConstant() && stated.length == shape.rank() && stated[axis].matches("[1-9][0-9]{0,3}")) {
            symbols.putIfAbsent(shape.dim(axis).symbol(), Long.valueOf(stated[axis]));
        }
    }

    private long extent(Shape shape, int axis, int number, Map<String, Long> symbols) {
        Dim dim = shape.dim(axis);
        if (dim.isConstant()) {
            return dim.value();
        }
        Long bound = symbols.get(dim.symbol());
        if (bound == null) {
            bound = sum(dim.symbol(), symbols);
        }
        if (bound == null) {
            bound = fresh(shape, axis, number);
            symbols.put(dim.symbol(), bound);
        }
        return bound;
    }

    /** The value of a symbol such as {@code past + sequence} whose terms are bound, or null. */
    private static Long sum(String symbol, Map<String, Long> symbols) {
        long total = 0;
        for (String term : symbol.split("\\+")) {
            Long value = symbols.get(term.trim());
            if (value == null) {
                return null;
            }
            total += value;
        }
        return total;
    }

    /** An extent by what the axis looks like; {@code [layers, ?, hidden]} is the state of a recurrent network. */
    private long fresh(Shape shape, int axis, int number) {
        String symbol = shape.dim(axis).symbol().toLowerCase(Locale.ROOT);
        if (symbol.contains("batch") || axis == 0 && shape.rank() > 1 && !symbol.contains("seq")) {
            return BATCH[number];
        }
        if (shape.rank() == 3 && axis == 1 && shape.dim(0).isConstant() && shape.dim(2).isConstant()) {
            return BATCH[number];
        }
        boolean channelsLast = shape.rank() == 4 && shape.dim(3).isConstant() && shape.dim(3).value() <= 4;
        if (shape.rank() == 4 && (channelsLast ? axis < 3 : axis > 1)) {
            return SPATIAL[number];
        }
        return shape.rank() == 4 && axis == 1 ? 3 : takesSampleRate() ? LENGTH[2] : LENGTH[number];
    }

    private boolean takesSampleRate() {
        for (Value input : graph.inputs()) {
            if (isSampleRate(input.name())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSampleRate(String name) {
        return name.equals("sr") || name.contains("sample_rate") || name.contains("sampling_rate");
    }

    private Tensor tensor(String name, DType dtype, int[] dims, int number, int seed) {
        int count = Tensor.count(dims);
        if (dtype == DType.STRING) {
            String[] strings = new String[count];
            Arrays.fill(strings, "text");
            return Tensor.strings(dims, strings);
        }
        if (name.toLowerCase(Locale.ROOT).contains("mask") || isSampleRate(name)) {
            double[] values = new double[count];
            int last = dims.length == 0 ? 1 : dims[dims.length - 1];
            for (int i = 0; i < count; i++) {
                values[i] = isSampleRate(name) ? SAMPLE_RATE : number == 1 && i % last >= last - last / 4 ? 0 : 1;
            }
            return Tensor.ofDoubles(dtype, dims, values);
        }
        float value = first(name, "value");
        float[] stated = !dtype.isFloat() ? null : Float.isFinite(value) ? new float[] {value, value} : stated(name);
        return stated != null ? Seeded.tensor(dtype, dims, seed, stated[0], stated[1], 1)
                : !dtype.isFloat() ? Seeded.tensor(dtype, dims, seed, 0, Math.min(bound(name, dtype, dims), Integer.MAX_VALUE), 1)
                : number % 2 == 1 && isImage(dims) ? Seeded.tensor(dtype, dims, seed, 0, 1, 1)
                : Seeded.tensor(dtype, dims, seed, -BELL, BELL, BELL_TERMS);
    }

    /** The lower and upper bound that the model states for an input, or null. */
    private float[] stated(String name) {
        float low = first(name, "min");
        float high = first(name, "max");
        if (Float.isNaN(low) || Float.isNaN(high)) {
            low = -first(name, "mean") / first(name, "std");
            high = low + PIXEL / first(name, "std");
        }
        return low < high && Float.isFinite(high - low) ? new float[] {low, high} : null;
    }

    private float first(String name, String key) {
        try {
            return Float.parseFloat(metadata.getOrDefault("input." + name + "." + key, "NaN").strip().split(" ")[0]);
        } catch (NumberFormatException e) {
            return Float.NaN;
        }
    }

    private static boolean isImage(int[] dims) {
        return dims.length == 4 && (dims[1] == 3 || dims[3] == 3 || dims[1] == 1 || dims[3] == 1);
    }

    /** The exclusive bound of integers: what tables allow, pixels for images, else 2. */
    private long bound(String name, DType dtype, int[] dims) {
        long bound = Long.MAX_VALUE;
        Set<String> seen = new HashSet<>();
        ArrayDeque<String> open = new ArrayDeque<>();
        open.add(name);
        while (!open.isEmpty()) {
            String value = open.poll();
            if (!seen.add(value)) {
                continue;
            }
            for (Node node : graph.nodes()) {
                if (node.is("Gather") && value.equals(node.input(1))) {
                    bound = Math.min(bound, rows(node));
                } else if (KEEPS_VALUES.contains(node.op()) && value.equals(node.input(0))) {
                    open.add(node.output(0));
                }
            }
        }
        if (bound != Long.MAX_VALUE && bound > 0) {
            return bound;
        }
        return dtype != DType.BOOL && (dims.length == 4 || dtype == DType.UINT8) ? dtype == DType.INT8 ? 128 : 256 : 2;
    }

    private long rows(Node gather) {
        if (graph.type(gather.input(0)) instanceof ValueType.OfTensor t && t.shape() != null && t.shape().rank() > 0) {
            long axis = gather.attributes().integer("axis", 0);
            int index = (int) (axis < 0 ? axis + t.shape().rank() : axis);
            if (index >= 0 && index < t.shape().rank() && t.shape().dim(index).isConstant()) {
                return t.shape().dim(index).value();
            }
        }
        return Long.MAX_VALUE;
    }
}
