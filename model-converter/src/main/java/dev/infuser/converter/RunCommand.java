package dev.infuser.converter;

import dev.infuser.graph.Graph;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code run}. */
@Command(name = "run", mixinStandardHelpOptions = true, description = "Runs a model and shows what comes out.",
        footer = {"  infuser run model.tea",
            "  infuser run minilm.tea --input input_ids=question.txt --output results",
            "  infuser run det.tea --input x=page.png --json"})
final class RunCommand implements Callable<Integer> {

    private static final int SHOWN = 6;
    private static final int LISTED = 1000;

    @Parameters(paramLabel = "MODEL", description = "a .tea file or a source model")
    private String path;

    @Option(names = "--input", paramLabel = "NAME=FILE", description = "a .npy file, an ONNX tensor (.pb), an image"
            + " (.png, .jpg) or a text (.txt) for models with a tokenizer; inputs not given are random")
    private Map<String, Path> files = new LinkedHashMap<>();

    @Option(names = "--output", paramLabel = "DIR", description = "writes each output there as .npy")
    private Path output;

    @Option(names = "--json", description = "prints JSON, with the elements of small outputs")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = Progress.onTerminal();
        try (LoadedModel loaded = LoadedModel.open(path)) {
            Graph graph = loaded.model().graph();
            Map<String, Tensor> feeds = InputFiles.feeds(loaded.model(), files);
            List<Object> outputs = new ArrayList<>();
            for (Map.Entry<String, Tensor> feed : json ? Map.<String, Tensor>of().entrySet() : feeds.entrySet()) {
                out.println("input   " + feed.getKey() + ": " + feed.getValue()
                        + (files.containsKey(feed.getKey()) ? " from " + files.get(feed.getKey()) : ""));
            }
            progress.say("running " + graph.name());
            Map<String, Datum> results = loaded.runAll(feeds);
            progress.clear();
            int index = 0;
            for (Map.Entry<String, Datum> result : results.entrySet()) {
                Path file = output == null ? null : write(result.getKey(), index, result.getValue());
                if (json) {
                    outputs.add(map(result.getKey(), result.getValue(), file));
                } else {
                    out.println("output  " + result.getKey() + ": " + describe(result.getValue()));
                    if (file != null) {
                        out.println("        " + file);
                    }
                }
                index++;
            }
            if (json) {
                Map<String, Object> map = new LinkedHashMap<>();
                map.put("inputs", feeds.entrySet().stream().map(feed -> map(feed.getKey(), feed.getValue(),
                        files.get(feed.getKey()))).toList());
                map.put("outputs", outputs);
                out.println(JsonText.of(map));
            }
            out.flush();
            return Main.DONE;
        } finally {
            progress.clear();
        }
    }

    private Path write(String name, int index, Datum datum) throws IOException {
        Files.createDirectories(output);
        String base = name.replaceAll("[^A-Za-z0-9._-]", "_");
        base = base.isEmpty() || base.startsWith(".") ? "output_" + index : base;
        Path file = output.resolve(base + (datum instanceof Tensor ? ".npy" : ".pb"));
        Files.write(file, datum instanceof Tensor tensor ? Npy.write(tensor)
                : dev.infuser.converter.onnx.OnnxTensors.write(name, datum));
        return file;
    }

    private static Map<String, Object> map(String name, Datum datum, Path file) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("file", file == null ? null : file.toString());
        if (!(datum instanceof Tensor tensor)) {
            map.put("value", describe(datum));
            return map;
        }
        map.put("type", tensor.dtype().label());
        map.put("dims", Arrays.stream(tensor.dims()).boxed().toList());
        if (tensor.size() <= LISTED) {
            List<Object> elements = new ArrayList<>();
            for (int i = 0; i < tensor.size(); i++) {
                elements.add(tensor.dtype() == DType.STRING ? tensor.strings()[i] : tensor.dtype().isFloat()
                        ? (Object) tensor.getDouble(i) : (Object) tensor.getLong(i));
            }
            map.put("data", elements);
        }
        return map;
    }

    private static String describe(Datum datum) {
        if (datum instanceof Datum.Sequence sequence) {
            return "a sequence of " + sequence.elements().size();
        }
        if (datum instanceof Datum.Optional optional) {
            return optional.value() == null ? "absent" : describe(optional.value());
        }
        if (datum instanceof Datum.Map map) {
            return "a map from " + describe(map.keys()) + " to " + describe(map.values());
        }
        Tensor tensor = (Tensor) datum;
        StringBuilder text = new StringBuilder(tensor.toString());
        if (tensor.dtype() != DType.STRING && tensor.size() > 0) {
            double min = Double.POSITIVE_INFINITY;
            double max = Double.NEGATIVE_INFINITY;
            double sum = 0;
            for (int i = 0; i < tensor.size(); i++) {
                min = Math.min(min, tensor.getDouble(i));
                max = Math.max(max, tensor.getDouble(i));
                sum += tensor.getDouble(i);
            }
            text.append("  min ").append(Verification.number(min)).append("  max ").append(Verification.number(max))
                    .append("  mean ").append(Verification.number(sum / tensor.size()));
        }
        text.append("  [");
        for (int i = 0; i < Math.min(SHOWN, tensor.size()); i++) {
            text.append(i == 0 ? "" : ", ").append(tensor.dtype() == DType.STRING ? '"' + tensor.strings()[i] + '"'
                    : tensor.dtype().isFloat() ? Float.toString((float) tensor.getDouble(i))
                    : Long.toString(tensor.getLong(i)));
        }
        return text.append(tensor.size() > SHOWN ? ", ...]" : "]").toString();
    }
}
