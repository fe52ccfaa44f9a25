package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code DFT} along one axis and {@code STFT} of signals {@code [batch, length, 1 or 2]} as {@code [batch, frames, bins, 2]}.
 * The last axis holds a real number, or a real and an imaginary part. Signals are filled up with zeros or cut to the length of
 * the transform. One-sided spectra have {@code length / 2 + 1} bins; the inverse of one is real.
 */
final class Spectrum implements Operator {

    private final String name;

    Spectrum(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    private boolean isShort() {
        return name.equals("STFT");
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.real(c, 0);
        Shape x = c.shape(0);
        Dim parts = x.rank() < 2 ? Dim.of(0) : x.dim(-1);
        if (x.rank() < 2 || isShort() && x.rank() != 3 || parts.isConstant() && parts.value() != 1 && parts.value() != 2) {
            throw c.fail("expected signals with a last axis of 1 or 2, found " + c.type(0));
        }
        boolean inverse = !isShort() && c.attributes().flag("inverse", false);
        boolean half = c.attributes().flag("onesided", isShort());
        if (half && !inverse && parts.is(2)) {
            throw c.fail("the spectrum of complex numbers has two sides: set onesided to 0");
        }
        if (isShort()) {
            return List.of(inferShort(c, half));
        }
        long[] axes = c.longs(2, new long[] {-2});
        if (axes == null) {
            return List.of(c.unknown(c.dtype(0), x.rank()));
        }
        int axis = axis(axes, x.rank(), c.fail("the axis must be one before the last"));
        Dim length = half && inverse ? x.dim(axis).minus(Dim.ONE).times(Dim.of(2)) : x.dim(axis);
        if (c.has(1)) {
            long[] declared = c.longs(1, null);
            length = declared == null || declared.length != 1 ? c.unknown() : Dim.of(declared[0]);
        }
        Dim bins = !half || inverse ? length : length.isConstant() ? Dim.of(length.value() / 2 + 1) : c.unknown();
        Shape y = Axes.with(x, axis, bins.isConstant() || bins.equals(x.dim(axis)) ? bins : c.unknown());
        return List.of(ValueType.tensor(c.dtype(0), Axes.with(y, x.rank() - 1, Dim.of(half && inverse ? 1 : 2))));
    }

    private static ValueType inferShort(InferContext c, boolean half) {
        Shape x = c.shape(0);
        long[] declared = c.longs(3, null);
        Dim length = c.has(3) ? declared == null || declared.length != 1 ? c.unknown() : Dim.of(declared[0])
                : c.has(2) ? c.shape(2).dim(0) : x.dim(1);
        long[] step = c.longs(1, null);
        boolean known = length.isConstant() && x.dim(1).isConstant() && step != null && step.length == 1 && step[0] > 0
                && x.dim(1).value() >= length.value();
        Dim frames = known ? Dim.of(1 + (x.dim(1).value() - length.value()) / step[0]) : c.unknown();
        Dim bins = !half ? length : length.isConstant() ? Dim.of(length.value() / 2 + 1) : c.unknown();
        return ValueType.tensor(c.dtype(0), Shape.of(x.dim(0), frames, bins, Dim.of(2)));
    }

    private static int axis(long[] axes, int rank, RuntimeException wrong) {
        long axis = axes.length != 1 ? rank : axes[0] < 0 ? axes[0] + rank : axes[0];
        if (axis < 0 || axis >= rank - 1) {
            throw wrong;
        }
        return (int) axis;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        if (x.rank() < 2 || x.dim(-1) != 1 && x.dim(-1) != 2) {
            throw c.fail("expected signals with a last axis of 1 or 2, found " + x);
        }
        return List.of(isShort() ? frames(c, x) : whole(c, x));
    }

    private static int length(EvalContext c, int input, int fallback) {
        long length = c.has(input) ? Axes.integer(c.tensor(input)) : fallback;
        if (length < 1 || length > 1 << 26) {
            throw c.fail("cannot transform " + length + " numbers");
        }
        return (int) length;
    }

    private static Tensor whole(EvalContext c, Tensor x) {
        boolean inverse = c.attributes().flag("inverse", false);
        boolean half = c.attributes().flag("onesided", false);
        if (half && !inverse && x.dim(-1) == 2) {
            throw c.fail("the spectrum of complex numbers has two sides: set onesided to 0");
        }
        int axis = axis(c.longs(2, new long[] {-2}), x.rank(), c.fail("the axis must be one before the last"));
        int length = length(c, 1, half && inverse ? 2 * (x.dim(axis) - 1) : x.dim(axis));
        int bins = half && !inverse ? length / 2 + 1 : length;
        int parts = half && inverse ? 1 : 2;
        int[] dims = Axes.with(Axes.with(x.dims(), axis, bins), x.rank() - 1, parts);
        boolean[] along = new boolean[x.rank()];
        along[axis] = true;
        along[x.rank() - 1] = true;
        Lanes in = Lanes.of(x.dims(), along);
        Lanes out = Lanes.of(dims, along);
        Fourier fourier = new Fourier(length);
        double[] lane = new double[in.step().length];
        double[] result = new double[bins * parts];
        double[] y = new double[Tensor.count(dims)];
        for (int i = 0; i < in.start().length; i++) {
            in.read(x, i, lane);
            double[][] signal = signal(lane, x.dim(-1), half && inverse ? Math.min(length / 2 + 1, x.dim(axis)) : x.dim(axis),
                    length);
            if (half && inverse) {
                mirror(signal, length);
            }
            if (inverse) {
                fourier.inverse(signal[0], signal[1]);
            } else {
                fourier.forward(signal[0], signal[1]);
            }
            write(signal, parts, result);
            out.write(result, i, y);
        }
        return Tensor.ofDoubles(x.dtype(), dims, y);
    }

    /** Real and imaginary parts of the first {@code count} numbers of a lane, cut or filled up to {@code length}. */
    private static double[][] signal(double[] lane, int parts, int count, int length) {
        double[][] out = new double[2][length];
        for (int i = 0; i < Math.min(count, length); i++) {
            out[0][i] = lane[i * parts];
            out[1][i] = parts == 2 ? lane[i * parts + 1] : 0;
        }
        return out;
    }

    /** Adds the other side of the spectrum of real numbers. */
    private static void mirror(double[][] spectrum, int length) {
        spectrum[1][0] = 0;
        for (int i = 1; i < (length + 1) / 2; i++) {
            spectrum[0][length - i] = spectrum[0][i];
            spectrum[1][length - i] = -spectrum[1][i];
        }
        if (length % 2 == 0) {
            spectrum[1][length / 2] = 0;
        }
    }

    private static void write(double[][] numbers, int parts, double[] out) {
        for (int i = 0; i < out.length; i++) {
            out[i] = numbers[i % parts][i / parts];
        }
    }

    private static Tensor frames(EvalContext c, Tensor x) {
        Tensor window = c.tensorOrNull(2);
        if (x.rank() != 3 || window != null && window.rank() != 1) {
            throw c.fail("expected signals [batch, length, parts] and a window [length], found " + x + " and " + window);
        }
        int length = length(c, 3, window == null ? x.dim(1) : window.size());
        boolean half = c.attributes().flag("onesided", true);
        long step = Axes.integer(c.tensor(1));
        if (step < 1 || x.dim(1) < length || half && x.dim(2) == 2) {
            throw c.fail(step < 1 ? "the frame step is " + step : x.dim(1) < length
                    ? "frames of " + length + " do not fit signals of " + x.dim(1)
                    : "the spectrum of complex numbers has two sides: set onesided to 0");
        }
        int count = (int) (1 + (x.dim(1) - length) / step);
        int bins = half ? length / 2 + 1 : length;
        int used = window == null ? length : Math.min(length, window.size());
        List<double[]> rows = new ArrayList<>();
        Fourier fourier = new Fourier(length);
        for (int frame = 0; frame < x.dim(0) * count; frame++) {
            double[][] signal = new double[2][length];
            int from = frame / count * x.dim(1) + (int) (frame % count * step);
            for (int i = 0; i < used * x.dim(2); i++) {
                double weight = window == null ? 1 : window.getDouble(i / x.dim(2));
                signal[i % x.dim(2)][i / x.dim(2)] = weight * x.getDouble(from * x.dim(2) + i);
            }
            fourier.forward(signal[0], signal[1]);
            double[] row = new double[2 * bins];
            write(signal, 2, row);
            rows.add(row);
        }
        double[] y = new double[Tensor.count(new int[] {rows.size(), 2 * bins})];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, y, i * 2 * bins, 2 * bins);
        }
        return Tensor.ofDoubles(x.dtype(), new int[] {x.dim(0), count, bins, 2}, y);
    }
}
