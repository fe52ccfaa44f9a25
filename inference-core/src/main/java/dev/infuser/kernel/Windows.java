package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import java.util.List;

/**
 * The rows of a {@link QuantizedGemm} that is a convolution of A {@code [N, D1..Dn, C]}: windows, whose elements outside of A
 * are its zero point. K is the extents of the window times the channels of a group.
 *
 * <p>Slots, per spatial axis i: {@code in_i out_i} extents and {@code pad_i}, the zero points before the input.
 *
 * @param kernel   extents of the window
 * @param pixel    bytes of all channels of a pixel
 * @param channels of a group, whose first channel is at A
 */
public record Windows(List<Integer> kernel, List<Integer> strides, List<Integer> dilations, int pixel, int channels)
        implements QuantizedGemm.Rows {

    /** Copies the lists. */
    public Windows {
        kernel = List.copyOf(kernel);
        strides = List.copyOf(strides);
        dilations = List.copyOf(dilations);
    }

    @Override
    public String name() {
        StringBuilder name = new StringBuilder("qconv_");
        for (int i = 0; i < kernel.size(); i++) {
            name.append(i == 0 ? "" : "x").append((int) kernel.get(i));
        }
        return name.append("_s").append((int) strides.get(0)).toString();
    }

    @Override
    public int bufferBytes(int k) {
        return k + 48;
    }

    @Override
    public void addSlots(List<String> slots) {
        for (int i = 0; i < kernel.size(); i++) {
            slots.addAll(List.of("in_" + i, "out_" + i, "pad_" + i));
        }
    }

    @Override
    public QuantizedGemm.Gather gather(FunctionBuilder f, int slot, int a, int zero) {
        return new WindowsCode(this, f, slot, a, zero);
    }
}
