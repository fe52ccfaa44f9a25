package dev.infuser.tensor;

/** Element types, with the names of onnxruntime-web and the numbers of ONNX's {@code TensorProto.DataType}. */
public enum DType {
    FLOAT32("float32", 1, 32, Kind.FLOAT),
    UINT8("uint8", 2, 8, Kind.UNSIGNED),
    INT8("int8", 3, 8, Kind.SIGNED),
    UINT16("uint16", 4, 16, Kind.UNSIGNED),
    INT16("int16", 5, 16, Kind.SIGNED),
    INT32("int32", 6, 32, Kind.SIGNED),
    INT64("int64", 7, 64, Kind.SIGNED),
    STRING("string", 8, 0, Kind.OTHER),
    BOOL("bool", 9, 8, Kind.OTHER),
    FLOAT16("float16", 10, 16, Kind.FLOAT),
    FLOAT64("float64", 11, 64, Kind.FLOAT),
    UINT32("uint32", 12, 32, Kind.UNSIGNED),
    UINT64("uint64", 13, 64, Kind.UNSIGNED),
    BFLOAT16("bfloat16", 16, 16, Kind.FLOAT),
    FLOAT8E4M3FN("float8e4m3fn", 17, 8, Kind.FLOAT),
    FLOAT8E4M3FNUZ("float8e4m3fnuz", 18, 8, Kind.FLOAT),
    FLOAT8E5M2("float8e5m2", 19, 8, Kind.FLOAT),
    FLOAT8E5M2FNUZ("float8e5m2fnuz", 20, 8, Kind.FLOAT),
    UINT4("uint4", 21, 4, Kind.UNSIGNED),
    INT4("int4", 22, 4, Kind.SIGNED),
    FLOAT4E2M1("float4e2m1", 23, 4, Kind.FLOAT),
    FLOAT8E8M0("float8e8m0", 24, 8, Kind.FLOAT),
    UINT2("uint2", 25, 2, Kind.UNSIGNED),
    INT2("int2", 26, 2, Kind.SIGNED);

    private enum Kind { FLOAT, SIGNED, UNSIGNED, OTHER }

    private final String label;
    private final int number;
    private final int bits;
    private final Kind kind;

    DType(String label, int number, int bits, Kind kind) {
        this.label = label;
        this.number = number;
        this.bits = bits;
        this.kind = kind;
    }

    /** The name that users see, e.g. {@code float32}. */
    public String label() {
        return label;
    }

    /** The number that ONNX files and {@code .tea} files use. */
    public int number() {
        return number;
    }

    /** Bits per element where elements are stored densely; 0 for strings. */
    public int bits() {
        return bits;
    }

    /** Bytes per element in memory, where 4- and 2-bit elements take a byte each; 0 for strings. */
    public int bytes() {
        return bits == 0 ? 0 : Math.max(1, bits / 8);
    }

    public boolean isFloat() {
        return kind == Kind.FLOAT;
    }

    public boolean isInteger() {
        return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
    }

    public boolean isSigned() {
        return kind == Kind.SIGNED || kind == Kind.FLOAT;
    }

    /** The type with this ONNX number, or null. */
    public static DType ofNumber(int number) {
        for (DType type : values()) {
            if (type.number == number) {
                return type;
            }
        }
        return null;
    }

    /** The type with this label, or null. */
    public static DType ofLabel(String label) {
        for (DType type : values()) {
            if (type.label.equals(label)) {
                return type;
            }
        }
        return null;
    }
}
