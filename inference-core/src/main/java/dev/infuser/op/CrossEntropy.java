package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code NegativeLogLikelihoodLoss} of log-probabilities {@code [N, C, ...]} and {@code SoftmaxCrossEntropyLoss} of scores:
 * {@code -logProbability[n, target[n, ...], ...] * weight[target]} for the targets {@code [N, ...]} other than
 * {@code ignore_index}, one by one, their sum, or their mean by weight, as {@code reduction} says. The second also gives the
 * log-probabilities.
 */
final class CrossEntropy implements Operator {

    private final String name;

    CrossEntropy(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = Types.real(c, 0);
        Types.require(c, 1, c.dtype(1) == DType.INT32 || c.dtype(1) == DType.INT64);
        Types.same(c, 2);
        if (c.rank(0) < 2 || c.rank(1) != c.rank(0) - 1) {
            throw c.fail("expected [N, C, ...] and [N, ...], found " + c.type(0) + " and " + c.type(1));
        }
        List<Dim> dims = new ArrayList<>(c.shape(0).dims());
        dims.remove(1);
        boolean none = c.attributes().string("reduction", "mean").equals("none");
        return List.of(ValueType.tensor(type, none ? new Shape(dims) : Shape.SCALAR),
                ValueType.tensor(type, c.shape(0)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Tensor target = c.tensor(1);
        int classes = x.dim(1);
        Lanes lanes = Lanes.of(x.dims(), 1);
        if (target.size() != lanes.start().length) {
            throw c.fail("targets of " + target + " do not fit " + x);
        }
        double[] logs = name.startsWith("S") ? logSoftmax(x, lanes) : x.toDoubles();
        Tensor weight = c.tensorOrNull(2);
        double[] losses = new double[target.size()];
        double sum = 0;
        double weights = 0;
        for (int i = 0; i < losses.length; i++) {
            long at = target.getLong(i);
            if (c.attributes().has("ignore_index") && at == c.attributes().integer("ignore_index")) {
                continue;
            }
            if (at < 0 || at >= classes || weight != null && weight.size() != classes) {
                throw c.fail("target " + at + " is none of " + classes + " classes");
            }
            double w = weight == null ? 1 : weight.getDouble((int) at);
            losses[i] = -logs[lanes.start()[i] + lanes.step()[(int) at]] * w;
            sum += losses[i];
            weights += w;
        }
        String reduction = c.attributes().string("reduction", "mean");
        Tensor loss = reduction.equals("none") ? Tensor.ofDoubles(x.dtype(), target.dims(), losses)
                : Tensor.ofDoubles(x.dtype(), new int[0], new double[] {reduction.equals("sum") ? sum : sum / weights});
        return List.of(loss, Tensor.ofDoubles(x.dtype(), x.dims(), logs));
    }

    private static double[] logSoftmax(Tensor x, Lanes lanes) {
        double[] out = new double[x.size()];
        double[] lane = new double[lanes.step().length];
        for (int i = 0; i < lanes.start().length; i++) {
            lanes.read(x, i, lane);
            double log = Reduce.logSumExp(lane);
            for (int j = 0; j < lane.length; j++) {
                lane[j] -= log;
            }
            lanes.write(lane, i, out);
        }
        return out;
    }
}
