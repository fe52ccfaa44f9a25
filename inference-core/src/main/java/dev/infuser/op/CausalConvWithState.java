package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code CausalConvWithState}: the convolution of each channel of {@code x [batch, channels, length]} with its own weights
 * {@code [channels, 1, k]}, after the {@code k - 1} values of the past state or zeros, with a bias and SiLU where asked for. Also
 * gives the last {@code k - 1} values, which are the next state.
 */
final class CausalConvWithState implements Operator {

    @Override
    public String name() {
        return "CausalConvWithState";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.real(c, 0);
        for (int i = 1; i < c.inputs(); i++) {
            Types.same(c, i);
        }
        if (c.rank(0) != 3 || c.rank(1) != 3) {
            throw c.fail("expected [batch, channels, length] and [channels, 1, k], found " + c.type(0) + " and " + c.type(1));
        }
        String activation = c.attributes().string("activation", "none");
        if (!activation.equals("none") && !activation.equals("silu") && !activation.equals("swish")) {
            throw c.fail("the activation is " + activation + ", expected none, silu or swish");
        }
        Dim taps = c.shape(1).dim(2);
        Dim kept = c.has(3) ? c.shape(3).dim(-1) : taps.isConstant() ? taps.minus(Dim.ONE) : c.unknown();
        return List.of(ValueType.tensor(c.dtype(0), c.shape(0)),
                ValueType.tensor(c.dtype(0), Shape.of(c.shape(0).dim(0), c.shape(0).dim(1), kept)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Tensor w = c.tensor(1);
        Tensor bias = c.tensorOrNull(2);
        Tensor past = c.tensorOrNull(3);
        if (x.rank() != 3 || w.rank() != 3 || w.dim(0) != x.dim(1) || w.dim(1) != 1 || w.dim(2) < 1
                || bias != null && bias.size() != x.dim(1)) {
            throw c.fail("input " + x + " and weights " + w + " do not fit");
        }
        int taps = w.dim(2);
        int kept = taps - 1;
        int length = x.dim(2);
        int rows = x.dim(0) * x.dim(1);
        if (past != null && (past.rank() != 3 || past.dim(1) != x.dim(1) || past.size() != rows * kept)) {
            throw c.fail("a past state of " + past + " does not fit " + x);
        }
        double[] y = new double[x.size()];
        double[] state = new double[rows * kept];
        double[] line = new double[kept + length];
        for (int row = 0; row < rows; row++) {
            int channel = row % x.dim(1);
            for (int i = 0; i < line.length; i++) {
                line[i] = i >= kept ? x.getDouble(row * length + i - kept) : past == null ? 0 : past.getDouble(row * kept + i);
            }
            for (int i = 0; i < length; i++) {
                double sum = bias == null ? 0 : bias.getDouble(channel);
                for (int k = 0; k < taps; k++) {
                    sum += w.getDouble(channel * taps + k) * line[i + k];
                }
                y[row * length + i] = sum;
            }
            System.arraycopy(line, length, state, row * kept, kept);
        }
        Tensor sums = Tensor.ofDoubles(x.dtype(), x.dims(), y);
        boolean gated = !c.attributes().string("activation", "none").equals("none");
        return List.of(gated ? Elementwise.map(sums, x.dtype(), v -> v * MathFunctions.sigmoid(v)) : sums,
                Tensor.ofDoubles(x.dtype(), new int[] {x.dim(0), x.dim(1), kept}, state));
    }
}
