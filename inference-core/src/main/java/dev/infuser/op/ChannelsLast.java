package dev.infuser.op;

import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ONNX operator of the same name over tensors whose channels are the last axis, in the domain {@code infuser}:
 *
 * <ul>
 * <li>{@code Conv}: X {@code [N, D1..Dn, C]}, W {@code [k1..kn, C / group, M]}, B? {@code [M]};
 * <li>{@code ConvInteger}: X and W as those of Conv and their zero points;
 * <li>{@code ConvTranspose}: X {@code [N, D1..Dn, C]}, W {@code [k1..kn, C, M / group]}, B? {@code [M]};
 * <li>{@code MaxPool} and {@code AveragePool}: X {@code [N, D1..Dn, C]}.
 * </ul>
 *
 * <p>Each has one output {@code [N, O1..On, M]} and the attributes of its model.
 */
final class ChannelsLast implements Operator {

    private final Operator model;

    ChannelsLast(Operator model) {
        this.model = model;
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public String domain() {
        return "infuser";
    }

    /** Where the axes of the input of the model with this number lie in ours. */
    private int[] perm(int input, int rank) {
        if (rank < 3) {
            throw Axes.bad("rank " + rank + " leaves no spatial axis");
        }
        boolean weight = input == 1;
        int[] perm = new int[rank];
        for (int i = 2; i < rank; i++) {
            perm[i] = weight ? i - 2 : i - 1;
        }
        boolean transposed = name().equals("ConvTranspose");
        perm[0] = !weight ? 0 : transposed ? rank - 2 : rank - 1;
        perm[1] = !weight ? rank - 1 : transposed ? rank - 1 : rank - 2;
        return perm;
    }

    private static int[] back(int rank) {
        int[] perm = new int[rank];
        for (int i = 1; i < rank - 1; i++) {
            perm[i] = i + 1;
        }
        perm[rank - 1] = 1;
        return perm;
    }

    private static Shape permute(Shape shape, int[] perm) {
        Dim[] dims = new Dim[perm.length];
        for (int i = 0; i < perm.length; i++) {
            dims[i] = shape.dim(perm[i]);
        }
        return Shape.of(dims);
    }

    /** The node of the model; its inputs have different names even where one value is read twice. */
    private static Node node(Node node) {
        List<String> inputs = new ArrayList<>();
        for (String input : node.inputs()) {
            inputs.add(input.isEmpty() ? "" : "input" + inputs.size());
        }
        return new Node(node.name(), "", node.op(), inputs, node.outputs(), node.attributes());
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        List<ValueType> types = new ArrayList<>();
        for (int i = 0; i < c.inputs(); i++) {
            types.add(!c.has(i) ? null : i > 1 ? c.type(i)
                    : ValueType.tensor(c.dtype(i), permute(c.shape(i), perm(i, c.rank(i)))));
        }
        ValueType.OfTensor out = (ValueType.OfTensor) Inference.outputs(model, node(c.node()), types).get(0);
        return List.of(ValueType.tensor(out.dtype(), permute(out.shape(), back(out.shape().rank()))));
    }

    @Override
    public Lowering lower(InferContext c) {
        if (c.rank(0) > 5 || model instanceof Pool) {
            return model instanceof Pool pool && c.rank(0) <= 5 ? pool.channelsLast(c) : null;
        }
        boolean transposed = name().equals("ConvTranspose");
        boolean integers = name().equals("ConvInteger");
        Shape w = c.shape(1);
        int n = w.rank() - 2;
        int group = (int) c.attributes().integer("group", 1);
        if (c.dtype(integers ? 1 : 0) != (integers ? DType.INT8 : DType.FLOAT32) || !w.isConstant()
                || w.elements().is(0) || group < 1 || w.dim(transposed ? -2 : -1).value() % group != 0) {
            return null;
        }
        int[] kernel = Arrays.copyOf(w.toInts(), n);
        int[] strides = Window.ints(c.attributes(), "strides", n, 1, 1);
        int[] pads = Window.ints(c.attributes(), "pads", 2 * n, 0, 0);
        boolean single = group == 1 && !c.attributes().has("output_shape");
        boolean columns = w.dim(-1).value() > 1;
        for (int i = 0; i < n; i++) {
            single &= kernel[i] == 1 && strides[i] == 1 && pads[i] == 0 && pads[n + i] == 0
                    && Window.ints(c.attributes(), "output_padding", n, 0, 0)[i] == 0;
        }
        int[] one = {1};
        if (integers) {
            return new Lowering.ConvInteger(new Lowering.Conv(single ? new int[0] : kernel, strides,
                    Window.ints(c.attributes(), "dilations", n, 1, 1), group, false, this::pads));
        }
        boolean rows = n == 1 && group == 1 && !transposed && columns && pads[0] == 0
                && pads[1] == 0 && !Window.isSame(c.attributes())
                && Window.ints(c.attributes(), "dilations", n, 1, 1)[0] == 1;
        return !single && rows ? new Lowering.MatMul(false, false, 1, 1, strides[0])
                : !single ? new Lowering.Conv(kernel, strides, Window.ints(c.attributes(), "dilations", n, 1, 1), group,
                transposed, this::pads) : columns ? new Lowering.MatMul(false, false, 1, 1, 0)
                : new Lowering.Conv(one, one, one, 1, false, all -> new int[1]);
    }

    /** The zeros before each axis, or the outputs cut off there when transposed. */
    private int[] pads(InferContext c) {
        int n = c.rank(0) - 2;
        boolean transposed = name().equals("ConvTranspose");
        int[] kernel = Arrays.copyOf(c.shape(1).toInts(), n);
        List<Dim> spatial = c.shape(0).dims().subList(1, n + 1);
        return (transposed ? ConvTranspose.window(c.attributes(), kernel, spatial,
                ConvTranspose.extents(c.attributes(), kernel, spatial)) : Window.of(c.attributes(), kernel, spatial)).begin();
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        List<Datum> inputs = new ArrayList<>();
        for (int i = 0; i < c.inputs(); i++) {
            Tensor tensor = c.tensorOrNull(i);
            inputs.add(i > 1 || tensor == null ? tensor : Transpose.permute(tensor, perm(i, tensor.rank())));
        }
        Tensor out = (Tensor) model.evaluate(new EvalContext(node(c.node()), inputs, null)).get(0);
        return List.of(Transpose.permute(out, back(out.rank())));
    }
}
