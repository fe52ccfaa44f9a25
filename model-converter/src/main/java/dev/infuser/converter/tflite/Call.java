package dev.infuser.converter.tflite;

import com.google.flatbuffers.Table;
import dev.infuser.converter.tensorflow.Arithmetic;
import dev.infuser.converter.tensorflow.Convolutions;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.lite.schema.ActivationFunctionType;

/**
 * An operator whose inputs have been translated.
 *
 * @param graph  what has been translated so far
 * @param ops    writes what it becomes
 * @param stored whether {@link #in} gives the integers of quantised tensors, not what they stand for
 */
record Call(GraphTranslator graph, Operation node, Ops ops, boolean stored) {

    boolean has(int i) {
        return i < node.inputs().length && node.inputs()[i] >= 0;
    }

    int inputs() {
        return node.inputs().length;
    }

    private int tensor(int i) {
        if (!has(i)) {
            throw new InvalidModelException("bad-tflite", ops.name(), node.kind() + " '" + ops.name() + "' has no input " + i, "", "");
        }
        return node.inputs()[i];
    }

    TensorInfo info(int i) {
        return graph.info(tensor(i));
    }

    TensorInfo output(int i) {
        if (i >= node.outputs().length) {
            throw new InvalidModelException("bad-tflite", ops.name(), node.kind() + " '" + ops.name() + "' has no output " + i, "", "");
        }
        return graph.info(node.outputs()[i]);
    }

    /** An input. */
    String in(int i) {
        return stored ? graph.stored(tensor(i)) : graph.real(tensor(i));
    }

    /** An input as stored. */
    String raw(int i) {
        return graph.stored(tensor(i));
    }

    /** An input as real numbers. */
    String real(int i) {
        return graph.real(tensor(i));
    }

    List<String> all() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < inputs(); i++) {
            all.add(in(i));
        }
        return all;
    }

    <T extends Table> T options(T as) {
        return node.options(as);
    }

    /** The elements of an input as stored, or null where they are not known. */
    Tensor constant(int i) {
        return graph.constant(tensor(i));
    }

    /** The integers of an input, which must be known. */
    long[] longs(int i, String what) {
        return ops.longs(in(i), what);
    }

    /** What the integers {@code value}, made of input {@code i} by moving elements, stand for; themselves where nothing else. */
    String dequantized(int i, String value) {
        Quantization quantization = info(i).quantization();
        if (quantization == null) {
            return ops.dtype(value) == DType.FLOAT16 ? ops.cast(value, DType.FLOAT32) : value;
        }
        if (!quantization.isPerTensor()) {
            throw ops.unsupported("moves elements of '" + info(i).name() + "', which is quantised by channel");
        }
        return GraphTranslator.dequantize(ops, value, quantization, 0);
    }

    /** Real numbers as an output stores them. */
    String quantized(int i, String value) {
        return GraphTranslator.quantize(ops, value, output(i));
    }

    /** Input {@code i} {@code [N, D.., C]} as real numbers {@code [N, C, D..]}. */
    String first(int i) {
        return dequantized(i, Convolutions.channelsFirst(ops, raw(i)));
    }

    /**
     * Input {@code i} with its axes in another order, as real numbers.
     *
     * @param perm the axis of the input that becomes each
     */
    String weights(int i, int... perm) {
        Tensor constant = constant(i);
        TensorInfo info = info(i);
        if (info.shape().length != perm.length) {
            throw ops.unsupported("has weights of " + info.shape().length + " dimensions");
        }
        if (constant == null) {
            long[] order = new long[perm.length];
            for (int axis = 0; axis < perm.length; axis++) {
                order[axis] = perm[axis];
            }
            return dequantized(i, ops.transpose(raw(i), order));
        }
        return graph.weights(ops, info, GraphTranslator.transpose(constant, perm), perm);
    }

    /** A bias as real numbers, or "" where there is none. */
    String bias(int i) {
        return has(i) ? graph.real(tensor(i)) : "";
    }

    /** {@code value} after a fused activation function, which is left out where output 0 cannot say otherwise. */
    String activated(String value, int function) {
        if (function == ActivationFunctionType.NONE || implied(function)) {
            return value;
        }
        String result = Arithmetic.activate(ops, name(function), value, null, 0);
        if (result == null) {
            throw ops.unsupported("is fused with activation function " + function);
        }
        return result;
    }

    /** The name of a fused activation function. */
    String name(int function) {
        if (function < 0 || function >= ActivationFunctionType.names.length) {
            throw ops.unsupported("is fused with activation function " + function);
        }
        return ActivationFunctionType.name(function);
    }

    /** Whether all that the integers of output 0 can stand for lies between the bounds of a function. */
    private boolean implied(int function) {
        Quantization quantization = output(0).quantization();
        if (quantization == null || !quantization.isPerTensor() || output(0).dtype().bits() > 16) {
            return false;
        }
        boolean signed = output(0).dtype() == DType.INT8 || output(0).dtype() == DType.INT16;
        int bits = output(0).dtype().bits();
        double least = ((signed ? -(1 << bits - 1) : 0) - quantization.zeros()[0]) * (double) quantization.scales()[0];
        double greatest = ((1 << (signed ? bits - 1 : bits)) - 1 - quantization.zeros()[0]) * (double) quantization.scales()[0];
        // Half a step beyond a bound rounds to it.
        double slack = quantization.scales()[0] / 2;
        return switch (function) {
            case ActivationFunctionType.RELU -> least > -slack;
            case ActivationFunctionType.RELU6 -> least > -slack && greatest < 6 + slack;
            case ActivationFunctionType.RELU_N1_TO_1 -> least > -1 - slack && greatest < 1 + slack;
            default -> false;
        };
    }

    String op(String op, String... inputs) {
        return ops.op(op, inputs);
    }

    String op(String op, Attributes attributes, String... inputs) {
        return ops.op(op, attributes, inputs);
    }
}
