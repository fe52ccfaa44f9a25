package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code Col2Im}: images {@code [N, C, ...image_shape]} as the sums of the blocks {@code [N, C * size of a block, blocks]} that
 * windows over them saw; what lies in the padding is dropped.
 */
final class Col2Im implements Operator {

    @Override
    public String name() {
        return "Col2Im";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (c.rank(0) != 3 || c.dtype(0) == DType.STRING) {
            throw c.fail("expected numbers [N, C * block, blocks], found " + c.type(0));
        }
        List<Dim> image = Axes.vector(c, 1);
        long[] block = c.longs(2, null);
        Dim rank = c.shape(1).dim(0);
        if (image == null && !rank.isConstant()) {
            return List.of(ValueType.tensor(c.dtype(0), (Shape) null));
        }
        Dim size = block == null ? null : product(c, block);
        List<Dim> dims = new ArrayList<>();
        dims.add(c.shape(0).dim(0));
        dims.add(size == null ? c.unknown() : c.shape(0).dim(1).floorDiv(size));
        for (int i = 0; i < (image == null ? rank.value() : image.size()); i++) {
            dims.add(image == null ? c.unknown() : image.get(i));
        }
        return List.of(ValueType.tensor(c.dtype(0), new Shape(dims)));
    }

    private static Dim product(InferContext c, long[] block) {
        Dim size = Dim.ONE;
        for (long extent : block) {
            if (extent < 1) {
                throw c.fail("a block has an extent of " + extent);
            }
            size = size.times(Dim.of(extent));
        }
        return size;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        int[] image = Axes.ints(c.tensor(1).toLongs());
        int[] block = Axes.ints(c.tensor(2).toLongs());
        int axes = image.length;
        long[] ones = new long[axes];
        Arrays.fill(ones, 1);
        long[] strides = attribute(c, "strides", axes, ones);
        long[] dilations = attribute(c, "dilations", axes, ones);
        long[] pads = attribute(c, "pads", 2 * axes, new long[2 * axes]);
        int size = Tensor.count(block);
        if (x.rank() != 3 || block.length != axes || size < 1 || x.dim(1) % size != 0) {
            throw c.fail("blocks " + x + " do not fit images of " + axes + " axes in blocks of " + size);
        }
        int[] places = new int[axes];
        for (int i = 0; i < axes; i++) {
            if (strides[i] < 1 || dilations[i] < 1) {
                throw c.fail("strides and dilations must be at least 1");
            }
            long room = image[i] + pads[i] + pads[axes + i] - dilations[i] * (block[i] - 1) - 1;
            places[i] = room < 0 ? 0 : (int) (room / strides[i] + 1);
        }
        int count = Tensor.count(places);
        if (count != x.dim(2)) {
            throw c.fail("expected " + count + " blocks, found " + x);
        }
        int pixels = Tensor.count(image);
        int[] target = targets(image, block, places, strides, dilations, pads);
        int[] dims = new int[axes + 2];
        dims[0] = x.dim(0);
        dims[1] = x.dim(1) / size;
        System.arraycopy(image, 0, dims, 2, axes);
        return List.of(sum(x, dims, target, pixels));
    }

    private static long[] attribute(EvalContext c, String name, int count, long[] fallback) {
        long[] values = c.attributes().ints(name);
        if (values != null && values.length != count) {
            throw c.fail(name + " has " + values.length + " values, expected " + count);
        }
        return values == null ? fallback : values;
    }

    /** The pixel of each element {@code (offset in the block, block)}, or -1 in the padding. */
    private static int[] targets(int[] image, int[] block, int[] places, long[] strides, long[] dilations, long[] pads) {
        int size = Tensor.count(block);
        int count = Tensor.count(places);
        int[] out = new int[Tensor.count(new int[] {size, count})];
        for (int i = 0; i < out.length; i++) {
            int offset = i / count;
            int place = i % count;
            long pixel = 0;
            long scale = 1;
            for (int axis = image.length - 1; axis >= 0; axis--) {
                long at = place % places[axis] * strides[axis] - pads[axis] + offset % block[axis] * dilations[axis];
                pixel = at < 0 || at >= image[axis] || pixel < 0 ? -1 : pixel + at * scale;
                scale *= image[axis];
                offset /= block[axis];
                place /= places[axis];
            }
            out[i] = (int) pixel;
        }
        return out;
    }

    private static Tensor sum(Tensor x, int[] dims, int[] target, int pixels) {
        int size = Tensor.count(dims);
        if (x.dtype().isFloat()) {
            double[] out = new double[size];
            for (int i = 0; i < x.size(); i++) {
                int at = target[i % target.length];
                if (at >= 0) {
                    out[i / target.length * pixels + at] += x.getDouble(i);
                }
            }
            return Tensor.ofDoubles(x.dtype(), dims, out);
        }
        long[] out = new long[size];
        for (int i = 0; i < x.size(); i++) {
            int at = target[i % target.length];
            if (at >= 0) {
                out[i / target.length * pixels + at] += x.getLong(i);
            }
        }
        return Tensor.ofLongs(x.dtype(), dims, out);
    }
}
