package dev.infuser.task;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.infuser.converter.Converter;
import dev.infuser.converter.Progress;
import dev.infuser.converter.Source;
import dev.infuser.kernel.Target;
import dev.infuser.models.UnavailableException;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.testing.V8Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/** A real model, converted with all that its package says of it, as kernels in V8. */
record CompiledModel(V8Host host, Session session) implements AutoCloseable {

    private static final int HEAP_START = 1024;

    /** Skips the test, saying why, where the model cannot be had. */
    static CompiledModel open(Supplier<Path> model) throws IOException {
        Path path;
        try {
            path = model.get();
        } catch (UnavailableException e) {
            return abort("not tested: " + e.getMessage());
        }
        Path target = Files.createTempFile("model", ".tea");
        try (Source source = Source.open(path.toString())) {
            Converter.Result result = Converter.convert(source, target, Converter.Options.DEFAULT.verify(false), Progress.SILENT);
            V8Host host = new V8Host(Target.RELAXED);
            return new CompiledModel(host, Session.compile(result.model(), new Heap(host, HEAP_START)));
        } finally {
            Files.delete(target);
        }
    }

    @Override
    public void close() {
        session.close();
        host.close();
    }
}
