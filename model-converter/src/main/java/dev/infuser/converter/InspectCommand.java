package dev.infuser.converter;

import dev.infuser.converter.view.GraphPage;
import dev.infuser.format.Model;
import dev.infuser.graph.Attribute;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.op.Inference;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code inspect}. */
@Command(name = "inspect", mixinStandardHelpOptions = true,
        description = "Shows inputs, outputs, operators, sizes and provenance of a model.",
        footer = {"  infuser inspect model.tea", "  infuser inspect model.onnx --html graph.html",
            "  infuser inspect det.tea --plan --fix batch=1,height=640,width=640", "  infuser inspect model.tea --json"})
final class InspectCommand implements Callable<Integer> {

    private static final int SHOWN = 160;

    @Parameters(paramLabel = "MODEL", description = "a .tea file or a source model")
    private String path;

    @Option(names = "--json", description = "prints JSON")
    private boolean json;

    @Option(names = "--graph", description = "prints the graph, one line per value")
    private boolean graph;

    @Option(names = "--plan", description = "prints the steps that the model runs as, with their kernels")
    private boolean plan;

    @Option(names = "--html", paramLabel = "FILE", description = "writes a page that draws the graph; it needs no network")
    private Path html;

    @Option(names = "--fix", paramLabel = "NAME=DIM", split = ",",
            description = "with --plan and --html: gives symbolic dimensions an extent")
    private Map<String, Long> fix = new LinkedHashMap<>();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        try (LoadedModel loaded = LoadedModel.open(path)) {
            PrintWriter out = spec.commandLine().getOut();
            Model model = loaded.model();
            if (html != null) {
                Files.write(html, GraphPage.of(model, Inference.infer(FixedDims.fix(model.graph(), fix))));
            }
            if (graph) {
                out.print(model.graph());
            } else if (plan) {
                PlanText.print(model.graph(), fix, out);
            } else if (json) {
                out.println(JsonText.of(summary(model)));
            } else {
                print(model, out);
            }
            out.flush();
            return Main.DONE;
        }
    }

    private static Map<String, Object> summary(Model model) {
        Graph graph = model.graph();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", graph.name());
        List<Object> inputs = new ArrayList<>();
        for (Value input : graph.inputs()) {
            inputs.add(value(input.name(), input.type()));
        }
        map.put("inputs", inputs);
        List<Object> outputs = new ArrayList<>();
        for (String output : graph.outputs()) {
            outputs.add(value(output, graph.type(output)));
        }
        map.put("outputs", outputs);
        map.put("operators", operators(graph, new TreeMap<>()));
        long[] weights = weights(graph);
        map.put("weights", weights[0]);
        map.put("weightBytes", weights[1]);
        Map<String, Object> assets = new LinkedHashMap<>();
        model.assets().forEach((name, bytes) -> assets.put(name, bytes.length));
        map.put("assets", assets);
        map.put("golden", model.golden().size());
        map.put("metadata", model.metadata());
        return map;
    }

    private static Map<String, Object> value(String name, ValueType type) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("type", type instanceof ValueType.OfTensor t ? t.dtype().label() : type == null ? null : type.toString());
        if (type instanceof ValueType.OfTensor t && t.shape() != null) {
            map.put("dims", t.shape().dims().stream().map(d -> d.isConstant() ? (Object) d.value() : d.symbol()).toList());
        }
        return map;
    }

    private static Map<String, Integer> operators(Graph graph, Map<String, Integer> counts) {
        for (Node node : graph.nodes()) {
            counts.merge(node.qualifiedOp(), 1, Integer::sum);
            for (Attribute attribute : node.attributes().map().values()) {
                if (attribute instanceof Attribute.OfGraph g) {
                    operators(g.value(), counts);
                }
            }
        }
        return counts;
    }

    private static long[] weights(Graph graph) {
        long[] sums = new long[2];
        for (Tensor tensor : graph.constants().values()) {
            sums[0] += tensor.size();
            sums[1] += ((long) tensor.size() * tensor.dtype().bits() + 7) / 8;
        }
        return sums;
    }

    private static void print(Model model, PrintWriter out) {
        Graph graph = model.graph();
        long[] weights = weights(graph);
        out.println(graph.name() + ": " + graph.nodes().size() + " nodes, " + String.format(Locale.ROOT, "%,d", weights[0])
                + " weights in " + size(weights[1]));
        for (Value input : graph.inputs()) {
            out.println("  input   " + input.name() + ": " + input.type());
        }
        for (String output : graph.outputs()) {
            ValueType type = graph.type(output);
            out.println("  output  " + output + (type == null ? "" : ": " + type));
        }
        out.println("operators");
        operators(graph, new TreeMap<>()).forEach((op, count) -> out.println(String.format("  %5d %s", count, op)));
        if (!model.assets().isEmpty()) {
            out.println("assets");
            model.assets().forEach((name, bytes) -> out.println("  " + name + ": " + size(bytes.length)));
        }
        if (!model.metadata().isEmpty()) {
            out.println("provenance");
            model.metadata().forEach((key, value) -> out.println("  " + key + ": " + shortened(value)));
        }
        if (!model.golden().isEmpty()) {
            out.println("  golden vectors: " + model.golden().size());
        }
    }

    private static String shortened(String text) {
        String line = text.replace('\r', ' ').replace('\n', ' ');
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "... (" + line.length() + " characters)";
    }

    /** A size in the unit that suits it. */
    static String size(long bytes) {
        return bytes < 1000 ? bytes + " bytes" : bytes < 1_000_000 ? String.format(Locale.ROOT, "%.1f KB", bytes / 1e3)
                : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
