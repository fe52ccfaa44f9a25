package dev.infuser.converter;

import dev.infuser.converter.build.ExternalData;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.UnsupportedModelException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A source model with what lies beside it: a file, or an entry of an archive written {@code archive.jar!/entry.onnx}: of a zip
 * file, a tar file or MediaPipe's packed assets.
 * The file is mapped, not read; an entry is unpacked to a temporary file that {@link #close} deletes.
 */
public final class Source implements AutoCloseable {

    private static final String ENTRY = "!/";
    private static final Pattern COORDINATES = Pattern.compile("META-INF/maven/[^/]+/[^/]+/pom\\.properties");
    /** Files of DJL's model folders that tell what goes in and what comes out. */
    private static final List<String> BESIDE = List.of("serving.properties", "synset.txt");

    private final String name;
    private final Path file;
    private final Path temporary;
    private final ExternalData external;
    private final Map<String, byte[]> assets = new LinkedHashMap<>();
    private Statements statements = Statements.NONE;

    private Path runtime;

    private Source(String name, Path file, Path temporary, ExternalData external) {
        this.name = name;
        this.file = file;
        this.temporary = temporary;
        this.external = external;
    }

    /**
     * Opens a source: a file, an entry of an archive, or what {@link Located} resolves.
     *
     * @throws InvalidInputException {@code no-such-file} when it does not exist
     */
    public static Source open(String path) throws IOException {
        if (!Located.concerns(path)) {
            return open(path, null);
        }
        Located located = Located.of(path);
        try {
            return open(located.model(), located.temporary());
        } catch (IOException | RuntimeException e) {
            delete(located.temporary());
            throw e;
        }
    }

    private static Source open(String path, Path temporary) throws IOException {
        int mark = path.indexOf(ENTRY);
        return mark < 0 ? openFile(Path.of(path), temporary) : openEntry(Path.of(path.substring(0, mark)),
                path.substring(mark + ENTRY.length()));
    }

    private static Source openFile(Path file, Path temporary) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException("no-such-file", file.toString(), "there is no file " + file, "",
                    "check the path");
        }
        Source source = new Source(file.getFileName().toString(), file, temporary,
                new FolderData(file.toAbsolutePath().getParent()));
        for (String candidate : tokenizers(source.name)) {
            Path tokenizer = file.resolveSibling(candidate);
            if (source.assets.isEmpty() && Files.isRegularFile(tokenizer)) {
                source.assets.put("tokenizer.json", Files.readAllBytes(tokenizer));
            }
        }
        for (String name : BESIDE) {
            if (Files.isRegularFile(file.resolveSibling(name))) {
                source.assets.put(name, Files.readAllBytes(file.resolveSibling(name)));
            }
        }
        source.state(Statements.of(file));
        return source;
    }

    private static Source openEntry(Path archive, String entry) throws IOException {
        if (!Files.isRegularFile(archive)) {
            throw new InvalidInputException("no-such-file", archive.toString(), "there is no file " + archive, "",
                    "check the path");
        }
        if (Untar.isTar(archive.toString().toLowerCase(Locale.ROOT))) {
            return openUntarred(archive, entry);
        }
        PackedAssets assets = PackedAssets.of(archive);
        if (assets != null) {
            return openPacked(assets, entry);
        }
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            ZipEntry model = zip.getEntry(entry);
            if (model == null) {
                throw new InvalidInputException("no-such-file", entry, archive + " has no entry " + entry, "",
                        "list its entries with: unzip -l " + archive);
            }
            int slash = entry.lastIndexOf('/') + 1;
            String name = entry.substring(slash);
            Path temporary = Files.createTempDirectory("infuser");
            Source source = new Source(name, temporary.resolve("model"), temporary,
                    new ArchiveData(archive, entry.substring(0, slash), temporary));
            try {
                Unpacked.copy(zip, model, source.file);
            } catch (IOException | InvalidModelException e) {
                source.close();
                throw e;
            }
            for (String candidate : tokenizers(name)) {
                ZipEntry tokenizer = zip.getEntry(entry.substring(0, slash) + candidate);
                if (source.assets.isEmpty() && tokenizer != null) {
                    source.assets.put("tokenizer.json", Unpacked.bytes(zip, tokenizer));
                }
            }
            for (String beside : BESIDE) {
                ZipEntry found = zip.getEntry(entry.substring(0, slash) + beside);
                if (found != null) {
                    source.assets.put(beside, Unpacked.bytes(zip, found));
                }
            }
            source.state(stated(zip, entry));
            return source;
        } catch (ZipException e) {
            throw new InvalidModelException("bad-archive", archive.toString(), archive + " is no archive, or a damaged one",
                    String.valueOf(e.getMessage()), "archives are zip and tar files, and packed assets of MediaPipe");
        }
    }

    /** What the artifact of Maven that a jar is says of a model in it. */
    private static Statements stated(ZipFile zip, String entry) throws IOException {
        for (ZipEntry candidate : zip.stream().filter(file -> COORDINATES.matcher(file.getName()).matches()).toList()) {
            Properties coordinates = new Properties();
            coordinates.load(new ByteArrayInputStream(Unpacked.bytes(zip, candidate)));
            return Statements.of(coordinates, entry, name -> {
                ZipEntry file = zip.getEntry(name);
                try {
                    return file == null ? null : Unpacked.bytes(zip, file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return Statements.NONE;
    }

    private static Source openUntarred(Path archive, String entry) throws IOException {
        Path temporary = Files.createTempDirectory("infuser");
        try {
            Untar.untar(archive, temporary);
            Path file = Untar.resolve(temporary, entry);
            if (!Files.isRegularFile(file)) {
                throw new InvalidInputException("no-such-file", entry, archive + " has no entry " + entry, "",
                        "list its entries with: tar -tf " + archive);
            }
            return openFile(file, temporary);
        } catch (IOException | RuntimeException e) {
            delete(temporary);
            throw e;
        }
    }

    private static Source openPacked(PackedAssets assets, String entry) throws IOException {
        if (!assets.ranges().containsKey(entry)) {
            throw new InvalidInputException("no-such-file", entry, assets.data() + " has no entry " + entry, "",
                    "it has " + String.join(", ", assets.ranges().keySet()));
        }
        Path temporary = Files.createTempDirectory("infuser");
        Source source = new Source(entry.substring(entry.lastIndexOf('/') + 1), temporary.resolve("model"), temporary,
                new FolderData(temporary));
        try {
            assets.copy(entry, source.file);
            source.state(Statements.of(assets.data().resolveSibling(source.name)));
            return source;
        } catch (IOException e) {
            source.close();
            throw e;
        }
    }

    private static String[] tokenizers(String model) {
        int dot = model.lastIndexOf('.');
        return new String[] {(dot < 0 ? model : model.substring(0, dot)) + "-tokenizer.json", "tokenizer.json"};
    }

    /** The file name of the model. */
    public String name() {
        return name;
    }

    /** The model as a file of the file system. */
    public Path file() {
        return file;
    }

    /** Where the framework of this model is installed, or null. */
    Path runtime() {
        return runtime;
    }

    /** Says where the framework of this model is installed, for verification: null when that is not known. */
    public void runtime(Path folder) {
        runtime = folder;
    }

    /** What was found beside the model, such as {@code tokenizer.json}. */
    public Map<String, byte[]> assets() {
        return assets;
    }

    /** Adds what somebody says of the model; what is said later counts. */
    public void state(Statements more) {
        statements = statements.and(more);
        if (!more.labels().isEmpty()) {
            assets.put(Statements.LABELS, String.join("\n", more.labels()).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** What its package or its user says of the model. */
    public Statements statements() {
        return statements;
    }

    /** The bytes of the model; valid until this source is closed. */
    public ByteBuffer bytes() throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new UnsupportedModelException("too-large", name, name + " is larger than 2 GB", "",
                        "export it with its weights as external data");
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
        }
    }

    /** The files that the model may keep weights in. */
    public ExternalData external() {
        return external;
    }

    /** The SHA-256 of the model file, in hexadecimal. */
    public String sha256() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] chunk = new byte[1 << 16];
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                digest.update(chunk, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        delete(temporary);
    }

    /** Deletes a folder, or does nothing when it is null. */
    static void delete(Path folder) throws IOException {
        if (folder != null) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }
}
