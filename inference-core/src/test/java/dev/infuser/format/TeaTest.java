package dev.infuser.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.runtime.Verification;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Layout;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.api.io.TempDir;

class TeaTest {

    @Test
    void everythingSurvivesTheRoundTrip() {
        Model model = Samples.everything();
        TeaReader reader = TeaReader.open(ByteSource.of(Samples.write(model, Map.of())));
        reader.verifyWeights();
        Samples.assertSame(model, reader.model());
    }

    @ParameterizedTest
    @EnumSource(value = Layout.class, names = {"PANEL8", "FLAT8"})
    void everyTypeSurvivesPanels(Layout panels) {
        Model model = Samples.everything();
        Map<String, Layout> layouts = new HashMap<>();
        for (String name : model.graph().constants().keySet()) {
            Tensor constant = model.graph().constants().get(name);
            if (constant.rank() >= 2 && constant.dtype() != DType.STRING) {
                layouts.put(name, panels);
            }
        }
        TeaReader reader = TeaReader.open(ByteSource.of(Samples.write(model, layouts)));
        Samples.assertSame(model, reader.model());
        layouts.forEach((name, layout) -> assertEquals(layout, reader.placements().get(name).layout(), name));
    }

    @Test
    void goldenVectorsMayBeSeedsAndSamples() {
        Model tiny = Samples.tiny();
        Tensor large = Seeded.tensor(DType.FLOAT32, new int[] {1000, 1000}, 7, -1, 1, 1);
        Tensor ids = Seeded.tensor(DType.INT64, new int[] {50}, 8, 0, 10, 1);
        Tensor output = Tensor.floats(new int[] {2, 5}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        Model model = new Model(tiny.graph(), tiny.metadata(), tiny.assets(), List.of(new Golden("g",
                Map.of("x", large, "ids", ids), Map.of("y", Sample.of(output, 4), "z", Sample.of(output, 10)), 0, 0)));
        byte[] bytes = Samples.write(model, Map.of());
        assertTrue(bytes.length < 2000, "the elements of seeds are in the file");
        assertEquals(2, bytes[10]);
        assertArrayEquals(bytes, Samples.write(TeaReader.open(ByteSource.of(bytes)).model(), Map.of()));
        Golden read = TeaReader.open(ByteSource.of(bytes)).golden().get(0);
        float[] values = read.inputs().get("x").floats();
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            assertTrue(value >= -1 && value < 1);
            sum += value;
            squares += value * value;
        }
        assertEquals(0, sum / values.length, 2e-3);
        assertEquals(1 / 3.0, squares / values.length, 2e-3);
        boolean[] seen = new boolean[10];
        for (long id : read.inputs().get("ids").longs()) {
            seen[(int) id] = true;
        }
        assertArrayEquals(new boolean[] {true, true, true, true, true, true, true, true, true, true}, seen);
        assertArrayEquals(new float[] {0, 2, 5, 7}, Sample.of(read.outputs().get("y")).values().floats());
        assertThrows(InvalidInputException.class, () -> read.outputs().get("y").array());
        assertTrue(Verification.of(read, Map.of("y", output, "z", output)).passed());
        Tensor near = Tensor.floats(new int[] {2, 5}, 0, 1, 2, 3, 4, 5, 6, 7.5f, 8, 9);
        Verification failed = Verification.of(read, Map.of("y", near, "z", output));
        assertFalse(failed.passed());
        assertEquals(0.5, failed.absolute());
    }

    @Test
    void theSameModelGivesTheSameBytes() {
        Map<String, Layout> layouts = Map.of("stored-float32", Layout.PANEL8, "shape", Layout.PLAIN);
        byte[] first = Samples.write(Samples.everything(), layouts);
        assertArrayEquals(first, Samples.write(Samples.everything(), layouts));
        assertArrayEquals(first, Samples.write(TeaReader.open(ByteSource.of(first)).model(), layouts));
    }

    @Test
    void everyConstantIsAlignedAndFollowedByReadableBytes() {
        Model model = Samples.everything();
        byte[] file = Samples.write(model, Map.of());
        TeaReader reader = TeaReader.open(ByteSource.of(file));
        assertEquals(0, reader.weightsOffset() % 64);
        assertEquals(file.length, reader.weightsOffset() + reader.weightsLength());
        long end = 0;
        for (Placement placement : reader.placements().values()) {
            assertEquals(0, placement.offset() % 64, placement.name());
            assertTrue(placement.offset() >= end && placement.offset() < end + 64, placement.name());
            end = placement.offset() + placement.length();
            assertTrue(end + 16 <= reader.weightsLength(), placement.name());
        }
        assertNotNull(reader.placements().get("ids"));
        assertFalse(reader.placements().containsKey("shape"));
        assertFalse(reader.placements().containsKey("inline-float32"));
    }

    @Test
    void weightsLieInTheFileAsTheLayoutSays() {
        byte[] file = Samples.write(Samples.tiny(), Samples.TINY_LAYOUTS);
        TeaReader reader = TeaReader.open(ByteSource.of(file));
        int at = (int) (reader.weightsOffset() + reader.placements().get("w").offset());
        for (int panel = 0; panel < 2; panel++) {
            for (int k = 0; k < 3; k++) {
                for (int lane = 0; lane < 8; lane++, at += 4) {
                    int n = 8 * panel + lane;
                    assertEquals(n < 9 ? 9 * k + n : 0, Float.intBitsToFloat((int) Samples.get(file, at, 4)));
                }
            }
        }
    }

    @Test
    void namedConstantsAreStoredHoweverSmall() {
        byte[] file = Samples.write(Samples.tiny(), Map.of("axes", Layout.PLAIN));
        TeaReader reader = TeaReader.open(ByteSource.of(file));
        assertEquals(8, reader.placements().get("axes").length());
        assertFalse(reader.placements().containsKey("w"));
        Samples.assertSame(Samples.tiny(), reader.model());
    }

    @Test
    void aModelWithoutWeightsEndsWithItsHead() {
        byte[] file = Samples.write(Samples.tiny(), Map.of());
        TeaReader reader = TeaReader.open(ByteSource.of(file));
        assertEquals(0, reader.weightsLength());
        assertEquals(file.length, reader.weightsOffset());
        reader.verifyWeights();
    }

    @Test
    void aFileCanBeReadWhileItArrives() {
        byte[] file = Samples.write(Samples.tiny(), Samples.TINY_LAYOUTS);
        int headLength = TeaReader.headLength(file, TeaReader.HEADER_BYTES);
        List<String> reads = new ArrayList<>();
        ByteSource memory = new ByteSource() {
            @Override
            public long length() {
                return file.length - headLength;
            }

            @Override
            public void read(long offset, byte[] into, int at, int count) {
                reads.add(offset + "+" + count);
                System.arraycopy(file, headLength + (int) offset, into, at, count);
            }
        };
        TeaReader reader = TeaReader.parse(Arrays.copyOf(file, headLength), memory);
        assertEquals(List.of(), reads);
        Samples.assertSame(Samples.tiny(), reader.model());
        assertEquals(List.of("0+192"), reads);
        reader.checkLength(file.length);
        assertEquals("truncated-file",
                assertThrows(InfuserException.class, () -> reader.checkLength(file.length - 1)).code());
    }

    @Test
    void writingDoesNotKeepLazyConstants() {
        int[] loads = {0};
        GraphBuilder builder = new GraphBuilder("lazy");
        builder.constant("w", Tensor.lazy(DType.FLOAT32, new int[] {1000}, () -> {
            loads[0]++;
            return new float[1000];
        }));
        Graph graph = builder.output("w").build();
        Samples.write(Model.of(graph), Map.of());
        assertEquals(2, loads[0]);
        graph.constants().get("w").array();
        assertEquals(3, loads[0]);
    }

    @Test
    void tensorsLargerThanABufferSurvive() {
        GraphBuilder builder = new GraphBuilder("large");
        Random random = new Random(2);
        builder.constant("bytes", Samples.random(DType.INT8, random, 100_003));
        builder.constant("nibbles", Samples.random(DType.UINT4, random, 300_001));
        builder.constant("doubles", Samples.random(DType.FLOAT64, random, 33, 1001));
        Model model = Model.of(builder.output("bytes").build());
        byte[] file = Samples.write(model, Map.of("doubles", Layout.PANEL8));
        Samples.assertSame(model, TeaReader.open(ByteSource.of(file)).model());
    }

    @Test
    void layoutsThatDoNotFitAreRefused() {
        Model model = Samples.everything();
        for (Map<String, Layout> layouts : List.of(Map.of("nowhere", Layout.PLAIN), Map.of("ids", Layout.PANEL8),
                Map.of("stored-string", Layout.PLAIN))) {
            assertEquals("bad-layout",
                    assertThrows(InvalidInputException.class, () -> Samples.write(model, layouts)).code());
        }
    }

    @Test
    void textWithHalfASurrogatePairIsRefused() {
        Graph graph = new GraphBuilder("\ud83d").build();
        assertEquals("bad-text", assertThrows(InfuserException.class, () -> Samples.write(Model.of(graph), Map.of())).code());
    }

    @Test
    void filesOnDiskAreReadAndClosed(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("tiny.tea");
        Files.write(path, Samples.write(Samples.tiny(), Samples.TINY_LAYOUTS));
        try (FileSource source = new FileSource(path.toString())) {
            Samples.assertSame(Samples.tiny(), TeaReader.open(source).model());
        }
        InfuserException error = assertThrows(InfuserException.class, () -> new FileSource(folder + "/none.tea"));
        assertEquals("unreadable-file", error.code());
    }

    @Test
    void filesOfVersionOneStayReadableAndAreWrittenTheSame() throws IOException {
        try (InputStream in = TeaTest.class.getResourceAsStream("tiny-1.0.tea")) {
            byte[] file = in.readAllBytes();
            TeaReader reader = TeaReader.open(ByteSource.of(file));
            reader.verifyWeights();
            Samples.assertSame(Samples.tiny(), reader.model());
            assertArrayEquals(file, Samples.write(Samples.tiny(), Samples.TINY_LAYOUTS));
        }
    }

    @Test
    void typesOfInputsMayBeUnknown() {
        GraphBuilder builder = new GraphBuilder("untyped");
        builder.input("x", null);
        builder.input("y", new ValueType.OfTensor(DType.INT2, null));
        Model model = Model.of(builder.output("x").build());
        Samples.assertSame(model, TeaReader.open(ByteSource.of(Samples.write(model, Map.of()))).model());
    }
}
