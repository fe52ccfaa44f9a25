package dev.infuser.plan;

import dev.infuser.kernel.Element;
import dev.infuser.tensor.DType;

/** Which element types kernels know. */
final class Elements {

    private Elements() {
    }

    /** How kernels call {@code dtype}, or null. */
    static Element of(DType dtype) {
        switch (dtype) {
            case FLOAT32:
                return Element.F32;
            case INT32:
                return Element.I32;
            case INT64:
                return Element.I64;
            case UINT8:
                return Element.U8;
            case BOOL:
                return Element.BOOL;
            default:
                return null;
        }
    }
}
