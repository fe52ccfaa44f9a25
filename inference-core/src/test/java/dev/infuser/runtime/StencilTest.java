package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.format.Model;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.kernel.Target;
import dev.infuser.op.Evaluator;
import dev.infuser.pass.Passes;
import dev.infuser.plan.Planner;
import dev.infuser.plan.Step;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import dev.infuser.testing.V8Host;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Arithmetic on planes and their neighbours: as it is written, as one node, and as kernels on one thread and three. */
class StencilTest {

    private static final int THREADS = 3;

    /** Writes graphs over planes of one shape. */
    private static final class Planes {
        private final GraphBuilder builder = new GraphBuilder("planes");
        private final int height;
        private final int width;
        private int constants;

        Planes(int height, int width) {
            this.height = height;
            this.width = width;
        }

        String input(String name, DType type) {
            return builder.input(name, ValueType.tensor(type, height, width));
        }

        String number(DType type, long value) {
            return builder.constant("c" + constants++, Tensor.ofLongs(type, new int[0], new long[] {value}));
        }

        String op(String op, String... inputs) {
            return builder.add(op, inputs);
        }

        String cast(String x, DType type) {
            return builder.add("Cast", Attributes.of("to", type.number()), x);
        }

        String pad(String x, int by, DType type, String mode, long fill) {
            String pads = builder.constant("c" + constants++, Tensor.vector(by, by, by, by));
            return mode.equals("edge") ? builder.add("Pad", Attributes.of("mode", mode), x, pads)
                    : builder.add("Pad", Attributes.of("mode", mode), x, pads, number(type, fill));
        }

        String at(String padded, int by, int dy, int dx) {
            String starts = builder.constant("c" + constants++, Tensor.vector(by + dy, by + dx));
            String ends = builder.constant("c" + constants++, Tensor.vector(by + dy + height, by + dx + width));
            return builder.add("Slice", padded, starts, ends);
        }
    }

    private static Tensor random(DType type, int height, int width, int seed) {
        Random random = new Random(seed);
        long[] values = new long[height * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = type == DType.BOOL ? random.nextInt(2) : type == DType.UINT32 ? random.nextInt() & 0xffffffffL
                    : type.isSigned() ? random.nextInt(1 << type.bits() - 1) - (1 << type.bits() - 2) : random.nextInt(1 << type.bits());
        }
        return Tensor.ofLongs(type, new int[] {height, width}, values);
    }

    private static void check(Graph graph, Map<String, Tensor> feeds, int stencils) {
        List<Datum> ordered = new ArrayList<>();
        graph.inputs().forEach(input -> ordered.add(feeds.get(input.name())));
        List<Datum> expected = Evaluator.run(graph, ordered);
        Graph fused = Passes.optimize(graph);
        assertEquals(stencils, fused.nodes().stream().filter(node -> node.op().equals("Stencil")).count(), () -> fused.nodes().toString());
        compare(expected, Evaluator.run(fused, ordered), "as one node");
        assertTrue(Planner.compile(fused, Target.STRICT, Map.of()).steps().stream().noneMatch(step -> step instanceof Step.HostStep));
        for (int threads = 1; threads <= THREADS; threads += THREADS - 1) {
            try (V8Host host = new V8Host(Target.STRICT, threads);
                    Session session = Session.compile(Model.of(fused), new Heap(host, 1 << 16))) {
                for (int run = 0; run < 2; run++) {
                    Map<String, Tensor> found = session.run(feeds);
                    compare(expected, fused.outputs().stream().map(name -> (Datum) found.get(name)).toList(), threads + " threads");
                }
            }
        }
    }

    private static void compare(List<Datum> expected, List<Datum> found, String how) {
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(((Tensor) expected.get(i)).toLongs(), ((Tensor) found.get(i)).toLongs(), "output " + i + " " + how);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 32", "2, 33", "3, 47", "5, 64", "29, 75", "8, 130"})
    void sumsOfNeighbours(int height, int width) {
        for (String mode : new String[] {"edge", "constant"}) {
            Planes p = new Planes(height, width);
            String x = p.cast(p.input("x", DType.UINT8), DType.INT32);
            String down = p.pad(x, 2, DType.INT32, mode, 7);
            String sum = p.op("Add", p.op("Add", p.at(down, 2, -2, 0), p.at(down, 2, 2, 0)),
                    p.op("Mul", p.at(down, 2, 1, 0), p.number(DType.INT32, 5)));
            String along = p.pad(sum, 1, DType.INT32, mode, -3);
            String all = p.op("Sub", p.at(along, 1, 0, -1), p.at(along, 1, 0, 1));
            p.builder.output(all);
            p.builder.output(p.cast(p.op("BitwiseAnd", sum, p.number(DType.INT32, 255)), DType.UINT8));
            check(p.builder.build(), Map.of("x", random(DType.UINT8, height, width, height)), 1);
        }
    }

    @ParameterizedTest
    @MethodSource
    void randomArithmetic(int seed) {
        Random random = new Random(seed);
        int height = 3 + random.nextInt(20);
        int width = 32 + random.nextInt(50);
        Planes p = new Planes(height, width);
        List<String> numbers = new ArrayList<>(List.of(p.cast(p.input("a", DType.UINT8), DType.INT32), p.cast(p.input("b", DType.INT8), DType.INT32)));
        List<String> truths = new ArrayList<>(List.of(p.input("t", DType.BOOL)));
        String[] binary = {"Add", "Sub", "Min", "Max", "BitwiseAnd", "BitwiseOr", "BitwiseXor"};
        String[] compare = {"Less", "Greater", "Equal", "LessOrEqual", "GreaterOrEqual"};
        for (int i = 0; i < 25; i++) {
            String a = numbers.get(random.nextInt(numbers.size()));
            String b = random.nextInt(4) == 0 ? p.number(DType.INT32, random.nextInt(200) - 100) : numbers.get(random.nextInt(numbers.size()));
            String t = truths.get(random.nextInt(truths.size()));
            switch (random.nextInt(7)) {
                case 0, 1 -> numbers.add(p.op(binary[random.nextInt(binary.length)], a, b));
                case 2 -> truths.add(p.op(compare[random.nextInt(compare.length)], a, b));
                case 3 -> numbers.add(p.op("Where", t, a, b));
                case 4 -> numbers.add(p.op(random.nextBoolean() ? "Abs" : "Neg", a));
                case 5 -> truths.add(random.nextBoolean() ? p.op("Not", t) : p.op("And", t, truths.get(random.nextInt(truths.size()))));
                default -> {
                    boolean edge = random.nextBoolean();
                    boolean truth = random.nextInt(3) == 0;
                    String padded = truth ? p.pad(t, 3, DType.BOOL, edge ? "edge" : "constant", random.nextInt(2))
                            : p.pad(a, 3, DType.INT32, edge ? "edge" : "constant", random.nextInt(300) - 100);
                    (truth ? truths : numbers).add(p.at(padded, 3, random.nextInt(7) - 3, random.nextInt(7) - 3));
                }
            }
        }
        String last = numbers.get(numbers.size() - 1);
        String padded = p.pad(last, 1, DType.INT32, "edge", 0);
        p.builder.output(p.op("Add", last, p.at(padded, 1, 1, -1)));
        p.builder.output(p.cast(truths.get(truths.size() - 1), DType.UINT8));
        p.builder.output(p.op("Not", truths.get(truths.size() - 1)));
        check(p.builder.build(), Map.of("a", random(DType.UINT8, height, width, seed), "b", random(DType.INT8, height, width, seed + 1), "t",
                random(DType.BOOL, height, width, seed + 2)), 1);
    }

    static IntStream randomArithmetic() {
        return IntStream.range(0, 150);
    }

    @Test
    void wordsOfColors() {
        Planes p = new Planes(9, 50);
        String x = p.input("x", DType.UINT32);
        String red = p.op("BitwiseAnd", x, p.number(DType.UINT32, 255));
        String blue = p.builder.add("BitShift", Attributes.of("direction", "RIGHT"), p.op("BitwiseAnd", x, p.number(DType.UINT32, 0xff0000)),
                p.number(DType.UINT32, 16));
        String sum = p.cast(p.op("Add", p.op("Mul", red, p.number(DType.UINT32, 77)), p.op("Mul", blue, p.number(DType.UINT32, 150))), DType.UINT16);
        String padded = p.pad(sum, 1, DType.UINT16, "edge", 0);
        String less = p.op("Less", p.at(padded, 1, 0, -1), p.at(padded, 1, -1, 0));
        p.builder.output(less);
        p.builder.output(p.op("Where", less, x, p.op("BitwiseOr", x, p.number(DType.UINT32, 0xff000000L))));
        check(p.builder.build(), Map.of("x", random(DType.UINT32, 9, 50, 3)), 1);
    }

    @ParameterizedTest
    @CsvSource({"1, 40", "2, 32", "17, 33", "64, 64", "40, 100"})
    void reconstruction(int height, int width) {
        for (int rare : new int[] {2, 30, 400}) {
            Planes p = new Planes(height, width);
            String marker = p.input("marker", DType.BOOL);
            String mask = p.input("mask", DType.BOOL);
            p.builder.add(new Node("", "infuser", "Reconstruct", List.of(marker, mask), List.of("out"), Attributes.NONE));
            p.builder.output("out");
            Random random = new Random(rare);
            byte[] markers = new byte[height * width];
            byte[] masks = new byte[height * width];
            for (int i = 0; i < masks.length; i++) {
                markers[i] = (byte) (random.nextInt(rare) == 0 ? 1 : 0);
                masks[i] = (byte) (random.nextInt(10) < 4 ? 1 : 0);
            }
            int[] dims = {height, width};
            check(p.builder.build(), Map.of("marker", Tensor.of(DType.BOOL, dims, markers), "mask", Tensor.of(DType.BOOL, dims, masks)), 0);
        }
    }

    @Test
    void whatComesBetweenSplitsIt() {
        Planes p = new Planes(20, 40);
        String x = p.input("x", DType.UINT8);
        String padded = p.pad(x, 1, DType.UINT8, "edge", 0);
        String mask = p.op("Less", p.at(padded, 1, 0, 1), x);
        String marker = p.op("And", mask, p.op("Greater", x, p.number(DType.UINT8, 200)));
        p.builder.add(new Node("", "infuser", "Reconstruct", List.of(marker, mask), List.of("kept"), Attributes.NONE));
        p.builder.output(p.op("Where", "kept", p.number(DType.UINT8, 9), x));
        check(p.builder.build(), Map.of("x", random(DType.UINT8, 20, 40, 1)), 2);
        assertTrue(Passes.ALL.stream().anyMatch(pass -> pass.name().equals("fuse-stencils")));
    }
}
