package dev.infuser.converter;

import dev.infuser.converter.quantize.Activations;
import dev.infuser.converter.quantize.Precision;
import dev.infuser.converter.quantize.Range;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidInputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code convert}. */
@Command(name = "convert", mixinStandardHelpOptions = true,
        description = {"Converts a model, or every model below a folder, and verifies the result.", "",
            "The file appears only when the converted model computes what its source framework does.",
            "Dimensions that a page never changes are better fixed: kernels are made for their extents."},
        footer = {"  infuser convert model.onnx -o model.tea",
            "  infuser convert models.jar!/det.onnx -o det.tea --fix batch=1,height=640,width=640",
            "  infuser convert model.onnx -o model.tea --weights int8 --layers",
            "  infuser convert det.onnx -o det.tea --weights int4 --calibrate photos/ --max-error 0.2",
            "  infuser convert model.onnx -o model.tea --weights int8 --activations static-int8 --calibrate samples/",
            "  infuser convert models/ -o converted/ --json",
            "  infuser convert model.onnx -o model.tea --without recognize-gelu,channels-last"})
final class ConvertCommand implements Callable<Integer> {

    @Parameters(paramLabel = "SRC", description = "an .onnx or .tflite file, a model.json of TensorFlow.js, an archive of"
            + " models, archive.jar!/entry, a folder, or an address that DJL resolves (djl://, jar://, file:, https://)")
    private String source;

    @Option(names = {"-o", "--output"}, required = true, paramLabel = "OUT", description = "the .tea file, or the folder"
            + " for the models of a folder")
    private Path output;

    @Option(names = "--weights", paramLabel = "TYPE", defaultValue = "f32", completionCandidates = Labels.class,
            converter = Labels.class, description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}, which keeps"
            + " weights as they are); layers over the budget stay wider")
    private Precision weights;

    @Option(names = "--activations", paramLabel = "TYPE", defaultValue = "f32", completionCandidates = ActivationLabels.class,
            converter = ActivationLabels.class, description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}): what int8"
            + " weights are multiplied by, in layers that can bear it")
    private Activations activations;

    @Option(names = "--ranges", paramLabel = "METHOD", defaultValue = "minmax", description = "${COMPLETION-CANDIDATES} (default:"
            + " ${DEFAULT-VALUE}): how the ranges of static-int8 activations are found in samples")
    private Range.Method ranges;

    @Option(names = "--max-error", paramLabel = "ERROR", description = "the budget of --weights: how far outputs may be from those"
            + " of f32, relative to their size (default: 0.01 for f16, 0.1 for int8, 0.3 for int4)")
    private double maxError = Double.NaN;

    @Option(names = "--calibrate", paramLabel = "DIR", description = "measures errors with the .npy, .pb, .txt files and images"
            + " of a folder; for several inputs, with folders of files named as the inputs")
    private Path calibrate;

    @Option(names = "--force", description = "writes the file even if its error is over the budget")
    private boolean force;

    @Option(names = "--layers", description = "prints what each type costs each layer, in bytes and error")
    private boolean layers;

    @Option(names = "--fix", paramLabel = "NAME=DIM", split = ",", description = "gives symbolic dimensions an extent")
    private Map<String, Long> fix = new LinkedHashMap<>();

    @Option(names = "--no-verify", description = "does not compare with the source framework")
    private boolean noVerify;

    @Option(names = "--without", paramLabel = "PASS", split = ",", completionCandidates = PassesCommand.Names.class,
            description = "leaves out passes of the optimiser; infuser passes lists them")
    private Set<String> without = new LinkedHashSet<>();

    @Option(names = "--runtime", paramLabel = "DIR", description = "verifies a model of TensorFlow.js with TensorFlow.js itself, in"
            + " Node, from a folder in which npm installed @tensorflow/tfjs")
    private Path runtime;

    @Option(names = "--labels", paramLabel = "FILE", description = "the names of classes, one a line, which go into the file")
    private Path labels;

    @Option(names = "--metadata", paramLabel = "KEY=VALUE", description = "says something of the model, such as input.NAME.std=255;"
            + " may be given several times")
    private Map<String, String> metadata = new LinkedHashMap<>();

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
        if (activations != Activations.F32 && weights != Precision.INT8) {
            throw new ParameterException(spec.commandLine(), "--activations " + activations.label() + " needs --weights int8");
        }
        if (maxError < 0) {
            throw new ParameterException(spec.commandLine(), "--max-error needs a number of at least 0");
        }
        boolean path = source.indexOf('!') < 0 && !Located.isAddress(source);
        if (path && Files.isDirectory(Path.of(source))) {
            return folder(Path.of(source));
        }
        if (path && Files.isRegularFile(Path.of(source))) {
            List<String> models = Archives.models(Path.of(source));
            if (models.size() == 1) {
                source += "!/" + models.get(0);
            } else if (!models.isEmpty()) {
                Map<String, Path> sources = new LinkedHashMap<>();
                for (String entry : models) {
                    sources.put(source + "!/" + entry, Path.of(entry));
                }
                return all(sources);
            }
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
        Map<String, Path> models = new LinkedHashMap<>();
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            if (SourceFormat.isModel(file)) {
                models.put(file.toString(), root.relativize(file));
            } else if (SourceFormat.isArchive(file)) {
                for (String entry : Archives.models(file)) {
                    models.put(file + "!/" + entry, root.relativize(file.resolveSibling(entry)));
                }
            }
        }
        if (models.isEmpty()) {
            throw new InvalidInputException("no-models", root.toString(), "there is no model below " + root, "",
                    "models are .onnx and .tflite files, and model.json files of TensorFlow.js");
        }
        return all(models);
    }

    /** Converts models, by source, to files of the same paths below the output. */
    private int all(Map<String, Path> models) {
        List<Object> results = new ArrayList<>();
        int failed = 0;
        for (Map.Entry<String, Path> model : models.entrySet()) {
            String relative = model.getValue().toString();
            try {
                Path target = output.resolve(relative.substring(0, relative.lastIndexOf('.')) + ".tea").normalize();
                if (!target.startsWith(output.normalize())) {
                    throw new InvalidInputException("path", relative, "'" + relative + "' leads out of the archive", "", "");
                }
                results.add(report(model.getKey(), target));
            } catch (IOException | InfuserException e) {
                failed++;
                Map<String, Object> result = new LinkedHashMap<>(Map.of("source", model.getKey()));
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
            opened.state(new Statements(metadata, Map.of(), Map.of(), labels == null ? List.of()
                    : Files.readAllLines(labels).stream().filter(line -> !line.isBlank()).toList()));
            opened.runtime(runtime);
            Converter.Result result = Converter.convert(opened, to, new Converter.Options(
                    new Shrink(weights, maxError, force, calibrate, activations, ranges), fix, !noVerify, without),
                    Progress.onTerminal());
            if (json) {
                return summary(from, to, result);
            }
            Verification verification = result.verification();
            out.println(to + ": " + InspectCommand.size(result.bytes()) + ", " + result.model().graph().nodes().size()
                    + " nodes" + (result.model().assets().isEmpty() ? "" : ", with "
                            + String.join(", ", result.model().assets().keySet()))
                    + (verification == null ? "; not verified: " + result.unverified()
                            : "; " + (verification.agrees() ? "agrees with " : "differs from ") + verification.with()
                                    + ": max abs error " + Verification.number(verification.maxAbs())
                                    + ", max rel error " + Verification.number(verification.maxRel()) + ", cosine "
                                    + String.format(Locale.ROOT, "%.8f", verification.cosine())
                                    + (verification.own() == 1 ? "" : String.format(Locale.ROOT, " (its own, with and "
                                            + "without optimisation, %.8f)", verification.own()))));
            if (result.quantized() != null) {
                out.println(layers ? result.quantized().table() : result.quantized().summary());
            }
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
        map.put("quantization", result.quantized() == null ? null : result.quantized().toMap());
        return map;
    }

    /** Names of {@link Precision}, for help and completion, and what they mean. */
    static final class Labels implements Iterable<String>, ITypeConverter<Precision> {
        @Override
        public Iterator<String> iterator() {
            return Stream.of(Precision.values()).map(Precision::label).iterator();
        }

        @Override
        public Precision convert(String value) {
            for (Precision precision : Precision.values()) {
                if (precision.label().equalsIgnoreCase(value)) {
                    return precision;
                }
            }
            throw new TypeConversionException("expected one of " + String.join(", ", this) + ", found '" + value + "'");
        }
    }

    /** Names of {@link Activations}, for help and completion, and what they mean. */
    static final class ActivationLabels implements Iterable<String>, ITypeConverter<Activations> {
        @Override
        public Iterator<String> iterator() {
            return Stream.of(Activations.values()).map(Activations::label).iterator();
        }

        @Override
        public Activations convert(String value) {
            for (Activations activations : Activations.values()) {
                if (activations.label().equalsIgnoreCase(value)) {
                    return activations;
                }
            }
            throw new TypeConversionException("expected one of " + String.join(", ", this) + ", found '" + value + "'");
        }
    }
}
