package dev.infuser.converter;

import dev.infuser.converter.build.ImportedModel;
import dev.infuser.format.FileSource;
import dev.infuser.format.Model;
import dev.infuser.format.TeaReader;
import dev.infuser.pass.Passes;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A model opened for use: a {@code .tea} file, or a source model converted in memory. */
final class LoadedModel implements AutoCloseable {

    private final Model model;
    private final Session session;
    private final AutoCloseable backing;

    private LoadedModel(Model model, AutoCloseable backing) {
        this.model = model;
        this.session = Session.of(model);
        this.backing = backing;
    }

    /**
     * Opens a model of any kind, told by its extension.
     *
     * @throws InvalidInputException {@code no-such-file} when there is none
     */
    static LoadedModel open(String path) throws IOException {
        return path.endsWith(".tea") ? openTea(Path.of(path)) : openSource(path);
    }

    static LoadedModel openTea(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new InvalidInputException("no-such-file", path.toString(), "there is no file " + path, "",
                    "check the path");
        }
        FileSource file = new FileSource(path.toString());
        try {
            TeaReader reader = TeaReader.open(file);
            reader.checkLength(file.length());
            reader.verifyWeights();
            return new LoadedModel(reader.model(), file);
        } catch (InfuserException e) {
            file.close();
            throw e;
        }
    }

    private static LoadedModel openSource(String path) throws IOException {
        Source source = Source.open(path);
        try {
            ImportedModel imported = SourceFormat.of(source).read(source);
            return new LoadedModel(new Model(Passes.optimize(imported.graph()), imported.metadata(), source.assets(),
                    List.of()), source);
        } catch (IOException | InfuserException e) {
            source.close();
            throw e;
        }
    }

    Model model() {
        return model;
    }

    /** All outputs by name. */
    Map<String, Datum> runAll(Map<String, Tensor> feeds) {
        return session.runAny(feeds);
    }

    /** The outputs by name, which must be tensors. */
    Map<String, Tensor> run(Map<String, Tensor> feeds) {
        return session.run(feeds);
    }

    @Override
    public void close() throws IOException {
        try {
            session.close();
            backing.close();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
