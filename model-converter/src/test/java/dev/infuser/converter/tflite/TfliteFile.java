package dev.infuser.converter.tflite;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.infuser.converter.build.ElementCodec;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.lite.schema.BufferT;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.BuiltinOptionsUnion;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.ModelT;
import org.tensorflow.lite.schema.OperatorCodeT;
import org.tensorflow.lite.schema.OperatorT;
import org.tensorflow.lite.schema.QuantizationParametersT;
import org.tensorflow.lite.schema.SparsityParametersT;
import org.tensorflow.lite.schema.SubGraphT;
import org.tensorflow.lite.schema.TensorT;
import org.tensorflow.lite.schema.TensorType;

/** A {@code .tflite} file that grows: tensors and operators of the first graph, or of those that follow it. */
public final class TfliteFile {

    private final List<OperatorCodeT> codes = new ArrayList<>();
    private final List<BufferT> buffers = new ArrayList<>(List.of(new BufferT()));
    private final List<SubGraphT> graphs = new ArrayList<>();
    private final List<TensorT> tensors = new ArrayList<>();
    private final List<OperatorT> operators = new ArrayList<>();

    /** A tensor that is computed or given; its number. */
    public int tensor(String name, int type, int... shape) {
        TensorT tensor = new TensorT();
        tensor.setName(name);
        tensor.setType((byte) type);
        tensor.setShape(shape);
        tensor.setHasRank(true);
        tensors.add(tensor);
        return tensors.size() - 1;
    }

    /** A float32 tensor that is computed or given. */
    public int floats(String name, int... shape) {
        return tensor(name, TensorType.FLOAT32, shape);
    }

    /** A constant of a type that {@link #type} knows. */
    public int constant(String name, Tensor value) {
        int index = tensor(name, type(value.dtype()), value.dims());
        byte[] bytes = value.dtype() == DType.STRING ? strings(value.strings()) : ElementCodec.encode(value);
        tensors.get(index).setBuffer(buffer(bytes));
        return index;
    }

    /** A constant int32 vector. */
    public int ints(String name, int... values) {
        return constant(name, Tensor.ints(new int[] {values.length}, values));
    }

    private static byte[] strings(String[] values) {
        int head = 4 * (values.length + 2);
        ByteBuffer bytes = ByteBuffer.allocate(head + String.join("", values).getBytes(StandardCharsets.UTF_8).length)
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, values.length);
        bytes.putInt(4, head);
        int end = head;
        for (int i = 0; i < values.length; i++) {
            byte[] text = values[i].getBytes(StandardCharsets.UTF_8);
            bytes.put(end, text);
            end += text.length;
            bytes.putInt(4 * (i + 2), end);
        }
        return bytes.array();
    }

    /** A buffer; its number. */
    public int buffer(byte[] bytes) {
        int[] data = new int[bytes.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = bytes[i] & 0xFF;
        }
        BufferT buffer = new BufferT();
        buffer.setData(data);
        buffers.add(buffer);
        return buffers.size() - 1;
    }

    /** The schema's number of an element type. */
    public static int type(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> TensorType.FLOAT32;
            case FLOAT16 -> TensorType.FLOAT16;
            case INT32 -> TensorType.INT32;
            case UINT8 -> TensorType.UINT8;
            case INT64 -> TensorType.INT64;
            case STRING -> TensorType.STRING;
            case BOOL -> TensorType.BOOL;
            case INT16 -> TensorType.INT16;
            case INT8 -> TensorType.INT8;
            case UINT32 -> TensorType.UINT32;
            case UINT16 -> TensorType.UINT16;
            case INT4 -> TensorType.INT4;
            default -> throw new IllegalArgumentException(dtype.label());
        };
    }

    /** Lets the integers of a tensor stand for numbers, by one scale and zero point. */
    public int quantized(int tensor, float scale, long zero) {
        return quantized(tensor, 0, new float[] {scale}, new long[] {zero});
    }

    /** The same by channel. */
    public int quantized(int tensor, int axis, float[] scales, long[] zeros) {
        QuantizationParametersT parameters = new QuantizationParametersT();
        parameters.setScale(scales);
        parameters.setZeroPoint(zeros);
        parameters.setQuantizedDimension(axis);
        tensors.get(tensor).setQuantization(parameters);
        return tensor;
    }

    /** The scales of a tensor. */
    public float[] scales(int tensor) {
        return tensors.get(tensor).getQuantization().getScale();
    }

    /** Says which elements of a tensor are there. */
    public int sparse(int tensor, SparsityParametersT sparsity, int... shape) {
        tensors.get(tensor).setSparsity(sparsity);
        tensors.get(tensor).setShape(shape);
        return tensor;
    }

    /** Says that extents of a tensor are not known, by -1. */
    public int signature(int tensor, int... signature) {
        tensors.get(tensor).setShapeSignature(signature);
        return tensor;
    }

    public int variable(int tensor) {
        tensors.get(tensor).setIsVariable(true);
        return tensor;
    }

    /** An operator of the schema; {@code options} is null or the writable class of a table of options. */
    public TfliteFile op(int code, Object options, int[] inputs, int... outputs) {
        OperatorCodeT kind = new OperatorCodeT();
        kind.setDeprecatedBuiltinCode((byte) Math.min(code, BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES));
        kind.setBuiltinCode(code);
        kind.setVersion(1);
        OperatorT operator = add(kind, inputs, outputs);
        if (options != null) {
            BuiltinOptionsUnion union = new BuiltinOptionsUnion();
            String table = options.getClass().getSimpleName();
            try {
                union.setType(BuiltinOptions.class.getField(table.substring(0, table.length() - 1)).getByte(null));
            } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException(e);
            }
            union.setValue(options);
            operator.setBuiltinOptions(union);
        }
        return this;
    }

    /** States the version of the last operator. */
    public TfliteFile version(int version) {
        codes.get(codes.size() - 1).setVersion(version);
        return this;
    }

    /** An operator that is not the schema's. */
    public TfliteFile custom(String name, int version, byte[] options, int[] inputs, int... outputs) {
        OperatorCodeT kind = new OperatorCodeT();
        kind.setDeprecatedBuiltinCode((byte) BuiltinOperator.CUSTOM);
        kind.setBuiltinCode(BuiltinOperator.CUSTOM);
        kind.setCustomCode(name);
        kind.setVersion(version);
        int[] bytes = new int[options.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = options[i] & 0xFF;
        }
        add(kind, inputs, outputs).setCustomOptions(bytes);
        return this;
    }

    private OperatorT add(OperatorCodeT kind, int[] inputs, int[] outputs) {
        codes.add(kind);
        OperatorT operator = new OperatorT();
        operator.setOpcodeIndex(codes.size() - 1);
        operator.setInputs(inputs);
        operator.setOutputs(outputs);
        operators.add(operator);
        return operator;
    }

    /** Ends a graph; what is added now belongs to the next one. */
    public TfliteFile end(int[] inputs, int... outputs) {
        SubGraphT graph = new SubGraphT();
        graph.setName("graph" + graphs.size());
        graph.setTensors(tensors.toArray(TensorT[]::new));
        graph.setOperators(operators.toArray(OperatorT[]::new));
        graph.setInputs(inputs);
        graph.setOutputs(outputs);
        graphs.add(graph);
        tensors.clear();
        operators.clear();
        return this;
    }

    /** All that the file states, to be changed. */
    public ModelT model() {
        ModelT model = new ModelT();
        model.setVersion(3);
        model.setDescription("made by a test");
        model.setOperatorCodes(codes.toArray(OperatorCodeT[]::new));
        model.setSubgraphs(graphs.toArray(SubGraphT[]::new));
        model.setBuffers(buffers.toArray(BufferT[]::new));
        return model;
    }

    public byte[] bytes() {
        return bytes(model());
    }

    public static byte[] bytes(ModelT model) {
        FlatBufferBuilder builder = new FlatBufferBuilder();
        Model.finishModelBuffer(builder, Model.pack(builder, model));
        return builder.sizedByteArray();
    }
}
