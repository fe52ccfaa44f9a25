package dev.infuser.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.infuser.testing.Endive;
import dev.infuser.testing.Engine;
import dev.infuser.testing.V8;
import java.util.List;
import java.util.Map;

/**
 * Runs one kernel on each engine: strict in V8 and, for images of one page, in Endive, which must agree bit for bit;
 * and relaxed in V8. A kernel that writes anything but what the image allows fails.
 */
final class KernelRunner implements AutoCloseable {
    private static final int PAGES = 64;

    private final Kernel kernel;
    private final Engine strict;
    private final Engine relaxed;
    private final Engine interpreted;

    KernelRunner(Kernel kernel) {
        this.kernel = kernel;
        strict = V8.open(module(kernel, Target.STRICT), PAGES);
        relaxed = V8.open(module(kernel, Target.RELAXED), PAGES);
        interpreted = Endive.open(module(kernel, Target.STRICT), 1);
    }

    private static byte[] module(Kernel kernel, Target target) {
        KernelModule module = new KernelModule(target);
        assertEquals(0, module.add(kernel));
        return module.build();
    }

    /** The memories after a strict and a relaxed run, with every slot given by name. */
    List<Image> run(Image image, Map<String, Integer> slots) {
        int[] block = kernel.slots().stream().mapToInt(name -> {
            Integer value = slots.get(name);
            return value == null ? fail("no slot " + name) : value;
        }).toArray();
        assertEquals(slots.size(), block.length, () -> "slots " + kernel.slots());
        int steps = image.ints(0, image.ints(block));
        byte[] before = image.array();
        byte[] first = run(strict, before, steps);
        check(image, before, first);
        byte[] second = run(relaxed, before, steps);
        check(image, before, second);
        if (before.length == 1 << 16) {
            same(first, run(interpreted, before, steps));
        }
        return List.of(new Image(first), new Image(second));
    }

    private static byte[] run(Engine engine, byte[] memory, int steps) {
        engine.write(0, memory);
        engine.call("run", steps, 1);
        return engine.read(0, memory.length);
    }

    private static void check(Image image, byte[] before, byte[] after) {
        for (int i = 0; i < before.length; i++) {
            if (before[i] != after[i] && !image.mayWrite(i)) {
                fail("wrote to byte " + i);
            }
        }
    }

    private static void same(byte[] expected, byte[] actual) {
        for (int i = 0; i < expected.length; i += 4) {
            int x = word(expected, i);
            int y = word(actual, i);
            boolean bothNan = Float.isNaN(Float.intBitsToFloat(x)) && Float.isNaN(Float.intBitsToFloat(y));
            if (x != y && !bothNan) {
                fail("engines differ at " + i + ": " + Float.intBitsToFloat(x) + " and " + Float.intBitsToFloat(y));
            }
        }
    }

    private static int word(byte[] bytes, int i) {
        return bytes[i] & 255 | (bytes[i + 1] & 255) << 8 | (bytes[i + 2] & 255) << 16 | bytes[i + 3] << 24;
    }

    @Override
    public void close() {
        strict.close();
        relaxed.close();
        interpreted.close();
    }
}
