package dev.infuser.converter;

import dev.infuser.converter.build.ImportedModel;
import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.converter.tfjs.TfjsImporter;
import dev.infuser.converter.tflite.TfliteImporter;
import dev.infuser.tensor.UnsupportedModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** The formats of source models. */
enum SourceFormat {

    /** {@code .onnx}, with weights inside or beside it. */
    ONNX {
        @Override
        ImportedModel read(Source source) throws IOException {
            return OnnxImporter.importModel(source.bytes(), source.external());
        }

        @Override
        Verification.Framework framework(Source source) {
            return optimised -> OnnxRuntime.open(source.file(), optimised);
        }
    },
    /** The {@code model.json} of TensorFlow.js, with its shards beside it. */
    TFJS {
        @Override
        ImportedModel read(Source source) throws IOException {
            return TfjsImporter.importModel(source.bytes(), source.external());
        }

        @Override
        Verification.Framework framework(Source source) {
            throw new UnsupportedModelException("source-framework", "", "TensorFlow.js runs in a JavaScript engine only", "", "");
        }
    },
    /** A script that exports a model of TensorFlow.js, with scripts that export its shards beside it. */
    TFJS_SCRIPT {
        @Override
        ImportedModel read(Source source) throws IOException {
            return TfjsImporter.importScript(source.bytes(), source.external());
        }

        @Override
        Verification.Framework framework(Source source) {
            return TFJS.framework(source);
        }
    },
    /** {@code .tflite}. */
    TFLITE {
        @Override
        ImportedModel read(Source source) throws IOException {
            ImportedModel model = TfliteImporter.importModel(source.bytes());
            source.assets().putAll(TfliteImporter.files(source.file()));
            return model;
        }

        @Override
        Verification.Framework framework(Source source) {
            throw new UnsupportedModelException("source-framework", "", "TensorFlow Lite has no runtime for Java here", "", "");
        }
    };

    /** Imports a model of this format. */
    abstract ImportedModel read(Source source) throws IOException;

    /**
     * What runs a model of this format to compare with.
     *
     * @throws UnsupportedModelException {@code source-framework} where that is not to be had in Java
     */
    abstract Verification.Framework framework(Source source);

    /** The format of a source, told by how it begins. */
    static SourceFormat of(Source source) throws IOException {
        ByteBuffer bytes = source.bytes();
        if (TfliteImporter.isModel(bytes)) {
            return TFLITE;
        }
        if (isScript(source.name())) {
            return TFJS_SCRIPT;
        }
        for (int i = 0; i < bytes.limit(); i++) {
            byte c = bytes.get(i);
            if (c == '{') {
                return TFJS;
            }
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                break;
            }
        }
        return ONNX;
    }

    /** Whether a file is a model, told by its name, and by what it says where many files have such names. */
    static boolean isModel(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".onnx") || name.endsWith(".tflite") || name.endsWith(".json") && TfjsImporter.isModel(file)
                || isScript(name) && TfjsImporter.isScript(file);
    }

    private static boolean isScript(String name) {
        return name.endsWith(".js") || name.endsWith(".mjs") || name.endsWith(".cjs");
    }

    /** Whether a file of a folder may hold models, told by its name. */
    static boolean isArchive(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".task") || name.endsWith(".data");
    }
}
