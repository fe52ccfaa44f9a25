package dev.infuser.demo.benchmark;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.infuser.converter.OnnxRuntime;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What native ONNX Runtime computes. */
final class Reference {

    private Reference() {
    }

    /** The version of ONNX Runtime. */
    static String version() {
        return OnnxRuntime.version();
    }

    /** The float32 outputs after {@code steps} runs, each of which takes what {@code carried} tells from the one before. */
    static Map<String, Tensor> outputs(Path model, Map<String, Tensor> feeds, Map<String, String> carried, int steps)
            throws OrtException {
        OnnxRuntime.version();
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            try (OrtSession session = environment.createSession(model.toString(), options)) {
                Map<String, Tensor> inputs = new HashMap<>(feeds);
                Map<String, Tensor> outputs = Map.of();
                for (int step = 0; step < steps; step++) {
                    outputs = run(environment, session, inputs);
                    for (Map.Entry<String, String> state : carried.entrySet()) {
                        inputs.put(state.getValue(), outputs.get(state.getKey()));
                    }
                }
                return outputs;
            }
        }
    }

    private static Map<String, Tensor> run(OrtEnvironment environment, OrtSession session, Map<String, Tensor> feeds)
            throws OrtException {
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Tensor> feed : feeds.entrySet()) {
                inputs.put(feed.getKey(), tensor(environment, feed.getValue()));
            }
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            try (OrtSession.Result result = session.run(inputs)) {
                for (Map.Entry<String, NodeInfo> output : session.getOutputInfo().entrySet()) {
                    OnnxValue value = result.get(output.getKey()).orElseThrow();
                    if (value instanceof OnnxTensor floats) {
                        outputs.put(output.getKey(), floats(floats));
                    }
                }
            }
            return outputs;
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor tensor(OrtEnvironment environment, Tensor tensor) throws OrtException {
        long[] dims = new long[tensor.rank()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = tensor.dim(i);
        }
        return tensor.dtype() == DType.INT64
                ? OnnxTensor.createTensor(environment, LongBuffer.wrap(tensor.longs()), dims)
                : OnnxTensor.createTensor(environment, FloatBuffer.wrap(tensor.floats()), dims);
    }

    private static Tensor floats(OnnxTensor tensor) {
        TensorInfo info = tensor.getInfo();
        int[] dims = new int[info.getShape().length];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = Math.toIntExact(info.getShape()[i]);
        }
        FloatBuffer buffer = tensor.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return Tensor.floats(dims, values);
    }
}
