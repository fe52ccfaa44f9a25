package dev.infuser.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PeakTest {

    /** Twelve accumulators that tend to 2. */
    @Test
    void multipliesAndAddsFloats() {
        try (KernelRunner runner = new KernelRunner(new Peak(false))) {
            Image image = new Image(1);
            int out = image.output(4);
            for (Image after : runner.run(image, Map.of("count", 9, "out", out))) {
                Numbers.assertClose(new double[] {24}, after.floatsAt(out, 1), 1e-6, "the sum");
            }
        }
    }

    /** Which numbers 8-bit products make depends on the instruction, so that this tells only that each is known. */
    @ParameterizedTest
    @EnumSource(Target.Dot.class)
    void multipliesAndAddsIntegers(Target.Dot dot) {
        Target target = new Target(true, dot);
        try (KernelRunner runner = new KernelRunner(new Peak(true), target)) {
            Image image = new Image(1);
            int out = image.output(4);
            assertEquals(2, runner.run(image, Map.of("count", 3, "out", out)).size());
        }
        assertEquals(12 * 4 * (dot == Target.Dot.NONE ? 16 : 32), new Peak(true).operations(target));
    }
}
