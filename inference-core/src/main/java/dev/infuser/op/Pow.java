package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
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
    public Lowering lower(InferContext c) {
        if (c.dtype(0) != DType.FLOAT32 || c.dtype(1) != DType.FLOAT32) {
            return null;
        }
        Tensor exponent = c.constant(1);
        float power = exponent != null && exponent.size() == 1 ? exponent.floats()[0] : Float.NaN;
        Expr x = Expr.input(0);
        boolean keepsShape = exponent != null && exponent.rank() <= c.rank(0);
        return new Lowering.Elementwise(power == 2 && keepsShape ? Expr.of(Fn.MUL, x, x)
                : Expr.of(Fn.POW, x, Expr.input(1)));
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
