package dev.infuser.wasm;

import static dev.infuser.wasm.ValueType.F32;
import static dev.infuser.wasm.ValueType.I32;
import static dev.infuser.wasm.ValueType.V128;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.testing.Endive;
import dev.infuser.testing.Engine;
import dev.infuser.testing.V8;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModuleBuilderTest {
    private static final byte[] NONE = {};
    private static final byte[] INT = {I32};

    private static void onEachEngine(byte[] module, Consumer<Engine> check) {
        try (Engine v8 = V8.open(module, 1); Engine endive = Endive.open(module, 1)) {
            check.accept(v8);
            check.accept(endive);
        }
    }

    private static ModuleBuilder withMemory() {
        ModuleBuilder module = new ModuleBuilder();
        module.importMemory("env", "memory", 1, -1, false);
        return module;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63, 64, 127, 128, -1, -64, -65, 8191, -8193, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void constantsSurviveTheirEncoding(int value) {
        ModuleBuilder module = withMemory();
        FunctionBuilder f = module.function(NONE, INT);
        f.i32(value);
        module.export("f", f);
        onEachEngine(module.build(), e -> assertEquals(value, e.call("f")));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "5,15", "1000,500500"})
    void loopsBranchToTheirLabels(int n, int sum) {
        ModuleBuilder module = withMemory();
        FunctionBuilder f = module.function(INT, INT);
        int total = f.local(I32);
        int done = f.block();
        int again = f.loop();
        f.get(0).op(Op.I32_EQZ).brIf(done);
        f.get(total).get(0).op(Op.I32_ADD).set(total);
        f.get(0).i32(1).op(Op.I32_SUB).set(0).br(again);
        f.end().end().get(total);
        module.export("sum", f);
        onEachEngine(module.build(), e -> assertEquals(sum, e.call("sum", n)));
    }

    @Test
    void tablesDispatchIndirectCalls() {
        ModuleBuilder module = withMemory();
        int type = module.type(INT, INT);
        for (int factor = 1; factor <= 3; factor++) {
            FunctionBuilder f = module.function(INT, INT);
            f.get(0).i32(factor).op(Op.I32_MUL);
            assertEquals(factor - 1, module.addToTable(f));
        }
        FunctionBuilder call = module.function(new byte[] {I32, I32}, INT);
        call.get(1).get(0).callIndirect(type);
        module.export("call", call);
        onEachEngine(module.build(), e -> assertEquals(21, e.call("call", 2, 7)));
    }

    @Test
    void localsOfMixedTypesKeepTheirIndices() {
        ModuleBuilder module = withMemory();
        FunctionBuilder f = module.function(INT, NONE);
        int a = f.local(V128);
        int b = f.local(F32);
        int c = f.local(V128);
        f.f32(2.5f).set(b).f32x4(3).set(a);
        f.get(a).get(b).op(Op.F32X4_SPLAT).op(Op.F32X4_MUL).set(c);
        f.i32(0).get(c).get(a).shuffle32(4, 0, 1, 7).mem(Op.V128_STORE, 16);
        module.export("f", f);
        onEachEngine(module.build(), e -> {
            e.call("f", 0);
            assertArrayEquals(new byte[] {0, 0, 64, 64, 0, 0, -16, 64, 0, 0, -16, 64, 0, 0, 64, 64}, e.read(16, 16));
        });
    }

    @Test
    void bulkMemoryFillsAndCopies() {
        ModuleBuilder module = withMemory();
        FunctionBuilder f = module.function(NONE, NONE);
        f.i32(0).i32(7).i32(4).memoryFill().i32(6).i32(2).i32(3).memoryCopy();
        module.export("f", f);
        onEachEngine(module.build(), e -> {
            e.call("f");
            assertArrayEquals(new byte[] {7, 7, 7, 7, 0, 0, 7, 7, 0}, e.read(0, 9));
        });
    }

    @Test
    void relaxedInstructionsRunInV8() {
        ModuleBuilder module = withMemory();
        FunctionBuilder f = module.function(NONE, INT);
        f.f32x4(3).f32x4(4).f32x4(5).op(Op.F32X4_RELAXED_MADD).lane(Op.F32X4_EXTRACT_LANE, 2)
                .op(Op.I32_TRUNC_SAT_F32_S);
        f.v128x4(0x02020202).v128x4(0x03030303).v128x4(100).op(Op.I32X4_RELAXED_DOT_I8X16_I7X16_ADD_S)
                .lane(Op.I32X4_EXTRACT_LANE, 3).op(Op.I32_ADD);
        module.export("f", f);
        try (V8 v8 = V8.open(module.build(), 1)) {
            assertEquals(17 + 124, v8.call("f"));
        }
    }

    @Test
    void mistakesInStructureAreRefused() {
        FunctionBuilder f = withMemory().function(NONE, NONE);
        assertThrows(IllegalArgumentException.class, () -> f.get(0));
        assertThrows(IllegalArgumentException.class, () -> f.br(1));
        assertThrows(IllegalStateException.class, f::end);
        f.block();
        assertThrows(IllegalStateException.class, f::finish);
    }
}
