package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code infuser.Reconstruct}: morphological reconstruction by dilation: of a mask [H, W] of truth values, input 1, what is joined to
 * that in the marker, input 0, over sides and corners. With thresholds for both it is the hysteresis of edge detection.
 */
final class Reconstruct implements Operator {

    @Override
    public String name() {
        return "Reconstruct";
    }

    @Override
    public String domain() {
        return "infuser";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        for (int i = 0; i < 2; i++) {
            Types.require(c, i, c.dtype(i) == DType.BOOL);
            if (c.rank(i) != 2) {
                throw c.fail("takes planes [H, W], found " + c.shape(i));
            }
        }
        if (!c.shape(0).equals(c.shape(1)) && c.shape(0).isConstant() && c.shape(1).isConstant()) {
            throw c.fail("marker and mask are " + c.shape(0) + " and " + c.shape(1));
        }
        return List.of(ValueType.tensor(DType.BOOL, c.shape(0)));
    }

    @Override
    public Lowering lower(InferContext c) {
        return c.shape(0).isConstant() && c.shape(1).isConstant() ? new Lowering.Reconstruct() : null;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor marker = c.tensor(0);
        byte[] mask = c.tensor(1).bytes();
        int height = marker.dim(0);
        int width = marker.dim(1);
        if (mask.length != marker.size()) {
            throw c.fail("marker and mask are " + marker + " and " + c.tensor(1));
        }
        byte[] out = new byte[mask.length];
        int[] stack = new int[mask.length];
        int top = 0;
        for (int i = 0; i < out.length; i++) {
            if (marker.bytes()[i] != 0 && mask[i] != 0) {
                out[i] = 1;
                stack[top++] = i;
            }
        }
        while (top > 0) {
            int at = stack[--top];
            for (int y = Math.max(0, at / width - 1); y <= Math.min(height - 1, at / width + 1); y++) {
                for (int x = Math.max(0, at % width - 1); x <= Math.min(width - 1, at % width + 1); x++) {
                    int next = y * width + x;
                    if (mask[next] != 0 && out[next] == 0) {
                        out[next] = 1;
                        stack[top++] = next;
                    }
                }
            }
        }
        return List.of(Tensor.of(DType.BOOL, marker.dims(), out));
    }
}
