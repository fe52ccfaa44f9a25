package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code MelWeightMatrix}: {@code [dft_length / 2 + 1, num_mel_bins]} triangles of height 1, whose corners are evenly spaced on
 * the mel scale {@code 2595 log10(1 + f / 700)} from {@code lower_edge_hertz} and rounded down to bins of the spectrum.
 */
final class MelWeightMatrix implements Operator {

    private static final double SCALE = 2595;
    private static final double CORNER_HERTZ = 700;
    private static final double LN10 = 2.302585092994046;

    @Override
    public String name() {
        return "MelWeightMatrix";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        for (int i = 0; i < 3; i++) {
            Types.require(c, i, Types.isInteger(c.dtype(i)));
        }
        Types.real(c, 3);
        Types.real(c, 4);
        Dim bins = extent(c, 1);
        bins = bins.isConstant() ? Dim.of(bins.value() / 2 + 1) : c.unknown();
        return List.of(ValueType.tensor(Types.declared(c, "output_datatype"), Shape.of(bins, extent(c, 0))));
    }

    private static Dim extent(InferContext c, int input) {
        Tensor value = c.constant(input);
        if (value != null && (value.size() != 1 || value.getLong(0) < 0)) {
            throw c.fail("input " + input + " must be a count, found " + value);
        }
        return value == null ? c.unknown() : Dim.of(value.getLong(0));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        int bands = count(c, 0);
        int length = count(c, 1);
        int rate = count(c, 2);
        if (rate < 1) {
            throw c.fail("the sample rate is " + rate);
        }
        int bins = length / 2 + 1;
        double low = mel(Axes.real(c.tensor(3)));
        double step = (mel(Axes.real(c.tensor(4))) - low) / (bands + 2);
        int[] corner = new int[bands + 2];
        for (int i = 0; i < corner.length; i++) {
            double hertz = CORNER_HERTZ * (Math.exp((low + i * step) / SCALE * LN10) - 1);
            double bin = Math.floor((length + 1.0) * hertz / rate);
            if (!(bin >= 0 && bin <= bins)) {
                throw c.fail("the edge at " + hertz + " Hz is outside the spectrum");
            }
            corner[i] = (int) bin;
        }
        double[] out = new double[Tensor.count(new int[] {bins, bands})];
        for (int band = 0; band < bands; band++) {
            int left = corner[band];
            int peak = corner[band + 1];
            int right = corner[band + 2];
            for (int i = Math.min(left, right); i <= Math.max(peak, right) && i < bins; i++) {
                if (i == peak || i >= left && i < peak) {
                    out[i * bands + band] = left == peak ? 1 : (double) (i - left) / (peak - left);
                }
                if (i >= peak && i < right) {
                    out[i * bands + band] = (double) (right - i) / (right - peak);
                }
            }
        }
        DType type = DType.ofNumber((int) c.attributes().integer("output_datatype", 1));
        return List.of(Tensor.ofDoubles(type, new int[] {bins, bands}, out));
    }

    private static int count(EvalContext c, int input) {
        long value = Axes.integer(c.tensor(input));
        if (value < 0 || value >= Integer.MAX_VALUE) {
            throw c.fail("input " + input + " is " + value);
        }
        return (int) value;
    }

    private static double mel(double hertz) {
        return SCALE * (Math.log(1 + hertz / CORNER_HERTZ) / LN10);
    }
}
