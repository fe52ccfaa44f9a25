package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code Gemm}: {@code alpha * A' * B' + beta * C}, where {@code A'} is {@code A} or its transpose, {@code [M, K]}, and
 * {@code B'} likewise {@code [K, N]}; {@code C} is optional and broadcasts to {@code [M, N]}. Real numbers and 32- and 64-bit
 * integers, for which alpha and beta are truncated.
 */
final class Gemm implements Operator {

    @Override
    public String name() {
        return "Gemm";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = Types.same(c);
        Types.require(c, 0, Types.isReal(type) || type.isInteger() && type.bits() >= 32);
        if (c.rank(0) != 2 || c.rank(1) != 2) {
            throw c.fail("A and B must be matrices, found " + c.type(0) + " and " + c.type(1));
        }
        Shape a = oriented(c.shape(0), c.attributes().flag("transA", false));
        Shape b = oriented(c.shape(1), c.attributes().flag("transB", false));
        Shape product = MatMul.shape(c, a, b);
        if (c.has(2)) {
            Shape sum = Broadcast.shape(product, c.shape(2));
            for (int i = 0; i < sum.rank(); i++) {
                if (sum.rank() > 2 || product.dim(i).is(1) && !sum.dim(i).is(1) && sum.dim(i).isConstant()) {
                    throw c.fail("C of " + c.type(2) + " does not broadcast to " + product);
                }
            }
        }
        return List.of(ValueType.tensor(type, product));
    }

    private static Shape oriented(Shape shape, boolean transposed) {
        Dim rows = shape.dim(0);
        Dim columns = shape.dim(1);
        return transposed ? Shape.of(columns, rows) : shape;
    }

    private static Tensor oriented(Tensor x, boolean transposed) {
        if (!transposed) {
            return x;
        }
        int rows = x.dim(0);
        int columns = x.dim(1);
        return x.pick(new int[] {columns, rows}, Broadcast.strided(new int[] {columns, rows}, new int[] {1, columns}, 0));
    }

    @Override
    public Lowering lower(InferContext c) {
        return c.dtype(0) != DType.FLOAT32 ? null : new Lowering.MatMul(c.attributes().flag("transA", false),
                c.attributes().flag("transB", false), c.attributes().real("alpha", 1), c.attributes().real("beta", 1), 0);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        DType type = c.dtype(0);
        DType wide = type.isFloat() && type != DType.FLOAT32 ? DType.FLOAT64 : type;
        Tensor product = MatMul.product(c, oriented(c.tensor(0), c.attributes().flag("transA", false)),
                oriented(c.tensor(1), c.attributes().flag("transB", false)), wide);
        float alpha = c.attributes().real("alpha", 1);
        float beta = c.attributes().real("beta", 1);
        Tensor added = c.tensorOrNull(2);
        if (added != null) {
            Broadcast.index(added.dims(), product.dims());
        }
        if (!type.isFloat()) {
            return List.of(added == null ? Elementwise.mapLongs(product, type, x -> (long) alpha * x)
                    : Elementwise.zipLongs(product, added, type, (x, y) -> (long) alpha * x + (long) beta * y));
        }
        return List.of(added == null ? Elementwise.map(product, type, x -> alpha * x)
                : Elementwise.zip(product, added, type, (x, y) -> alpha * x + beta * y));
    }
}
