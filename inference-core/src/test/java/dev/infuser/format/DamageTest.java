package dev.infuser.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DamageTest {

    private final byte[] tiny = Samples.write(Samples.tiny(), Samples.TINY_LAYOUTS);

    private static InfuserException open(byte[] file) {
        return assertThrows(InfuserException.class, () -> TeaReader.open(ByteSource.of(file)));
    }

    /** Reads all of a file that may be damaged; any exception but the two that tell so fails the test. */
    private static boolean survives(byte[] file) {
        try {
            TeaReader reader = TeaReader.open(ByteSource.of(file));
            reader.model().graph().constants().values().forEach(Tensor::array);
            reader.verifyWeights();
            return true;
        } catch (InvalidModelException | UnsupportedModelException e) {
            return false;
        }
    }

    @Test
    void everyTruncationIsToldWithItsLength() {
        assertEquals("empty-file", open(new byte[0]).code());
        for (int n = 1; n < tiny.length; n++) {
            InfuserException error = open(Arrays.copyOf(tiny, n));
            assertEquals("truncated-file", error.code(), "at " + n);
            assertTrue(error.getMessage().contains(": " + n + " bytes of "), error.getMessage());
        }
        assertTrue(open(Arrays.copyOf(tiny, 100)).getMessage().endsWith(" of " + tiny.length));
    }

    @Test
    void aHeadWithoutItsEndIsTruncated() {
        int headLength = TeaReader.headLength(tiny, tiny.length);
        for (int n = 1; n < headLength; n++) {
            byte[] head = Arrays.copyOf(tiny, n);
            assertEquals("truncated-file", assertThrows(InvalidModelException.class,
                    () -> TeaReader.parse(head, ByteSource.of(new byte[0]))).code());
        }
    }

    @Test
    void trailingBytesAreToldFromTruncation() {
        assertEquals("bad-length", open(Arrays.copyOf(tiny, tiny.length + 1)).code());
    }

    @Test
    void everyFlippedBitIsFound() {
        int weights = TeaReader.headLength(tiny, tiny.length);
        for (int i = 0; i < tiny.length; i++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] file = tiny.clone();
                file[i] ^= (byte) (1 << bit);
                InfuserException error = i < weights ? open(file)
                        : assertThrows(InfuserException.class, TeaReader.open(ByteSource.of(file))::verifyWeights);
                assertTrue(error instanceof InvalidModelException || error instanceof UnsupportedModelException);
                assertEquals(error instanceof UnsupportedModelException, i == 8 && bit > 0 || i == 9, "at " + i);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"14,header", "28,header", "39,header", "40,section table", "159,section table"})
    void damageIsToldByPlace(int at, String place) {
        byte[] file = tiny.clone();
        file[at] ^= 1;
        InfuserException error = open(file);
        assertEquals("checksum-mismatch", error.code());
        assertEquals(place, error.node());
    }

    @Test
    void damagedSectionsAreNamed() {
        String[] names = {"graph", "assets", "metadata", "golden vectors", "weights"};
        for (int i = 0; i < names.length; i++) {
            byte[] file = tiny.clone();
            file[(int) Samples.get(tiny, 40 + 24 * i + 8, 8)] ^= 1;
            InfuserException error = assertThrows(InfuserException.class,
                    () -> TeaReader.open(ByteSource.of(file)).verifyWeights());
            assertEquals("checksum-mismatch", error.code());
            assertEquals(names[i], error.node());
        }
    }

    @Test
    void everyByteWithItsChecksumsMadeRightIsReadOrRefused() {
        for (int i = 0; i < tiny.length; i++) {
            for (int value : new int[] {0, 1, 2, 0x3F, 0x7F, 0x80, 0xFF, tiny[i] + 1, tiny[i] - 1}) {
                byte[] file = tiny.clone();
                file[i] = (byte) value;
                Samples.reseal(file);
                survives(file);
            }
        }
    }

    @Test
    void mutationsWithTheirChecksumsMadeRightAreReadOrRefused() {
        byte[][] seeds = {tiny, Samples.write(Samples.everything(), Map.of())};
        Random random = new Random(20);
        int refused = 0;
        int rounds = 4000;
        for (int round = 0; round < rounds; round++) {
            byte[] seed = seeds[round % 4 == 0 ? 1 : 0];
            byte[] file = seed.clone();
            int head = TeaReader.headLength(seed, seed.length);
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                int at = random.nextInt(head);
                int count = Math.min(1 + random.nextInt(4), head - at);
                switch (random.nextInt(4)) {
                    case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
                    case 1 -> file[at] = (byte) random.nextInt();
                    case 2 -> Arrays.fill(file, at, at + count, (byte) 0xFF);
                    default -> System.arraycopy(file, random.nextInt(head - count), file, at, count);
                }
            }
            Samples.reseal(file);
            refused += survives(file) ? 0 : 1;
        }
        assertTrue(refused > rounds / 4 && refused < rounds, refused + " of " + rounds);
    }

    @Test
    void newerVersionsAreUnsupportedNotInvalid() {
        byte[] file = tiny.clone();
        file[8] = 2;
        assertEquals("newer-version", open(file).code());
        assertTrue(open(file).getMessage().contains("version 2.0"), open(file).getMessage());
        assertEquals("newer-version", open(Arrays.copyOf(file, 20)).code());
    }

    @Test
    void newerMinorVersionsAreReadAndTheirNewSectionsSkipped() {
        byte[] file = tiny.clone();
        file[10] = 7;
        file[40 + 24] = 63;
        Samples.reseal(file);
        TeaReader reader = TeaReader.open(ByteSource.of(file));
        Samples.assertSame(Samples.tiny().graph(), reader.graph());
        assertEquals(Map.of(), reader.assets());
    }

    @Test
    void nestingIsBounded() {
        ByteWriter deep = new ByteWriter().varint(27).varint(1).text("");
        byte[] level = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 7};
        for (int i = 0; i < 100_000; i++) {
            deep.bytes(level, level.length);
        }
        InfuserException error = open(Samples.file(deep.toByteArray(), 0));
        assertEquals("bad-value", error.code());
        assertTrue(error.getMessage().contains("nesting"), error.getMessage());

        GraphBuilder inner = new GraphBuilder("g");
        for (int i = 0; i < 64; i++) {
            GraphBuilder outer = new GraphBuilder("g");
            outer.add(new Node("", "", "If", List.of(), List.of(), Attributes.of("body", inner.buildSubgraph())));
            inner = outer;
        }
        Samples.assertSame(inner.build(),
                TeaReader.open(ByteSource.of(Samples.write(Model.of(inner.build()), Map.of()))).graph());
    }

    /** Graph sections in hexadecimal behind opset 27, where 128 bytes of weights are present. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ffffffff7f                          | bad-value         | strings, at most
            ffffffffffffffffff02                | bad-value         | over 64 bits
            0102c328                            | bad-value         | not UTF-8
            0103eda080                          | bad-value         | not UTF-8
            0102c080                            | bad-value         | not UTF-8
            0105616263                          | bad-value         | 5 characters, at most
            010001                              | bad-value         | 1 as string, at most 0
            01000064                            | bad-value         | 100 inputs, at most
            0100000100 09                       | bad-value         | type kind 9
            0100000100 0000000000 ff            | bad-value         | bytes left over: 1
            0100000100 0201 41                  | bad-value         | 65 as rank, at most 64
            0100000100 0201 01 ffffffffffffffffff01 | bad-value     | negative extent
            0100000100 0201 01 00 05            | bad-value         | 5 as string
            0100000100 020f                     | bad-value         | element type 15
            0100000100 03 00                    | bad-value         | container of nothing
            01016100000001 00 0101 02 00 000000   | bad-value         | 8 bytes where 3 are left
            01016100000001 00 0101 808001 00      | bad-value         | 65536 bytes where 0 are left
            01016100000001 00 0801 ffff03 00      | bad-value         | too many strings: 65535
            01016100000001 00 0901 01 00 02       | bad-value         | not 0 or 1
            01016100000001 00 0102 ffffffff07ffffffff07 00 | too-large | over 2^31
            01016100000001 00 0101 8080808008     | bad-value         | 2147483648 as extent
            01016100000001 00 0101 01 09 00       | bad-value         | layout 9
            01016100000001 00 0101 01 02 00       | bad-value         | layout does not fit
            01016100000001 00 0102 01 01 04 00    | bad-value         | layout does not fit
            01016100000001 00 0801 01 01 00       | bad-value         | layout does not fit
            01016100000001 00 0101 1d 01 00       | bad-value         | outside their section
            01016100000001 00 0101 01 01 02       | bad-value         | outside their section
            01016100000001 00 0101 01 01 ffffffffffffffffff01 | bad-value | outside their section
            020161016200000002 00 0101 10 01 00 01 0101 01 01 00 | bad-value | over others
            01016100000001 00 0100 00 00000000 01 | bad-value         | 1 types, at most 0
            010161000000 02 00 0100 00 00000000 00 0100 00 00000000 | bad-value | a constant twice
            0100000000 01 00 0100 00 00000000 00 00 | bad-graph     | without a name
            0100 00 00 01 00 00 00 00           | bad-graph         | never computed
            """)
    void wrongGraphsAreToldByWhatIsWrong(String hex, String code, String what) {
        String digits = "1b" + hex.replace(" ", "");
        byte[] graph = new byte[digits.length() / 2];
        for (int i = 0; i < graph.length; i++) {
            graph[i] = (byte) Integer.parseInt(digits.substring(2 * i, 2 * i + 2), 16);
        }
        InfuserException error = open(Samples.file(graph, 128));
        assertTrue(error.getMessage().contains(what), error.code() + ": " + error.getMessage());
        assertEquals(code, error.code());
    }

    @Test
    void anotherOpsetIsUnsupported() {
        assertEquals("unsupported-opset", open(Samples.file(new byte[] {26, 0}, 0)).code());
    }

    static Stream<Arguments> foreignFiles() {
        return Stream.of(
                Arguments.of("<!DOCTYPE html><html><body>Not found</body></html>", "an HTML page"),
                Arguments.of("\u00ef\u00bb\u00bf \r\n<html lang='en'>", "an HTML page"),
                Arguments.of("<!-- nothing here -->", "an HTML page"),
                Arguments.of("{\"error\": \"not found\"}", "JSON text"),
                Arguments.of("\n[1, 2]", "JSON text"),
                Arguments.of("<?xml version='1.0'?><Error/>", "an XML document"),
                Arguments.of("PK\3\4....", "a zip archive"),
                Arguments.of("\u001f\u008b\b....", "gzip data"),
                Arguments.of("\u001c\0\0\0TFL3", "a TensorFlow Lite model"),
                Arguments.of("\b\7\u0012\7pytorch", "an ONNX model"),
                Arguments.of("\b\t:\u0088\u0099", "an ONNX model"),
                Arguments.of("version https://git-lfs.github.com/spec/v1", "a Git LFS pointer"),
                Arguments.of("\u0089TEA\n\u001a\n", "a .tea file whose first bytes are damaged"),
                Arguments.of("hello", "a file of another kind"),
                Arguments.of(" ", "a file of another kind"));
    }

    @ParameterizedTest
    @MethodSource("foreignFiles")
    void foreignFilesAreRecognised(String content, String what) {
        byte[] file = content.getBytes(StandardCharsets.ISO_8859_1);
        InfuserException error = open(file);
        assertEquals("foreign-file", error.code());
        assertTrue(error.getMessage().contains(what), error.getMessage());
        assertEquals(error.getMessage(),
                assertThrows(InvalidModelException.class, () -> TeaReader.headLength(file, file.length)).getMessage());
    }
}
