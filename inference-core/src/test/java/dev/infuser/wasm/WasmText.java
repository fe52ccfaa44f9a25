package dev.infuser.wasm;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Prints function bodies of modules made by {@link ModuleBuilder}: instructions in stack order, one line for each that
 * leaves nothing on the stack, indented by block.
 */
public final class WasmText {
    private static final Map<Integer, String> NAMES = new HashMap<>();
    private static final Set<Integer> OPENS = Set.of(Op.BLOCK, Op.LOOP, Op.IF);
    private static final Set<Integer> INDEXED =
            Set.of(Op.BR, Op.BR_IF, Op.LOCAL_GET, Op.LOCAL_SET, Op.LOCAL_TEE, Op.CALL);

    static {
        for (Field field : Op.class.getFields()) {
            try {
                NAMES.put(field.getInt(null), text(field.getName()));
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }
    }

    private final byte[] bytes;
    private final StringBuilder out = new StringBuilder();
    private int at = 8;

    private WasmText(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The text of all functions of a module. */
    public static String print(byte[] module) {
        WasmText text = new WasmText(module);
        while (text.at < module.length) {
            int id = text.u8();
            int size = text.u32();
            if (id == 10) {
                int count = text.u32();
                for (int i = 0; i < count; i++) {
                    text.function(i);
                }
            } else {
                text.at += size;
            }
        }
        return text.out.toString();
    }

    private static String text(String name) {
        int cut = name.indexOf('_');
        boolean dotted = cut > 0 && !name.startsWith("BR_") && !name.startsWith("CALL_");
        return (dotted ? name.substring(0, cut) + '.' + name.substring(cut + 1) : name).toLowerCase();
    }

    private void function(int index) {
        int end = u32();
        end += at;
        out.append("func ").append(index).append(" locals");
        for (int runs = u32(); runs > 0; runs--) {
            out.append(' ').append(u32()).append('x').append(Map.of(0x7f, "i32", 0x7e, "i64", 0x7d, "f32", 0x7b, "v128")
                    .get(u8()));
        }
        out.append('\n');
        int depth = 1;
        boolean fresh = true;
        while (at < end) {
            int op = u8();
            op = op >= 0xfc && op <= 0xfe ? op << 16 | u32() : op;
            if (op == Op.END || op == Op.ELSE) {
                depth--;
            }
            if (depth == 0) {
                break;
            }
            out.append(fresh ? "  ".repeat(depth) : " ").append(NAMES.get(op));
            immediates(op);
            String name = NAMES.get(op);
            fresh = OPENS.contains(op) || op == Op.END || op == Op.ELSE || op == Op.BR || op == Op.BR_IF
                    || op == Op.LOCAL_SET || op == Op.DROP || op == Op.CALL || op == Op.CALL_INDIRECT
                    || name.contains("store") || name.startsWith("memory");
            out.append(fresh ? "\n" : "");
            if (OPENS.contains(op) || op == Op.ELSE) {
                depth++;
            }
        }
        at = end;
    }

    private void immediates(int op) {
        String name = NAMES.get(op);
        if (OPENS.contains(op)) {
            at++;
        } else if (INDEXED.contains(op)) {
            out.append(' ').append(u32());
        } else if (op == Op.CALL_INDIRECT) {
            out.append(' ').append(u32());
            at++;
        } else if (op == Op.I32_CONST || op == Op.I64_CONST) {
            out.append(' ').append(s64());
        } else if (op == Op.F32_CONST) {
            out.append(' ').append(Float.intBitsToFloat(i32()));
        } else if (op == Op.V128_CONST) {
            int[] lanes = {i32(), i32(), i32(), i32()};
            boolean equal = lanes[0] == lanes[1] && lanes[1] == lanes[2] && lanes[2] == lanes[3];
            for (int i = 0; i < (equal ? 1 : 4); i++) {
                out.append(" 0x").append(Integer.toHexString(lanes[i]));
            }
        } else if (op == Op.I8X16_SHUFFLE) {
            for (int i = 0; i < 16; i++) {
                out.append(' ').append(u8());
            }
        } else if (op == Op.MEMORY_COPY || op == Op.MEMORY_FILL) {
            at += op == Op.MEMORY_COPY ? 2 : 1;
        } else if (name.contains("load") || name.contains("store") || name.contains("atomic")) {
            at++;
            int offset = u32();
            out.append(offset == 0 ? "" : " offset=" + offset);
        }
        if (name.endsWith("_lane") || name.contains("_lane_")) {
            out.append(" lane=").append(u8());
        }
    }

    private int u8() {
        return bytes[at++] & 255;
    }

    private int u32() {
        return (int) leb(false);
    }

    private long s64() {
        return leb(true);
    }

    private long leb(boolean signed) {
        long value = 0;
        int shift = 0;
        int b;
        do {
            b = u8();
            value |= (long) (b & 0x7f) << shift;
            shift += 7;
        } while ((b & 0x80) != 0);
        return signed && (b & 0x40) != 0 && shift < 64 ? value | -1L << shift : value;
    }

    private int i32() {
        return u8() | u8() << 8 | u8() << 16 | u8() << 24;
    }
}
