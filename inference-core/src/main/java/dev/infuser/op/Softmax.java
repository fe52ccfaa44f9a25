package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code Softmax}, {@code LogSoftmax} and {@code Hardmax} (1 at the first largest element, 0 elsewhere) along
 * {@code axis}, of real numbers.
 */
final class Softmax implements Operator {

    private final String name;

    Softmax(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        c.axis(c.attributes().integer("axis", -1), c.rank(0));
        return List.of(ValueType.tensor(Types.real(c, 0), c.shape(0)));
    }

    @Override
    public Lowering lower(InferContext c) {
        boolean last = c.axis(c.attributes().integer("axis", -1), c.rank(0)) == c.rank(0) - 1;
        return last && c.dtype(0) == DType.FLOAT32 && !name.equals("Hardmax")
                ? new Lowering.Softmax(name.equals("LogSoftmax")) : null;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Lanes lanes = Lanes.of(x.dims(), c.axis(c.attributes().integer("axis", -1), x.rank()));
        double[] out = new double[x.size()];
        double[] lane = new double[lanes.step().length];
        for (int i = 0; i < lanes.start().length && lane.length > 0; i++) {
            lanes.read(x, i, lane);
            apply(lane);
            lanes.write(lane, i, out);
        }
        return List.of(Tensor.ofDoubles(x.dtype(), x.dims(), out));
    }

    private void apply(double[] lane) {
        int top = 0;
        for (int j = 1; j < lane.length; j++) {
            top = lane[j] > lane[top] ? j : top;
        }
        double max = lane[top];
        double sum = 0;
        for (int j = 0; j < lane.length; j++) {
            lane[j] -= max;
            sum += Math.exp(lane[j]);
        }
        double log = Math.log(sum);
        for (int j = 0; j < lane.length; j++) {
            switch (name) {
                case "Softmax":
                    lane[j] = Math.exp(lane[j]) / sum;
                    break;
                case "LogSoftmax":
                    lane[j] -= log;
                    break;
                default:
                    lane[j] = j == top ? 1 : 0;
            }
        }
    }
}
