package dev.infuser.models;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtUtil;
import ai.onnxruntime.TensorInfo;
import dev.infuser.converter.build.ElementCodec;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Golden outputs: ONNX Runtime on the CPU, made anew in every test run. */
final class OnnxRuntime implements AutoCloseable {

    private final OrtEnvironment environment;
    private final OrtSession session;

    private OnnxRuntime(byte[] model, OrtSession.SessionOptions.OptLevel level) throws OrtException {
        dev.infuser.converter.OnnxRuntime.version();
        environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setOptimizationLevel(level);
            session = environment.createSession(model, options);
        }
    }

    /** The model as it is, with all optimisations. */
    static OnnxRuntime open(Path model) throws OrtException, IOException {
        return new OnnxRuntime(Files.readAllBytes(model), OrtSession.SessionOptions.OptLevel.ALL_OPT);
    }

    /** The model of these bytes, node by node. */
    static OnnxRuntime of(byte[] model) throws OrtException {
        return new OnnxRuntime(model, OrtSession.SessionOptions.OptLevel.NO_OPT);
    }

    /** The model node by node, without fusions; it also returns the named intermediate values. */
    static OnnxRuntime openPlain(Path model, Collection<String> values) throws OrtException, IOException {
        ByteArrayOutputStream graph = new ByteArrayOutputStream();
        for (String value : values) {
            ByteArrayOutputStream info = new ByteArrayOutputStream();
            field(info, 1, value.getBytes(StandardCharsets.UTF_8));
            field(graph, 12, info.toByteArray());
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(Files.readAllBytes(model));
        field(whole, 7, graph.toByteArray());
        return new OnnxRuntime(whole.toByteArray(), OrtSession.SessionOptions.OptLevel.NO_OPT);
    }

    /** Writes a protobuf field; a second {@code ModelProto.graph} is merged into the first, which adds its outputs. */
    private static void field(ByteArrayOutputStream out, int number, byte[] bytes) throws IOException {
        out.write(number << 3 | 2);
        int rest = bytes.length;
        for (; rest > 0x7F; rest >>>= 7) {
            out.write(rest & 0x7F | 0x80);
        }
        out.write(rest);
        out.write(bytes);
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

    /** The maps of the only output, a sequence of them. */
    List<Map<?, ?>> maps(Map<String, Tensor> feeds) throws OrtException {
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        for (Map.Entry<String, Tensor> feed : feeds.entrySet()) {
            inputs.put(feed.getKey(), toOrt(feed.getValue()));
        }
        try (OrtSession.Result result = session.run(inputs)) {
            List<Map<?, ?>> maps = new ArrayList<>();
            for (Object map : ((OnnxSequence) result.get(0)).getValue()) {
                maps.add(((OnnxMap) map).getValue());
            }
            return maps;
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor toOrt(Tensor tensor) throws OrtException {
        long[] dims = new long[tensor.rank()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = tensor.dim(i);
        }
        if (tensor.dtype() == DType.STRING) {
            return OnnxTensor.createTensor(environment, tensor.strings(), dims);
        }
        OnnxJavaType type = switch (tensor.dtype()) {
            case FLOAT32 -> OnnxJavaType.FLOAT;
            case FLOAT64 -> OnnxJavaType.DOUBLE;
            case INT64 -> OnnxJavaType.INT64;
            case INT32 -> OnnxJavaType.INT32;
            case INT8 -> OnnxJavaType.INT8;
            case UINT8 -> OnnxJavaType.UINT8;
            case BOOL -> OnnxJavaType.BOOL;
            default -> throw new IllegalStateException("feeds of type " + tensor.dtype().label());
        };
        ByteBuffer bytes = ByteBuffer.allocateDirect(Math.max(1, tensor.size() * tensor.dtype().bytes())).order(ByteOrder.nativeOrder());
        bytes.put(ElementCodec.encode(tensor)).flip();
        return OnnxTensor.createTensor(environment, bytes, dims, type);
    }

    private static Tensor fromOrt(OnnxTensor tensor) throws OrtException {
        TensorInfo info = tensor.getInfo();
        int[] dims = new int[info.getShape().length];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = Math.toIntExact(info.getShape()[i]);
        }
        if (info.type == OnnxJavaType.STRING) {
            return Tensor.strings(dims, dims.length == 0 ? new String[] {(String) tensor.getValue()}
                    : OrtUtil.flattenString((Object[]) tensor.getValue()));
        }
        DType dtype = switch (info.type) {
            case FLOAT -> DType.FLOAT32;
            case DOUBLE -> DType.FLOAT64;
            case INT64 -> DType.INT64;
            case INT32 -> DType.INT32;
            case INT8 -> DType.INT8;
            case UINT8 -> DType.UINT8;
            case BOOL -> DType.BOOL;
            default -> throw new IllegalStateException("outputs of type " + info.type);
        };
        Object array = Tensor.newArray(dtype, Tensor.count(dims));
        ByteBuffer bytes = tensor.getByteBuffer();
        if (array instanceof float[] floats) {
            bytes.asFloatBuffer().get(floats);
        } else if (array instanceof double[] doubles) {
            bytes.asDoubleBuffer().get(doubles);
        } else if (array instanceof long[] longs) {
            bytes.asLongBuffer().get(longs);
        } else if (array instanceof int[] ints) {
            bytes.asIntBuffer().get(ints);
        } else {
            bytes.get((byte[]) array);
        }
        return Tensor.of(dtype, dims, array);
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
