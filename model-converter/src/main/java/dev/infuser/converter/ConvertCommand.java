package dev.infuser.converter;

import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidInputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code convert}. */
@Command(name = "convert", mixinStandardHelpOptions = true,
        description = "Converts a model, or every model below a folder, and verifies the result.")
final class ConvertCommand implements Callable<Integer> {

    private enum Weights { f32, f16, int8, int4 }

    @Parameters(paramLabel = "SRC", description = "an .onnx file, a model.json of TensorFlow.js,"
            + " archive.jar!/entry, or a folder")
    private String source;

    @Option(names = {"-o", "--output"}, required = true, paramLabel = "OUT", description = "the .tea file, or the folder"
            + " for the models of a folder")
    private Path output;

    @Option(names = "--weights", paramLabel = "TYPE", defaultValue = "f32", description = "${COMPLETION-CANDIDATES}"
            + " (default: ${DEFAULT-VALUE}, which keeps weights as they are)")
    private Weights weights;

    @Option(names = "--fix", paramLabel = "NAME=DIM", split = ",", description = "gives symbolic dimensions an extent")
    private Map<String, Long> fix = new LinkedHashMap<>();

    @Option(names = "--no-verify", description = "does not compare with the source framework")
    private boolean noVerify;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        for (Map.Entry<String, Long> entry : fix.entrySet()) {
            if (entry.getValue() == null || entry.getValue() < 1 || entry.getValue() > Integer.MAX_VALUE) {
                throw new ParameterException(spec.commandLine(), "--fix " + entry.getKey() + " needs an extent of at least 1");
            }
        }
        if (source.indexOf('!') < 0 && Files.isDirectory(Path.of(source))) {
            return folder(Path.of(source));
        }
        if (Files.isDirectory(output)) {
            throw new ParameterException(spec.commandLine(), "-o names the folder " + output + ", it should be a .tea file");
        }
        report(source, output);
        return Main.DONE;
    }

    private int folder(Path root) throws IOException {
        List<Path> models;
        try (Stream<Path> files = Files.walk(root)) {
            models = files.filter(file -> Files.isRegularFile(file) && SourceFormat.isModel(file)).sorted().toList();
        }
        if (models.isEmpty()) {
            throw new InvalidInputException("no-models", root.toString(), "there is no model below " + root, "",
                    "models are .onnx files, and model.json files of TensorFlow.js");
        }
        int failed = 0;
        for (Path model : models) {
            String relative = root.relativize(model).toString();
            try {
                report(model.toString(), output.resolve(relative.substring(0, relative.lastIndexOf('.')) + ".tea"));
            } catch (IOException | InfuserException e) {
                failed++;
                spec.commandLine().getErr().println("infuser: " + relative + ": " + Main.line(e));
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println((models.size() - failed) + " converted, " + failed + " failed");
        out.flush();
        return failed == 0 ? Main.DONE : Main.WRONG_MODEL;
    }

    private void report(String from, Path to) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (Source opened = Source.open(from)) {
            Converter.Result result = Converter.convert(opened, to, new Converter.Options(weights.name(), fix, !noVerify),
                    Progress.onTerminal());
            Verification verification = result.verification();
            out.println(to + ": " + InspectCommand.size(result.bytes()) + ", " + result.model().graph().nodes().size()
                    + " nodes" + (result.model().assets().isEmpty() ? "" : ", with "
                            + String.join(", ", result.model().assets().keySet()))
                    + (verification == null ? "; not verified: " + result.unverified()
                            : "; agrees with ONNX Runtime: max abs error " + Verification.number(verification.maxAbs())
                                    + ", max rel error " + Verification.number(verification.maxRel()) + ", cosine "
                                    + String.format(Locale.ROOT, "%.8f", verification.cosine())
                                    + (verification.own() == 1 ? "" : String.format(Locale.ROOT, " (its own, with and "
                                            + "without optimisation, %.8f)", verification.own()))));
            out.flush();
        }
    }
}
