package dev.infuser.wasm;

/** Value types in their binary encoding. */
public final class ValueType {
    public static final byte I32 = 0x7f;
    public static final byte I64 = 0x7e;
    public static final byte F32 = 0x7d;
    public static final byte F64 = 0x7c;
    public static final byte V128 = 0x7b;

    private ValueType() {}
}
