package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code DynamicQuantizeLinear}: a float32 tensor to uint8, with the scale (float32) and zero point (uint8) that make its
 * range and 0 fit. A tensor of zeros has scale 1.
 */
final class DynamicQuantizeLinear implements Operator {

    @Override
    public String name() {
        return "DynamicQuantizeLinear";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.require(c, 0, c.dtype(0) == DType.FLOAT32);
        return List.of(ValueType.tensor(DType.UINT8, c.shape(0)), ValueType.tensor(DType.FLOAT32),
                ValueType.tensor(DType.UINT8));
    }

    @Override
    public Lowering lower(InferContext c) {
        boolean all = c.outputs() == 3;
        for (String output : c.node().outputs()) {
            all &= !output.isEmpty();
        }
        return all ? new Lowering.DynamicQuantize() : null;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        float[] x = c.tensor(0).floats();
        float min = 0;
        float max = 0;
        for (float v : x) {
            min = Math.min(min, v);
            max = Math.max(max, v);
        }
        float scale = max == min ? 1 : (max - min) / 255;
        double zero = Math.max(0, Math.min(255, SmallFloat.roundEven(-min / scale)));
        byte[] out = new byte[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = (byte) (int) Quantization.quantize(DType.UINT8, x[i] / scale, zero);
        }
        int[] scalar = new int[0];
        return List.of(Tensor.of(DType.UINT8, c.tensor(0).dims(), out), Tensor.floats(scalar, scale),
                Tensor.of(DType.UINT8, scalar, new byte[] {(byte) (int) zero}));
    }
}
