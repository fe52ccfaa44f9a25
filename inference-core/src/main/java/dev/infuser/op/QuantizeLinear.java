package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code QuantizeLinear}: {@code saturate(round(x / scale) + zeroPoint)} of real numbers or int32, to a type of at most 16
 * bits; {@code DequantizeLinear}: {@code (x - zeroPoint) * scale} back. One scale for the tensor, for each index along
 * {@code axis}, or for each {@code block_size} elements along it.
 *
 * <p>The quotient is rounded to {@code precision}, by default the type of the scale, before it is rounded to a whole number.
 */
final class QuantizeLinear implements Operator {

    private final String name;

    QuantizeLinear(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    private boolean isInverse() {
        return name.startsWith("D");
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = c.dtype(0);
        DType scale = Types.require(c, 1, c.dtype(1).isFloat() && c.dtype(1).bits() >= 16
                || c.dtype(1) == DType.FLOAT8E8M0 || c.dtype(1) == DType.INT32 && !isInverse());
        Types.require(c, 0, type == DType.INT32
                || (isInverse() ? Quantization.isQuantized(type) : Types.isReal(type) && type != DType.FLOAT64));
        DType out = DType.ofNumber((int) c.attributes().integer("output_dtype", 0));
        if (out == null) {
            out = isInverse() ? scale : c.has(2) ? c.dtype(2) : DType.UINT8;
        }
        if (isInverse() ? !Types.isReal(out) : !Quantization.isQuantized(out)) {
            throw c.fail("output type must not be " + out.label());
        }
        if (c.has(2) && c.dtype(2) != (isInverse() ? type : out)) {
            throw c.fail("zero point must be " + (isInverse() ? type : out).label() + ", found " + c.type(2));
        }
        return List.of(ValueType.tensor(out, c.shape(0)));
    }

    @Override
    public Lowering lower(InferContext c) {
        Shape scale = c.shape(1);
        boolean fits = scale.elements().is(1) || scale.rank() == 1
                && c.axis(c.attributes().integer("axis", 1), c.rank(0)) == c.rank(0) - 1;
        DType out = ((ValueType.OfTensor) infer(c).get(0)).dtype();
        if (!fits || c.attributes().integer("block_size", 0) != 0 || scale.rank() > c.rank(0)
                || c.attributes().integer("precision", 1) != 1 || c.dtype(1) != DType.FLOAT32
                || (isInverse() ? out : c.dtype(0)) != DType.FLOAT32 || !isByte(isInverse() ? c.dtype(0) : out)) {
            return null;
        }
        Expr x = Expr.input(0);
        Expr scaled = isInverse() ? Expr.of(Fn.MUL, c.has(2) ? Expr.of(Fn.SUB, x, Expr.input(2)) : x, Expr.input(1))
                : Expr.of(Fn.ROUND, Expr.of(Fn.DIV, x, Expr.input(1)));
        return new Lowering.Elementwise(isInverse() || !c.has(2) ? scaled : Expr.of(Fn.ADD, scaled, Expr.input(2)));
    }

    private static boolean isByte(DType type) {
        return type == DType.INT8 || type == DType.UINT8;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Tensor scale = c.tensor(1);
        Tensor zero = c.tensorOrNull(2);
        int[] index = Quantization.scales(c, x.dims(), scale, (int) c.attributes().integer("block_size", 0));
        if (zero != null && zero.size() != scale.size()) {
            throw c.fail("there must be as many zero points as scales, found " + zero + " and " + scale);
        }
        DType type = DType.ofNumber((int) c.attributes().integer("output_dtype", 0));
        double[] scales = scale.toDoubles();
        double[] zeros = zero == null ? new double[scales.length] : zero.toDoubles();
        double[] out = new double[index.length];
        if (isInverse()) {
            for (int i = 0; i < out.length; i++) {
                out[i] = (x.getDouble(i) - zeros[index[i]]) * scales[index[i]];
            }
            return List.of(Tensor.ofDoubles(type == null ? scale.dtype() : type, x.dims(), out));
        }
        DType to = type != null ? type : zero != null ? zero.dtype() : DType.UINT8;
        DType precision = DType.ofNumber((int) c.attributes().integer("precision", 0));
        DType quotient = precision != null ? precision : Types.isReal(scale.dtype()) ? scale.dtype() : DType.FLOAT32;
        for (int i = 0; i < out.length; i++) {
            out[i] = Quantization.quantize(to, Quantization.round(quotient, x.getDouble(i) / scales[index[i]]),
                    zeros[index[i]]);
        }
        if (!to.isFloat()) {
            return List.of(Tensor.ofDoubles(to, x.dims(), out));
        }
        byte[] bits = new byte[out.length];
        for (int i = 0; i < out.length; i++) {
            bits[i] = (byte) SmallFloat.encode(to, out[i], c.attributes().flag("saturate", true));
        }
        return List.of(Tensor.of(to, x.dims(), bits));
    }
}
