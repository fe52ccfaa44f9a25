package dev.infuser.converter.tflite;

import dev.infuser.converter.build.Emitter;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Value;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Translates the operators of one subgraph, which are listed in the order in which they run. */
final class GraphTranslator {

    private final TfliteModel model;
    private final TfliteModel.Subgraph graph;
    private final Emitter out;
    private final Variables variables;
    /** By tensor: its value, or null where it has none yet. */
    private final String[] values;
    private final String[] reals;
    /** By tensor: its elements where they have been worked out. */
    private final Tensor[] constants;
    private final boolean[] computed;
    private final Map<Integer, String> resources = new HashMap<>();

    GraphTranslator(TfliteModel model, TfliteModel.Subgraph graph, Emitter out, Variables variables) {
        this.model = model;
        this.graph = graph;
        this.out = out;
        this.variables = variables;
        int count = graph.tensors().size();
        values = new String[count];
        reals = new String[count];
        constants = new Tensor[count];
        computed = new boolean[count];
    }

    /** Gives the inputs, and returns the outputs. */
    List<String> translate(List<String> inputs) {
        if (inputs.size() != graph.inputs().length) {
            throw new InvalidModelException("bad-tflite", graph.name(), "subgraph '" + graph.name() + "' takes " + graph.inputs().length
                    + " inputs, found " + inputs.size(), "", "");
        }
        variables.enter(graph);
        for (int i = 0; i < inputs.size(); i++) {
            values[graph.inputs()[i]] = inputs.get(i);
            computed[graph.inputs()[i]] = true;
        }
        for (Operation node : graph.operations()) {
            translate(node);
        }
        List<String> outputs = new ArrayList<>();
        for (int output : graph.outputs()) {
            outputs.add(stored(output));
        }
        variables.leave();
        return outputs;
    }

    private void translate(Operation node) {
        String name = node.outputs().length == 0 ? node.kind() + "_" + node.index() : info(node.outputs()[0]).name();
        Ops ops = new Ops(out, name.isEmpty() ? node.kind() + "_" + node.index() : name, node.kind());
        Rule rule = Rules.of(node);
        if (rule == null) {
            throw ops.unsupported("has no rule");
        }
        boolean stored = rule.numbers() == Rule.Numbers.STORED || rule.numbers() == Rule.Numbers.MOVED && alike(node);
        String[] results = rule.writer().write(new Call(this, node, ops, stored));
        for (int i = 0; i < node.outputs().length; i++) {
            int output = node.outputs()[i];
            if (output < 0) {
                continue;
            }
            if (i >= results.length) {
                throw ops.unsupported("has " + node.outputs().length + " outputs");
            }
            if (results[i] == null) {
                continue;
            }
            computed[output] = true;
            values[output] = stored ? results[i] : quantize(ops, results[i], info(output));
            state(values[output], info(output));
        }
    }

    /** What the file says of a value, for where it does not follow from the nodes. */
    private void state(String value, TensorInfo info) {
        if (info.ranked() && TensorInfo.dtype(info.type()) != null && out.type(value) == null) {
            out.state(value, new ValueType.OfTensor(info.dtype(), info.symbolic(value + "_")));
        }
    }

    private boolean alike(Operation node) {
        Quantization first = null;
        for (int tensor : node.outputs()) {
            Quantization quantization = info(tensor).quantization();
            if (quantization == null) {
                continue;
            }
            if (!quantization.isPerTensor() || first != null && !first.same(quantization)) {
                return false;
            }
            first = quantization;
        }
        for (int tensor : node.inputs()) {
            Quantization quantization = tensor < 0 ? null : info(tensor).quantization();
            if (quantization != null && (first == null || !first.same(quantization))) {
                return false;
            }
        }
        return true;
    }

    TfliteModel model() {
        return model;
    }

    Variables variables() {
        return variables;
    }

    Emitter out() {
        return out;
    }

    TensorInfo info(int tensor) {
        return graph.tensor(tensor);
    }

    /** State that outlives a run, as an input of the model. */
    String state(int tensor) {
        TensorInfo info = info(tensor);
        if (!variables.isMain()) {
            throw new UnsupportedModelException("state", info.name(), "'" + info.name() + "' is state inside a branch or loop", "", "");
        }
        if (values[tensor] == null) {
            values[tensor] = out.unique(info.name());
            out.input(new Value(values[tensor], new ValueType.OfTensor(info.dtype(), info.symbolic(values[tensor] + "_"))));
        }
        return values[tensor];
    }

    /** Notes which hash table or variable a tensor is. */
    void resource(int tensor, String name) {
        resources.put(tensor, name);
    }

    /** The hash table or variable that a tensor is. */
    String resource(int tensor) {
        String name = resources.get(tensor);
        if (name == null) {
            throw new UnsupportedModelException("resource", info(tensor).name(), "'" + info(tensor).name()
                    + "' is a resource that comes from elsewhere", "", "");
        }
        return name;
    }

    /** Notes the elements of a tensor that an operator need not compute. */
    void define(int tensor, Tensor elements) {
        constants[tensor] = elements;
    }

    /** The elements of a tensor as stored, or null where they are computed. */
    Tensor constant(int tensor) {
        TensorInfo info = info(tensor);
        if (constants[tensor] == null && !computed[tensor]) {
            constants[tensor] = model.elements(info);
        }
        return computed[tensor] && constants[tensor] == null ? known(values[tensor]) : constants[tensor];
    }

    private Tensor known(String value) {
        return out.isConstant(value) ? out.constantOf(value) : null;
    }

    /** The value of a tensor as stored. */
    String stored(int tensor) {
        TensorInfo info = info(tensor);
        if (values[tensor] == null) {
            Tensor constant = constant(tensor);
            if (constant == null && info.variable()) {
                constant = zeros(info);
            }
            if (constant == null) {
                throw new InvalidModelException("bad-tflite", info.name(), "tensor '" + info.name() + "' is taken before it is computed",
                        "", "the file is damaged: copy or export it again");
            }
            values[tensor] = out.constant(info.name(), constant);
        }
        return values[tensor];
    }

    private static Tensor zeros(TensorInfo info) {
        return info.isQuantized() && info.quantization().isPerTensor() && info.quantization().zeros()[0] != 0
                ? info.quantization().zero(info.dtype()).pick(info.shape(), new int[info.count()])
                : Tensor.zeros(info.dtype(), info.shape());
    }

    /** The real numbers that a tensor stands for; what is neither quantised nor float16 as stored. */
    String real(int tensor) {
        TensorInfo info = info(tensor);
        boolean half = TensorInfo.dtype(info.type()) == DType.FLOAT16;
        if (!info.isQuantized() && !half) {
            return stored(tensor);
        }
        if (reals[tensor] == null) {
            Tensor constant = constant(tensor);
            Ops ops = new Ops(out, info.name() + "_real", "DEQUANTIZE");
            if (constant != null && (half || info.dtype().bits() > 16)) {
                reals[tensor] = out.constant(info.name(), widened(info, constant));
            } else if (half) {
                reals[tensor] = ops.cast(stored(tensor), DType.FLOAT32);
            } else {
                reals[tensor] = dequantize(ops, stored(tensor), info.quantization(), info.quantization().axis());
            }
        }
        return reals[tensor];
    }

    /** The real numbers that the elements of a constant stand for. */
    static Tensor widened(TensorInfo info, Tensor stored) {
        return Tensor.lazy(DType.FLOAT32, stored.dims(),
                () -> info.isQuantized() ? info.quantization().widen(stored).array() : stored.toFloats());
    }

    /** A constant made of a tensor by moving its axes, as real numbers; bytes stay bytes, for the kernels of integers. */
    String weights(Ops ops, TensorInfo info, Tensor moved, int[] perm) {
        if (!info.isQuantized()) {
            return ops.constant(moved.dtype() == DType.FLOAT16 ? widened(info, moved) : moved);
        }
        int axis = 0;
        for (int i = 0; i < perm.length; i++) {
            axis = perm[i] == info.quantization().axis() ? i : axis;
        }
        return dequantize(ops, ops.constant(moved), info.quantization(), axis);
    }

    static String dequantize(Ops ops, String value, Quantization quantization, int axis) {
        String scale = ops.constant(quantization.scale());
        Attributes attributes = quantization.isPerTensor() ? Attributes.NONE : Attributes.of("axis", axis);
        DType dtype = ops.dtype(value);
        return dtype.bits() > 16 ? ops.op("DequantizeLinear", attributes, value, scale)
                : ops.op("DequantizeLinear", attributes, value, scale, ops.constant(quantization.zero(dtype)));
    }

    /** Real numbers as a tensor stores them. */
    static String quantize(Ops ops, String value, TensorInfo info) {
        Quantization quantization = info.quantization();
        if (quantization == null || !ops.dtype(value).isFloat()) {
            return value;
        }
        if (info.dtype().bits() > 16) {
            throw ops.unsupported("gives quantised integers of " + info.dtype().bits() + " bits");
        }
        Attributes attributes = quantization.isPerTensor() ? Attributes.NONE : Attributes.of("axis", quantization.axis());
        return ops.op("QuantizeLinear", attributes, value, ops.constant(quantization.scale()),
                ops.constant(quantization.zero(info.dtype())));
    }

    /** A tensor with its axes in another order; {@code perm} is the axis of the tensor that becomes each. */
    static Tensor transpose(Tensor tensor, int... perm) {
        int rank = perm.length;
        int[] dims = new int[rank];
        int[] strides = new int[rank];
        boolean same = true;
        for (int i = 0; i < rank; i++) {
            dims[i] = tensor.dim(perm[i]);
            same &= perm[i] == i;
            strides[i] = 1;
            for (int axis = perm[i] + 1; axis < rank; axis++) {
                strides[i] *= tensor.dim(axis);
            }
        }
        return same ? tensor : Tensor.lazy(tensor.dtype(), dims, () -> {
            int[] index = new int[tensor.size()];
            int[] at = new int[rank];
            int from = 0;
            for (int i = 0; i < index.length; i++) {
                index[i] = from;
                for (int axis = rank - 1; axis >= 0; axis--) {
                    from += strides[axis];
                    if (++at[axis] < dims[axis]) {
                        break;
                    }
                    from -= strides[axis] * dims[axis];
                    at[axis] = 0;
                }
            }
            return tensor.pick(dims, index).array();
        });
    }
}
