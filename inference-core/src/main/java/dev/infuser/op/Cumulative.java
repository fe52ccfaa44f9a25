package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code CumSum} and {@code CumProd} of real numbers and 32- and 64-bit integers along the axis in input 1; an
 * {@code exclusive} one leaves out the element itself, a {@code reverse} one starts at the end.
 */
final class Cumulative implements Operator {

    private final String name;

    Cumulative(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = c.dtype(0);
        Types.require(c, 0, Types.isReal(type) || type.isInteger() && type.bits() >= 32);
        Types.require(c, 1, c.dtype(1) == DType.INT32 || c.dtype(1) == DType.INT64);
        return List.of(ValueType.tensor(type, c.shape(0)));
    }

    @Override
    public Lowering lower(InferContext c) {
        List<Dim> axis = c.content(1);
        boolean known = axis != null && axis.size() == 1 && axis.get(0).isConstant();
        return !known ? null : new Lowering.Cumulate(name.equals("CumSum"), c.attributes().flag("exclusive", false),
                c.attributes().flag("reverse", false), c.axis(axis.get(0).value(), c.rank(0)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Lanes lanes = Lanes.of(x.dims(), c.axis(c.scalarOrNull(1).getLong(0), x.rank()));
        boolean exclusive = c.attributes().flag("exclusive", false);
        boolean reverse = c.attributes().flag("reverse", false);
        boolean sum = name.equals("CumSum");
        boolean real = x.dtype().isFloat();
        double[] doubles = new double[real ? x.size() : 0];
        long[] longs = new long[real ? 0 : x.size()];
        int count = lanes.step().length;
        for (int start : lanes.start()) {
            double d = sum ? 0 : 1;
            long n = sum ? 0 : 1;
            for (int j = 0; j < count; j++) {
                int at = start + lanes.step()[reverse ? count - 1 - j : j];
                double before = d;
                long whole = n;
                if (real) {
                    d = sum ? d + x.getDouble(at) : d * x.getDouble(at);
                    doubles[at] = exclusive ? before : d;
                } else {
                    n = sum ? n + x.getLong(at) : n * x.getLong(at);
                    longs[at] = exclusive ? whole : n;
                }
            }
        }
        return List.of(real ? Tensor.ofDoubles(x.dtype(), x.dims(), doubles)
                : Tensor.ofLongs(x.dtype(), x.dims(), longs));
    }
}
