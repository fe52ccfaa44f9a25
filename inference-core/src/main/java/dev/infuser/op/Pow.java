package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code Pow}: base to the power of exponent, broadcast, in the base's type (real, int32 or int64); the exponent is any
 * number. Integer powers of integers are exact and wrap around.
 */
final class Pow implements Operator {

    @Override
    public String name() {
        return "Pow";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = c.dtype(0);
        Types.require(c, 0, Types.isReal(type) || type == DType.INT32 || type == DType.INT64);
        Types.number(c, 1);
        return List.of(ValueType.tensor(type, Broadcast.shape(c.shape(0), c.shape(1))));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Tensor y = c.tensor(1);
        return List.of(x.dtype().isFloat() || y.dtype().isFloat()
                ? Elementwise.zip(x, y, x.dtype(), Pow::apply) : Elementwise.zipLongs(x, y, x.dtype(), Pow::apply));
    }

    private static double apply(double x, double y) {
        return y == 2 ? x * x : y == 0.5 && x >= 0 ? Math.sqrt(x) : MathFunctions.pow(x, y);
    }

    private static long apply(long x, long y) {
        if (y < 0) {
            return x == 1 || x == -1 && y % 2 == 0 ? 1 : x == -1 ? -1 : 0;
        }
        long power = 1;
        for (long base = x, rest = y; rest > 0; rest >>= 1, base *= base) {
            if ((rest & 1) != 0) {
                power *= base;
            }
        }
        return power;
    }
}
