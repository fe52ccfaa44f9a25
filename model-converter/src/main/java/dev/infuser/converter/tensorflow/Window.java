package dev.infuser.converter.tensorflow;

import dev.infuser.graph.Attributes;

/**
 * How the window of a convolution or pooling moves over the spatial axes, of which there are one to three.
 *
 * @param strides   per spatial axis
 * @param dilations per spatial axis
 * @param padding   {@code SAME}, {@code VALID} or {@code EXPLICIT}
 * @param pads      of {@code EXPLICIT}: before each spatial axis, then after each; else empty
 */
public record Window(long[] strides, long[] dilations, String padding, long[] pads) {

    /** The attributes of ONNX that say so. */
    Attributes attributes() {
        Attributes attributes = Attributes.of("strides", strides, "dilations", dilations);
        return padding.equals("SAME") ? attributes.with("auto_pad", "SAME_UPPER")
                : padding.equals("EXPLICIT") ? attributes.with("pads", pads) : attributes;
    }

    int rank() {
        return strides.length;
    }
}
