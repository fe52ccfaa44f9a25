package dev.infuser.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Layout;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;

/** Models to write and read, and what it means for two to be the same. */
final class Samples {

    private Samples() {
    }

    /** A tensor of any type with random bits; floats may be NaN. */
    static Tensor random(DType dtype, Random random, int... dims) {
        int n = Tensor.count(dims);
        Object array = Tensor.newArray(dtype, n);
        for (int i = 0; i < n; i++) {
            if (array instanceof float[] f) {
                f[i] = Float.intBitsToFloat(random.nextInt());
            } else if (array instanceof double[] d) {
                d[i] = Double.longBitsToDouble(random.nextLong());
            } else if (array instanceof long[] l) {
                l[i] = random.nextLong();
            } else if (array instanceof int[] k) {
                k[i] = random.nextInt();
            } else if (array instanceof short[] s) {
                s[i] = (short) random.nextInt();
            } else if (array instanceof String[] s) {
                s[i] = List.of("", "a", "\u00e9\u4e2d\ud83d\ude00", "\u0000").get(random.nextInt(4));
            } else {
                ((byte[]) array)[i] = small(dtype, random.nextInt());
            }
        }
        return Tensor.of(dtype, dims, array);
    }

    private static byte small(DType dtype, int bits) {
        if (dtype == DType.BOOL) {
            return (byte) (bits & 1);
        }
        boolean extend = dtype == DType.INT4 || dtype == DType.INT2;
        int raised = bits << 32 - dtype.bits();
        return (byte) (extend ? raised >> 32 - dtype.bits() : raised >>> 32 - dtype.bits());
    }

    /** A few hundred bytes: one stored constant, one inline, an asset, an entry, a golden vector. */
    static Model tiny() {
        GraphBuilder builder = new GraphBuilder("tiny");
        builder.input("x", ValueType.tensor(DType.FLOAT32, Shape.of(Dim.symbol("batch"), Dim.of(3))));
        builder.constant("w", Tensor.floats(new int[] {3, 9}, ramp(27)));
        builder.constant("axes", Tensor.vector(-1));
        builder.add(new Node("product", "", "MatMul", List.of("x", "w"), List.of("h"), Attributes.NONE));
        builder.add(new Node("", "", "ReduceSum", List.of("h", "axes"), List.of("y"), Attributes.of("keepdims", 0)));
        builder.type("h", ValueType.tensor(DType.FLOAT32, Shape.of(Dim.symbol("batch"), Dim.of(9))));
        builder.output("y");
        Golden golden = new Golden("ones", Map.of("x", Tensor.floats(new int[] {1, 3}, 1, 1, 1)),
                Map.of("y", Tensor.floats(new int[] {1}, 351)), 1e-5f, 0);
        return new Model(builder.build(), Map.of("source", "hand-made"),
                Map.of("labels.txt", "one\ntwo\n".getBytes(StandardCharsets.UTF_8)), List.of(golden));
    }

    static final Map<String, Layout> TINY_LAYOUTS = Map.of("w", Layout.PANEL8);

    static float[] ramp(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = i;
        }
        return values;
    }

    /** Every element type inline and stored, every kind of attribute and type, subgraphs within subgraphs. */
    static Model everything() {
        Random random = new Random(1);
        GraphBuilder inner = new GraphBuilder("inner");
        inner.constant("inner-w", random(DType.FLOAT16, random, 7, 41));
        inner.add(new Node("", "infuser", "Gelu", List.of("inner-w"), List.of("inner-y"), Attributes.NONE));
        inner.output("inner-y");
        GraphBuilder body = new GraphBuilder("body");
        body.input("i", ValueType.tensor(DType.INT64));
        body.input("untyped", null);
        body.add(new Node("if", "", "If", List.of("cond"), List.of("z"),
                Attributes.of("then_branch", inner.buildSubgraph(), "else_branch", inner.buildSubgraph())));
        body.output("z");

        GraphBuilder builder = new GraphBuilder("everything");
        builder.input("cond", ValueType.tensor(DType.BOOL));
        builder.input("seq", new ValueType.OfSequence(new ValueType.OfTensor(DType.STRING, null)));
        builder.input("opt", new ValueType.OfOptional(new ValueType.OfSequence(ValueType.tensor(DType.INT4, 0, 1L << 40))));
        for (DType dtype : DType.values()) {
            builder.constant("inline-" + dtype.label(), random(dtype, random, 3, 5));
            builder.constant("stored-" + dtype.label(), random(dtype, random, 5, 7, 33));
            builder.constant("scalar-" + dtype.label(), random(dtype, random));
            builder.constant("none-" + dtype.label(), random(dtype, random, 2, 0));
        }
        builder.constant("shape", random(DType.INT64, random, 512));
        builder.constant("ids", random(DType.INT64, random, 513));
        Attributes attributes = Attributes.of("int", Long.MIN_VALUE, "max", Long.MAX_VALUE, "float", -0.0f, "nan", Float.NaN,
                "string", "\u00fc\u0000\ud83d\ude00", "ints", new long[] {-1, 0, 1, 300}, "floats", new float[] {1.5f},
                "strings", new Attribute.OfStrings(List.of("", "x")), "empty", new long[0],
                "tensor", random(DType.STRING, random, 2), "big", random(DType.FLOAT64, random, 100),
                "body", body.buildSubgraph(), "type", new Attribute.OfType(new ValueType.OfTensor(DType.BFLOAT16, null)));
        builder.add(new Node("loop", "", "Loop", List.of("", "cond", "seq"), List.of("y", "", "w"), attributes));
        builder.type("y", ValueType.tensor(DType.FLOAT32, Shape.of(Dim.symbol("(height + 1) / 2"), Dim.of(0))));
        builder.output("y").output("cond");
        return new Model(builder.build(), Map.of("b", "2", "a", "1", "", ""),
                Map.of("tokenizer.json", "{}".getBytes(StandardCharsets.UTF_8), "none", new byte[0]),
                List.of(new Golden("first", Map.of("cond", random(DType.BOOL, random)),
                        Map.of("y", random(DType.FLOAT32, random, 9, 99), "cond", random(DType.BOOL, random)), 0, 1e-3f),
                        new Golden("second", Map.of(), Map.of(), 0, 0)));
    }

    static byte[] write(Model model, Map<String, Layout> layouts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            TeaWriter.write(model, layouts, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Sets the checksums of the sections, the table and the header of a file to what its bytes ask for. */
    static void reseal(byte[] file) {
        int sections = (int) get(file, 12, 4);
        for (int i = 0; i < sections && 40 + 24 * i + 24 <= file.length; i++) {
            int entry = 40 + 24 * i;
            long offset = get(file, entry + 8, 8);
            long length = get(file, entry + 16, 8);
            if (offset >= 0 && length >= 0 && offset <= file.length && length <= file.length - offset) {
                put(file, entry + 4, crc(file, (int) offset, (int) length));
            }
        }
        if (sections >= 0 && sections <= (file.length - 40) / 24) {
            put(file, 28, crc(file, 40, 24 * sections));
        }
        put(file, 36, crc(file, 0, 36));
    }

    /** A file of the graph section given and {@code weights} zeros. */
    static byte[] file(byte[] graph, int weights) {
        int head = (128 + graph.length + 63) / 64 * 64;
        byte[] file = new byte[head + weights];
        System.arraycopy(new byte[] {(byte) 0x89, 'T', 'E', 'A', '\r', '\n', 0x1a, '\n', 1, 0, 0, 0, 2}, 0, file, 0, 13);
        put(file, 16, file.length);
        put(file, 24, head);
        put(file, 40, 1);
        put(file, 48, 128);
        put(file, 56, graph.length);
        put(file, 64, 5);
        put(file, 72, head);
        put(file, 80, weights);
        System.arraycopy(graph, 0, file, 128, graph.length);
        reseal(file);
        return file;
    }

    static long get(byte[] file, int at, int width) {
        long value = 0;
        for (int i = 0; i < width; i++) {
            value |= (file[at + i] & 0xFFL) << 8 * i;
        }
        return value;
    }

    private static void put(byte[] file, int at, int value) {
        for (int i = 0; i < 4; i++) {
            file[at + i] = (byte) (value >>> 8 * i);
        }
    }

    private static int crc(byte[] file, int offset, int length) {
        CRC32 crc = new CRC32();
        crc.update(file, offset, length);
        return (int) crc.getValue();
    }

    static void assertSame(Model expected, Model found) {
        assertSame(expected.graph(), found.graph());
        assertEquals(expected.metadata(), found.metadata());
        assertEquals(expected.assets().keySet(), found.assets().keySet());
        expected.assets().forEach((name, bytes) -> assertArrayEquals(bytes, found.assets().get(name), name));
        assertEquals(expected.golden().size(), found.golden().size());
        for (int i = 0; i < expected.golden().size(); i++) {
            Golden a = expected.golden().get(i);
            Golden b = found.golden().get(i);
            assertEquals(a.name(), b.name());
            assertEquals(a.absolute(), b.absolute());
            assertEquals(a.relative(), b.relative());
            assertSame(a.inputs(), b.inputs());
            assertSame(a.outputs(), b.outputs());
        }
    }

    static void assertSame(Graph expected, Graph found) {
        assertEquals(expected.name(), found.name());
        assertEquals(expected.inputs(), found.inputs());
        assertEquals(expected.outputs(), found.outputs());
        assertEquals(expected.types(), found.types());
        assertEquals(List.copyOf(expected.constants().keySet()), List.copyOf(found.constants().keySet()));
        assertSame(expected.constants(), found.constants());
        assertEquals(expected.nodes().size(), found.nodes().size());
        for (int i = 0; i < expected.nodes().size(); i++) {
            Node a = expected.nodes().get(i);
            Node b = found.nodes().get(i);
            assertEquals(a.withAttributes(Attributes.NONE), b.withAttributes(Attributes.NONE));
            assertEquals(a.attributes().map().keySet(), b.attributes().map().keySet());
            a.attributes().map().forEach((name, value) -> assertSame(value, b.attributes().map().get(name)));
        }
    }

    private static void assertSame(Attribute expected, Attribute found) {
        if (expected instanceof Attribute.OfTensor t) {
            assertSame(Map.of("", t.value()), Map.of("", assertInstanceOf(Attribute.OfTensor.class, found).value()));
        } else if (expected instanceof Attribute.OfGraph g) {
            assertSame(g.value(), assertInstanceOf(Attribute.OfGraph.class, found).value());
        } else {
            assertEquals(expected, found);
        }
    }

    private static void assertSame(Map<String, Tensor> expected, Map<String, Tensor> found) {
        assertEquals(expected.keySet(), found.keySet());
        expected.forEach((name, tensor) -> assertTrue(tensor.sameAs(found.get(name)), name + " " + found.get(name)));
    }
}
