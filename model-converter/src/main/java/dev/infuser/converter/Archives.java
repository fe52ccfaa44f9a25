package dev.infuser.converter;

import dev.infuser.converter.tflite.TfliteImporter;
import dev.infuser.tensor.InvalidModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Files that hold models: zip files, which {@code .task} and {@code .jar} files are too, and MediaPipe's packed assets. */
final class Archives {

    private static final int HEAD = 8;
    private static final int MAX_ENTRIES = 100_000;

    private Archives() {
    }

    /** The entries of a file that are models; none where it is no archive. */
    static List<String> models(Path file) throws IOException {
        if (isZip(file)) {
            return zipped(file);
        }
        PackedAssets assets = PackedAssets.of(file);
        List<String> models = new ArrayList<>();
        if (assets != null) {
            for (String entry : assets.ranges().keySet()) {
                if (isModel(entry, assets.head(entry, HEAD))) {
                    models.add(entry);
                }
            }
        }
        return models;
    }

    private static boolean isZip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(4);
            return head.length == 4 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4;
        }
    }

    private static List<String> zipped(Path file) throws IOException {
        List<String> models = new ArrayList<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            if (zip.size() > MAX_ENTRIES) {
                throw new InvalidModelException("bad-archive", file.toString(), file + " has " + zip.size() + " entries", "", "");
            }
            for (ZipEntry entry : zip.stream().toList()) {
                if (!entry.isDirectory()) {
                    try (InputStream in = zip.getInputStream(entry)) {
                        if (isModel(entry.getName(), in.readNBytes(HEAD))) {
                            models.add(entry.getName());
                        }
                    }
                }
            }
            return models;
        } catch (ZipException e) {
            throw new InvalidModelException("bad-archive", file.toString(), file + " is a damaged zip file", e.getMessage(),
                    "copy it again");
        }
    }

    private static boolean isModel(String name, byte[] head) {
        return name.endsWith(".onnx") || TfliteImporter.isModel(ByteBuffer.wrap(head));
    }
}
