package dev.infuser.converter;

import dev.infuser.graph.Graph;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code verify}. */
@Command(name = "verify", mixinStandardHelpOptions = true,
        description = "Runs the source framework and Infuser on the same generated inputs and compares the outputs.",
        footer = {"  infuser verify model.onnx model.tea", "  infuser verify model.onnx model.tea --json"})
final class VerifyCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "SRC", description = "the source model")
    private String source;

    @Parameters(index = "1", paramLabel = "MODEL.tea", description = "the converted model")
    private Path tea;

    @Option(names = "--json", description = "prints JSON")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Progress progress = Progress.onTerminal();
        try (Source opened = Source.open(source); LoadedModel model = LoadedModel.openTea(tea)) {
            progress.say("verifying " + tea);
            Graph imported = SourceFormat.of(opened).read(opened).graph();
            Graph sameInputs = new Graph(imported.name(), model.model().graph().inputs(), imported.outputs(),
                    imported.nodes(), imported.constants(), imported.types());
            Verification verification = Verification.run(sameInputs,
                    SourceFormat.of(opened).framework(opened), model::run).within(Shrink.budget(model.model().metadata()));
            progress.clear();
            PrintWriter out = spec.commandLine().getOut();
            out.print(json ? JsonText.of(verification.toMap()) + System.lineSeparator() : verification.table());
            out.flush();
            if (!verification.agrees() && !json) {
                spec.commandLine().getErr().println("infuser: " + tea + " differs from ONNX Runtime: "
                        + verification.worst() + "; convert the model again, or report it");
            }
            return verification.agrees() ? Main.DONE : Main.WRONG_MODEL;
        } finally {
            progress.clear();
        }
    }
}
