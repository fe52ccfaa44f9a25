package dev.infuser.converter;

import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidInputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
        description = {"Converts a model, or every model below a folder, and verifies the result.", "",
            "The file appears only when the converted model computes what its source framework does.",
            "Dimensions that a page never changes are better fixed: kernels are made for their extents."},
        footer = {"  infuser convert model.onnx -o model.tea",
            "  infuser convert models.jar!/det.onnx -o det.tea --fix batch=1,height=640,width=640",
            "  infuser convert models/ -o converted/ --json",
            "  infuser convert model.onnx -o model.tea --without recognize-gelu,channels-last"})
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

    @Option(names = "--without", paramLabel = "PASS", split = ",", completionCandidates = PassesCommand.Names.class,
            description = "leaves out passes of the optimiser; infuser passes lists them")
    private Set<String> without = new LinkedHashSet<>();

    @Option(names = "--json", description = "prints JSON")
    private boolean json;

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
        Map<String, Object> result = report(source, output);
        if (json) {
            spec.commandLine().getOut().println(JsonText.of(result));
            spec.commandLine().getOut().flush();
        }
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
        List<Object> results = new ArrayList<>();
        int failed = 0;
        for (Path model : models) {
            String relative = root.relativize(model).toString();
            try {
                results.add(report(model.toString(), output.resolve(relative.substring(0, relative.lastIndexOf('.')) + ".tea")));
            } catch (IOException | InfuserException e) {
                failed++;
                Map<String, Object> result = new LinkedHashMap<>(Map.of("source", model.toString()));
                result.putAll(Main.errorMap(e));
                results.add(result);
                spec.commandLine().getErr().println("infuser: " + relative + ": " + Main.line(e));
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? JsonText.of(results) : (models.size() - failed) + " converted, " + failed + " failed");
        out.flush();
        return failed == 0 ? Main.DONE : Main.WRONG_MODEL;
    }

    private Map<String, Object> report(String from, Path to) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (Source opened = Source.open(from)) {
            Converter.Result result = Converter.convert(opened, to, new Converter.Options(weights.name(), fix, !noVerify, without),
                    Progress.onTerminal());
            if (json) {
                return summary(from, to, result);
            }
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
            return Map.of();
        }
    }

    private static Map<String, Object> summary(String from, Path to, Converter.Result result) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("source", from);
        map.put("file", to.toString());
        map.put("bytes", result.bytes());
        map.put("nodes", result.model().graph().nodes().size());
        map.put("assets", List.copyOf(result.model().assets().keySet()));
        map.put("metadata", result.model().metadata());
        map.put("verification", result.verification() == null ? null : result.verification().toMap());
        map.put("unverified", result.unverified());
        return map;
    }
}
