package dev.infuser.converter;

import dev.infuser.converter.build.ImportedModel;
import dev.infuser.converter.quantize.Precision;
import dev.infuser.converter.quantize.Quantized;
import dev.infuser.format.Golden;
import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.pass.Passes;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.UnsupportedModelException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Turns source models into {@code .tea} files. */
public final class Converter {

    private Converter() {
    }

    /**
     * How to convert.
     *
     * @param shrink  what weights are stored as
     * @param fix     extents for symbolic dimensions, by symbol
     * @param verify  whether to compare with the source framework before the file is there
     * @param without names of passes to leave out
     */
    public record Options(Shrink shrink, Map<String, Long> fix, boolean verify, Set<String> without) {

        /** Weights as they are, dimensions as they are, all passes, verified. */
        public static final Options DEFAULT = new Options(Shrink.NONE, Map.of(), true, Set.of());

        public Options {
            fix = Map.copyOf(fix);
            without = Set.copyOf(without);
        }

        /** These options, with or without verification. */
        public Options verify(boolean wanted) {
            return new Options(shrink, fix, wanted, without);
        }
    }

    /**
     * What came of a conversion.
     *
     * @param model        as stored
     * @param bytes        the size of the file
     * @param verification the comparison with the source framework, or null when there is none
     * @param unverified   why there is none, or ""
     * @param quantized    what became of the weights, or null when they are as they were
     */
    public record Result(Model model, long bytes, Verification verification, String unverified, Quantized quantized) {
    }

    /**
     * Converts {@code source} to the file {@code target}, which is there only if all went well.
     *
     * @throws InvalidModelException     when the source is damaged, {@code verification-failed} when the result does not
     *                                   compute what the source framework does, or {@code over-budget} when it does not so
     *                                   nearly as wanted with fewer bits
     * @throws UnsupportedModelException when Infuser lacks something that the source uses
     */
    public static Result convert(Source source, Path target, Options options, Progress progress) throws IOException {
        Passes.check(options.without);
        progress.say("reading " + source.name());
        ImportedModel imported = SourceFormat.of(source).read(source);
        Graph fixed = FixedDims.fix(imported.graph(), options.fix);
        progress.say("optimising " + source.name());
        Graph graph = Stored.optimize(fixed, options.without);
        graph = options.shrink.weights() == Precision.F32 ? Stored.exact(graph) : graph;
        Map<String, String> metadata = provenance(source, imported, options);
        Path part = PartFile.create(target.toAbsolutePath());
        try {
            progress.say("writing " + target);
            write(new Model(graph, metadata, source.assets(), List.of()), part);
            Verification verification = null;
            String unverified = options.verify ? "" : "not asked for";
            if (options.verify) {
                progress.say("verifying " + source.name());
                try {
                    verification = verify(source, fixed, part);
                } catch (UnsupportedModelException e) {
                    unverified = e.getMessage();
                }
            }
            List<Golden> golden = List.of();
            if (verification != null) {
                check(verification);
                record(verification, metadata);
                golden = verification.golden() == null ? List.of() : List.of(verification.golden());
            }
            Quantized quantized = null;
            if (options.shrink.weights() != Precision.F32) {
                progress.say("quantising " + source.name());
                quantized = options.shrink.quantize(new Model(graph, metadata, source.assets(), List.of()), fixed);
                graph = quantized.graph();
                record(quantized, metadata);
                golden = List.of();
                if (options.verify) {
                    write(new Model(graph, metadata, source.assets(), golden), part);
                    try (LoadedModel small = LoadedModel.openTea(part)) {
                        Golden own = Shrink.golden(new SampleInputs(fixed, metadata), quantized, small::run);
                        golden = own == null ? golden : List.of(own);
                    }
                    if (verification != null) {
                        verification = verify(source, fixed, part).within(quantized.budget());
                        record(verification, metadata);
                    }
                }
            }
            Model model = new Model(graph, metadata, source.assets(), golden);
            progress.say("writing " + target);
            write(model, part);
            long bytes = Files.size(part);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return new Result(model, bytes, verification, unverified, quantized);
        } finally {
            Files.deleteIfExists(part);
            progress.clear();
        }
    }

    /** Compares the {@code .tea} file {@code tea} with the source framework; {@code imported} tells the inputs. */
    static Verification verify(Source source, Graph imported, Path tea) throws IOException {
        try (LoadedModel model = LoadedModel.openTea(tea)) {
            return verify(source, imported, model);
        }
    }

    /**
     * Compares a model with the source framework, or with ONNX Runtime on the imported graph where that is not to be had.
     *
     * @param imported the source as imported, with the inputs that the model has
     */
    static Verification verify(Source source, Graph imported, LoadedModel model) throws IOException {
        try (Verification.Framework framework = framework(source, imported)) {
            return Verification.run(imported, new SampleInputs(imported, model.model().metadata()), framework,
                    model::run);
        }
    }

    private static Verification.Framework framework(Source source, Graph imported) throws IOException {
        if (source.runtime() != null) {
            if (SourceFormat.of(source) != SourceFormat.TFJS) {
                throw new InvalidInputException("no-runtime", source.name(), "--runtime is for models of TensorFlow.js",
                        source.name() + " is of " + SourceFormat.of(source), "leave it out");
            }
            return new TensorFlowJs(source.file(), source.runtime(), imported);
        }
        try {
            return SourceFormat.of(source).framework(source);
        } catch (UnsupportedModelException e) {
            return new ExportedGraph(imported);
        }
    }

    private static void check(Verification verification) {
        if (!verification.agrees()) {
            throw new InvalidModelException("verification-failed", "", "the converted model differs from "
                    + verification.with() + ": " + verification.worst(), "", "use --no-verify to keep it all the same, and report the model");
        }
    }

    private static void write(Model model, Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file,
                StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE), 1 << 16)) {
            Stored.write(model, out);
        }
    }

    private static Map<String, String> provenance(Source source, ImportedModel imported, Options options)
            throws IOException {
        Map<String, String> out = new LinkedHashMap<>(imported.metadata());
        source.statements().add(imported.graph(), out);
        out.put("source", source.name());
        out.put("source.sha256", source.sha256());
        out.put("source.bytes", Long.toString(Files.size(source.file())));
        out.put("converter", "infuser " + version());
        StringBuilder text = new StringBuilder(options.shrink.text());
        new java.util.TreeMap<>(options.fix).forEach((name, extent) -> text.append(" fix:").append(name).append('=')
                .append(extent));
        new TreeSet<>(options.without).forEach(name -> text.append(" without:").append(name));
        out.put("converter.options", text.toString());
        return out;
    }

    private static void record(Quantized quantized, Map<String, String> metadata) {
        metadata.put("quantized.weights", quantized.wanted().label());
        metadata.put("quantized.budget", Double.toString(quantized.budget()));
        metadata.put("quantized.error", Double.toString(quantized.error()));
        metadata.put("quantized.wider", Integer.toString(quantized.wider().size()));
    }

    private static void record(Verification verification, Map<String, String> metadata) {
        metadata.put("verified.with", verification.with());
        metadata.put("verified.maxAbs", Double.toString(verification.maxAbs()));
        metadata.put("verified.maxRel", Double.toString(verification.maxRel()));
        metadata.put("verified.cosine", Double.toString(verification.cosine()));
        if (verification.own() != 1) {
            metadata.put("verified.ownCosine", Double.toString(verification.own()));
        }
    }

    /** The version of the converter, or {@code unpackaged} outside a jar. */
    static String version() {
        String version = Converter.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }
}
