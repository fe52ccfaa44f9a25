package dev.infuser.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.testing.Endive;
import dev.infuser.testing.Engine;
import dev.infuser.testing.V8;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelModuleTest {
    private static Elementwise plus(float value) {
        return new Elementwise(1, List.of(Operand.VECTOR), Element.F32,
                Expr.of(Fn.ADD, Expr.input(0), Expr.constant(value)));
    }

    @Test
    void runExecutesStepsInOrderFromAnyStart() {
        KernelModule module = new KernelModule(Target.STRICT);
        int one = module.add(plus(1));
        int twice = module.add(new Elementwise(1, List.of(Operand.VECTOR), Element.F32,
                Expr.of(Fn.MUL, Expr.input(0), Expr.constant(2))));
        assertEquals(one, module.add(plus(1)));
        assertEquals(2, module.size());
        byte[] bytes = module.build();
        assertArrayEquals(bytes, module.build());
        try (Engine v8 = V8.open(bytes, 1); Engine endive = Endive.open(bytes, 1)) {
            for (Engine engine : List.of(v8, endive)) {
                Image image = new Image(1);
                int x = image.floats(1, 2, 3, 4, 5);
                int block = image.ints(x, 5, x);
                int steps = image.ints(one, block, twice, block, one, block);
                engine.write(0, image.array());
                engine.call("run", steps, 0);
                assertArrayEquals(new float[] {1, 2, 3, 4, 5}, new Image(engine.read(0, 1 << 16)).floatsAt(x, 5));
                engine.call("run", steps, 3);
                assertArrayEquals(new float[] {5, 7, 9, 11, 13}, new Image(engine.read(0, 1 << 16)).floatsAt(x, 5));
                engine.call("run", steps + KernelModule.STEP_BYTES, 1);
                assertArrayEquals(new float[] {10, 14, 18, 22, 26}, new Image(engine.read(0, 1 << 16)).floatsAt(x, 5));
            }
        }
    }

    @Test
    void anEmptyModuleRunsNothing() {
        byte[] bytes = new KernelModule(Target.RELAXED).build();
        try (Engine v8 = V8.open(bytes, 1)) {
            assertEquals(0, v8.call("run", 0, 0));
        }
    }
}
