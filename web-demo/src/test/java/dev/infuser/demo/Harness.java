package dev.infuser.demo;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** The model, the browser and the demo's site, made once for all tests of a run; tests take it as a parameter. */
record Harness(Chrome chrome, Path model, SiteServer server) implements AutoCloseable {

    /** The bundle under test. */
    static Path bundle() {
        return Path.of(System.getProperty("infuser.bundle", "../inference-core/target/npm"));
    }

    /** The demo's site over a folder of models, with the test page at {@code /test/test.html}. */
    static SiteServer serve(Path models) throws IOException {
        return SiteServer.start(Site.demo(bundle(), models).with("/test/", Site.packaged("/site-test")), 0, true);
    }

    static Harness open() throws IOException {
        Chrome chrome = new Chrome();
        Path model = DemoModel.prepare(DemoModel.folder(), () -> { });
        return new Harness(chrome, model, serve(model.getParent()));
    }

    /** A new page of the demo's site. */
    Visit visit(String path) {
        return Visit.open(chrome.browser(), server.address() + path);
    }

    @Override
    public void close() {
        server.close();
        chrome.close();
    }

    /** Gives tests the harness. */
    static final class Shared implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Harness.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot().getStore(ExtensionContext.Namespace.create(Harness.class))
                    .computeIfAbsent(Harness.class, key -> {
                        try {
                            return open();
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    }, Harness.class);
        }
    }
}
