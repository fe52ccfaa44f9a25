package dev.infuser.wasm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A module under construction. Imported functions must be declared before own functions, since they are numbered first.
 * {@link #build} may be called once all bodies are complete; equal input gives equal bytes. See {@link StandaloneBuilder} for
 * memory of its own.
 */
public class ModuleBuilder {
    private static final int FUNCTION_KIND = 0;
    static final int MEMORY_KIND = 2;
    private static final int FUNCREF = 0x70;
    /** About what other sections take: in all, and for each function. */
    private static final int OTHER_BYTES = 256;
    private static final int EACH = 8;

    private final List<byte[]> types = new ArrayList<>();
    private final Bytes imports = new Bytes();
    private final List<FunctionBuilder> functions = new ArrayList<>();
    private final Bytes exports = new Bytes();
    private final List<FunctionBuilder> table = new ArrayList<>();
    private int importCount;
    private int importedFunctions;
    private int exportCount;

    /** Index of the function type with these {@link ValueType} parameters and results; equal types share an index. */
    public int type(byte[] params, byte[] results) {
        byte[] type = new Bytes()
                .u8(0x60).u32(params.length).bytes(params).u32(results.length).bytes(results).toByteArray();
        for (int i = 0; i < types.size(); i++) {
            if (Arrays.equals(types.get(i), type)) {
                return i;
            }
        }
        types.add(type);
        return types.size() - 1;
    }

    /**
     * Imports the only memory.
     *
     * @param minPages least size in pages of 64 KiB
     * @param maxPages greatest size in pages, or -1 for none; a shared memory must have one
     */
    public void importMemory(String module, String name, int minPages, int maxPages, boolean shared) {
        imports.name(module).name(name).u8(MEMORY_KIND).u8((maxPages < 0 ? 0 : 1) | (shared ? 2 : 0)).u32(minPages);
        if (maxPages >= 0) {
            imports.u32(maxPages);
        }
        importCount++;
    }

    /** Imports a function of a {@link #type} and returns its index. */
    public int importFunction(String module, String name, int type) {
        if (!functions.isEmpty()) {
            throw new IllegalStateException("imports come before functions");
        }
        imports.name(module).name(name).u8(FUNCTION_KIND).u32(type);
        importCount++;
        return importedFunctions++;
    }

    /** Starts a function; its body is written through the result. */
    public FunctionBuilder function(byte[] params, byte[] results) {
        FunctionBuilder f =
                new FunctionBuilder(type(params, results), importedFunctions + functions.size(), params.length);
        functions.add(f);
        return f;
    }

    /** Exports a function under a name. */
    public void export(String name, FunctionBuilder function) {
        export(name, FUNCTION_KIND, function.index());
    }

    final void export(String name, int kind, int index) {
        exports.name(name).u8(kind).u32(index);
        exportCount++;
    }

    /** Appends a function to the only table and returns its index there. */
    public int addToTable(FunctionBuilder function) {
        table.add(function);
        return table.size() - 1;
    }

    /** The module in the binary format. */
    public byte[] build() {
        Bytes declarations = new Bytes().u32(functions.size());
        Bytes count = new Bytes().u32(functions.size());
        int tables = table.isEmpty() ? 0 : 1;
        int code = count.size();
        for (FunctionBuilder f : functions) {
            declarations.u32(f.type());
            tables |= f.usesTable() ? 1 : 0;
            code += f.finish();
        }
        Bytes out = new Bytes(code + OTHER_BYTES + EACH * functions.size());
        out.fixed(0x6d736100, 4).fixed(1, 4);
        Bytes typeSection = new Bytes().u32(types.size());
        for (byte[] type : types) {
            typeSection.bytes(type);
        }
        section(out, 1, types.size(), typeSection);
        section(out, 2, importCount, counted(importCount, imports));
        section(out, 3, functions.size(), declarations);
        int slots = table.size();
        section(out, 4, tables, new Bytes().u32(1).u8(FUNCREF).u8(1).u32(slots).u32(slots));
        appendMemory(out);
        section(out, 7, exportCount, counted(exportCount, exports));
        Bytes elements = new Bytes().u32(1).u32(0).u8(Op.I32_CONST).s64(0).u8(Op.END).u32(slots);
        for (FunctionBuilder f : table) {
            elements.u32(f.index());
        }
        section(out, 9, slots, elements);
        if (!functions.isEmpty()) {
            out.u8(10).u32(code).bytes(count);
        }
        for (FunctionBuilder f : functions) {
            f.append(out);
        }
        appendData(out);
        return out.toByteArray();
    }

    /** Appends sections of memory and globals. */
    void appendMemory(Bytes out) {
    }

    /** Appends the section of data. */
    void appendData(Bytes out) {
    }

    private static Bytes counted(int count, Bytes items) {
        return new Bytes().u32(count).bytes(items);
    }

    static void section(Bytes out, int id, int count, Bytes content) {
        if (count > 0) {
            out.u8(id).sized(content);
        }
    }
}
