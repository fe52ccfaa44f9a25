package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code RNN}, {@code GRU} and {@code LSTM} over {@code x [seq, batch, input]}, forward, backward or both ways, in float64.
 *
 * <p>Gates lie in the weights as ONNX orders them: {@code z r h} for GRU, {@code i o f c} for LSTM. Outputs: all hidden
 * states {@code [seq, directions, batch, hidden]}, the last one {@code [directions, batch, hidden]}, and the last cell of an
 * LSTM; with {@code layout} 1 the batch comes first everywhere. Past its own length a sequence gives zeros and keeps its
 * state.
 */
final class Recurrent implements Operator {

    private final String name;
    private final int gates;

    Recurrent(String name) {
        this.name = name;
        gates = name.equals("LSTM") ? 4 : name.equals("GRU") ? 3 : 1;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        if (x.rank() != 3 || c.rank(2) != 3) {
            throw c.fail("input " + x + " and weights " + c.shape(2) + " must be of rank 3");
        }
        boolean batchFirst = c.attributes().integer("layout", 0) == 1;
        Dim seq = x.dim(batchFirst ? 1 : 0);
        Dim batch = x.dim(batchFirst ? 0 : 1);
        Dim hidden = c.shape(2).dim(2);
        Dim directions = Dim.of(directions(c.attributes()));
        ValueType last = ValueType.tensor(c.dtype(0), batchFirst ? Shape.of(batch, directions, hidden)
                : Shape.of(directions, batch, hidden));
        return List.of(ValueType.tensor(c.dtype(0), batchFirst ? Shape.of(batch, seq, directions, hidden)
                : Shape.of(seq, directions, batch, hidden)), last, last);
    }

    private static int directions(Attributes a) {
        return a.string("direction", "forward").equals("bidirectional") ? 2 : 1;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        boolean batchFirst = c.attributes().integer("layout", 0) == 1;
        Tensor x = c.tensor(0);
        if (x.rank() != 3 || c.tensor(1).rank() != 3 || c.tensor(2).rank() != 3) {
            throw c.fail("x, w and r must be of rank 3");
        }
        x = batchFirst ? Transpose.permute(x, 1, 0, 2) : x;
        Tensor h = state(c, 5, batchFirst);
        Tensor cell = gates == 4 ? state(c, 6, batchFirst) : null;
        int directions = directions(c.attributes());
        int hidden = c.tensor(2).dim(2);
        check(c, x, directions, hidden);
        Run run = new Run(c, x, directions, hidden, gates);
        for (int d = 0; d < directions; d++) {
            boolean backward = d == 1 || c.attributes().string("direction", "forward").equals("reverse");
            for (int b = 0; b < x.dim(1); b++) {
                direction(run, d, b, backward, h, cell);
            }
        }
        int[] lastDims = {directions, x.dim(1), hidden};
        Tensor y = Tensor.ofDoubles(x.dtype(), new int[] {x.dim(0), directions, x.dim(1), hidden}, run.y);
        Tensor last = Tensor.ofDoubles(x.dtype(), lastDims, run.last);
        Tensor lastCell = Tensor.ofDoubles(x.dtype(), lastDims, run.lastCell);
        List<Datum> out = new ArrayList<>();
        out.add(batchFirst ? Transpose.permute(y, 2, 0, 1, 3) : y);
        out.add(batchFirst ? Transpose.permute(last, 1, 0, 2) : last);
        out.add(batchFirst ? Transpose.permute(lastCell, 1, 0, 2) : lastCell);
        return out;
    }

    private static Tensor state(EvalContext c, int input, boolean batchFirst) {
        Tensor state = c.tensorOrNull(input);
        return state != null && batchFirst && state.rank() == 3 ? Transpose.permute(state, 1, 0, 2) : state;
    }

    private void check(EvalContext c, Tensor x, int directions, int hidden) {
        int[] sizes = {directions * gates * hidden * x.dim(2), directions * gates * hidden * hidden,
            directions * 2 * gates * hidden, x.dim(1), directions * x.dim(1) * hidden, directions * x.dim(1) * hidden,
            directions * 3 * hidden};
        for (int i = 1; i <= sizes.length; i++) {
            if (c.has(i) && c.tensor(i).size() != sizes[i - 1]) {
                throw c.fail("input " + i + " is " + c.tensor(i).shape() + ", expected " + sizes[i - 1] + " elements");
            }
        }
    }

    /** What one evaluation reads and writes. */
    private static final class Run {
        final double[] x;
        final double[] w;
        final double[] r;
        final double[] bias;
        final double[] peepholes;
        final long[] lengths;
        final int seq;
        final int batch;
        final int input;
        final int hidden;
        final int directions;
        final double[] y;
        final double[] last;
        final double[] lastCell;
        final double clip;
        final boolean linearBeforeReset;
        final boolean coupled;
        final String[] activations;
        final float[] alpha;
        final float[] beta;

        Run(EvalContext c, Tensor x, int directions, int hidden, int gates) {
            this.x = x.toDoubles();
            this.directions = directions;
            this.hidden = hidden;
            seq = x.dim(0);
            batch = x.dim(1);
            input = x.dim(2);
            w = c.tensor(1).toDoubles();
            r = c.tensor(2).toDoubles();
            bias = c.has(3) ? c.tensor(3).toDoubles() : new double[directions * 2 * gates * hidden];
            lengths = c.longs(4, null);
            peepholes = gates == 4 && c.has(7) ? c.tensor(7).toDoubles() : new double[directions * 3 * hidden];
            y = new double[seq * directions * batch * hidden];
            last = new double[directions * batch * hidden];
            lastCell = new double[last.length];
            Attributes a = c.attributes();
            clip = a.has("clip") ? a.real("clip", 0) : Double.POSITIVE_INFINITY;
            linearBeforeReset = a.flag("linear_before_reset", false);
            coupled = a.flag("input_forget", false);
            int functions = gates == 4 ? 3 : gates == 3 ? 2 : 1;
            activations = activations(a, functions, directions);
            alpha = new float[activations.length];
            beta = new float[activations.length];
            constants(a, "activation_alpha", alpha, true);
            constants(a, "activation_beta", beta, false);
        }

        private static String[] activations(Attributes a, int functions, int directions) {
            String[] out = new String[functions * directions];
            List<String> given = a.strings("activations");
            if (given != null && given.size() != out.length) {
                throw Axes.bad(given.size() + " activations, expected " + out.length);
            }
            for (int i = 0; i < out.length; i++) {
                out[i] = given != null ? given.get(i) : functions > 1 && i % functions == 0 ? "Sigmoid" : "Tanh";
            }
            return out;
        }

        /** Listed values go, in order, to the activations that take one; the others have their defaults. */
        private void constants(Attributes a, String attribute, float[] out, boolean first) {
            float[] given = a.reals(attribute);
            int next = 0;
            for (int i = 0; i < out.length; i++) {
                float fallback = fallback(activations[i], first);
                boolean takes = fallback == fallback;
                out[i] = takes && given != null && next < given.length ? given[next] : fallback;
                next += takes ? 1 : 0;
            }
        }

        private static float fallback(String activation, boolean first) {
            switch (activation) {
                case "LeakyRelu":
                    return first ? 0.01f : Float.NaN;
                case "ThresholdedRelu": case "Elu":
                    return first ? 1 : Float.NaN;
                case "HardSigmoid":
                    return first ? 0.2f : 0.5f;
                case "Affine": case "ScaledTanh":
                    return first ? 1 : activation.equals("Affine") ? 0 : 1;
                default:
                    return Float.NaN;
            }
        }

        double clipped(double v) {
            return Math.max(-clip, Math.min(clip, v));
        }

        double activate(int i, double v) {
            switch (activations[i]) {
                case "Sigmoid":
                    return MathFunctions.sigmoid(v);
                case "Tanh":
                    return MathFunctions.tanh(v);
                case "Relu":
                    return Math.max(0, v);
                case "Affine":
                    return alpha[i] * v + beta[i];
                case "LeakyRelu":
                    return v >= 0 ? v : alpha[i] * v;
                case "ThresholdedRelu":
                    return v > alpha[i] ? v : 0;
                case "ScaledTanh":
                    return alpha[i] * MathFunctions.tanh(beta[i] * v);
                case "HardSigmoid":
                    return Math.max(0, Math.min(1, alpha[i] * v + beta[i]));
                case "Elu":
                    return v >= 0 ? v : alpha[i] * MathFunctions.expm1(v);
                case "Softsign":
                    return v / (1 + Math.abs(v));
                case "Softplus":
                    return MathFunctions.softplus(v);
                default:
                    throw Axes.bad("no activation " + activations[i]);
            }
        }
    }

    private void direction(Run run, int d, int b, boolean backward, Tensor initial, Tensor initialCell) {
        int hidden = run.hidden;
        int at = (d * run.batch + b) * hidden;
        double[] h = new double[hidden];
        double[] cell = new double[hidden];
        for (int i = 0; i < hidden; i++) {
            h[i] = initial == null ? 0 : initial.getDouble(at + i);
            cell[i] = initialCell == null ? 0 : initialCell.getDouble(at + i);
        }
        int length = run.lengths == null ? run.seq : (int) Math.max(0, Math.min(run.seq, run.lengths[b]));
        double[] fromX = new double[gates * hidden];
        double[] fromH = new double[gates * hidden];
        for (int step = 0; step < length; step++) {
            int t = backward ? length - 1 - step : step;
            product(run.w, d * gates * hidden, run.x, (t * run.batch + b) * run.input, run.input, run.bias,
                    d * 2 * gates * hidden, fromX);
            product(run.r, d * gates * hidden, h, 0, hidden, run.bias, (2 * d + 1) * gates * hidden, fromH);
            h = gates == 4 ? lstm(run, d, fromX, fromH, cell) : gates == 3 ? gru(run, d, fromX, fromH, h)
                    : rnn(run, d, fromX, fromH);
            System.arraycopy(h, 0, run.y, ((t * run.directions + d) * run.batch + b) * hidden, hidden);
        }
        System.arraycopy(h, 0, run.last, at, hidden);
        System.arraycopy(cell, 0, run.lastCell, at, hidden);
    }

    private static void product(double[] w, int row, double[] x, int at, int n, double[] bias, int biasAt, double[] out) {
        for (int i = 0; i < out.length; i++) {
            double sum = bias[biasAt + i];
            for (int k = 0; k < n; k++) {
                sum += w[(row + i) * n + k] * x[at + k];
            }
            out[i] = sum;
        }
    }

    private static double[] rnn(Run run, int d, double[] x, double[] h) {
        double[] out = new double[run.hidden];
        for (int i = 0; i < out.length; i++) {
            out[i] = run.activate(d, run.clipped(x[i] + h[i]));
        }
        return out;
    }

    private static double[] gru(Run run, int d, double[] x, double[] fromH, double[] h) {
        int n = run.hidden;
        double[] out = new double[n];
        double[] reset = new double[n];
        for (int i = 0; i < n; i++) {
            reset[i] = run.activate(2 * d, run.clipped(x[n + i] + fromH[n + i]));
        }
        for (int i = 0; i < n; i++) {
            double z = run.activate(2 * d, run.clipped(x[i] + fromH[i]));
            double past = reset[i] * fromH[2 * n + i];
            if (!run.linearBeforeReset) {
                past = run.bias[(2 * d + 1) * 3 * n + 2 * n + i];
                for (int k = 0; k < n; k++) {
                    past += run.r[((3 * d + 2) * n + i) * n + k] * reset[k] * h[k];
                }
            }
            double candidate = run.activate(2 * d + 1, run.clipped(x[2 * n + i] + past));
            out[i] = (1 - z) * candidate + z * h[i];
        }
        return out;
    }

    private static double[] lstm(Run run, int d, double[] x, double[] h, double[] cell) {
        int n = run.hidden;
        double[] out = new double[n];
        int p = d * 3 * n;
        for (int i = 0; i < n; i++) {
            double in = run.activate(3 * d, run.clipped(x[i] + h[i] + run.peepholes[p + i] * cell[i]));
            double forget = run.coupled ? 1 - in : run.activate(3 * d,
                    run.clipped(x[2 * n + i] + h[2 * n + i] + run.peepholes[p + 2 * n + i] * cell[i]));
            double candidate = run.activate(3 * d + 1, run.clipped(x[3 * n + i] + h[3 * n + i]));
            cell[i] = forget * cell[i] + in * candidate;
            double open = run.activate(3 * d,
                    run.clipped(x[n + i] + h[n + i] + run.peepholes[p + n + i] * cell[i]));
            out[i] = open * run.activate(3 * d + 2, cell[i]);
        }
        return out;
    }
}
