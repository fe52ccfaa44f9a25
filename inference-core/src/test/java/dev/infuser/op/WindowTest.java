package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {

    private static List<Datum> apply(String op, Attributes attributes, int outputs, Tensor... inputs) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            names.add("i" + i);
        }
        List<String> results = outputs == 1 ? List.of("y") : List.of("y", "z");
        return OperatorCheck.run(new Node("", "", op, names, results, attributes), Arrays.<Datum>asList(inputs));
    }

    private static Tensor random(int... dims) {
        float[] values = new float[Tensor.count(dims)];
        Random random = new Random(values.length);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return Tensor.floats(dims, values);
    }

    /** The sum written out, for {@code [N, C, H, W]}. */
    private static double[] direct(Tensor x, Tensor w, int[] out, int group, int stride, int dilation, int pad) {
        double[] y = new double[Tensor.count(out)];
        int filters = out[1] / group;
        for (int i = 0; i < y.length; i++) {
            int ow = i % out[3];
            int oh = i / out[3] % out[2];
            int m = i / out[3] / out[2] % out[1];
            int n = i / out[3] / out[2] / out[1];
            for (int c = 0; c < w.dim(1); c++) {
                for (int k = 0; k < w.dim(2) * w.dim(3); k++) {
                    int h = oh * stride - pad + k / w.dim(3) * dilation;
                    int v = ow * stride - pad + k % w.dim(3) * dilation;
                    if (h >= 0 && h < x.dim(2) && v >= 0 && v < x.dim(3)) {
                        int channel = m / filters * w.dim(1) + c;
                        y[i] += x.getDouble(((n * x.dim(1) + channel) * x.dim(2) + h) * x.dim(3) + v)
                                * w.getDouble((m * w.dim(1) + c) * w.dim(2) * w.dim(3) + k);
                    }
                }
            }
        }
        return y;
    }

    @ParameterizedTest
    @CsvSource({"3,4,1,1,1,0", "4,6,2,2,1,1", "6,6,6,1,2,2", "4,8,1,3,2,1"})
    void convolutionEqualsTheSumWrittenOut(int channels, int filters, int group, int stride, int dilation, int pad) {
        Tensor x = random(2, channels, 9, 11);
        Tensor w = random(filters, channels / group, 3, 2);
        Attributes attributes = Attributes.of("group", group, "strides", new long[] {stride, stride}, "dilations",
                new long[] {dilation, dilation}, "pads", new long[] {pad, pad, pad, pad});
        Tensor y = (Tensor) apply("Conv", attributes, 1, x, w).get(0);
        double[] expected = direct(x, w, y.dims(), group, stride, dilation, pad);
        assertArrayEquals(expected, y.toDoubles(), 1e-6);
        Tensor wide = (Tensor) apply("Conv", attributes, 1, Tensor.ofDoubles(DType.FLOAT64, x.dims(), x.toDoubles()),
                Tensor.ofDoubles(DType.FLOAT64, w.dims(), w.toDoubles())).get(0);
        assertArrayEquals(expected, wide.doubles(), 1e-12);
    }

    @ParameterizedTest
    @CsvSource({"3,4,1,1,1,0", "4,6,2,2,1,1", "6,6,6,1,2,2", "4,8,1,3,2,1"})
    void transposedConvolutionIsTheAdjoint(int channels, int filters, int group, int stride, int dilation, int pad) {
        Attributes attributes = Attributes.of("group", group, "strides", new long[] {stride, stride}, "dilations",
                new long[] {dilation, dilation}, "pads", new long[] {pad, pad, pad, pad});
        Tensor x = random(1, channels, 7, 8);
        Tensor w = random(filters, channels / group, 3, 2);
        Tensor y = (Tensor) apply("Conv", attributes, 1, x, w).get(0);
        Tensor g = random(y.dims());
        int extraH = (7 + 2 * pad - 2 * dilation - 1) % stride;
        int extraW = (8 + 2 * pad - dilation - 1) % stride;
        Tensor back = (Tensor) apply("ConvTranspose", attributes.with("output_padding", new long[] {extraH, extraW}), 1, g, w)
                .get(0);
        assertEquals(x.shape(), back.shape());
        double forward = 0;
        double backward = 0;
        for (int i = 0; i < y.size(); i++) {
            forward += y.getDouble(i) * g.getDouble(i);
        }
        for (int i = 0; i < x.size(); i++) {
            backward += x.getDouble(i) * back.getDouble(i);
        }
        assertEquals(forward, backward, 1e-5);
    }

    @Test
    void poolsReduceTheirWindows() {
        Tensor x = Tensor.floats(new int[] {1, 1, 3, 3}, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        Attributes two = Attributes.of("kernel_shape", new long[] {2, 2});
        List<Datum> max = apply("MaxPool", two.with("storage_order", 1), 2, x);
        assertArrayEquals(new float[] {5, 6, 8, 9}, ((Tensor) max.get(0)).floats());
        assertArrayEquals(new long[] {4, 7, 5, 8}, ((Tensor) max.get(1)).longs());
        Attributes padded = two.with("pads", new long[] {1, 1, 0, 0}).with("strides", new long[] {2, 2});
        assertArrayEquals(new float[] {1, 2.5f, 5.5f, 7}, ((Tensor) apply("AveragePool", padded, 1, x).get(0)).floats());
        assertArrayEquals(new float[] {0.25f, 1.25f, 2.75f, 7},
                ((Tensor) apply("AveragePool", padded.with("count_include_pad", 1), 1, x).get(0)).floats());
        assertArrayEquals(new float[] {5}, ((Tensor) apply("GlobalAveragePool", Attributes.NONE, 1, x).get(0)).floats());
        assertArrayEquals(new float[] {45}, ((Tensor) apply("LpPool", Attributes.of("kernel_shape", new long[] {3, 3},
                "p", 1), 1, x).get(0)).floats());
    }

    @Test
    void paddingContinuesTheEdges() {
        Tensor x = Tensor.vector(1, 2, 3);
        Tensor pads = Tensor.vector(2, 2);
        assertArrayEquals(new long[] {0, 0, 1, 2, 3, 0, 0}, ((Tensor) apply("Pad", Attributes.NONE, 1, x, pads).get(0)).longs());
        assertArrayEquals(new long[] {1, 1, 1, 2, 3, 3, 3},
                ((Tensor) apply("Pad", Attributes.of("mode", "edge"), 1, x, pads).get(0)).longs());
        assertArrayEquals(new long[] {3, 2, 1, 2, 3, 2, 1},
                ((Tensor) apply("Pad", Attributes.of("mode", "reflect"), 1, x, pads).get(0)).longs());
        assertArrayEquals(new long[] {2, 3, 1, 2, 3, 1, 2},
                ((Tensor) apply("Pad", Attributes.of("mode", "wrap"), 1, x, pads).get(0)).longs());
        assertArrayEquals(new long[] {2, 3, 9},
                ((Tensor) apply("Pad", Attributes.NONE, 1, x, Tensor.vector(-1, 1), Tensor.longs(new int[0], 9)).get(0)).longs());
    }

    @Test
    void symbolicExtentsFollowTheFormula() {
        GraphBuilder b = new GraphBuilder("net");
        b.input("x", ValueType.tensor(DType.FLOAT32, Shape.of(Dim.ONE, Dim.of(3), Dim.symbol("h"), Dim.symbol("w"))));
        b.constant("k", Tensor.zeros(DType.FLOAT32, 8, 3, 3, 3));
        b.constant("t", Tensor.zeros(DType.FLOAT32, 8, 4, 2, 2));
        Attributes same = Attributes.of("pads", new long[] {1, 1, 1, 1});
        String a = b.add("Conv", same, "x", "k");
        String half = b.add("Conv", same.with("strides", new long[] {2, 2}), "x", "k");
        String back = b.add("ConvTranspose", Attributes.of("strides", new long[] {2, 2}), half, "t");
        String pool = b.add("AveragePool", Attributes.of("kernel_shape", new long[] {2, 2}, "strides", new long[] {2, 2},
                "auto_pad", "SAME_UPPER"), "x");
        b.output(a).output(back).output(pool);
        Graph graph = Inference.infer(b.build());
        assertEquals("float32[1,8,h,w]", graph.type(a).toString());
        assertEquals("float32[1,8,(h + 1) / 2,(w + 1) / 2]", graph.type(half).toString());
        assertEquals("float32[1,4,((h + 1) / 2) * 2,((w + 1) / 2) * 2]", graph.type(back).toString());
        assertEquals("float32[1,3,(h + 1) / 2,(w + 1) / 2]", graph.type(pool).toString());
    }
}
