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
 * {@code LayerNormalization} and {@code RMSNormalization} of real numbers over the axes from {@code axis} on:
 * {@code (x - mean) / sqrt(variance + epsilon) * scale + bias}, and {@code x / sqrt(mean(x^2) + epsilon) * scale}; scale and
 * bias broadcast to {@code x}. The first also gives mean and inverse deviation, with extents of 1 along those axes, in
 * {@code stash_type}.
 */
final class LayerNormalization implements Operator {

    private final String name;

    LayerNormalization(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape shape = c.shape(0);
        int axis = c.axis(c.attributes().integer("axis", -1), shape.rank());
        Types.real(c, 0);
        Types.real(c, 1);
        if (name.startsWith("L")) {
            Types.same(c);
        }
        List<Dim> kept = new ArrayList<>(shape.dims());
        for (int i = axis; i < kept.size(); i++) {
            kept.set(i, Dim.ONE);
        }
        ValueType stash = ValueType.tensor(stash(c.attributes().integer("stash_type", 1)), new Shape(kept));
        return List.of(ValueType.tensor(c.dtype(1), shape), stash, stash);
    }

    private static DType stash(long number) {
        DType type = DType.ofNumber((int) number);
        return type == DType.BFLOAT16 || type == DType.FLOAT64 ? type : DType.FLOAT32;
    }

    @Override
    public Lowering lower(InferContext c) {
        boolean last = c.axis(c.attributes().integer("axis", -1), c.rank(0)) == c.rank(0) - 1;
        boolean single = c.node().output(1).isEmpty() && c.node().output(2).isEmpty();
        return last && single && c.dtype(0) == DType.FLOAT32 && c.dtype(1) == DType.FLOAT32
                ? new Lowering.LayerNorm(c.attributes().real("epsilon", 1e-5f), name.startsWith("L")) : null;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        int axis = c.axis(c.attributes().integer("axis", -1), x.rank());
        double epsilon = c.attributes().real("epsilon", 1e-5f);
        boolean centred = name.startsWith("L");
        int[] kept = x.dims().clone();
        Arrays.fill(kept, axis, kept.length, 1);
        int count = Tensor.count(kept);
        int size = count == 0 ? 0 : x.size() / count;
        double[] in = x.toDoubles();
        double[] out = new double[x.size()];
        double[] means = new double[count];
        double[] inverses = new double[count];
        for (int i = 0; i < count; i++) {
            double mean = 0;
            for (int j = 0; j < size && centred; j++) {
                mean += in[i * size + j];
            }
            mean /= Math.max(1, size);
            double squares = 0;
            for (int j = 0; j < size; j++) {
                double v = in[i * size + j] - mean;
                squares += v * v;
            }
            means[i] = mean;
            inverses[i] = 1 / Math.sqrt(squares / size + epsilon);
            for (int j = 0; j < size; j++) {
                out[i * size + j] = (in[i * size + j] - mean) * inverses[i];
            }
        }
        affine(c, x, out);
        DType stash = stash(c.attributes().integer("stash_type", 1));
        return List.of(Tensor.ofDoubles(c.dtype(1), x.dims(), out), Tensor.ofDoubles(stash, kept, means),
                Tensor.ofDoubles(stash, kept, inverses));
    }

    private static void affine(EvalContext c, Tensor x, double[] out) {
        double[] scale = c.tensor(1).toDoubles();
        int[] is = Broadcast.index(c.tensor(1).dims(), x.dims());
        for (int i = 0; i < out.length; i++) {
            out[i] *= scale[is[i]];
        }
        if (c.has(2)) {
            double[] bias = c.tensor(2).toDoubles();
            int[] ib = Broadcast.index(c.tensor(2).dims(), x.dims());
            for (int i = 0; i < out.length; i++) {
                out[i] += bias[ib[i]];
            }
        }
    }
}
