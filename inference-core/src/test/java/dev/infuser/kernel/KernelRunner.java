package dev.infuser.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.infuser.testing.Endive;
import dev.infuser.testing.Engine;
import dev.infuser.testing.V8;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Runs one kernel on each engine: strict in V8 and, for images of one page, in Endive, which must agree bit for bit;
 * and relaxed in V8, for 16 and for 32 registers; and as each of several threads, in V8, which must give the same bits. A kernel that writes anything but
 * what the image allows fails.
 */
final class KernelRunner implements AutoCloseable {
    private static final int PAGES = 64;
    /** Where the working memory of several threads is, and that of one thread from that of the next. */
    private static final int SCRATCH = PAGES << 16;
    private static final int SCRATCH_STEP = 1 << 19;
    private static final int[] THREADS = {2, 3, 5};

    private final Kernel kernel;
    private final Engine strict;
    private final Engine relaxed;
    /** Relaxed for many registers, or null where that is the same code. */
    private final Engine wide;
    private final Engine interpreted;

    KernelRunner(Kernel kernel) {
        this(kernel, Target.RELAXED);
    }

    /** Runs the kernel as made for {@code target} in place of {@link Target#RELAXED}. */
    KernelRunner(Kernel kernel, Target target) {
        this.kernel = kernel;
        strict = V8.open(module(kernel, Target.STRICT), 2 * PAGES);
        byte[] few = module(kernel, target);
        byte[] many = module(kernel, new Target(target.relaxedMadd(), target.dot(), true, 0));
        relaxed = V8.open(few, 2 * PAGES);
        wide = Arrays.equals(few, many) ? null : V8.open(many, 2 * PAGES);
        interpreted = Endive.open(module(kernel, Target.STRICT), 1);
    }

    private static byte[] module(Kernel kernel, Target target) {
        KernelModule module = new KernelModule(target);
        assertEquals(0, module.add(kernel));
        return module.build();
    }

    /** The memories after a strict and each relaxed run, with every slot given by name. */
    List<Image> run(Image image, Map<String, Integer> slots) {
        int[] block = kernel.slots().stream().mapToInt(name -> {
            Integer value = slots.get(name);
            return value == null ? fail("no slot " + name) : value;
        }).toArray();
        assertEquals(slots.size(), block.length, () -> "slots " + kernel.slots());
        int address = image.ints(block);
        int steps = image.ints(0, address);
        byte[] before = image.array();
        byte[] first = run(strict, before, steps);
        check(image, before, first);
        byte[] second = run(relaxed, before, steps);
        check(image, before, second);
        if (before.length == 1 << 16) {
            same(first, run(interpreted, before, steps));
        }
        int scratch = kernel.slots().indexOf("scratch");
        int[] own = scratch < 0 ? new int[2] : image.rangeAt(block[scratch]);
        byte[] divided = before.clone();
        Image words = new Image(divided);
        words.put(address - Integer.BYTES, SCRATCH_STEP);
        if (scratch >= 0) {
            words.put(address + Integer.BYTES * scratch, SCRATCH);
        }
        for (int threads : THREADS) {
            same(first, run(strict, divided, steps, threads), address - Integer.BYTES, Integer.BYTES * (block.length + 1), own);
            same(second, run(relaxed, divided, steps, threads), address - Integer.BYTES, Integer.BYTES * (block.length + 1), own);
        }
        List<Image> images = new ArrayList<>(List.of(new Image(first), new Image(second)));
        if (wide != null) {
            byte[] third = run(wide, before, steps);
            check(image, before, third);
            same(third, run(wide, divided, steps, THREADS[0]), address - Integer.BYTES, Integer.BYTES * (block.length + 1), own);
            images.add(new Image(third));
        }
        return images;
    }

    /** Runs a step as each of several threads, the last first. */
    private static byte[] run(Engine engine, byte[] memory, int steps, int threads) {
        engine.write(0, memory);
        for (int thread = threads - 1; thread >= 0; thread--) {
            engine.call("share", steps, 1, thread, threads);
        }
        return engine.read(0, memory.length);
    }

    /** Compares all but the parameters, {@code length} bytes at {@code block}, and the working memory of one thread. */
    private static void same(byte[] expected, byte[] actual, int block, int length, int[] scratch) {
        int from = Arrays.mismatch(expected, actual);
        for (int i = Math.max(from, 0); from >= 0 && i < expected.length; i++) {
            if (expected[i] != actual[i] && (i < block || i >= block + length)
                    && (i < scratch[0] || i >= scratch[0] + scratch[1])) {
                fail("several threads differ at " + i);
            }
        }
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
        if (wide != null) {
            wide.close();
        }
        interpreted.close();
    }
}
