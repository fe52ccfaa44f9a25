package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * Fixed rearrangements: {@code Trilu} keeps a triangle of each matrix, {@code DepthToSpace} and {@code SpaceToDepth} move
 * blocks between channels and the plane.
 */
final class Arrange implements Operator {

    private final String name;

    Arrange(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape in = c.shape(0);
        switch (name) {
            case "DepthToSpace": case "SpaceToDepth":
                if (in.rank() != 4) {
                    throw c.fail("input " + in + " is not of rank 4");
                }
                Dim block = Dim.of(block(c.attributes().integer("blocksize")));
                Dim area = block.times(block);
                boolean deeper = name.equals("SpaceToDepth");
                return List.of(ValueType.tensor(c.dtype(0), deeper
                        ? Shape.of(in.dim(0), in.dim(1).times(area), in.dim(2).floorDiv(block), in.dim(3).floorDiv(block))
                        : Shape.of(in.dim(0), in.dim(1).floorDiv(area), in.dim(2).times(block), in.dim(3).times(block))));
            default:
                return List.of(c.type(0));
        }
    }

    private static long block(long size) {
        if (size < 1) {
            throw Axes.bad("blocksize is " + size);
        }
        return size;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        switch (name) {
            case "Trilu":
                return List.of(triangle(c));
            default:
                return List.of(blocks(c));
        }
    }

    private static Tensor triangle(EvalContext c) {
        Tensor in = c.tensor(0);
        if (in.rank() < 2) {
            throw c.fail("input " + in + " is not a matrix");
        }
        long k = c.has(1) ? Axes.integer(c.tensor(1)) : 0;
        boolean upper = c.attributes().flag("upper", true);
        int[] index = new int[in.size()];
        for (int i = 0; i < index.length; i++) {
            long diagonal = i % in.dim(-1) - i / in.dim(-1) % in.dim(-2);
            index[i] = (upper ? diagonal >= k : diagonal <= k) ? i : -1;
        }
        return in.pick(in.dims(), index);
    }

    private Tensor blocks(EvalContext c) {
        Tensor in = c.tensor(0);
        int b = (int) block(c.attributes().integer("blocksize"));
        if (in.rank() != 4) {
            throw c.fail("input " + in + " is not of rank 4");
        }
        int n = in.dim(0);
        int ch = in.dim(1);
        int h = in.dim(2);
        int w = in.dim(3);
        if (name.equals("SpaceToDepth")) {
            Tensor split = in.reshape(n, ch, h / b, b, w / b, b);
            return Transpose.permute(split, 0, 3, 5, 1, 2, 4).reshape(n, ch * b * b, h / b, w / b);
        }
        boolean columns = c.attributes().string("mode", "DCR").equals("CRD");
        Tensor split = columns ? in.reshape(n, ch / b / b, b, b, h, w) : in.reshape(n, b, b, ch / b / b, h, w);
        Tensor moved = columns ? Transpose.permute(split, 0, 1, 4, 2, 5, 3) : Transpose.permute(split, 0, 3, 4, 1, 5, 2);
        return moved.reshape(n, ch / b / b, h * b, w * b);
    }
}
