package dev.infuser.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** An array of the engine {@code Infuser}. */
public final class InfuserArray extends FunctionArray {

    InfuserArray(InfuserManager manager, Tensor tensor) {
        super(manager, tensor);
        manager.attachInternal(getUid(), this);
    }

    private int rank() {
        return tensor().rank();
    }

    private int axis(int axis) {
        int rank = rank();
        if (axis < -rank || axis >= rank) {
            throw new IllegalArgumentException("an array of shape " + getShape() + " has no axis " + axis);
        }
        return axis < 0 ? axis + rank : axis;
    }

    private int[] every() {
        int[] axes = new int[rank()];
        Arrays.setAll(axes, axis -> axis);
        return axes;
    }

    private static Tensor vector(int... values) {
        return Tensor.vector(Arrays.stream(values).asLongStream().toArray());
    }

    private NDArray reduce(String op, int[] axes, boolean keepDims, DType type) {
        return wrap(apply(op, Attributes.of("keepdims", keepDims ? 1 : 0, "noop_with_empty_axes", 1), cast(tensor(), type),
                vector(axes)));
    }

    private DType sumType() {
        return tensor().dtype().isFloat() ? tensor().dtype() : DType.INT64;
    }

    @Override
    public NDArray sum() {
        return sum(every(), false);
    }

    @Override
    public NDArray sum(int[] axes, boolean keepDims) {
        return reduce("ReduceSum", axes, keepDims, sumType());
    }

    @Override
    public NDArray prod() {
        return prod(every(), false);
    }

    @Override
    public NDArray prod(int[] axes, boolean keepDims) {
        return reduce("ReduceProd", axes, keepDims, sumType());
    }

    @Override
    public NDArray mean() {
        return mean(every(), false);
    }

    @Override
    public NDArray mean(int[] axes, boolean keepDims) {
        return reduce("ReduceMean", axes, keepDims, floating(tensor().dtype()));
    }

    @Override
    public NDArray max() {
        return max(every(), false);
    }

    @Override
    public NDArray max(int[] axes, boolean keepDims) {
        return reduce("ReduceMax", axes, keepDims, tensor().dtype());
    }

    @Override
    public NDArray min() {
        return min(every(), false);
    }

    @Override
    public NDArray min(int[] axes, boolean keepDims) {
        return reduce("ReduceMin", axes, keepDims, tensor().dtype());
    }

    @Override
    public NDArray norm(boolean keepDims) {
        return norm(2, every(), keepDims);
    }

    @Override
    public NDArray norm(int ord, int[] axes, boolean keepDims) {
        if (ord != 1 && ord != 2) {
            return super.norm(ord, axes, keepDims);
        }
        return reduce("ReduceL" + ord, axes, keepDims, floating(tensor().dtype()));
    }

    @Override
    public NDArray normalize(double p, long dim, double eps) {
        return div(norm((int) p, new int[] {(int) dim}, true).maximum(eps));
    }

    @Override
    public NDArray cumSum() {
        return cumSum(0);
    }

    @Override
    public NDArray cumSum(int axis) {
        return wrap(apply("CumSum", Attributes.NONE, cast(tensor(), sumType()), Tensor.longs(new int[0], axis(axis))));
    }

    @Override
    public NDArray softmax(int axis) {
        return wrap(apply("Softmax", Attributes.of("axis", axis), cast(tensor(), floating(tensor().dtype()))));
    }

    @Override
    public NDArray logSoftmax(int axis) {
        return wrap(apply("LogSoftmax", Attributes.of("axis", axis), cast(tensor(), floating(tensor().dtype()))));
    }

    @Override
    public NDArray argMax() {
        return flatten().argMax(0);
    }

    @Override
    public NDArray argMax(int axis) {
        return wrap(apply("ArgMax", Attributes.of("axis", axis, "keepdims", 0), tensor()));
    }

    @Override
    public NDArray argMin() {
        return flatten().argMin(0);
    }

    @Override
    public NDArray argMin(int axis) {
        return wrap(apply("ArgMin", Attributes.of("axis", axis, "keepdims", 0), tensor()));
    }

    @Override
    public NDList topK(int k, int axis, boolean largest, boolean sorted) {
        NDList list = new NDList();
        for (Tensor part : outputs("TopK", Attributes.of("axis", axis(axis), "largest", largest ? 1 : 0, "sorted",
                sorted ? 1 : 0), 2, tensor(), Tensor.vector(k))) {
            list.add(wrap(part));
        }
        return list;
    }

    @Override
    public NDArray argSort(int axis, boolean ascending) {
        return topK(tensor().dim(axis(axis)), axis, !ascending, true).get(1);
    }

    @Override
    public NDArray sort() {
        return sort(-1);
    }

    @Override
    public NDArray sort(int axis) {
        return topK(tensor().dim(axis(axis)), axis, false, true).get(0);
    }

    @Override
    public NDArray nonzero() {
        return wrap(apply("Transpose", Attributes.NONE, apply("NonZero", Attributes.NONE, tensor())));
    }

    @Override
    public NDArray reshape(Shape shape) {
        return wrap(apply("Reshape", Attributes.of("allowzero", 1), tensor(), Tensor.vector(shape.getShape())));
    }

    @Override
    public NDArray flatten() {
        return wrap(tensor().reshape(tensor().size()));
    }

    @Override
    public NDArray flatten(int startDim, int endDim) {
        int from = axis(startDim);
        int to = axis(endDim);
        Shape whole = getShape();
        return reshape(whole.slice(0, from).add(whole.slice(from, to + 1).size()).addAll(whole.slice(to + 1)));
    }

    @Override
    public NDArray expandDims(int axis) {
        return wrap(apply("Unsqueeze", Attributes.NONE, tensor(), Tensor.vector(axis)));
    }

    @Override
    public NDArray squeeze(int[] axes) {
        return wrap(apply("Squeeze", Attributes.NONE, tensor(), vector(axes)));
    }

    @Override
    public NDArray transpose() {
        return wrap(apply("Transpose", Attributes.NONE, tensor()));
    }

    @Override
    public NDArray transpose(int... axes) {
        long[] order = Arrays.stream(axes).mapToLong(this::axis).toArray();
        return wrap(apply("Transpose", Attributes.of("perm", order), tensor()));
    }

    @Override
    public NDArray broadcast(Shape shape) {
        return wrap(apply("Expand", Attributes.NONE, tensor(), Tensor.vector(shape.getShape())));
    }

    @Override
    public NDArray tile(long repeats) {
        long[] each = new long[rank()];
        Arrays.fill(each, repeats);
        return tile(each);
    }

    @Override
    public NDArray tile(int axis, long repeats) {
        long[] each = new long[rank()];
        Arrays.fill(each, 1);
        each[axis(axis)] = repeats;
        return tile(each);
    }

    @Override
    public NDArray tile(long[] repeats) {
        int rank = Math.max(rank(), repeats.length);
        int[] dims = new int[rank];
        long[] each = new long[rank];
        Arrays.fill(dims, 1);
        Arrays.fill(each, 1);
        System.arraycopy(tensor().dims(), 0, dims, rank - rank(), rank());
        System.arraycopy(repeats, 0, each, rank - repeats.length, repeats.length);
        return wrap(apply("Tile", Attributes.NONE, tensor().reshape(dims), Tensor.vector(each)));
    }

    @Override
    public NDArray repeat(int axis, long repeats) {
        int at = axis(axis);
        int[] dims = tensor().dims().clone();
        dims[at] = Math.toIntExact(dims[at] * repeats);
        return expandDims(at + 1).tile(at + 1, repeats).reshape(Elements.shape(dims));
    }

    @Override
    public NDArray repeat(long repeats) {
        NDArray array = this;
        for (int axis = 0; axis < rank(); axis++) {
            array = array.repeat(axis, repeats);
        }
        return array;
    }

    @Override
    public NDArray flip(int... axes) {
        long[] begins = new long[axes.length];
        long[] ends = new long[axes.length];
        long[] steps = new long[axes.length];
        Arrays.fill(begins, -1);
        Arrays.fill(ends, Integer.MIN_VALUE);
        Arrays.fill(steps, -1);
        return wrap(apply("Slice", Attributes.NONE, tensor(), Tensor.vector(begins), Tensor.vector(ends), vector(axes),
                Tensor.vector(steps)));
    }

    @Override
    public NDList split(long[] indices, int axis) {
        int at = axis(axis);
        long[] sizes = new long[indices.length + 1];
        long last = 0;
        for (int i = 0; i < indices.length; i++) {
            sizes[i] = indices[i] - last;
            last = indices[i];
        }
        sizes[indices.length] = tensor().dim(at) - last;
        NDList list = new NDList();
        for (Tensor part : outputs("Split", Attributes.of("axis", at), sizes.length, tensor(), Tensor.vector(sizes))) {
            list.add(wrap(part));
        }
        return list;
    }

    @Override
    public NDList split(long sections, int axis) {
        long extent = tensor().dim(axis(axis));
        if (sections < 1 || extent % sections != 0) {
            throw new IllegalArgumentException("an extent of " + extent + " cannot be split into " + sections + " parts");
        }
        long[] indices = new long[(int) sections - 1];
        Arrays.setAll(indices, i -> (i + 1) * (extent / sections));
        return split(indices, axis);
    }

    @Override
    public NDArray dot(NDArray other) {
        return matMul(other);
    }

    @Override
    public NDArray matMul(NDArray other) {
        DType type = promote(tensor().dtype(), own(other).dtype());
        return wrap(apply("MatMul", Attributes.NONE, cast(tensor(), type), cast(own(other), type)));
    }

    @Override
    public NDArray batchMatMul(NDArray other) {
        return matMul(other);
    }

    @Override
    public NDArray batchDot(NDArray other) {
        return matMul(other);
    }

    @Override
    public NDArray gather(NDArray index, int axis) {
        return wrap(apply("GatherElements", Attributes.of("axis", axis), tensor(), cast(own(index), DType.INT64)));
    }

    @Override
    public NDArray gatherNd(NDArray index) {
        return wrap(apply("GatherND", Attributes.NONE, tensor(), cast(own(index), DType.INT64)));
    }

    @Override
    public NDArray take(NDManager target, NDArray index) {
        return ((InfuserManager) target).wrap(apply("Gather", Attributes.NONE, tensor().reshape(tensor().size()),
                cast(own(index), DType.INT64)));
    }

    @Override
    public NDArray booleanMask(NDArray index, int axis) {
        Tensor mask = cast(own(index), DType.BOOL);
        Tensor data = tensor();
        if (mask.rank() > 1) {
            int[] dims = new int[data.rank() - mask.rank() + 1];
            dims[0] = mask.size();
            System.arraycopy(data.dims(), mask.rank(), dims, 1, dims.length - 1);
            data = data.reshape(dims);
            mask = mask.reshape(mask.size());
        }
        return wrap(apply("Compress", Attributes.of("axis", axis), data, mask));
    }

    @Override
    public NDArray oneHot(int depth, float onValue, float offValue, DataType dataType) {
        DType type = Elements.dtype(dataType);
        return wrap(apply("OneHot", Attributes.NONE, cast(tensor(), DType.INT64), Tensor.vector(depth),
                Tensor.ofDoubles(type, new int[] {2}, new double[] {offValue, onValue})));
    }

    @Override
    public NDArray get(NDIndex index) {
        return get(manager, index);
    }

    @Override
    public void set(NDIndex index, NDArray value) {
        Indexer.INSTANCE.set(this, index, value);
    }

    @Override
    public void set(NDIndex index, Number value) {
        Indexer.INSTANCE.set(this, index, value);
    }

    @Override
    public void set(NDArray index, Number value) {
        Tensor mask = cast(own(index), DType.BOOL);
        intern(wrap(apply("Where", Attributes.NONE, mask,
                Tensor.ofDoubles(tensor().dtype(), new int[0], new double[] {value.doubleValue()}), tensor())));
    }

    @Override
    public void setScalar(NDIndex index, Number value) {
        Indexer.INSTANCE.setScalar(this, index, value);
    }

    @Override
    public NDArrayEx getNDArrayInternal() {
        return Functions.of(this, () -> super.getNDArrayInternal());
    }

    /** Arrays one after another along an axis that they have. */
    NDArray concat(List<NDArray> others, int axis) {
        Tensor[] parts = new Tensor[others.size() + 1];
        DType type = tensor().dtype();
        for (NDArray other : others) {
            type = promote(type, own(other).dtype());
        }
        parts[0] = cast(tensor(), type);
        for (int i = 1; i < parts.length; i++) {
            parts[i] = cast(own(others.get(i - 1)), type);
        }
        return wrap(apply("Concat", Attributes.of("axis", axis(axis)), parts));
    }
}
