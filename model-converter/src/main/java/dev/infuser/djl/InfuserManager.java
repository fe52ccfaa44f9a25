package dev.infuser.djl;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.RandomUtils;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntToDoubleFunction;

/** Makes arrays, which live on the Java heap; {@link #close} only ends their use. */
public class InfuserManager extends BaseNDManager {

    private static final InfuserManager SYSTEM = new SystemManager();

    private InfuserManager(NDManager parent, Device device) {
        super(parent, device);
    }

    static InfuserManager system() {
        return SYSTEM;
    }

    /** Where arrays go for operations that Infuser lacks, or null. */
    NDManager alternative() {
        return alternativeManager;
    }

    /** An array of this manager. */
    InfuserArray wrap(Tensor tensor) {
        return new InfuserArray(this, tensor);
    }

    /** The elements of an array of whatever engine. */
    static Tensor tensor(NDArray array) {
        if (array instanceof TensorArray own) {
            return own.tensor();
        }
        return array.getDataType() == DataType.STRING ? Tensor.strings(Elements.dims(array.getShape()), array.toStringArray())
                : Elements.decode(Elements.dtype(array.getDataType()), Elements.dims(array.getShape()), array.toByteBuffer());
    }

    /** The elements in a buffer: of the type itself, or of its bytes. */
    static Tensor tensor(Buffer data, Shape shape, DataType type) {
        DType dtype = Elements.dtype(type);
        if (dtype == DType.STRING) {
            throw new IllegalArgumentException("strings are no buffer: use create(String[], Charset, Shape)");
        }
        int size = Math.toIntExact(shape.size());
        validateBuffer(data, type, size);
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(size, dtype.bytes())).order(ByteOrder.nativeOrder());
        copyBuffer(data, bytes);
        return Elements.decode(dtype, Elements.dims(shape), bytes);
    }

    @Override
    public ByteBuffer allocateDirect(int capacity) {
        return ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
    }

    @Override
    public NDArray from(NDArray array) {
        if (array == null || array instanceof InfuserArray) {
            return array;
        }
        InfuserArray own = wrap(tensor(array));
        own.setName(array.getName());
        return own;
    }

    @Override
    public NDArray create(Buffer data, Shape shape, DataType dataType) {
        return wrap(tensor(data, shape, dataType));
    }

    @Override
    public NDArray create(Shape shape, DataType dataType) {
        return wrap(Tensor.zeros(Elements.dtype(dataType), Elements.dims(shape)));
    }

    @Override
    public NDArray create(String data) {
        return wrap(Tensor.strings(new int[0], data));
    }

    @Override
    public NDArray create(String[] data, Charset charset, Shape shape) {
        return wrap(Tensor.strings(Elements.dims(shape), data.clone()));
    }

    @Override
    public NDArray zeros(Shape shape, DataType dataType) {
        return create(shape, dataType);
    }

    @Override
    public NDArray ones(Shape shape, DataType dataType) {
        return full(shape, 1, dataType);
    }

    @Override
    public NDArray full(Shape shape, float value, DataType dataType) {
        return generate(shape, dataType, i -> value);
    }

    @Override
    public NDArray arange(float start, float stop, float step, DataType dataType) {
        int count = (int) Math.max(0, Math.ceil(((double) stop - start) / step));
        return generate(new Shape(count), dataType, i -> start + (double) i * step);
    }

    @Override
    public NDArray eye(int rows, int cols, int k, DataType dataType) {
        return generate(new Shape(rows, cols), dataType, i -> i % cols - i / cols == k ? 1 : 0);
    }

    @Override
    public NDArray linspace(float start, float stop, int num, boolean endpoint) {
        double step = num < 2 ? 0 : ((double) stop - start) / (endpoint ? num - 1 : num);
        return generate(new Shape(num), DataType.FLOAT32, i -> start + i * step);
    }

    @Override
    public NDArray randomUniform(float low, float high, Shape shape, DataType dataType) {
        return generate(shape, dataType, i -> RandomUtils.nextFloat(low, high));
    }

    @Override
    public NDArray randomNormal(float loc, float scale, Shape shape, DataType dataType) {
        return generate(shape, dataType, i -> loc + scale * RandomUtils.nextGaussian());
    }

    private NDArray generate(Shape shape, DataType dataType, IntToDoubleFunction element) {
        double[] values = new double[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = element.applyAsDouble(i);
        }
        return wrap(Tensor.ofDoubles(Elements.dtype(dataType), Elements.dims(shape), values));
    }

    @Override
    public NDList load(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            return NDList.decode(this, in);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read arrays from " + path, e);
        }
    }

    @Override
    public NDManager newSubManager(Device where) {
        InfuserManager manager = new InfuserManager(this, where);
        attachUncappedInternal(manager.uid, manager);
        return manager;
    }

    @Override
    public final Engine getEngine() {
        return Engine.getEngine(InfuserEngine.NAME);
    }

    @Override
    public void close() {
        super.close();
        if (alternativeManager != null) {
            alternativeManager.close();
            alternativeManager = null;
        }
    }

    /** The manager above all others, which is never closed. */
    private static final class SystemManager extends InfuserManager implements SystemNDManager {

        SystemManager() {
            super(null, null);
        }

        @Override
        public void close() {
        }
    }
}
