package dev.infuser.demo.benchmark;

import dev.infuser.demo.benchmark.FlatBuffer.Table;
import dev.infuser.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** TFLite models of one operator, {@code y = operator(x, w, 0)}, after TensorFlow's {@code schema.fbs}. */
final class Tflite {

    private static final int VERSION = 3;
    private static final byte FLOAT32 = 0;
    private static final int ONE = 1;

    /**
     * An operator.
     *
     * @param code        its number
     * @param optionsType the number of its table of options
     * @param options     that table
     */
    record Operator(int code, int optionsType, Table options) {

        static final Operator FULLY_CONNECTED = new Operator(9, 8, new Table((byte) 0));
        /** Same padding, stride 1. */
        static final Operator CONV_2D = new Operator(3, 1, new Table((byte) 0, ONE, ONE));
        /** Same padding, stride 1, one output of each channel. */
        static final Operator DEPTHWISE_CONV_2D = new Operator(4, 2, new Table((byte) 0, ONE, ONE, ONE));
    }

    private Tflite() {
    }

    /** A model with {@code channels} zeros for its bias. */
    static byte[] model(Operator operator, int[] x, Tensor w, int channels, int[] y) {
        List<Table> tensors = List.of(new Table(x, FLOAT32, 0, "x"), new Table(w.dims(), FLOAT32, 1, "w"),
                new Table(new int[] {channels}, FLOAT32, 2, "b"), new Table(y, FLOAT32, 0, "y"));
        Table node = new Table(0, new int[] {0, 1, 2}, new int[] {3}, (byte) operator.optionsType, operator.options);
        Table graph = new Table(tensors, new int[] {0}, new int[] {3}, List.of(node), "main");
        Table code = new Table((byte) operator.code, null, ONE, operator.code);
        List<Table> buffers = List.of(new Table(), new Table(bytes(w.floats())), new Table(bytes(new float[channels])));
        return FlatBuffer.write(new Table(VERSION, List.of(code), List.of(graph), "one operator", buffers), "TFL3");
    }

    static byte[] bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }
}
