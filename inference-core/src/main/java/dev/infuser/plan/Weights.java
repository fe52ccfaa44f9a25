package dev.infuser.plan;

import dev.infuser.kernel.Gemm;
import dev.infuser.tensor.DType;
import java.util.List;

/**
 * The right operand of a product as it lies in memory.
 *
 * @param stored the value, or the packed constant that stands for it
 * @param scales of a packed constant of 4 bits, or ""
 * @param packed whether it is in panels
 */
record Weights(String stored, String scales, boolean packed) {

    /** How it is stored; {@code plain} where it is not packed. */
    Gemm.Layout layout(Facts facts, Gemm.Layout plain) {
        if (!packed) {
            return plain;
        }
        DType dtype = facts.dtype(stored);
        return dtype == DType.FLOAT32 ? Gemm.Layout.PACKED : dtype == DType.INT8 ? Gemm.Layout.PACKED_I8
                : dtype == DType.FLOAT16 ? Gemm.Layout.PACKED_F16 : Gemm.Layout.PACKED_I4;
    }

    List<String> reads() {
        return scales.isEmpty() ? List.of(stored) : List.of(stored, scales);
    }

    long address(Binding binding) {
        return binding.address(stored);
    }

    /** Sets the slot of the scales, if there are any. */
    void fill(Binding binding, Slots slots) {
        if (!scales.isEmpty()) {
            slots.set("scales", binding.address(scales));
        }
    }
}
