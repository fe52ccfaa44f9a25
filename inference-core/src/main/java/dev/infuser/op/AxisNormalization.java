package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code LpNormalization}: real numbers divided by their 1- or 2-norm along {@code axis}, 0 where that is 0;
 * {@code MeanVarianceNormalization}: less their mean, divided by their deviation plus 1e-9, over {@code axes}.
 */
final class AxisNormalization implements Operator {

    private final String name;

    AxisNormalization(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        long p = c.attributes().integer("p", 2);
        if (p != 1 && p != 2) {
            throw c.fail("p must be 1 or 2, found " + p);
        }
        return List.of(ValueType.tensor(Types.real(c, 0), c.shape(0)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        boolean centred = name.startsWith("M");
        boolean[] along = new boolean[x.rank()];
        long[] axes = {c.attributes().integer("axis", -1)};
        if (centred) {
            axes = c.attributes().has("axes") ? c.attributes().ints("axes") : new long[] {0, 2, 3};
        }
        for (long axis : axes) {
            along[c.axis(axis, x.rank())] = true;
        }
        Lanes lanes = Lanes.of(x.dims(), along);
        boolean absolute = c.attributes().integer("p", 2) == 1;
        double[] out = new double[x.size()];
        double[] lane = new double[lanes.step().length];
        for (int i = 0; i < lanes.start().length; i++) {
            lanes.read(x, i, lane);
            if (centred) {
                centre(lane);
            }
            double norm = norm(lane, absolute);
            double divisor = centred ? norm / Math.sqrt(lane.length) + 1e-9 : norm == 0 ? 1 : norm;
            for (int j = 0; j < lane.length; j++) {
                lane[j] /= divisor;
            }
            lanes.write(lane, i, out);
        }
        return List.of(Tensor.ofDoubles(x.dtype(), x.dims(), out));
    }

    private static void centre(double[] lane) {
        double sum = 0;
        for (double v : lane) {
            sum += v;
        }
        for (int j = 0; j < lane.length; j++) {
            lane[j] -= sum / lane.length;
        }
    }

    private static double norm(double[] lane, boolean absolute) {
        double sum = 0;
        for (double v : lane) {
            sum += absolute ? Math.abs(v) : v * v;
        }
        return absolute ? sum : Math.sqrt(sum);
    }
}
