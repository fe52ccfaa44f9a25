package dev.infuser.converter.tflite;

import dev.infuser.converter.build.ElementCodec;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.lite.schema.Buffer;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.Operator;
import org.tensorflow.lite.schema.OperatorCode;
import org.tensorflow.lite.schema.SubGraph;

/** A {@code .tflite} file that has been checked for what it states of itself. */
final class TfliteModel {

    private static final String IDENTIFIER = "TFL3";
    private static final int MIN_BYTES = 8;
    /** Elements of a sparse tensor per byte of the file. */
    private static final long MAX_EXPANSION = 1024;

    /** A subgraph; tensors are named by their places. */
    record Subgraph(String name, List<TensorInfo> tensors, int[] inputs, int[] outputs, List<Operation> operations) {

        TensorInfo tensor(int i) {
            if (i < 0 || i >= tensors.size()) {
                throw new InvalidModelException("bad-tflite", name, "subgraph '" + name + "' has no tensor " + i, "",
                        "the file is damaged: copy or export it again");
            }
            return tensors.get(i);
        }
    }

    private final ByteBuffer bytes;
    private final Model model;
    private final List<Subgraph> subgraphs = new ArrayList<>();

    private TfliteModel(ByteBuffer bytes) {
        this.bytes = bytes;
        this.model = Model.getRootAsModel(bytes);
    }

    /** Whether bytes begin as a {@code .tflite} file does. */
    static boolean begins(ByteBuffer bytes) {
        if (bytes.remaining() < MIN_BYTES) {
            return false;
        }
        for (int i = 0; i < IDENTIFIER.length(); i++) {
            if (bytes.get(bytes.position() + 4 + i) != IDENTIFIER.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Reads all but the elements of tensors. */
    static TfliteModel read(ByteBuffer file) {
        ByteBuffer bytes = file.slice().order(ByteOrder.LITTLE_ENDIAN);
        TfliteModel model = new TfliteModel(bytes);
        if (model.model.version() != 3) {
            throw new UnsupportedModelException("tflite-version", "", "the file has version " + model.model.version()
                    + " of the schema", "", "convert the model again with a current converter");
        }
        int count = Fields.checked(model.model.subgraphsLength(), Integer.BYTES, model.model);
        if (count == 0) {
            throw new InvalidModelException("bad-tflite", "", "the file has no graph", "", "");
        }
        for (int i = 0; i < count; i++) {
            model.subgraphs.add(model.subgraph(i));
        }
        return model;
    }

    private Subgraph subgraph(int index) {
        SubGraph graph = model.subgraphs(index);
        List<TensorInfo> tensors = new ArrayList<>();
        for (int i = 0; i < Fields.checked(graph.tensorsLength(), Integer.BYTES, graph); i++) {
            tensors.add(TensorInfo.read(graph.tensors(i)));
        }
        int[] inputs = new int[Fields.checked(graph.inputsLength(), Integer.BYTES, graph)];
        java.util.Arrays.setAll(inputs, graph::inputs);
        int[] outputs = new int[Fields.checked(graph.outputsLength(), Integer.BYTES, graph)];
        java.util.Arrays.setAll(outputs, graph::outputs);
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < Fields.checked(graph.operatorsLength(), Integer.BYTES, graph); i++) {
            Operator operator = graph.operators(i);
            long code = operator.opcodeIndex();
            if (code >= model.operatorCodesLength()) {
                throw new InvalidModelException("bad-tflite", "", "operator " + i + " is number " + code + " of "
                        + model.operatorCodesLength(), "", "the file is damaged: copy or export it again");
            }
            OperatorCode kind = model.operatorCodes((int) code);
            operations.add(Operation.read(i, operator, kind, Fields.operator(bytes, index, i)));
        }
        String name = graph.name() == null ? "subgraph " + index : graph.name();
        Subgraph read = new Subgraph(name, tensors, inputs, outputs, operations);
        for (int[] list : new int[][] {inputs, outputs}) {
            for (int tensor : list) {
                read.tensor(tensor);
            }
        }
        return read;
    }

    Model table() {
        return model;
    }

    List<Subgraph> subgraphs() {
        return subgraphs;
    }

    /** A subgraph that an operator names. */
    Subgraph subgraph(long index, String user) {
        if (index < 0 || index >= subgraphs.size()) {
            throw new InvalidModelException("bad-tflite", user, "'" + user + "' runs subgraph " + index + " of " + subgraphs.size(), "",
                    "the file is damaged: copy or export it again");
        }
        return subgraphs.get((int) index);
    }

    /** The bytes of a buffer; empty where there are none. */
    ByteBuffer buffer(long index) {
        if (index >= model.buffersLength()) {
            throw new InvalidModelException("bad-tflite", "", "there is no buffer " + index, "", "the file is damaged: copy or export"
                    + " it again");
        }
        Buffer buffer = model.buffers((int) index);
        if (buffer == null || buffer.dataLength() == 0) {
            return ByteBuffer.allocate(0);
        }
        return buffer.dataAsByteBuffer().slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The elements of a constant as stored, made whole where it is sparse; null where the tensor is none. */
    Tensor elements(TensorInfo info) {
        if (info.buffer() == 0) {
            return null;
        }
        ByteBuffer data = buffer(info.buffer());
        if (data.remaining() == 0 && (info.count() != 0 || !info.ranked())) {
            return null;
        }
        DType dtype = info.dtype();
        if (dtype == DType.STRING) {
            return Tensor.strings(info.shape(), strings(info, data));
        }
        if (info.sparsity() != null) {
            return sparse(info, data);
        }
        long length = ElementCodec.byteLength(dtype, info.count());
        if (length != data.remaining()) {
            throw new InvalidModelException("bad-tflite", info.name(), "tensor '" + info.name() + "' has " + data.remaining()
                    + " bytes of elements, not " + length, "", "the file is damaged: copy or export it again");
        }
        int count = info.count();
        return Tensor.lazy(dtype, info.shape(), () -> ElementCodec.decode(dtype, count, data));
    }

    private Tensor sparse(TensorInfo info, ByteBuffer data) {
        DType dtype = info.dtype();
        long size = 1;
        for (int extent : info.shape()) {
            size *= Math.max(1, extent);
            if (size > Math.min(Integer.MAX_VALUE, MAX_EXPANSION * bytes.capacity())) {
                throw new InvalidModelException("bad-sparsity", info.name(), "the sparse tensor '" + info.name()
                        + "' is too large for its file", "", "the file is damaged: copy or export it again");
            }
        }
        if (dtype.bits() < 8) {
            throw new UnsupportedModelException("element-type", info.name(), "the sparse tensor '" + info.name() + "' has elements of "
                    + dtype.bits() + " bits", "", "");
        }
        int count = data.remaining() / (dtype.bits() / 8);
        Tensor kept = Tensor.of(dtype, new int[] {count}, ElementCodec.decode(dtype, count, data));
        return SparseWeights.densify(info.name(), info.shape(), info.sparsity(), kept);
    }

    /** Their number, where each begins and where the last ends, and their bytes. */
    private static String[] strings(TensorInfo info, ByteBuffer data) {
        int count = data.getInt(0);
        if (count != info.count() || 4L * (count + 2) > data.remaining()) {
            throw new InvalidModelException("bad-tflite", info.name(), "tensor '" + info.name() + "' has " + count + " strings, not "
                    + info.count(), "", "the file is damaged: copy or export it again");
        }
        String[] strings = new String[count];
        for (int i = 0; i < count; i++) {
            int start = data.getInt(4 * (i + 1));
            int end = data.getInt(4 * (i + 2));
            strings[i] = StandardCharsets.UTF_8.decode(data.slice(start, end - start)).toString();
        }
        return strings;
    }
}
