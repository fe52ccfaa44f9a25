package dev.infuser.converter;

import dev.infuser.format.Golden;
import dev.infuser.graph.Graph;
import dev.infuser.tensor.UnsupportedModelException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code verify}. */
@Command(name = "verify", mixinStandardHelpOptions = true,
        description = {"Runs the source framework and Infuser on the same generated inputs and compares the outputs. Without SRC,"
            + " Infuser replays the golden vectors that the conversion left in the file."},
        footer = {"  infuser verify model.tea", "  infuser verify model.onnx model.tea",
            "  infuser verify model.onnx model.tea --json"})
final class VerifyCommand implements Callable<Integer> {

    @Parameters(arity = "1..2", paramLabel = "[SRC] MODEL.tea", hideParamSyntax = true,
            description = "the source model, and the converted model")
    private List<String> files;

    @Option(names = "--runtime", paramLabel = "DIR", description = "verifies a model of TensorFlow.js with TensorFlow.js itself, in"
            + " Node, from a folder in which npm installed @tensorflow/tfjs")
    private Path runtime;

    @Option(names = "--json", description = "prints JSON")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        return files.size() == 1 ? replay(Path.of(files.get(0))) : compare(files.get(0), Path.of(files.get(1)));
    }

    private int compare(String source, Path tea) throws IOException {
        Progress progress = Progress.onTerminal();
        try (Source opened = Source.open(source); LoadedModel model = LoadedModel.openTea(tea)) {
            opened.runtime(runtime);
            progress.say("verifying " + tea);
            Graph imported = SourceFormat.of(opened).read(opened).graph();
            Graph sameInputs = new Graph(imported.name(), model.model().graph().inputs(), imported.outputs(),
                    imported.nodes(), imported.constants(), imported.types());
            Verification verification = Converter.verify(opened, sameInputs, model)
                    .within(Shrink.budget(model.model().metadata()));
            progress.clear();
            print(json ? JsonText.of(verification.toMap()) + System.lineSeparator() : verification.table());
            if (!verification.agrees() && !json) {
                complain(tea + " differs from " + verification.with() + ": " + verification.worst()
                        + "; convert the model again, or report it");
            }
            return verification.agrees() ? Main.DONE : Main.WRONG_MODEL;
        } finally {
            progress.clear();
        }
    }

    private int replay(Path tea) throws IOException {
        Progress progress = Progress.onTerminal();
        try (LoadedModel model = LoadedModel.openTea(tea)) {
            if (model.model().golden().isEmpty()) {
                throw new UnsupportedModelException("no-golden-vectors", "", tea + " has no golden vectors to replay", "",
                        "use verify SRC " + tea + ", or convert it again");
            }
            progress.say("verifying " + tea);
            Map<String, String> metadata = model.model().metadata();
            String with = metadata.containsKey("quantized.weights") ? "Infuser, with these weights"
                    : metadata.getOrDefault("verified.with", "");
            boolean passed = true;
            List<Object> list = new ArrayList<>();
            StringBuilder table = new StringBuilder();
            for (Golden golden : model.model().golden()) {
                dev.infuser.runtime.Verification one = dev.infuser.runtime.Verification.of(golden,
                        model.runAll(golden.inputs()));
                passed &= one.passed();
                Map<String, Object> map = new LinkedHashMap<>();
                map.put("name", one.name());
                map.put("passed", one.passed());
                map.put("maxAbs", one.absolute());
                map.put("maxRel", one.relative());
                list.add(map);
                table.append(String.format(Locale.ROOT, "%s: %s, max abs error %s, max rel error %s%n", one.name(),
                        one.passed() ? "passed" : "failed", Verification.number(one.absolute()),
                        Verification.number(one.relative())));
            }
            progress.clear();
            Map<String, Object> report = new LinkedHashMap<>();
            report.put("passed", passed);
            report.put("with", with);
            report.put("source.sha256", metadata.get("source.sha256"));
            report.put("golden", list);
            print(json ? JsonText.of(report) + System.lineSeparator()
                    : (with.isEmpty() ? "" : "expected outputs are of " + with + System.lineSeparator()) + table);
            if (!passed && !json) {
                complain(tea + " does not give the outputs that it was converted with; convert the model again, or report it");
            }
            return passed ? Main.DONE : Main.WRONG_MODEL;
        } finally {
            progress.clear();
        }
    }

    private void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(text);
        out.flush();
    }

    private void complain(String text) {
        spec.commandLine().getErr().println("infuser: " + text);
    }
}
