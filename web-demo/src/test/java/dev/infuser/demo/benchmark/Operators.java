package dev.infuser.demo.benchmark;

import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Networks of one operator, which every runtime has in its own format: ONNX channels first, TFLite and TensorFlow.js
 * channels last.
 */
final class Operators {

    private static final Set<String> CHANNELS_LAST = Set.of(Runtimes.TFJS, Runtimes.LITERT);
    private static final Tolerance TOLERANCE = new Tolerance.Absolute(1e-4,
            "float32 sums of up to 2304 terms of magnitude 1 in another order");

    private final Path folder;

    private Operators(Path folder) {
        this.folder = folder;
    }

    /** All of them, written to files in {@code folder} that is served at {@value Runtimes#DATA}. */
    static List<Workload> write(Path folder) throws IOException {
        Operators operators = new Operators(folder);
        return List.of(operators.matMul(128, 384, 1536), operators.matMul(1, 384, 1536),
                operators.convolution("conv-3x3", 64, 64, 3, 80, 1), operators.convolution("conv-1x1", 256, 256, 1, 40, 1),
                operators.convolution("depthwise-3x3", 96, 96, 3, 80, 96));
    }

    private Workload matMul(int m, int k, int n) throws IOException {
        String name = "matmul-" + m + "x" + k + "x" + n;
        Random random = new Random(name.hashCode());
        Tensor x = uniform(random, 1, m, k);
        Tensor w = uniform(random, 1 / Math.sqrt(k), k, n);
        int[] y = {m, n};
        Path onnx = write(name + ".onnx", Protobuf.model("MatMul", Map.of(), Map.of(), x.dims(), w, y));
        write(name + ".tflite", Tflite.model(Tflite.Operator.FULLY_CONNECTED, x.dims(), transposed(w), n, y));
        return new Workload(name, "MatMul " + m + "×" + k + "×" + n, false, onnx, Map.of("x", x), Map.of(), 1, TOLERANCE,
                2L * m * k * n, others(name, "matMul", w, x), Set.of());
    }

    private Workload convolution(String name, int channels, int filters, int kernel, int size, int groups) throws IOException {
        Random random = new Random(name.hashCode());
        boolean depthwise = groups > 1;
        int depth = channels / groups;
        Tensor x = uniform(random, 1, 1, channels, size, size);
        Tensor w = uniform(random, 1 / Math.sqrt((double) depth * kernel * kernel), filters, depth, kernel, kernel);
        Tensor xLast = channelsLast(x);
        int[] y = {1, filters, size, size};
        int[] yLast = {1, size, size, filters};
        long pad = kernel / 2;
        Path onnx = write(name + ".onnx", Protobuf.model("Conv", Map.of("pads", new long[] {pad, pad, pad, pad}),
                Map.of("group", (long) groups), x.dims(), w, y));
        Tensor wLast = channelsLast(w);
        Tensor kept = depthwise ? permuted(w, 1, 2, 3, 0) : wLast;
        write(name + ".tflite", Tflite.model(depthwise ? Tflite.Operator.DEPTHWISE_CONV_2D : Tflite.Operator.CONV_2D,
                xLast.dims(), kept, filters, yLast));
        Tensor filter = depthwise ? permuted(w, 2, 3, 0, 1) : permuted(w, 2, 3, 1, 0);
        String title = (depthwise ? "depthwise " : "") + "Conv " + kernel + "×" + kernel + ", "
                + (depthwise ? channels + " channels" : channels + "→" + filters) + ", " + size + "×" + size;
        return new Workload(name, title, false, onnx, Map.of("x", x), Map.of(), 1, TOLERANCE,
                2L * filters * depth * kernel * kernel * size * size,
                others(name, depthwise ? "depthwiseConv2d" : "conv2d", filter, xLast), CHANNELS_LAST);
    }

    private Map<String, Map<String, Object>> others(String name, String operator, Tensor w, Tensor x) throws IOException {
        List<Map<String, Object>> inputs = List.of(input(name + ".x.last.bin", x));
        Map<String, Object> tfjs = new LinkedHashMap<>();
        tfjs.put("operator", operator);
        tfjs.put("strides", 1);
        tfjs.put("weights", input(name + ".w.bin", w));
        tfjs.put("inputs", inputs);
        return Map.of(Runtimes.TFJS, tfjs, Runtimes.LITERT, Map.of("model", Runtimes.DATA + name + ".tflite", "inputs", inputs));
    }

    private Map<String, Object> input(String file, Tensor tensor) throws IOException {
        write(file, Tflite.bytes(tensor.floats()));
        return Map.of("name", "x", "type", "float32", "dims", tensor.dims(), "url", Runtimes.DATA + file);
    }

    private Path write(String file, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(file), bytes);
    }

    private static Tensor uniform(Random random, double largest, int... dims) {
        float[] values = new float[Tensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * largest);
        }
        return Tensor.floats(dims, values);
    }

    private static Tensor transposed(Tensor matrix) {
        return permuted(matrix.reshape(matrix.dim(0), matrix.dim(1), 1, 1), 1, 0, 2, 3).reshape(matrix.dim(1), matrix.dim(0));
    }

    /** {@code [N, C, H, W]} as {@code [N, H, W, C]}. */
    static Tensor channelsLast(Tensor tensor) {
        return permuted(tensor, 0, 2, 3, 1);
    }

    private static Tensor permuted(Tensor tensor, int... axes) {
        int[] dims = tensor.dims();
        int[] strides = {dims[1] * dims[2] * dims[3], dims[2] * dims[3], dims[3], 1};
        int[] out = new int[4];
        for (int i = 0; i < 4; i++) {
            out[i] = dims[axes[i]];
        }
        float[] values = new float[tensor.size()];
        int at = 0;
        for (int a = 0; a < out[0]; a++) {
            for (int b = 0; b < out[1]; b++) {
                for (int c = 0; c < out[2]; c++) {
                    for (int d = 0; d < out[3]; d++) {
                        values[at++] = tensor.floats()[a * strides[axes[0]] + b * strides[axes[1]] + c * strides[axes[2]]
                                + d * strides[axes[3]]];
                    }
                }
            }
        }
        return Tensor.floats(out, values);
    }
}
