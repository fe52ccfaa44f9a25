package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code MatMulInteger}: the int32 product of 8-bit matrices less their zero points; {@code QLinearMatMul}: the product of
 * two quantised tensors, quantised again. Shapes are those of {@link MatMul}. Scales and zero points are scalars, one for
 * each row of A or of the result, or one for each column of B.
 */
final class QuantizedMatMul implements Operator {

    private final String name;

    QuantizedMatMul(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        boolean linear = name.startsWith("Q");
        int b = linear ? 3 : 1;
        for (int operand = 0; operand <= b; operand += b) {
            DType type = c.dtype(operand);
            int zero = operand + 2;
            Types.require(c, operand, type.isInteger() && type.bits() == 8
                    || linear && type.isFloat() && type.bits() == 8 && Quantization.isQuantized(type));
            if (c.has(zero) && c.dtype(zero) != type) {
                throw c.fail("zero point must be " + type.label() + ", found " + c.type(zero));
            }
        }
        return List.of(ValueType.tensor(linear ? c.dtype(7) : DType.INT32, MatMul.shape(c, c.shape(0), c.shape(b))));
    }

    @Override
    public Lowering lower(InferContext c) {
        return name.startsWith("M") && c.rank(0) > 1 && c.rank(1) > 1 ? new Lowering.MatMulInteger() : null;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        if (name.equals("MatMulInteger")) {
            Tensor a = centred(c.tensor(0), rows(c.tensorOrNull(2)));
            Tensor b = centred(c.tensor(1), c.tensorOrNull(3));
            return List.of(MatMul.product(c, a, b, DType.INT32));
        }
        Tensor a = scaled(centred(c.tensor(0), rows(c.tensor(2))), rows(c.tensor(1)));
        Tensor b = scaled(centred(c.tensor(3), c.tensor(5)), c.tensor(4));
        Tensor product = MatMul.product(c, a, b, DType.FLOAT64);
        DType type = c.dtype(7);
        Tensor quotient = Elementwise.zip(product, rows(c.tensor(6)), DType.FLOAT64, (x, y) -> x / y);
        return List.of(Elementwise.zip(quotient, rows(c.tensor(7)), type, (x, y) -> Quantization.quantize(type, x, y)));
    }

    /** Per-row parameters as a column. */
    private static Tensor rows(Tensor parameters) {
        return parameters == null || parameters.rank() != 1 ? parameters
                : parameters.size() == 1 ? parameters.reshape() : parameters.reshape(parameters.size(), 1);
    }

    /** {@code x - zero} as float64, which is exact. */
    private static Tensor centred(Tensor x, Tensor zero) {
        if (zero == null) {
            return Tensor.of(DType.FLOAT64, x.dims(), x.toDoubles());
        }
        Tensor one = zero.size() == 1 ? zero.reshape() : zero;
        return Elementwise.zip(x, one, DType.FLOAT64, (v, z) -> v - z);
    }

    private static Tensor scaled(Tensor x, Tensor scale) {
        Tensor one = scale.size() == 1 ? scale.reshape() : scale;
        return Elementwise.zip(x, one, DType.FLOAT64, (v, s) -> v * s);
    }
}
