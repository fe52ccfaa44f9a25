package dev.infuser.djl;

import ai.djl.BaseModel;
import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.infuser.format.FileSource;
import dev.infuser.format.TeaReader;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.InfuserException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A {@code .tea} file as a model of DJL. What the file carries (tokenizer, labels) is found as files would be: a
 * translator that asks for {@code tokenizer.json} gets the one in the folder of the model, or else the one in the file.
 */
final class InfuserModel extends BaseModel {

    private static final String EXTENSION = ".tea";

    private final Map<String, byte[]> assets = new LinkedHashMap<>();
    private FileSource source;
    private Session session;
    private boolean single;
    private Path unpacked;

    InfuserModel(String name, NDManager manager) {
        super(name);
        this.manager = manager;
        manager.setName("infuserModel");
        dataType = DataType.FLOAT32;
    }

    /**
     * Loads a file, or of a folder the one named like {@code prefix}, like the model, like the folder, {@code model.tea},
     * or the only one.
     *
     * @throws FileNotFoundException   when there is no {@code .tea} file
     * @throws MalformedModelException when it is damaged, or of a newer version
     */
    @Override
    public void load(Path path, String prefix, Map<String, ?> options) throws IOException, MalformedModelException {
        if (block != null) {
            throw new UnsupportedOperationException("a .tea file brings its own block");
        }
        setModelDir(path);
        wasLoaded = true;
        Path file = find(path, prefix);
        try {
            source = new FileSource(file.toString());
            TeaReader reader = TeaReader.open(source);
            reader.checkLength(source.length());
            session = Session.of(reader);
            assets.putAll(reader.assets());
            reader.metadata().forEach(this::setProperty);
        } catch (InfuserException e) {
            release();
            throw new MalformedModelException(file + ": " + e.getMessage(), e);
        }
        block = new InfuserBlock(session);
    }

    @Override
    public void load(InputStream in, Map<String, ?> options) throws IOException, MalformedModelException {
        Path file = folder().resolve("model" + EXTENSION);
        Files.copy(in, file);
        load(file, null, options);
    }

    private Path find(Path path, String prefix) throws IOException {
        if (Files.isRegularFile(path)) {
            single = true;
            modelDir = path.toAbsolutePath().getParent();
            String name = path.getFileName().toString();
            modelName = name.endsWith(EXTENSION) ? name.substring(0, name.length() - EXTENSION.length()) : name;
            return path;
        }
        for (String name : prefix != null ? new String[] {prefix}
                : new String[] {modelName, modelDir.getFileName().toString(), "model"}) {
            Path file = modelDir.resolve(name.endsWith(EXTENSION) ? name : name + EXTENSION);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(modelDir)) {
            try (Stream<Path> files = Files.list(modelDir)) {
                files.filter(file -> file.toString().endsWith(EXTENSION)).forEach(found::add);
            }
        }
        if (found.size() != 1) {
            throw new FileNotFoundException((found.isEmpty() ? "there is no .tea file in " : "there are several .tea files in ")
                    + path + "; name one with optModelName or optModelPath");
        }
        return found.get(0);
    }

    /** The folder of the model; for a model named as a file that carries assets, a temporary one that holds those. */
    @Override
    public Path getModelPath() {
        if (!single || assets.isEmpty()) {
            return modelDir;
        }
        try {
            for (String name : assets.keySet()) {
                unpack(name);
            }
            return folder();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public URL getArtifact(String name) throws IOException {
        if (name != null && assets.containsKey(name) && !Files.isReadable(modelDir.resolve(name))) {
            return unpack(name).toUri().toURL();
        }
        return super.getArtifact(name);
    }

    @Override
    public String[] getArtifactNames() {
        return assets.keySet().toArray(new String[0]);
    }

    private synchronized Path folder() throws IOException {
        if (unpacked == null) {
            unpacked = Files.createTempDirectory("infuser");
        }
        return unpacked;
    }

    private synchronized Path unpack(String name) throws IOException {
        Path file = folder().resolve(name).normalize();
        if (!file.startsWith(folder())) {
            throw new FileNotFoundException("the asset '" + name + "' leads out of the model's folder");
        }
        if (!Files.exists(file)) {
            Files.createDirectories(file.getParent());
            Files.write(file, assets.get(name));
        }
        return file;
    }

    private void release() {
        if (session != null) {
            session.close();
        }
        if (source != null) {
            source.close();
        }
    }

    /** Ends the model; predictors that are still used fail with the code {@code closed}. */
    @Override
    public synchronized void close() {
        super.close();
        release();
        if (unpacked != null) {
            try (Stream<Path> files = Files.walk(unpacked)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            unpacked = null;
        }
    }
}
