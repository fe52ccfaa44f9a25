package dev.infuser.converter;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** ONNX Runtime through DJL: the framework that ONNX models are compared with. */
public final class OnnxRuntime implements Verification.Running {

    private static final String ENGINE = "OnnxRuntime";
    /** ONNX Runtime matches the command line of its process by recursion, which takes some 256 bytes for each character. */
    private static final long STACK = 256L << 20;

    private final Model model;
    private final NDManager manager;

    private OnnxRuntime(Model model) {
        this.model = model;
        this.manager = model.getNDManager();
    }

    /**
     * Loads a model file.
     *
     * @param optimised whether ONNX Runtime may rewrite the graph, as it does by default
     * @throws UnsupportedModelException {@code source-framework} when ONNX Runtime refuses it, or is not to be had here
     */
    public static OnnxRuntime open(Path file, boolean optimised) throws IOException {
        System.setProperty("OPT_OUT_TRACKING", "true");
        Model model = null;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            model = Model.newInstance("model", engine().getEngineName());
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            options.setOptimizationLevel(optimised ? OrtSession.SessionOptions.OptLevel.ALL_OPT
                    : OrtSession.SessionOptions.OptLevel.NO_OPT);
            model.load(file.toAbsolutePath(), null, Map.of("sessionOptions", options));
            return new OnnxRuntime(model);
        } catch (MalformedModelException | OrtException | EngineException | LinkageError e) {
            if (model != null) {
                model.close();
            }
            throw new UnsupportedModelException("source-framework", "", "ONNX Runtime cannot load the model: " + reason(e),
                    "", "");
        }
    }

    /** The version of ONNX Runtime, which DJL cannot start any more where something else has: whoever uses both asks first. */
    public static String version() {
        engine();
        return OrtEnvironment.getEnvironment().getVersion();
    }

    private static Engine engine() {
        FutureTask<Engine> start = new FutureTask<>(() -> Engine.getEngine(ENGINE));
        new Thread(null, start, "onnxruntime-start", STACK).start();
        try {
            return start.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException("interrupted while ONNX Runtime started", e);
        } catch (ExecutionException e) {
            throw new EngineException("ONNX Runtime did not start: " + e.getCause(), e.getCause());
        }
    }

    /**
     * Runs the model.
     *
     * @param inputs one tensor per input, in the model's order
     * @return the outputs, in the model's order
     * @throws UnsupportedModelException {@code source-framework} when the run fails, or for element types that DJL cannot
     *                                   pass on
     */
    @Override
    public List<Tensor> run(List<Tensor> inputs) {
        try (NDManager scope = manager.newSubManager()) {
            NDList feeds = new NDList();
            for (Tensor input : inputs) {
                feeds.add(toArray(scope, input));
            }
            NDList results = model.getBlock().forward(new ParameterStore(scope, false), feeds, false);
            List<Tensor> outputs = new ArrayList<>();
            for (NDArray result : results) {
                outputs.add(toTensor(result));
                result.close();
            }
            return outputs;
        } catch (IllegalArgumentException | IllegalStateException | EngineException e) {
            throw new UnsupportedModelException("source-framework", "", "ONNX Runtime cannot run the model: " + reason(e), "",
                    "");
        }
    }

    private static String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = String.valueOf(cause.getMessage());
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    private static NDArray toArray(NDManager scope, Tensor tensor) {
        long[] dims = new long[tensor.rank()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = tensor.dim(i);
        }
        ai.djl.ndarray.types.Shape shape = new ai.djl.ndarray.types.Shape(dims);
        if (tensor.dtype() == DType.STRING) {
            return scope.create(tensor.strings(), StandardCharsets.UTF_8, shape);
        }
        return scope.create(buffer(tensor), shape, dataType(tensor.dtype()));
    }

    private static Buffer buffer(Tensor tensor) {
        Object array = tensor.array();
        return array instanceof float[] a ? FloatBuffer.wrap(a) : array instanceof double[] a ? DoubleBuffer.wrap(a)
                : array instanceof long[] a ? LongBuffer.wrap(a) : array instanceof int[] a ? IntBuffer.wrap(a)
                : array instanceof short[] a ? ShortBuffer.wrap(a) : ByteBuffer.wrap((byte[]) array);
    }

    private static DataType dataType(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> DataType.FLOAT32;
            case FLOAT64 -> DataType.FLOAT64;
            case FLOAT16 -> DataType.FLOAT16;
            case BFLOAT16 -> DataType.BFLOAT16;
            case INT8 -> DataType.INT8;
            case UINT8 -> DataType.UINT8;
            case INT32 -> DataType.INT32;
            case INT64 -> DataType.INT64;
            case BOOL -> DataType.BOOLEAN;
            default -> throw new UnsupportedModelException("source-framework", "", dtype.label()
                    + " inputs cannot be given to ONNX Runtime through DJL", "", "");
        };
    }

    private static Tensor toTensor(NDArray array) {
        int[] dims = new int[array.getShape().dimension()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = (int) array.getShape().get(i);
        }
        if (array.getDataType() == DataType.STRING) {
            return Tensor.strings(dims, array.toStringArray());
        }
        DType dtype = switch (array.getDataType()) {
            case FLOAT32 -> DType.FLOAT32;
            case FLOAT64 -> DType.FLOAT64;
            case FLOAT16 -> DType.FLOAT16;
            case BFLOAT16 -> DType.BFLOAT16;
            case INT8 -> DType.INT8;
            case UINT8 -> DType.UINT8;
            case INT32 -> DType.INT32;
            case INT64 -> DType.INT64;
            case BOOLEAN -> DType.BOOL;
            default -> throw new UnsupportedModelException("source-framework", "", array.getDataType()
                    + " outputs cannot be had from ONNX Runtime through DJL", "", "");
        };
        Object out = Tensor.newArray(dtype, Tensor.count(dims));
        ByteBuffer bytes = array.toByteBuffer().order(ByteOrder.nativeOrder());
        bytes.rewind();
        if (out instanceof float[] a) {
            bytes.asFloatBuffer().get(a);
        } else if (out instanceof double[] a) {
            bytes.asDoubleBuffer().get(a);
        } else if (out instanceof long[] a) {
            bytes.asLongBuffer().get(a);
        } else if (out instanceof int[] a) {
            bytes.asIntBuffer().get(a);
        } else if (out instanceof short[] a) {
            bytes.asShortBuffer().get(a);
        } else {
            bytes.get((byte[]) out);
        }
        return Tensor.of(dtype, dims, out);
    }

    @Override
    public void close() {
        model.close();
    }
}
