package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
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
 *
 * <p>In the domain {@code infuser} the products with the input have been made: x is {@code [seq, batch, columns]}, biases
 * added, the weights of input 1 and the biases of input 3 are absent. Units go in blocks of 8, the last one filled up with
 * zeros: a column is {@code (direction, block, gate, unit)}, input 2 is {@code [directions, blocks, hidden, gates * 8]}, and
 * input 7, {@code [directions, count, blocks * 8]}, holds the three peepholes of an LSTM, or for a GRU with
 * {@code linear_before_reset} the recurrent bias of its last gate.
 */
final class Recurrent implements Operator {

    private final String domain;
    private final String name;
    private final int gates;

    Recurrent(String domain, String name) {
        this.domain = domain;
        this.name = name;
        gates = name.equals("LSTM") ? 4 : name.equals("GRU") ? 3 : 1;
    }

    @Override
    public String domain() {
        return domain;
    }

    @Override
    public String name() {
        return name;
    }

    private boolean isProjected() {
        return !domain.isEmpty();
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        if (x.rank() != 3 || c.rank(2) != (isProjected() ? 4 : 3)) {
            throw c.fail("input " + x + " and weights " + c.shape(2) + " are not of the right rank");
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
    public Lowering lower(InferContext c) {
        boolean known = isProjected() && c.dtype(0) == DType.FLOAT32 && c.shape(2).isConstant();
        return known ? new RecurrentCell(c.attributes(), gates).lower(c.has(7)) : null;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        boolean batchFirst = c.attributes().integer("layout", 0) == 1;
        Tensor x = c.tensor(0);
        if (x.rank() != 3 || c.tensor(2).rank() != (isProjected() ? 4 : 3)) {
            throw c.fail("input " + x.shape() + " and weights " + c.tensor(2).shape() + " are not of the right rank");
        }
        x = batchFirst ? Transpose.permute(x, 1, 0, 2) : x;
        Tensor h = state(c, 5, batchFirst);
        Tensor cell = gates == 4 ? state(c, 6, batchFirst) : null;
        int directions = directions(c.attributes());
        int hidden = c.tensor(2).dim(2);
        check(c, x, directions, hidden);
        Run run = new Run(c, x, directions, hidden, gates, isProjected());
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
        int states = directions * x.dim(1) * hidden;
        int blocks = (hidden + 7) / 8;
        int[] sizes = isProjected() ? new int[] {0, directions * blocks * hidden * gates * 8, 0, x.dim(1), states, states,
            directions * blocks * 8 * (gates == 4 ? 3 : 1)}
                : new int[] {directions * gates * hidden * x.dim(2), directions * gates * hidden * hidden,
                    directions * 2 * gates * hidden, x.dim(1), states, states, directions * 3 * hidden};
        for (int i = 1; i <= sizes.length; i++) {
            if (c.has(i) && c.tensor(i).size() != sizes[i - 1]) {
                throw c.fail("input " + i + " is " + c.tensor(i).shape() + ", expected " + sizes[i - 1] + " elements");
            }
        }
        if (isProjected() && x.dim(2) != directions * blocks * gates * 8) {
            throw c.fail("input 0 is " + x.shape());
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
        final int blocks;
        final int directions;
        final double[] y;
        final double[] last;
        final double[] lastCell;
        final RecurrentCell cell;

        Run(EvalContext c, Tensor x, int directions, int hidden, int gates, boolean projected) {
            this.x = x.toDoubles();
            this.directions = directions;
            this.hidden = hidden;
            blocks = (hidden + 7) / 8;
            seq = x.dim(0);
            batch = x.dim(1);
            input = x.dim(2);
            lengths = c.longs(4, null);
            if (projected) {
                w = null;
                r = unpack(c.tensor(2).toDoubles(), gates);
                bias = new double[directions * 2 * gates * hidden];
                peepholes = new double[directions * 3 * hidden];
                for (int i = 0; c.has(7) && i < directions * (gates == 4 ? 3 : 1) * hidden; i++) {
                    double value = c.tensor(7).getDouble(i / hidden * blocks * 8 + i % hidden);
                    if (gates == 4) {
                        peepholes[i] = value;
                    } else {
                        bias[(2 * (i / hidden) + 1) * gates * hidden + 2 * hidden + i % hidden] = value;
                    }
                }
            } else {
                w = c.tensor(1).toDoubles();
                r = c.tensor(2).toDoubles();
                bias = c.has(3) ? c.tensor(3).toDoubles() : new double[directions * 2 * gates * hidden];
                peepholes = gates == 4 && c.has(7) ? c.tensor(7).toDoubles() : new double[directions * 3 * hidden];
            }
            y = new double[seq * directions * batch * hidden];
            last = new double[directions * batch * hidden];
            lastCell = new double[last.length];
            cell = new RecurrentCell(c.attributes(), gates);
        }

        /** What step {@code t} of sequence {@code b} adds to the gates, in their ONNX order. */
        void fromInput(int t, int d, int b, double[] out) {
            if (w != null) {
                product(w, d * out.length, x, (t * batch + b) * input, input, bias, d * 2 * out.length, out);
                return;
            }
            int gates = out.length / hidden;
            for (int i = 0; i < out.length; i++) {
                int unit = i % hidden;
                out[i] = x[(t * batch + b) * input + ((d * blocks + unit / 8) * gates + i / hidden) * 8 + unit % 8];
            }
        }

        private double[] unpack(double[] packed, int gates) {
            double[] out = new double[directions * gates * hidden * hidden];
            for (int i = 0; i < out.length; i++) {
                int unit = i / hidden % hidden;
                int gate = i / hidden / hidden % gates;
                int block = i / hidden / hidden / gates * blocks + unit / 8;
                out[i] = packed[((block * hidden + i % hidden) * gates + gate) * 8 + unit % 8];
            }
            return out;
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
            run.fromInput(t, d, b, fromX);
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
            out[i] = run.cell.activate(d, run.cell.clipped(x[i] + h[i]));
        }
        return out;
    }

    private static double[] gru(Run run, int d, double[] x, double[] fromH, double[] h) {
        int n = run.hidden;
        double[] out = new double[n];
        double[] reset = new double[n];
        for (int i = 0; i < n; i++) {
            reset[i] = run.cell.activate(2 * d, run.cell.clipped(x[n + i] + fromH[n + i]));
        }
        for (int i = 0; i < n; i++) {
            double z = run.cell.activate(2 * d, run.cell.clipped(x[i] + fromH[i]));
            double past = reset[i] * fromH[2 * n + i];
            if (!run.cell.linearBeforeReset()) {
                past = run.bias[(2 * d + 1) * 3 * n + 2 * n + i];
                for (int k = 0; k < n; k++) {
                    past += run.r[((3 * d + 2) * n + i) * n + k] * reset[k] * h[k];
                }
            }
            double candidate = run.cell.activate(2 * d + 1, run.cell.clipped(x[2 * n + i] + past));
            out[i] = (1 - z) * candidate + z * h[i];
        }
        return out;
    }

    private static double[] lstm(Run run, int d, double[] x, double[] h, double[] cell) {
        int n = run.hidden;
        double[] out = new double[n];
        int p = d * 3 * n;
        for (int i = 0; i < n; i++) {
            double in = run.cell.activate(3 * d, run.cell.clipped(x[i] + h[i] + run.peepholes[p + i] * cell[i]));
            double forget = run.cell.coupled() ? 1 - in : run.cell.activate(3 * d,
                    run.cell.clipped(x[2 * n + i] + h[2 * n + i] + run.peepholes[p + 2 * n + i] * cell[i]));
            double candidate = run.cell.activate(3 * d + 1, run.cell.clipped(x[3 * n + i] + h[3 * n + i]));
            cell[i] = forget * cell[i] + in * candidate;
            double open = run.cell.activate(3 * d,
                    run.cell.clipped(x[n + i] + h[n + i] + run.peepholes[p + n + i] * cell[i]));
            out[i] = open * run.cell.activate(3 * d + 2, cell[i]);
        }
        return out;
    }
}
