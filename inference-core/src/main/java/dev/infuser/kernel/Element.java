package dev.infuser.kernel;

import dev.infuser.tensor.DType;

/** How a number lies in memory, little endian. Arithmetic happens in f32 lanes whatever the element. */
public enum Element {
    /** 32-bit float. */
    F32(4),
    /** 32-bit signed integer; read to the nearest float, written truncated toward zero and saturated (NaN gives 0). */
    I32(4),
    /** 64-bit signed integer; read to the nearest float, written as I32 sign-extended. */
    I64(8),
    /** 8-bit unsigned integer; written truncated toward zero and saturated. */
    U8(1),
    /** One byte, 0 or 1; read as U8, written 1 for anything but zero. */
    BOOL(1),
    /** 8-bit signed integer; written truncated toward zero and saturated. */
    I8(1),
    /** 16-bit float of IEEE 754; read only. */
    F16(2);

    /** Bytes per element. */
    public final int size;

    Element(int size) {
        this.size = size;
    }

    /** How kernels call {@code dtype}, or null where they do not know it. */
    public static Element of(DType dtype) {
        switch (dtype) {
            case FLOAT32:
                return F32;
            case INT32:
                return I32;
            case INT64:
                return I64;
            case UINT8:
                return U8;
            case BOOL:
                return BOOL;
            case INT8:
                return I8;
            case FLOAT16:
                return F16;
            default:
                return null;
        }
    }
}
