package dev.infuser.demo.benchmark;

import dev.infuser.models.Models;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The runtimes, by the names that {@code runtimes.js} has, and where their files are served. */
final class Runtimes {

    static final String INFUSER = "infuser";
    static final String ONNXRUNTIME_WEB = "onnxruntime-web";
    static final String TFJS = "tfjs-wasm";
    static final String LITERT = "litert";
    /** ONNX Runtime outside of the browser. */
    static final String NATIVE = "onnxruntime-node";
    /** The loop in registers that tells what the machine can do. */
    static final String LIMIT = "limit";

    /** Those that run in a page, ours first. */
    static final List<String> IN_PAGES = List.of(INFUSER, ONNXRUNTIME_WEB, TFJS, LITERT);

    /** Where what the benchmark writes is served. */
    static final String DATA = "/data/";
    /** Where models as Infuser reads them are served. */
    static final String MODELS = "/models/";

    private static final Map<String, String> TITLES = Map.of(INFUSER, "Infuser", ONNXRUNTIME_WEB, "onnxruntime-web 1.30",
            TFJS, "TF.js 4.22 wasm", LITERT, "LiteRT.js 2.5.3", NATIVE, "native ONNX Runtime 1.30");

    private Runtimes() {
    }

    static String title(String runtime) {
        return TITLES.get(runtime);
    }

    /** The addresses below which a runtime's own files are. */
    static List<String> prefixes(String runtime) {
        return switch (runtime) {
            case TFJS -> List.of("/tfjs-core/", "/tfjs-converter/", "/tfjs-layers/", "/tfjs-backend-cpu/", "/tfjs-backend-wasm/");
            case LITERT -> List.of("/litert/", "/litert-wasm-utils/");
            default -> List.of("/" + runtime + "/");
        };
    }

    /**
     * The folders of the peers by the address that they are served at.
     *
     * @throws dev.infuser.models.UnavailableException if a package cannot be had
     */
    static Map<String, Path> folders(String runtime) {
        Map<String, Path> folders = new LinkedHashMap<>();
        switch (runtime) {
            case ONNXRUNTIME_WEB -> folders.put("/onnxruntime-web/", Models.npmPackage("onnxruntime-web").resolve("dist"));
            case TFJS -> {
                for (String prefix : prefixes(runtime)) {
                    folders.put(prefix, Models.peerPackage("@tensorflow" + prefix.substring(0, prefix.length() - 1)).resolve("dist"));
                }
            }
            case LITERT -> {
                folders.put("/litert/", Models.peerPackage("@litertjs/core"));
                folders.put("/litert-wasm-utils/", Models.peerPackage("@litertjs/wasm-utils").resolve("dist"));
            }
            default -> { }
        }
        return folders;
    }
}
