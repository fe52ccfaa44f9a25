package dev.infuser.demo;

import dev.infuser.models.UnavailableException;
import dev.infuser.tensor.InfuserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prepares the model, then serves the demo until the process ends. */
@Command(name = "demo", mixinStandardHelpOptions = true, description = "Serves the Infuser demo on this machine.")
public final class Main implements Callable<Integer> {

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8080",
            description = "the port, or the next free one (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(names = "--bundle", paramLabel = "DIR", defaultValue = "inference-core/target/npm",
            description = "the folder with infuser.js and infuser.wasm (default: ${DEFAULT-VALUE})")
    private Path bundle;

    @Option(names = "--no-isolation",
            description = "leaves out what isolates the pages from other origins (COOP and COEP) and so gives them threads")
    private boolean open;

    Main() {
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.exists(bundle.resolve("infuser.js"))) {
            System.err.println("demo: there is no bundle in " + bundle + "; build it with: ./mvnw -DskipTests package");
            return 2;
        }
        try {
            Path folder = DemoModel.folder();
            Path model = DemoModel.prepare(folder, () -> System.out.println(
                    "Converting MiniLM and comparing it with ONNX Runtime; this happens once ..."));
            TaskModels others = new TaskModels(folder);
            SiteServer server = SiteServer.start(Site.demo(bundle, folder), port, !open);
            Runtime.getRuntime().addShutdownHook(new Thread(server::close));
            System.out.println("Model: " + model + ", " + Files.size(model) / 1_000_000 + " MB");
            System.out.println("Infuser demo: " + server.address() + " (stop with Ctrl+C)");
            others.prepare(System.out::println);
            Thread.currentThread().join();
            return 0;
        } catch (UnavailableException | InfuserException | IOException e) {
            System.err.println("demo: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            return 0;
        }
    }

    /** Runs the demo; ends with 1 where the model or a port cannot be had, with 2 on wrong usage. */
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
