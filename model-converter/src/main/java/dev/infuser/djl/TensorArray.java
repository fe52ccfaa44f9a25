package dev.infuser.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Node;
import dev.infuser.op.Evaluator;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.Tensor;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An array over a {@link Tensor}: elements, types and lifetime. Elements are shared among arrays and never written to;
 * what changes an array gives it another tensor.
 */
abstract class TensorArray extends NDArrayAdapter {

    private Tensor tensor;

    TensorArray(InfuserManager manager, Tensor tensor) {
        super(manager, manager.alternative(), null, null, NDManager.nextUid());
        this.tensor = tensor;
    }

    /** The elements. */
    Tensor tensor() {
        if (isClosed) {
            throw new IllegalStateException("the array has been closed");
        }
        return tensor;
    }

    @Override
    public DataType getDataType() {
        return Elements.dataType(tensor().dtype());
    }

    @Override
    public Shape getShape() {
        return Elements.shape(tensor().dims());
    }

    @Override
    public void attach(NDManager target) {
        detach();
        manager = target;
        target.attachInternal(getUid(), this);
        alternativeManager = target instanceof InfuserManager own ? own.alternative() : null;
    }

    @Override
    public void detach() {
        manager.detachInternal(getUid());
        manager = InfuserManager.system();
    }

    @Override
    public void intern(NDArray replaced) {
        tensor = own(replaced);
        replaced.close();
    }

    @Override
    public void set(Buffer buffer) {
        tensor = InfuserManager.tensor(buffer, getShape(), getDataType());
    }

    @Override
    public NDArray duplicate() {
        return wrap(tensor(), name);
    }

    @Override
    public NDArray toType(DataType dataType, boolean copy) {
        return dataType == getDataType() ? copy ? duplicate() : this : wrap(cast(tensor(), Elements.dtype(dataType)), name);
    }

    @Override
    public ByteBuffer toByteBuffer(boolean tryDirect) {
        if (tensor().dtype() == DType.STRING) {
            throw new IllegalArgumentException("strings have no bytes: use toStringArray");
        }
        return Elements.encode(tensor, tryDirect);
    }

    @Override
    public String[] toStringArray(Charset charset) {
        if (tensor().dtype() != DType.STRING) {
            throw new IllegalArgumentException("an array of " + tensor.dtype().label() + " holds no strings");
        }
        return tensor.strings().clone();
    }

    @Override
    public boolean contentEquals(Number number) {
        double[] values = tensor().toDoubles();
        return Arrays.stream(values).allMatch(value -> value == number.doubleValue());
    }

    @Override
    public boolean contentEquals(NDArray other) {
        return other != null && tensor().sameAs(own(other));
    }

    /** The elements of any array, of whatever engine. */
    Tensor own(NDArray other) {
        return other instanceof TensorArray array ? array.tensor() : InfuserManager.tensor(other);
    }

    /** A new array in the manager of this one. */
    InfuserArray wrap(Tensor result) {
        return (manager instanceof InfuserManager own ? own : InfuserManager.system()).wrap(result);
    }

    private InfuserArray wrap(Tensor result, String sameName) {
        InfuserArray array = wrap(result);
        array.setName(sameName);
        return array;
    }

    /** Gives this array other elements. */
    NDArray become(NDArray result) {
        intern(result);
        return this;
    }

    /** Output 0 of an ONNX operator; an absent input is null. */
    static Tensor apply(String op, Attributes attributes, Tensor... inputs) {
        return outputs(op, attributes, 1, inputs).get(0);
    }

    /** All outputs of an ONNX operator. */
    static List<Tensor> outputs(String op, Attributes attributes, int count, Tensor... inputs) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            names.add(inputs[i] == null ? "" : "x" + i);
        }
        List<String> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add("y" + i);
        }
        try {
            List<Datum> data = Evaluator.apply(new Node("", "", op, names, results, attributes), Arrays.asList(inputs));
            List<Tensor> tensors = new ArrayList<>();
            for (Datum datum : data) {
                tensors.add((Tensor) datum);
            }
            return tensors;
        } catch (InfuserException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** The elements as another type. */
    static Tensor cast(Tensor tensor, DType type) {
        return tensor.dtype() == type ? tensor : apply("Cast", Attributes.of("to", type.number()), tensor);
    }
}
