package dev.infuser.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.tensor.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TasksTest {

    private static final ModelInfo INFO = new ModelInfo(List.of(new ModelInfo.Port("x", "float32", new int[] {-1, 3, 8})), List.of(),
            Map.of("mean", "1, 2.5 -3", "scale", "2"), Map.of("labels.txt", "cat\r\ndog\n\nbird".getBytes(StandardCharsets.UTF_8)));

    /** Counts down from 3 by runs that each ask for the next. */
    private static final class Countdown implements Task<List<String>, Countdown.Steps> {

        record Steps(List<String> names) implements Answer {
            @Override
            public void writeTo(PlainWriter out) {
                out.list(names.size());
                names.forEach(out::text);
            }
        }

        private final List<String> names = new ArrayList<>();

        @Override
        public Supplier<Steps> begin(List<String> input, Options options, Runs runs) {
            next(runs, 3);
            return () -> new Steps(names);
        }

        private void next(Runs runs, int left) {
            if (left > 0) {
                runs.add("step" + left, Map.of(), outputs -> {
                    names.add("step" + left);
                    next(runs, left - 1);
                });
            }
        }
    }

    @BeforeAll
    static void add() {
        Tasks.add(List.of(new Tasks.Row("countdown", Tasks.Input.TEXTS, List.of("a"), List.of("b"), models -> new Countdown())));
    }

    @Test
    void runsWaitForOneAnother() {
        Runs runs = new Runs();
        Supplier<Countdown.Steps> answer = new Countdown().begin(List.of(), Options.NONE, runs);
        for (int left = 3; left > 0; left--) {
            assertEquals("step" + left, runs.next().model());
            runs.took(Map.of());
        }
        assertNull(runs.next());
        assertEquals(List.of("step3", "step2", "step1"), answer.get().names());
    }

    @Test
    void tasksTakeTheModelsThatTheyName() {
        Tasks.Row row = Tasks.row("countdown");
        assertSame(Countdown.class, Tasks.make(row, Map.of("a", INFO)).getClass());
        assertSame(Countdown.class, Tasks.make(row, Map.of("a", INFO, "b", INFO)).getClass());
        assertTrue(fails(() -> Tasks.make(row, Map.of("b", INFO))).getMessage().contains("misses the model 'a'"));
        assertTrue(fails(() -> Tasks.make(row, Map.of("a", INFO, "c", INFO))).getMessage().contains("has no model 'c'"));
        assertTrue(fails(() -> Tasks.row("counting")).detail().contains("countdown"));
    }

    @Test
    void optionsAreCheckedByNameAndValue() {
        Options options = new Options(Map.of("threshold", 0.25, "order", "up", "all", true));
        assertEquals(0.25, options.number("threshold", 0.5, 0, 1));
        assertEquals(0.5, options.number("other", 0.5, 0, 1));
        assertEquals("up", options.text("order", "down"));
        assertEquals("down", options.text("other", "down"));
        assertTrue(options.flag("all", false));
        assertEquals("threshold", fails(() -> options.number("threshold", 0, 0.5, 1)).node());
        assertEquals("order", fails(() -> options.number("order", 0, 0.5, 1)).node());
        assertEquals("all", fails(() -> options.text("all", "")).node());
        assertEquals("order", fails(() -> options.flag("order", true)).node());
        assertSame(options, options.only("threshold", "order", "all"));
        assertTrue(fails(() -> options.only("threshold", "order")).detail().contains("threshold, order"));
    }

    @Test
    void modelsTellNumbersAndLines() {
        assertArrayEquals(new double[] {1, 2.5, -3}, INFO.numbers("mean"));
        assertNull(INFO.numbers("std"));
        assertEquals(2, INFO.number("scale", 1));
        assertEquals(1, INFO.number("other", 1));
        assertEquals(List.of("cat", "dog", "", "bird"), INFO.lines("labels.txt"));
        assertEquals(List.of(), INFO.lines("other.txt"));
        assertEquals(8, INFO.input("x").dim(-1, 5));
        assertEquals(5, INFO.input("x").dim(0, 5));
        assertNull(INFO.output("x"));
    }

    private static InvalidInputException fails(Supplier<?> work) {
        return assertThrows(InvalidInputException.class, work::get);
    }
}
