package dev.infuser.converter.quantize;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Elements;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A weight that can be stored in fewer bits, with the nodes that read it: the right operand of products and convolutions,
 * or a table whose rows are gathered.
 */
final class Layer {

    private static final int FEW = 64;

    final String weight;
    final List<Node> nodes = new ArrayList<>();
    final boolean isTable;
    /** The extents of the matrix that it is: depth and columns of a product, rows and columns of a table. */
    final int rows;
    final int columns;
    private final Tensor tensor;
    /** The mean square of what each row of a product is multiplied by, in some units. */
    private final float[] importance;
    private final Map<Precision, List<Tensor>> stored = new EnumMap<>(Precision.class);

    private Layer(String weight, Tensor tensor, Node first) {
        this.weight = weight;
        this.tensor = tensor;
        isTable = first.is("Gather");
        columns = tensor.dim(-1);
        rows = tensor.size() / columns;
        importance = new float[isTable ? 0 : rows];
        Arrays.fill(importance, 1);
    }

    /** Tells what reaches the layer, {@code [..., channels]}, before anything is rounded. */
    void sees(Tensor input) {
        int channels = input.size() == 0 ? 0 : input.dim(-1);
        int depth = channels == 0 || isTable ? 0 : tensor.dim(-2);
        if (depth == 0 || channels % depth != 0) {
            return;
        }
        float[] squares = new float[depth];
        float[] values = input.toFloats();
        float all = 0;
        for (int i = 0; i < values.length; i++) {
            squares[i % channels % depth] += values[i] * values[i];
            all += values[i] * values[i];
        }
        for (int row = 0; row < rows && all > 0 && all < Float.POSITIVE_INFINITY; row++) {
            importance[row] = squares[row % depth] / all + 1e-3f / depth;
        }
    }

    /** The layers of the outermost graph, in the order in which they are first read. */
    static List<Layer> of(Graph graph) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        Set<String> other = new HashSet<>(graph.outputs());
        for (Node node : graph.nodes()) {
            other.addAll(Subgraphs.captured(node));
            for (int i = 0; i < node.inputs().size(); i++) {
                String read = node.input(i);
                Tensor tensor = graph.constants().get(read);
                if (tensor == null || tensor.dtype() != DType.FLOAT32) {
                    continue;
                }
                Layer layer = layers.get(read);
                if (!(i == 0 ? isTable(graph, node, tensor) : i == 1 && isRight(graph, node, tensor))
                        || layer != null && layer.isTable != node.is("Gather")) {
                    other.add(read);
                } else {
                    layers.computeIfAbsent(read, name -> new Layer(name, tensor, node)).nodes.add(node);
                }
            }
        }
        layers.keySet().removeAll(other);
        return new ArrayList<>(layers.values());
    }

    private static boolean isTable(Graph graph, Node node, Tensor tensor) {
        return node.is("Gather") && tensor.rank() == 2 && tensor.size() > FEW && node.attributes().integer("axis", 0) == 0
                && graph.type(node.input(1)) instanceof ValueType.OfTensor type && type.shape() != null;
    }

    private static boolean isRight(Graph graph, Node node, Tensor tensor) {
        boolean conv = node.domain().equals("infuser") && (node.op().equals("Conv") || node.op().equals("ConvTranspose"));
        return (conv && tensor.rank() > 2 || node.is("MatMul") && tensor.rank() == 2) && tensor.dim(-1) > 1
                && tensor.size() > FEW && graph.type(node.input(0)) instanceof ValueType.OfTensor type && type.shape() != null
                && type.shape().rank() > 1;
    }

    /** Whether kernels can read 8-bit numbers on the other side of all products with this weight. */
    boolean takesBytes() {
        for (Node node : nodes) {
            long group = node.attributes().integer("group", 1);
            boolean conv = node.op().equals("Conv") && tensor.rank() <= 5 && columns >= 4
                    && (group == 1 || columns % (8 * group) == 0);
            if (isTable || !conv && !node.is("MatMul")) {
                return false;
            }
        }
        return true;
    }

    /** Whether float16 has all the numbers. */
    boolean isHalf() {
        for (float value : matrix()) {
            if (!Float.isFinite(value) || SmallFloat.decode(DType.FLOAT16, SmallFloat.encode(DType.FLOAT16, value)) != value) {
                return false;
            }
        }
        return true;
    }

    Tensor tensor() {
        return tensor;
    }

    /** What is stored: the numbers, and their scales if any; null where this precision cannot be. */
    synchronized List<Tensor> stored(Precision precision) {
        if (!stored.containsKey(precision)) {
            stored.put(precision, round(precision));
        }
        return stored.get(precision);
    }

    private List<Tensor> round(Precision precision) {
        switch (precision) {
            case F32:
                return List.of(tensor);
            case F16:
                Tensor halves = Rounding.halves(tensor);
                return halves == null ? null : List.of(halves);
            case INT8:
                return scaled(DType.INT8, tensor.dims(), Rounding.bytes(matrix(), rows, columns, isTable));
            default:
                return isTable && columns % Precision.BLOCK != 0 ? null
                        : scaled(DType.INT4, new int[] {rows, columns}, Rounding.nibbles(matrix(), rows, columns, isTable, importance));
        }
    }

    private static List<Tensor> scaled(DType dtype, int[] dims, Rounding.Scaled parts) {
        return List.of(Tensor.of(dtype, dims, parts.numbers()), parts.scales());
    }

    private float[] matrix() {
        return (float[]) tensor.peek();
    }

    /** Bytes that the weight takes, or -1 where it cannot be stored so. */
    long bytes(Precision precision) {
        List<Tensor> parts = stored(precision);
        long sum = parts == null ? -1 : 0;
        for (Tensor part : parts == null ? List.<Tensor>of() : parts) {
            sum += Elements.bytes(part.dtype(), part.size());
        }
        return sum;
    }

    /** The weight as it is read back. */
    Tensor restored(Precision precision) {
        List<Tensor> parts = stored(precision);
        Tensor numbers = parts.get(0);
        float[] out = new float[numbers.size()];
        float[] scales = parts.size() > 1 ? parts.get(1).toFloats() : null;
        int block = precision == Precision.INT4 ? Precision.BLOCK : isTable ? columns : rows;
        for (int i = 0; i < out.length; i++) {
            float scale = scales == null ? 1 : isTable ? scales[i / columns * (columns / block) + i % columns / block]
                    : scales[i / columns / block * columns + i % columns];
            out[i] = (float) numbers.getDouble(i) * scale;
        }
        return Tensor.floats(tensor.dims(), out);
    }
}
