package dev.infuser.converter.quantize;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.op.Evaluator;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How far results are from those of float32: the length of the difference over the length of what was expected. Layers are
 * measured on what reaches them, of which some rows or a window are enough.
 */
final class Errors {

    private static final int ROWS = 64;
    private static final int WINDOW = 16;
    /** Samples of which the values inside the model are kept. */
    private static final int SEEN = 8;
    /** Outputs whose root mean square is below this one are as good as zero, as probabilities of nothing are. */
    private static final double SMALL = 0.01;

    private final List<List<Datum>> samples = new ArrayList<>();
    private final List<List<Datum>> expected = new ArrayList<>();
    private final Map<String, List<Tensor>> inputs = new LinkedHashMap<>();

    /** Runs {@code graph} on each sample, one value per input of the graph; those that it refuses do not count. */
    Errors(Graph graph, List<List<Datum>> all, List<Layer> layers) {
        InfuserException refusal = null;
        Set<String> read = new LinkedHashSet<>();
        for (Layer layer : layers) {
            if (!layer.isTable) {
                read.add(layer.nodes.get(0).input(0));
            }
        }
        List<String> outputs = new ArrayList<>(graph.outputs());
        outputs.addAll(read);
        Graph seen = new Graph(graph.name(), graph.inputs(), outputs, graph.nodes(), graph.constants(), graph.types());
        for (List<Datum> sample : all) {
            List<Datum> values;
            try {
                values = Evaluator.run(expected.size() < SEEN ? seen : graph, sample);
            } catch (InfuserException e) {
                refusal = e;
                continue;
            }
            samples.add(sample);
            if (expected.size() < SEEN) {
                int at = graph.outputs().size();
                for (String value : read) {
                    inputs.computeIfAbsent(value, key -> new ArrayList<>()).add((Tensor) values.get(at++));
                }
            }
            if (expected.isEmpty()) {
                for (Layer layer : layers) {
                    if (!layer.isTable) {
                        layer.sees(input(layer));
                    }
                }
            }
            expected.add(List.copyOf(values.subList(0, graph.outputs().size())));
        }
        if (samples.isEmpty()) {
            throw new UnsupportedModelException("no-samples", "", "the model accepts none of the inputs to measure with"
                    + (refusal == null ? "" : ": " + refusal.getMessage()), "", "give some with --calibrate");
        }
    }

    /** The error of the outputs of {@code other}, which has the same inputs: the largest of all. */
    double of(Graph other) {
        double worst = 0;
        for (int i = 0; i < samples.size(); i++) {
            List<Datum> found = Evaluator.run(other, samples.get(i));
            for (int o = 0; o < found.size(); o++) {
                if (expected.get(i).get(o) instanceof Tensor want && want.dtype().isFloat()) {
                    worst = Math.max(worst, between(want, (Tensor) found.get(o), SMALL));
                }
            }
        }
        return worst;
    }

    private Tensor input(Layer layer) {
        return inputs.get(layer.nodes.get(0).input(0)).get(0);
    }

    /** The range of what a layer multiplies its weight by. */
    Range range(Layer layer, Range.Method method) {
        return Range.of(inputs.get(layer.nodes.get(0).input(0)), method);
    }

    /** The error that a layer alone makes with int8 weights if what it multiplies them by has 8 bits too. */
    double of(Layer layer, Range range) {
        Node node = layer.nodes.get(0);
        Tensor input = part(node, input(layer), layer.tensor());
        Node alone = alone(node);
        return between(apply(alone, input, layer.tensor()), apply(alone, range.rounded(input), layer.restored(Precision.INT8)), 0);
    }

    private static Node alone(Node node) {
        return new Node(node.name(), node.domain(), node.op(), List.of("x", "w"), List.of("y"), node.attributes());
    }

    /** The error that a layer alone makes at a precision; infinite where it cannot be stored so. */
    double of(Layer layer, Precision precision) {
        if (precision == Precision.F32) {
            return 0;
        }
        if (layer.stored(precision) == null) {
            return Double.POSITIVE_INFINITY;
        }
        Tensor restored = layer.restored(precision);
        if (layer.isTable) {
            return between(layer.tensor(), restored, 0);
        }
        Node node = layer.nodes.get(0);
        Tensor input = part(node, input(layer), layer.tensor());
        Node alone = alone(node);
        return between(apply(alone, input, layer.tensor()), apply(alone, input, restored), 0);
    }

    private static Tensor apply(Node node, Tensor x, Tensor w) {
        return (Tensor) Evaluator.apply(node, List.of(x, w)).get(0);
    }

    /** Some rows of the left operand of a product, or a window of the first image. */
    private static Tensor part(Node node, Tensor x, Tensor w) {
        if (x.size() == 0) {
            return x;
        }
        int[] dims = x.dims().clone();
        if (node.is("MatMul")) {
            int depth = x.dim(-1);
            int rows = x.size() / depth;
            int taken = Math.min(ROWS, rows);
            int[] index = new int[taken * depth];
            for (int i = 0; i < index.length; i++) {
                index[i] = (int) ((long) (i / depth) * rows / taken) * depth + i % depth;
            }
            return x.pick(new int[] {taken, depth}, index);
        }
        if (node.attributes().has("output_shape")) {
            return x;
        }
        long[] dilations = node.attributes().ints("dilations");
        dims[0] = 1;
        for (int axis = 1; axis < dims.length - 1; axis++) {
            long reach = w.dim(axis - 1) * (dilations == null ? 1 : dilations[axis - 1]);
            dims[axis] = (int) Math.min(dims[axis], Math.max(WINDOW, 2 * reach));
        }
        int[] index = new int[Tensor.count(dims)];
        int[] at = new int[dims.length];
        for (int i = 0; i < index.length; i++) {
            for (int axis = 0; axis < dims.length; axis++) {
                index[i] = index[i] * x.dim(axis) + at[axis];
            }
            for (int axis = dims.length - 1; axis >= 0 && ++at[axis] == dims[axis]; axis--) {
                at[axis] = 0;
            }
        }
        return x.pick(dims, index);
    }

    /**
     * The length of the difference over that of what is expected, or of as many numbers of size {@code least}; infinite where
     * only one is a number.
     */
    static double between(Tensor expected, Tensor found, double least) {
        if (!Arrays.equals(expected.dims(), found.dims())) {
            return Double.POSITIVE_INFINITY;
        }
        double off = 0;
        double all = 0;
        for (int i = 0; i < expected.size(); i++) {
            double want = expected.getDouble(i);
            double got = found.getDouble(i);
            if (Double.isFinite(want) && Double.isFinite(got)) {
                off += (want - got) * (want - got);
                all += want * want;
            } else if (Double.compare(want, got) != 0) {
                return Double.POSITIVE_INFINITY;
            }
        }
        return off == 0 ? 0 : Math.sqrt(off / Math.max(all, least * least * expected.size()));
    }
}
