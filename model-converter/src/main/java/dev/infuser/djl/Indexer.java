package dev.infuser.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDArrayIndexer;
import ai.djl.ndarray.index.full.NDIndexFullPick;
import ai.djl.ndarray.index.full.NDIndexFullSlice;
import ai.djl.ndarray.index.full.NDIndexFullTake;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;

/** Parts of arrays. */
final class Indexer extends NDArrayIndexer {

    static final Indexer INSTANCE = new Indexer();

    private Indexer() {
    }

    @Override
    public NDArray get(NDArray array, NDIndexFullPick pick) {
        NDArray index = pick.getIndices();
        boolean lower = index.getShape().dimension() < array.getShape().dimension();
        NDArray found = array.gather(lower ? index.expandDims(pick.getAxis()) : index, pick.getAxis());
        return lower ? found.squeeze(pick.getAxis()) : found;
    }

    @Override
    public NDArray get(NDArray array, NDIndexFullTake take) {
        InfuserArray own = (InfuserArray) array;
        return own.wrap(TensorArray.apply("Gather", Attributes.of("axis", take.getAxis()), own.tensor(),
                TensorArray.cast(own.own(take.getIndices()), DType.INT64)));
    }

    @Override
    public NDArray get(NDArray array, NDIndexFullSlice slice) {
        InfuserArray own = (InfuserArray) array;
        return own.wrap(own.tensor().pick(Elements.dims(slice.getSqueezedShape()), places(own.tensor(), slice)));
    }

    @Override
    public void set(NDArray array, NDIndexFullSlice slice, NDArray value) {
        InfuserArray own = (InfuserArray) array;
        Tensor from = TensorArray.cast(own.own(value), own.tensor().dtype());
        Tensor wide = TensorArray.apply("Expand", Attributes.NONE, trimmed(from, slice),
                Tensor.vector(slice.getShape().getShape()));
        put(own, slice, wide);
    }

    @Override
    public void set(NDArray array, NDIndexFullSlice slice, Number value) {
        InfuserArray own = (InfuserArray) array;
        Tensor number = Tensor.ofDoubles(own.tensor().dtype(), new int[0], new double[] {value.doubleValue()});
        put(own, slice, TensorArray.apply("Expand", Attributes.NONE, number, Tensor.vector(slice.getShape().getShape())));
    }

    /** A value that was given without the axes at which the slice takes one place. */
    private static Tensor trimmed(Tensor value, NDIndexFullSlice slice) {
        return value.shape().equals(dev.infuser.tensor.Shape.of(Elements.dims(slice.getSqueezedShape())))
                ? value.reshape(Elements.dims(slice.getShape())) : value;
    }

    private static void put(InfuserArray array, NDIndexFullSlice slice, Tensor values) {
        Tensor whole = array.tensor();
        int[] places = places(whole, slice);
        Object copy = Tensor.newArray(whole.dtype(), whole.size());
        System.arraycopy(whole.array(), 0, copy, 0, whole.size());
        for (int i = 0; i < places.length; i++) {
            System.arraycopy(values.array(), i, copy, places[i], 1);
        }
        array.intern(array.wrap(Tensor.of(whole.dtype(), whole.dims(), copy)));
    }

    /** Where in the array the elements of a slice are, in order. */
    private static int[] places(Tensor array, NDIndexFullSlice slice) {
        int[] dims = Elements.dims(slice.getShape());
        int[] places = new int[Tensor.count(dims)];
        int[] at = new int[dims.length];
        for (int i = 0; i < places.length; i++) {
            int place = 0;
            for (int axis = 0; axis < dims.length; axis++) {
                place = place * array.dim(axis) + (int) (slice.getMin()[axis] + at[axis] * slice.getStep()[axis]);
            }
            places[i] = place;
            for (int axis = dims.length - 1; axis >= 0 && ++at[axis] == dims[axis]; axis--) {
                at[axis] = 0;
            }
        }
        return places;
    }
}
