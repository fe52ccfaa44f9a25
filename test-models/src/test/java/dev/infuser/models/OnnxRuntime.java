package dev.infuser.models;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Golden outputs: ONNX Runtime on the CPU, made anew in every test run. Closing it is left to the end of the process. */
final class OnnxRuntime {

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    OnnxRuntime(Path model) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            session = environment.createSession(model.toString(), options);
        }
    }

    /** The outputs by name. */
    Map<String, Tensor> run(Map<String, Tensor> feeds) throws OrtException {
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Tensor> feed : feeds.entrySet()) {
                inputs.put(feed.getKey(), toOrt(feed.getValue()));
            }
            try (OrtSession.Result result = session.run(inputs)) {
                Map<String, Tensor> outputs = new LinkedHashMap<>();
                for (Map.Entry<String, NodeInfo> output : session.getOutputInfo().entrySet()) {
                    outputs.put(output.getKey(), fromOrt((OnnxTensor) result.get(output.getKey()).orElseThrow()));
                }
                return outputs;
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor toOrt(Tensor tensor) throws OrtException {
        long[] dims = new long[tensor.rank()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = tensor.dim(i);
        }
        return tensor.dtype() == DType.INT64
                ? OnnxTensor.createTensor(environment, LongBuffer.wrap(tensor.longs()), dims)
                : OnnxTensor.createTensor(environment, FloatBuffer.wrap(tensor.floats()), dims);
    }

    private static Tensor fromOrt(OnnxTensor tensor) {
        TensorInfo info = tensor.getInfo();
        int[] dims = new int[info.getShape().length];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = Math.toIntExact(info.getShape()[i]);
        }
        float[] values = new float[Tensor.count(dims)];
        tensor.getFloatBuffer().get(values);
        return Tensor.floats(dims, values);
    }
}
