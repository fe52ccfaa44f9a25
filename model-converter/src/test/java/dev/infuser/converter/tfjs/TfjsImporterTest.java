package dev.infuser.converter.tfjs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.build.ExternalData;
import dev.infuser.graph.Node;
import dev.infuser.pass.Passes;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operators of TensorFlow graphs against their definitions, and files that are wrong. */
class TfjsImporterTest {

    private static final ExternalData NOTHING = (location, offset, length) -> ByteBuffer.allocate(0);

    private static float[] random(int count, int seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(17) - 8;
        }
        return values;
    }

    /** A convolution as TensorFlow defines it: {@code SAME} pads less before than after. */
    private static float[] conv(float[] x, int h, int w, int c, float[] k, int kh, int kw, int m, int stride, boolean same,
            boolean depthwise) {
        int outputs = depthwise ? c * m : m;
        int oh = same ? (h + stride - 1) / stride : (h - kh) / stride + 1;
        int ow = same ? (w + stride - 1) / stride : (w - kw) / stride + 1;
        int top = same ? Math.max(0, (oh - 1) * stride + kh - h) / 2 : 0;
        int left = same ? Math.max(0, (ow - 1) * stride + kw - w) / 2 : 0;
        float[] y = new float[oh * ow * outputs];
        for (int i = 0; i < y.length; i++) {
            int o = i % outputs;
            for (int tap = 0; tap < kh * kw * c; tap++) {
                int channel = tap % c;
                int row = i / outputs / ow * stride + tap / c / kw - top;
                int column = i / outputs % ow * stride + tap / c % kw - left;
                if (row >= 0 && row < h && column >= 0 && column < w && (!depthwise || o / m == channel)) {
                    y[i] += x[(row * w + column) * c + channel] * k[tap * m + (depthwise ? o % m : o)];
                }
            }
        }
        return y;
    }

    @ParameterizedTest
    @CsvSource({"Conv2D,1,SAME", "Conv2D,2,SAME", "Conv2D,2,VALID", "DepthwiseConv2dNative,1,SAME",
        "DepthwiseConv2dNative,2,SAME", "DepthwiseConv2dNative,2,VALID"})
    void convolutionsPadAsTensorFlowDoes(String op, int stride, String padding) {
        float[] x = random(7 * 6 * 2, 1);
        float[] k = random(3 * 2 * 2 * 3, 2);
        Tensor y = new TfjsModel().input("x", 1, 7, 6, 2).floats("k", new int[] {3, 2, 2, 3}, k)
                .node("y", op, List.of("x", "k"), "strides", TfjsModel.integers(1, stride, stride, 1), "padding",
                        TfjsModel.text(padding), "data_format", TfjsModel.text("NHWC"))
                .run(Tensor.floats(new int[] {1, 7, 6, 2}, x));
        assertArrayEquals(conv(x, 7, 6, 2, k, 3, 2, 3, stride, padding.equals("SAME"), op.startsWith("Depth")), y.floats());
    }

    @Test
    void aFusedConvolutionAddsAndBounds() {
        float[] x = random(4 * 4, 3);
        float[] k = random(2 * 2 * 2, 4);
        Tensor y = new TfjsModel().input("x", -1, -1, -1, 1).floats("k", new int[] {2, 2, 1, 2}, k)
                .floats("b", new int[] {2}, 5, -5)
                .node("y", "_FusedConv2D", List.of("x", "k", "b"), "strides", TfjsModel.integers(1, 1, 1, 1), "padding",
                        TfjsModel.text("SAME"), "fused_ops", TfjsModel.texts("BiasAdd", "Relu6"))
                .run(Tensor.floats(new int[] {1, 4, 4, 1}, x));
        float[] expected = conv(x, 4, 4, 1, k, 2, 2, 2, 1, true, false);
        for (int i = 0; i < expected.length; i++) {
            expected[i] = Math.min(6, Math.max(0, expected[i] + (i % 2 == 0 ? 5 : -5)));
        }
        assertArrayEquals(expected, y.floats());
    }

    @Test
    void noTransposeIsLeftInANetworkOfConvolutions() {
        TfjsModel model = new TfjsModel().input("x", -1, 8, 8, 4).floats("k", new int[] {3, 3, 4, 4}, random(144, 5))
                .floats("d", new int[] {3, 3, 4, 1}, random(36, 6)).ints("size", new int[] {2}, 8, 8)
                .ints("axes", new int[] {2}, 1, 2);
        String[] window = {"strides", TfjsModel.integers(1, 2, 2, 1), "padding", TfjsModel.text("SAME")};
        model.node("a", "Conv2D", List.of("x", "k"), window).node("b", "Relu", List.of("a"))
                .node("c", "DepthwiseConv2dNative", List.of("b", "d"), "strides", TfjsModel.integers(1, 1, 1, 1), "padding",
                        TfjsModel.text("SAME"))
                .node("e", "AddV2", List.of("c", "b"))
                .node("f", "MaxPool", List.of("e"), "ksize", TfjsModel.integers(1, 2, 2, 1), "strides",
                        TfjsModel.integers(1, 2, 2, 1), "padding", TfjsModel.text("VALID"))
                .node("g", "ResizeBilinear", List.of("f", "size"), "half_pixel_centers", "{\"b\":true}")
                .node("h", "Mean", List.of("g", "axes"), "keep_dims", "{\"b\":false}");
        for (Node node : Passes.optimize(model.graph()).nodes()) {
            assertTrue(!node.op().equals("Transpose"), node.toString());
        }
    }

    /** x is 0 to 23 in {@code [2, 3, 4]}; masks are begin, end, ellipsis, new axis, shrink. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0 1 0 | 2 3 2 | 1 1 1 | 0 0 0 0 0 | 2 2 2 | 4 5 8 9 16 17 20 21",
        "0 0 | 2 2 | 1 1 | 0 0 0 0 2 | 2 4 | 0 1 2 3 12 13 14 15",
        "0 -1 | 0 0 | 1 1 | 0 0 1 0 2 | 2 3 | 3 7 11 15 19 23",
        "1 0 3 | 2 0 0 | 1 1 -2 | 2 6 0 0 1 | 3 2 | 15 13 19 17 23 21",
        "0 1 0 | 0 2 0 | 1 1 1 | 4 5 1 2 0 | 2 3 1 4 | 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23"})
    void stridedSlicesFollowTheirMasks(String begin, String end, String strides, String masks, String dims, String expected) {
        int[] mask = numbers(masks);
        int[] from = numbers(begin);
        Tensor y = new TfjsModel().input("x", 2, 3, 4).ints("begin", new int[] {from.length}, from)
                .ints("end", new int[] {from.length}, numbers(end)).ints("strides", new int[] {from.length}, numbers(strides))
                .node("y", "StridedSlice", List.of("x", "begin", "end", "strides"), "begin_mask", integer(mask[0]), "end_mask",
                        integer(mask[1]), "ellipsis_mask", integer(mask[2]), "new_axis_mask", integer(mask[3]),
                        "shrink_axis_mask", integer(mask[4]))
                .run(Tensor.floats(new int[] {2, 3, 4}, counted(24)));
        assertArrayEquals(numbers(dims), y.dims());
        int[] values = numbers(expected);
        for (int i = 0; i < values.length; i++) {
            assertEquals(values[i], y.floats()[i], "element " + i);
        }
    }

    private static float[] counted(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        return values;
    }

    private static String integer(int value) {
        return "{\"i\":\"" + value + "\"}";
    }

    private static int[] numbers(String text) {
        return Arrays.stream(text.trim().split(" ")).mapToInt(Integer::parseInt).toArray();
    }

    /** Which TensorFlow.js 4.22 does not run as TensorFlow does. */
    @Test
    void bandsMayDifferBelowAndAbove() {
        Tensor y = new TfjsModel().input("x", 3, 3).ints("low", new int[0], 1).ints("high", new int[0], 0)
                .node("y", "MatrixBandPart", List.of("x", "low", "high"))
                .run(Tensor.floats(new int[] {3, 3}, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        assertArrayEquals(new float[] {1, 0, 0, 4, 5, 0, 0, 8, 9}, y.floats());
    }

    /** Which TensorFlow.js 4.22 does not run as TensorFlow does. */
    @Test
    void listsOfUnequalPartsAreSplitAndJoined() {
        Tensor y = new TfjsModel().input("x", 4, 2).ints("shape", new int[] {2}, -1, 2).ints("lengths", new int[] {2}, 1, 3)
                .ints("zero", new int[0], 0).ints("one", new int[0], 1)
                .node("list", "TensorListSplit", List.of("x", "shape", "lengths"))
                .node("a", "TensorListGetItem", List.of("list", "zero", "shape"))
                .node("b", "TensorListGetItem", List.of("list", "one", "shape"))
                .node("set", "TensorListSetItem", List.of("list", "zero", "b")).node("set2", "TensorListSetItem", List.of("set", "one", "a"))
                .node("y", "TensorListConcat", List.of("set2")).run(Tensor.floats(new int[] {4, 2}, counted(8)));
        assertArrayEquals(new float[] {2, 3, 4, 5, 6, 7, 0, 1}, y.floats());
    }

    /** The examples of TensorFlow's documentation; TensorFlow.js 4.22 lists these operators and does not run them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "4 4 | ROW_SPLITS | 0 3 3 7 9 | 1 2 3 -1 -1 -1 -1 -1 4 5 6 7 8 9 -1 -1",
        "-1 3 | ROW_SPLITS | 0 3 3 7 9 | 1 2 3 -1 -1 -1 4 5 6 8 9 -1",
        "-1 -1 | FIRST_DIM_SIZE VALUE_ROWIDS | 4 ; 0 0 0 2 2 2 2 3 3 | 1 2 3 -1 -1 -1 -1 -1 4 5 6 7 8 9 -1 -1"})
    void raggedTensorsAreFilledUp(String shape, String kinds, String partitions, String expected) {
        TfjsModel model = new TfjsModel().input("x", 9).ints("shape", new int[] {2}, numbers(shape))
                .floats("blank", new int[0], -1);
        List<String> inputs = new java.util.ArrayList<>(List.of("shape", "x", "blank"));
        for (String partition : partitions.split(";")) {
            int[] values = numbers(partition);
            String name = "p" + inputs.size();
            inputs.add(name);
            model.ints(name, values.length == 1 ? new int[0] : new int[] {values.length}, values);
        }
        Tensor y = model.node("y", "RaggedTensorToTensor", inputs, "row_partition_types", TfjsModel.texts(kinds.split(" ")))
                .run(Tensor.floats(new int[] {9}, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        assertArrayEquals(numbers(expected), Arrays.stream(y.toLongs()).mapToInt(n -> (int) n).toArray());
    }

    @ParameterizedTest
    @CsvSource({"y,0 2", "y:1,0 1 1", "y:2,10"})
    void rowsOfRaggedTensorsAreGathered(String output, String expected) {
        TfjsModel model = new TfjsModel().input("x", 6).ints("outer", new int[] {4}, 0, 2, 3, 5)
                .ints("inner", new int[] {6}, 0, 1, 1, 4, 4, 6).ints("rows", new int[] {1}, 0);
        Tensor y = model.node("y", "RaggedGather", List.of("outer", "inner", "x", "rows"), "PARAMS_RAGGED_RANK", integer(2),
                "OUTPUT_RAGGED_RANK", integer(2)).node("o", "Identity", List.of(output))
                .run(Tensor.floats(new int[] {6}, 10, 11, 12, 13, 14, 15));
        assertArrayEquals(numbers(expected), Arrays.stream(y.toLongs()).mapToInt(n -> (int) n).toArray());
    }

    @Test
    void raggedRangesFollowEachOther() {
        Tensor y = new TfjsModel().input("starts", 3).floats("limits", new int[] {3}, 3, 5, 12).floats("steps", new int[0], 1)
                .node("r", "RaggedRange", List.of("starts", "limits", "steps")).node("y", "Identity", List.of("r:1"))
                .run(Tensor.floats(new int[] {3}, 2, 5, 8));
        assertArrayEquals(new float[] {2, 8, 9, 10, 11}, y.floats());
    }

    @Test
    void weightsAreReadInAllTheirForms() {
        Tensor y = new TfjsModel().input("x", 3)
                .weight("half", "float32", new int[] {3}, "{\"dtype\":\"float16\"}", new byte[] {0, 0x3C, 0, (byte) 0xC0, 0, 0x38})
                .weight("byte", "float32", new int[] {3}, "{\"dtype\":\"uint8\",\"min\":-1,\"scale\":0.5}", new byte[] {0, 2, -1})
                .weight("word", "float32", new int[] {3}, "{\"dtype\":\"uint16\",\"min\":1,\"scale\":0.25}",
                        new byte[] {0, 0, 4, 0, 0, 1})
                .node("a", "AddV2", List.of("x", "half")).node("b", "AddV2", List.of("a", "byte"))
                .node("c", "AddV2", List.of("b", "word")).run(Tensor.floats(new int[] {3}, 0, 0, 0));
        assertArrayEquals(new float[] {1 - 1 + 1, -2 + 0 + 2, 0.5f + 126.5f + 65}, y.floats());
    }

    @Test
    void whatIsNotSupportedIsNamedWithItsNode() {
        TfjsModel model = new TfjsModel().input("x", 3).node("strange", "NoSuchOperator", List.of("x"));
        UnsupportedModelException e = assertThrows(UnsupportedModelException.class, model::graph);
        assertEquals("strange", e.node());
        assertTrue(e.getMessage().contains("NoSuchOperator (strange)"), e.getMessage());
    }

    @Test
    void aCircleEndsInAnError() {
        TfjsModel model = new TfjsModel().node("a", "Relu", List.of("b")).node("b", "Relu", List.of("a"))
                .node("c", "Relu", List.of("a"));
        assertEquals("bad-tfjs", assertThrows(InvalidModelException.class, model::graph).code());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{ | bad-tfjs", "{} | bad-tfjs", "[1] | bad-tfjs",
        "{\"modelTopology\":{\"node\":[]}} | bad-tfjs", "{\"modelTopology\":{\"node\":[{\"op\":3}]},\"weightsManifest\":[]} | bad-tfjs",
        "{\"modelTopology\":{\"node\":[]},\"weightsManifest\":[{\"paths\":[\"a\"],\"weights\":[{\"name\":\"w\",\"shape\":[4],"
            + "\"dtype\":\"float32\"}]}]} | truncated-file",
        "{\"modelTopology\":{\"node\":[]},\"weightsManifest\":[{\"paths\":[\"a\"],\"weights\":[{\"name\":\"w\",\"shape\":"
            + "[99999,99999],\"dtype\":\"float32\"}]}]} | bad-shape"})
    void damagedFilesAreRefused(String json, String code) {
        InvalidModelException e = assertThrows(InvalidModelException.class,
                () -> TfjsImporter.importModel(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)), NOTHING));
        assertEquals(code, e.code());
    }
}
