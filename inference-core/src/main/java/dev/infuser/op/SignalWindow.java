package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code HannWindow}, {@code HammingWindow} and {@code BlackmanWindow}: {@code size} weights that are a sum of cosines, of one
 * period where {@code periodic} is 1, which is the default, or with equal ends where it is 0. A window of one weight is 1.
 */
final class SignalWindow implements Operator {

    private static final double[] HANN = {0.5, -0.5, 0};
    private static final double[] HAMMING = {25.0 / 46, -21.0 / 46, 0};
    private static final double[] BLACKMAN = {0.42, -0.5, 0.08};

    private final String name;

    SignalWindow(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.require(c, 0, Types.isInteger(c.dtype(0)));
        DType type = Types.declared(c, "output_datatype");
        List<Dim> size = c.rank(0) <= 1 ? c.content(0) : null;
        Dim extent = size == null || size.size() != 1 ? c.unknown() : size.get(0);
        if (extent.isConstant() && extent.value() < 0) {
            throw c.fail("a window cannot have " + extent + " weights");
        }
        return List.of(ValueType.tensor(type, Shape.of(extent)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        long size = Axes.integer(c.tensor(0));
        if (size < 0 || size > Integer.MAX_VALUE) {
            throw c.fail("a window cannot have " + size + " weights");
        }
        double[] factors = name.equals("HannWindow") ? HANN : name.equals("HammingWindow") ? HAMMING : BLACKMAN;
        long period = c.attributes().flag("periodic", true) ? size : size - 1;
        double[] out = new double[(int) size];
        for (int i = 0; i < out.length; i++) {
            double angle = 2 * Math.PI * i / period;
            out[i] = size == 1 ? 1 : factors[0] + factors[1] * Math.cos(angle) + factors[2] * Math.cos(2 * angle);
        }
        DType type = DType.ofNumber((int) c.attributes().integer("output_datatype", 1));
        return List.of(Tensor.ofDoubles(type, new int[] {out.length}, out));
    }
}
