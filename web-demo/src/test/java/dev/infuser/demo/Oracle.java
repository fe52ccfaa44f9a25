package dev.infuser.demo;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.infuser.converter.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** MiniLM in ONNX Runtime. */
record Oracle(OrtSession session) implements AutoCloseable {

    static final int HIDDEN = 384;

    /** Rows of token ids, padded with 0, and their mask. */
    record Batch(int size, int length, long[] ids, long[] mask) {

        /** {@code size} rows cut to {@code length} tokens, one of them at least as long. */
        static Batch of(List<long[]> sentences, int size, int length) {
            List<long[]> rows = new ArrayList<>(sentences.stream().filter(row -> row.length >= length).limit(1).toList());
            for (int i = 0; rows.size() < size; i++) {
                rows.add(sentences.get(i));
            }
            long[] ids = new long[size * length];
            long[] mask = new long[size * length];
            for (int row = 0; row < size; row++) {
                int count = Math.min(length, rows.get(row).length);
                System.arraycopy(rows.get(row), 0, ids, row * length, count);
                Arrays.fill(mask, row * length, row * length + count, 1);
            }
            return new Batch(size, length, ids, mask);
        }

        /** As the test page takes them. */
        List<Object> feeds() {
            List<Integer> dims = List.of(size, length);
            return List.of(List.of("input_ids", "int64", plain(ids), dims), List.of("attention_mask", "int64", plain(mask), dims),
                    List.of("token_type_ids", "int64", plain(new long[ids.length]), dims));
        }

        private static List<Integer> plain(long[] values) {
            return Arrays.stream(values).mapToObj(Math::toIntExact).toList();
        }
    }

    static Oracle open(Path model) throws OrtException {
        OnnxRuntime.version();
        return new Oracle(OrtEnvironment.getEnvironment().createSession(model.toString()));
    }

    /** The vectors of the tokens, {@code [size, length, 384]}. */
    float[] run(Batch batch) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        long[] dims = {batch.size, batch.length};
        try (OnnxTensor ids = OnnxTensor.createTensor(environment, LongBuffer.wrap(batch.ids), dims);
                OnnxTensor mask = OnnxTensor.createTensor(environment, LongBuffer.wrap(batch.mask), dims);
                OnnxTensor types = OnnxTensor.createTensor(environment, LongBuffer.wrap(new long[batch.ids.length]), dims);
                OrtSession.Result result = session.run(Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids",
                        types))) {
            FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] values = new float[buffer.remaining()];
            buffer.get(values);
            return values;
        }
    }

    /** The mean over the tokens, of length 1. */
    float[] embed(long[] tokens) throws OrtException {
        float[] states = run(Batch.of(List.of(tokens), 1, tokens.length));
        double[] sums = new double[HIDDEN];
        for (int i = 0; i < states.length; i++) {
            sums[i % HIDDEN] += states[i];
        }
        double norm = Math.sqrt(Arrays.stream(sums).map(sum -> sum * sum).sum());
        float[] vector = new float[HIDDEN];
        for (int i = 0; i < HIDDEN; i++) {
            vector[i] = (float) (sums[i] / norm);
        }
        return vector;
    }

    static float[] floats(String base64) {
        byte[] bytes = Base64.getDecoder().decode(base64);
        float[] values = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    /** The largest absolute difference; infinite where one is not a number. */
    static double distance(float[] expected, float[] actual) {
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs(expected[i] - actual[i]);
            largest = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(largest, difference);
        }
        return largest;
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
