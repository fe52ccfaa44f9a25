package dev.infuser.demo.benchmark;

import ai.onnxruntime.OrtException;
import dev.infuser.models.Models;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** Whole models with inputs like those that they are made for, those of ONNX here. */
final class Networks {

    private static final String STATES = "last_hidden_state";
    private static final int FRAME = 512;
    private static final int RATE = 16_000;

    private Networks() {
    }

    /**
     * A network that is made when it is asked for, since that may download it.
     *
     * @param standard whether it is measured where none is named
     */
    record Offer(String name, String title, boolean standard, Maker maker) {

        /** Makes it. */
        interface Maker {
            Workload make() throws IOException, OrtException;
        }

        Offer(String name, String title, Maker maker) {
            this(name, title, true, maker);
        }
    }

    /** All, those of TensorFlow last. */
    static List<Offer> all() {
        List<Offer> all = new ArrayList<>(onnx());
        all.addAll(TensorFlowNetworks.all());
        return all;
    }

    private static List<Offer> onnx() {
        return List.of(
                new Offer("minilm-f32-16", "MiniLM f32, 16 tokens", () -> miniLm(16)),
                new Offer("minilm-f32-128", "MiniLM f32, 128 tokens", () -> miniLm(128)),
                new Offer("minilm-int8-16", "MiniLM int8, 16 tokens", () -> miniLmInt8(16)),
                new Offer("minilm-int8-128", "MiniLM int8, 128 tokens", () -> miniLmInt8(128)),
                new Offer("bge-small-int8-128", "bge-small int8, 128 tokens", () -> Workload.model("bge-small-int8-128",
                        "bge-small int8, 128 tokens", Models.bgeSmallInt8(), text(128), direction(null))),
                ocr("ocr-detector", "PP-OCRv4 detector, 640×640", Models::ocrDetection, 640, 640),
                ocr("ocr-recogniser", "PP-OCRv4 recogniser, 48×320", Models::ocrRecognition, 48, 320),
                ocr("ocr-orientation", "PP-OCR orientation of lines, 48×192", Models::ocrOrientation, 48, 192),
                new Offer("silero-vad", "Silero VAD, a frame of 32 ms", Networks::silero));
    }

    private static Offer ocr(String name, String title, Supplier<Path> model, int height, int width) {
        return new Offer(name, title, () -> Workload.model(name, title, model.get(), Map.of("x", strokes(height, width)), vision()));
    }

    private static Workload miniLm(int tokens) {
        return Workload.model("minilm-f32-" + tokens, "MiniLM f32, " + tokens + " tokens", Models.miniLm(), text(tokens),
                new Tolerance.Absolute(1e-4, "six layers in float32, each sum in another order"));
    }

    private static Workload miniLmInt8(int tokens) throws OrtException {
        Tensor exact = Reference.outputs(Models.miniLm(), text(tokens), Map.of(), 1).get(STATES);
        return Workload.model("minilm-int8-" + tokens, "MiniLM int8, " + tokens + " tokens", Models.miniLmInt8(), text(tokens),
                direction(exact));
    }

    /**
     * The direction of the sentence's vector is compared: a float32 difference of 1e-7 moves an activation to the next of
     * 256 levels, and with it those of all layers after it.
     */
    private static Tolerance direction(Tensor exact) {
        return new Tolerance.Direction(STATES, 0.03, exact, 0.05,
                "activations are quantised while the model runs, so rounding moves whole levels; correct runtimes are 0.02 apart");
    }

    private static Tolerance vision() {
        return new Tolerance.Absolute(1e-4, "some sixty convolutions in float32, each sum in another order; outputs up to 1");
    }

    private static Map<String, Tensor> text(int tokens) {
        long[] ids = LongStream.range(0, tokens).map(i -> i == 0 ? 101 : i == tokens - 1 ? 102 : 1037 + i * 97 % 20_000)
                .toArray();
        long[] mask = new long[tokens];
        Arrays.fill(mask, 1);
        int[] dims = {1, tokens};
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        feeds.put("input_ids", Tensor.longs(dims, ids));
        feeds.put("attention_mask", Tensor.longs(dims, mask));
        feeds.put("token_type_ids", Tensor.zeros(DType.INT64, dims));
        return feeds;
    }

    /** Like scanned lines: dark strokes on a light, slightly noisy ground. */
    private static Tensor strokes(int height, int width) {
        Random random = new Random(width);
        float[] pixels = new float[3 * height * width];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = 0.9f + 0.05f * random.nextFloat();
        }
        for (int stroke = 0; stroke < height * width / 200; stroke++) {
            int h = random.nextBoolean() ? 12 : 3;
            int w = 15 - h;
            int top = random.nextInt(height / 24) * 24 + random.nextInt(24 - h);
            int left = random.nextInt(width - w);
            for (int at = 0; at < 3 * h * w; at++) {
                pixels[(at / (h * w) * height + top + at / w % h) * width + left + at % w] = -0.8f;
            }
        }
        return Tensor.floats(new int[] {1, 3, height, width}, pixels);
    }

    private static Workload silero() {
        float[] samples = new float[FRAME];
        for (int i = 0; i < FRAME; i++) {
            double seconds = (double) i / RATE;
            for (int harmonic = 1; harmonic <= 10; harmonic++) {
                samples[i] += (float) (0.2 * Math.sin(2 * Math.PI * 140 * harmonic * seconds) / harmonic);
            }
        }
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        feeds.put("input", Tensor.floats(new int[] {1, FRAME}, samples));
        feeds.put("state", Tensor.zeros(DType.FLOAT32, 2, 1, 128));
        feeds.put("sr", Tensor.longs(new int[0], RATE));
        Path onnx = Models.sileroVad();
        return Workload.model("silero-vad", "Silero VAD, a frame of 32 ms", onnx, feeds,
                new Tolerance.Absolute(1e-4, "eight frames with carried state in float32; outputs up to 1"))
                .carrying(Map.of("stateN", "state"), 8);
    }
}
