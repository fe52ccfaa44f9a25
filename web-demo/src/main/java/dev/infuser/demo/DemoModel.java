package dev.infuser.demo;

import dev.infuser.converter.Converter;
import dev.infuser.converter.Progress;
import dev.infuser.converter.Source;
import dev.infuser.models.Models;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Models as files that pages load, converted once and kept outside of the tree; that of the demo is MiniLM. */
public final class DemoModel {

    /** The name of the model's file. */
    public static final String FILE = "minilm.tea";

    private static final String ENTRY = "!/";

    private DemoModel() {
    }

    /** The folder that models are kept in by default: {@code $INFUSER_CACHE/demo}, or {@code ~/.cache/infuser/demo}. */
    public static Path folder() {
        String configured = System.getenv("INFUSER_CACHE");
        Path root = configured == null || configured.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache", "infuser") : Path.of(configured);
        return root.resolve("demo");
    }

    /**
     * {@value #FILE} in {@code folder}, converted and compared with ONNX Runtime if it is missing, or if the converter or
     * the source model is not the one that it came from.
     *
     * @param say is told when a conversion begins
     */
    public static Path prepare(Path folder, Runnable say) throws IOException {
        return convert(Models.miniLm(), folder.resolve(FILE), true, say);
    }

    /** See {@link #convert(String, Path, boolean, Runnable)}. */
    public static Path convert(Path source, Path target, boolean verify, Runnable say) throws IOException {
        return convert(source.toString(), target, verify, say);
    }

    /**
     * {@code target}, converted from the file or entry {@code source} if it is missing, or if the converter or the source, or the
     * tokenizer beside it, is not what it came from.
     *
     * @param source as {@link Source#open} takes it
     * @param verify whether to compare with ONNX Runtime
     * @param say    is told when a conversion begins
     */
    public static Path convert(String source, Path target, boolean verify, Runnable say) throws IOException {
        Path record = target.resolveSibling(target.getFileName() + ".origin");
        Path file = Path.of(source.contains(ENTRY) ? source.substring(0, source.indexOf(ENTRY)) : source);
        List<Path> places = new ArrayList<>(List.of(location(Converter.class), location(Tensor.class), file));
        Path tokenizer = file.resolveSibling("tokenizer.json");
        if (Files.exists(tokenizer)) {
            places.add(tokenizer);
        }
        String origin = origin(places) + (verify ? "" : " unverified");
        if (Files.exists(target) && Files.exists(record) && Files.readString(record).equals(origin)) {
            return target;
        }
        say.run();
        Files.createDirectories(target.getParent());
        Files.deleteIfExists(record);
        try (Source opened = Source.open(source)) {
            Converter.Result result = Converter.convert(opened, target,
                    Converter.Options.DEFAULT.verify(verify), Progress.SILENT);
            if (verify && result.verification() == null) {
                throw new IOException(target + " could not be verified: " + result.unverified());
            }
        }
        Files.writeString(record, origin);
        return target;
    }

    private static Path location(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("cannot locate the classes of " + type, e);
        }
    }

    /** A hash over the files and the files below the folders. */
    private static String origin(List<Path> places) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        for (Path place : places) {
            try (Stream<Path> files = Files.walk(place)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    digest.update(place.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
                    update(digest, file);
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void update(MessageDigest digest, Path file) throws IOException {
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
    }
}
