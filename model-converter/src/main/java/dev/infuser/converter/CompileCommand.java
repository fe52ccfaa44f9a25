package dev.infuser.converter;

import dev.infuser.aot.AheadOfTime;
import dev.infuser.aot.Standalone;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.kernel.Target;
import dev.infuser.op.Inference;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code compile}. */
@Command(name = "compile", mixinStandardHelpOptions = true,
        description = {"Compiles a model ahead of time: into a WebAssembly module that needs nothing of Infuser where it runs, with a",
            "script (ES module) and types that load it in browsers, Node and edge workers. All extents have to be fixed."},
        footer = {"  infuser compile digits.tea -o dist",
            "  infuser compile minilm.tea -o dist --fix batch_size=1,sequence_length=128 --weights beside",
            "  infuser compile vad.tea -o dist --fix batch=1,sequence=512,sr=16000 --wasi"})
final class CompileCommand implements Callable<Integer> {

    private enum Weights { INSIDE, BESIDE }

    private enum Simd { STRICT, RELAXED }

    @Parameters(paramLabel = "MODEL", description = "a .tea file or a source model")
    private String path;

    @Option(names = {"-o", "--output"}, paramLabel = "DIR", required = true, description = "where the files go")
    private Path output;

    @Option(names = "--fix", paramLabel = "NAME=NUMBER", split = ",",
            description = "gives a symbolic dimension its extent, or an input of one number its value for good")
    private Map<String, Double> fix = new LinkedHashMap<>();

    @Option(names = "--name", paramLabel = "NAME", description = "of the files; that of the model by default")
    private String name;

    @Option(names = "--weights", defaultValue = "INSIDE",
            description = "INSIDE the module, or in a file BESIDE it, which may be streamed into memory (default: ${DEFAULT-VALUE})")
    private Weights weights;

    @Option(names = "--simd", defaultValue = "STRICT", description = "STRICT runs wherever there is SIMD, with the same results;"
            + " RELAXED is faster where there is relaxed SIMD (default: ${DEFAULT-VALUE})")
    private Simd simd;

    @Option(names = "--wasi", description = "also writes a command for WASI, which reads the elements of the inputs from the"
            + " standard input and writes those of the outputs to the standard output")
    private boolean wasi;

    @Option(names = "--json", description = "prints what was written as JSON")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = Progress.onTerminal();
        String stem = name == null ? Path.of(path).getFileName().toString().replaceFirst("\\.[^.]*$", "") : name;
        if (!stem.matches("[A-Za-z0-9_][A-Za-z0-9._-]*")) {
            throw new ParameterException(spec.commandLine(), "'" + stem + "' is no name for files of a module: give one by --name");
        }
        try (LoadedModel loaded = LoadedModel.open(path)) {
            progress.say("compiling " + stem);
            Graph graph = loaded.model().graph();
            Map<String, Long> extents = new LinkedHashMap<>();
            Map<String, Tensor> given = given(graph, extents);
            Graph fixed = Inference.infer(FixedDims.fix(graph, extents));
            Standalone compiled = AheadOfTime.compile(fixed, given, simd == Simd.STRICT ? Target.STRICT : Target.RELAXED);
            StandaloneFiles files = new StandaloneFiles(compiled, stem, weights == Weights.INSIDE, simd == Simd.RELAXED);
            Map<String, byte[]> written = new LinkedHashMap<>(files.all());
            if (wasi) {
                written.put(stem + "-wasi.wasm", compiled.command());
            }
            List<Object> listed = new ArrayList<>();
            for (Map.Entry<String, byte[]> file : written.entrySet()) {
                write(output.resolve(file.getKey()).toAbsolutePath(), file.getValue());
                listed.add(Map.of("file", output.resolve(file.getKey()).toString(), "bytes", file.getValue().length));
            }
            progress.clear();
            if (json) {
                out.println(JsonText.of(Map.of("files", listed, "kernels", compiled.kernelBytes())));
            } else {
                for (Map.Entry<String, byte[]> file : written.entrySet()) {
                    out.println(output.resolve(file.getKey()) + "  " + InspectCommand.size(file.getValue().length));
                }
                out.println("kernels in " + InspectCommand.size(compiled.kernelBytes()));
            }
            out.flush();
            return Main.DONE;
        } finally {
            progress.clear();
        }
    }

    /** Inputs of one number that are given, and into {@code extents} what else is. */
    private Map<String, Tensor> given(Graph graph, Map<String, Long> extents) {
        Map<String, Tensor> given = new LinkedHashMap<>();
        for (Map.Entry<String, Double> entry : fix.entrySet()) {
            Value input = graph.inputs().stream().filter(value -> value.name().equals(entry.getKey())).findFirst().orElse(null);
            if (input == null) {
                if (entry.getValue() != Math.rint(entry.getValue()) || entry.getValue() < 1) {
                    throw new ParameterException(spec.commandLine(), "--fix " + entry.getKey() + " needs an extent of at least 1");
                }
                extents.put(entry.getKey(), entry.getValue().longValue());
                continue;
            }
            if (!(input.type() instanceof ValueType.OfTensor type) || type.shape() == null || !type.shape().elements().is(1)) {
                throw new InvalidInputException("not-one-number", input.name(), "input '" + input.name() + "' is not one number",
                        "it is " + input.type(), "fix its dimensions instead");
            }
            int[] dims = new int[type.shape().rank()];
            Arrays.fill(dims, 1);
            given.put(input.name(), Tensor.ofDoubles(type.dtype(), dims, new double[] {entry.getValue()}));
        }
        return given;
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        Path part = PartFile.create(file);
        Files.write(part, bytes);
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
