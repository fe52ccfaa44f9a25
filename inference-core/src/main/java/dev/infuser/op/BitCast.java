package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** {@code BitCast}: the same bits as elements of the type numbered {@code to}, which has the same width. */
final class BitCast implements Operator {

    @Override
    public String name() {
        return "BitCast";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType to = DType.ofNumber((int) c.attributes().integer("to"));
        Types.require(c, 0, c.dtype(0) != DType.STRING);
        if (to == null || to.bits() != c.dtype(0).bits()) {
            throw c.fail(c.dtype(0).label() + " has not the width of type " + c.attributes().integer("to"));
        }
        return List.of(ValueType.tensor(to, c.shape(0)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        DType to = DType.ofNumber((int) c.attributes().integer("to"));
        Object out = Tensor.newArray(to, x.size());
        for (int i = 0; i < x.size(); i++) {
            long bits = bits(x.array(), i);
            if (out instanceof float[] floats) {
                floats[i] = Float.intBitsToFloat((int) bits);
            } else if (out instanceof double[] doubles) {
                doubles[i] = Double.longBitsToDouble(bits);
            } else if (out instanceof short[] shorts) {
                shorts[i] = (short) bits;
            } else if (out instanceof byte[] bytes) {
                int spare = 32 - to.bits();
                bytes[i] = (byte) (to.isInteger() && to.isSigned() ? (int) bits << spare >> spare : (int) bits << spare >>> spare);
            } else if (out instanceof int[] ints) {
                ints[i] = (int) bits;
            } else {
                ((long[]) out)[i] = bits;
            }
        }
        return List.of(Tensor.of(to, x.dims(), out));
    }

    private static long bits(Object array, int i) {
        return array instanceof float[] f ? Float.floatToRawIntBits(f[i])
                : array instanceof double[] d ? Double.doubleToRawLongBits(d[i])
                : array instanceof byte[] b ? b[i] : array instanceof short[] s ? s[i]
                : array instanceof int[] n ? n[i] : ((long[]) array)[i];
    }
}
