package dev.infuser.demo;

import dev.infuser.converter.tflite.TfliteFile;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.CastOptionsT;
import org.tensorflow.lite.schema.TensorType;

/** A small model of TensorFlow Lite with the numbers that it is fed with. */
final class TfliteSketch {

    private final TfliteFile file = new TfliteFile();
    private final Random random;
    private final List<Integer> inputs = new ArrayList<>();
    private final List<Integer> outputs = new ArrayList<>();
    private final List<List<Number>> feeds = new ArrayList<>();
    private int names;
    private boolean ended;

    TfliteSketch(int seed) {
        random = new Random(seed);
    }

    TfliteFile file() {
        return file;
    }

    /** Given float32 numbers between two bounds. */
    int in(double low, double high, int... shape) {
        int tensor = file.floats("in" + names++, shape);
        inputs.add(tensor);
        List<Number> feed = new ArrayList<>();
        for (float value : floats(low, high, Tensor.count(shape))) {
            feed.add((double) value);
        }
        feeds.add(feed);
        return tensor;
    }

    /** Given int32 numbers from a bound to another. */
    int ints(int low, int high, int... shape) {
        int tensor = file.tensor("in" + names++, TensorType.INT32, shape);
        inputs.add(tensor);
        List<Number> feed = new ArrayList<>();
        for (int i = 0; i < Tensor.count(shape); i++) {
            feed.add(low + random.nextInt(high - low + 1));
        }
        feeds.add(feed);
        return tensor;
    }

    private float[] floats(double low, double high, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (low + (high - low) * random.nextDouble());
        }
        return values;
    }

    /** Constant float32 numbers between two bounds. */
    int weights(double low, double high, int... shape) {
        return file.constant("w" + names++, Tensor.floats(shape, floats(low, high, Tensor.count(shape))));
    }

    /** Constant int32 numbers. */
    int list(int... values) {
        return file.ints("l" + names++, values);
    }

    /** A constant int32 number. */
    int number(int value) {
        return file.constant("n" + names++, Tensor.ints(new int[0], value));
    }

    /** A constant float32 number. */
    int number(float value) {
        return file.constant("n" + names++, Tensor.floats(new int[0], value));
    }

    int constant(Tensor value) {
        return file.constant("c" + names++, value);
    }

    /** A tensor that is computed. */
    int mid(int type, int... shape) {
        return file.tensor("t" + names++, type, shape);
    }

    /** An operator with one float32 output, which it returns. */
    int op(int code, Object options, int[] shape, int... ins) {
        return op(code, options, TensorType.FLOAT32, shape, ins);
    }

    int op(int code, Object options, int type, int[] shape, int... ins) {
        int y = mid(type, shape);
        file.op(code, options, ins, y);
        return y;
    }

    /** A tensor as float32. */
    int real(int tensor, int type, int... shape) {
        CastOptionsT options = new CastOptionsT();
        options.setInDataType((byte) type);
        options.setOutDataType(TensorType.FLOAT32);
        return op(BuiltinOperator.CAST, options, shape, tensor);
    }

    /** Constant integers that stand for numbers by channel, their scales around {@code scale}. */
    int bytes(float scale, int axis, int... shape) {
        int channels = shape[axis];
        float[] scales = new float[channels];
        for (int i = 0; i < channels; i++) {
            scales[i] = scale * (0.5f + random.nextFloat());
        }
        byte[] values = new byte[Tensor.count(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (random.nextInt(255) - 127);
        }
        int tensor = constant(Tensor.of(DType.INT8, shape, values));
        return file.quantized(tensor, axis, scales, new long[channels]);
    }

    /** Constant int32 numbers at the scales of products of an input and of weights. */
    int sums(int weights, float scale) {
        float[] by = file.scales(weights);
        float[] scales = new float[by.length];
        int[] values = new int[by.length];
        for (int i = 0; i < by.length; i++) {
            scales[i] = scale * by[i];
            values[i] = random.nextInt(2000) - 1000;
        }
        return file.quantized(constant(Tensor.ints(new int[] {by.length}, values)), 0, scales, new long[by.length]);
    }

    /** An operator with one quantised output, which it returns as float32. */
    int quantizedOp(int code, Object options, int type, float scale, int zero, int[] shape, int... ins) {
        int y = file.quantized(mid(type, shape), scale, zero);
        file.op(code, options, ins, y);
        return dequantized(y, shape);
    }

    /** Quantised numbers of a float32 tensor. */
    int quantized(int tensor, int type, float scale, int zero, int... shape) {
        int y = file.quantized(mid(type, shape), scale, zero);
        file.op(BuiltinOperator.QUANTIZE, null, new int[] {tensor}, y);
        return y;
    }

    /** What quantised numbers stand for. */
    int dequantized(int tensor, int... shape) {
        return op(BuiltinOperator.DEQUANTIZE, null, shape, tensor);
    }

    TfliteSketch out(int... tensors) {
        for (int tensor : tensors) {
            outputs.add(tensor);
        }
        return this;
    }

    List<List<Number>> feeds() {
        return feeds;
    }

    byte[] bytes() {
        if (!ended) {
            end();
        }
        return file.bytes();
    }

    /** Ends the first graph, so that others can follow. */
    void end() {
        file.end(array(inputs), array(outputs));
        ended = true;
    }

    /** What a graph computes of its inputs. */
    interface Body {
        int of(int[] inputs, TfliteSketch sketch);
    }

    /** A graph of one output, of so many float32 inputs of one shape. */
    void graph(int count, Body body, int... shape) {
        int[] given = new int[count];
        for (int i = 0; i < count; i++) {
            given[i] = mid(TensorType.FLOAT32, shape);
        }
        file.end(given, body.of(given, this));
    }

    private static int[] array(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
