package dev.infuser.runtime;

import dev.infuser.format.FileSource;
import dev.infuser.format.Model;
import dev.infuser.format.TeaReader;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Inference;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * A model ready to run.
 *
 * <pre>
 * try (Session session = Session.open(Path.of("model.tea"))) {
 *     Map&lt;String, Tensor&gt; outputs = session.run(Map.of("x", Tensor.floats(new int[] {1, 2}, 3, 4)));
 * }
 * </pre>
 */
public final class Session implements AutoCloseable {

    private final Graph graph;
    private final Map<String, String> metadata;
    private final Map<String, byte[]> assets;
    private final CompiledModel compiled;
    private final FileSource source;
    private boolean closed;

    private Session(Graph graph, Map<String, String> metadata, Map<String, byte[]> assets, CompiledModel compiled, FileSource source) {
        this.graph = graph;
        this.metadata = metadata;
        this.assets = assets;
        this.compiled = compiled;
        this.source = source;
    }

    /**
     * Opens a {@code .tea} file, to be evaluated in plain Java.
     *
     * @throws dev.infuser.tensor.InvalidModelException     where the file is not a whole, undamaged {@code .tea} file
     * @throws dev.infuser.tensor.UnsupportedModelException where it is from a newer version or uses an unknown operator
     * @throws dev.infuser.tensor.ResourceException         where the file cannot be read
     */
    public static Session open(Path path) {
        FileSource source = new FileSource(path.toString());
        try {
            TeaReader reader = TeaReader.open(source);
            return new Session(Inference.infer(reader.graph()), reader.metadata(), reader.assets(), null, source);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /** A session that evaluates a model in plain Java. */
    public static Session of(Model model) {
        return new Session(Inference.infer(model.graph()), model.metadata(), model.assets(), null, null);
    }

    /** A session that compiles a model for a host and runs it there, as far as that goes. */
    public static Session compile(Model model, Heap heap) {
        return new Session(Inference.infer(model.graph()), model.metadata(), model.assets(),
                CompiledModel.compile(model.graph(), heap), null);
    }

    /**
     * A session that compiles the graph of a file for a host and runs it there, as far as that goes.
     *
     * @param weights the address of the file's weights section in the host's memory
     */
    public static Session compile(TeaReader file, Heap heap, long weights) {
        CompiledModel compiled = CompiledModel.compile(file, heap, weights);
        return new Session(compiled == null ? Inference.infer(file.graph()) : compiled.graph(), file.metadata(),
                file.assets(), compiled, null);
    }

    /** A session that evaluates the graph of a file in plain Java. */
    public static Session of(TeaReader file) {
        return new Session(Inference.infer(file.graph()), file.metadata(), file.assets(), null, null);
    }

    /** The inputs, in order, with their types. */
    public List<Value> inputs() {
        return graph.inputs();
    }

    /** The outputs, in order, with what is known of their types. */
    public List<Value> outputs() {
        List<Value> outputs = new ArrayList<>();
        for (String output : graph.outputs()) {
            outputs.add(new Value(output, graph.type(output)));
        }
        return outputs;
    }

    /** What the file says of its origin. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** What else its file holds, such as tokenizer or labels: bytes by name. */
    public Map<String, byte[]> assets() {
        return assets;
    }

    public Graph graph() {
        return graph;
    }

    /** The compiled form, or null where the model is evaluated. */
    public CompiledModel compiled() {
        return compiled;
    }

    /**
     * Runs the model on tensors.
     *
     * @param feeds one tensor for each input
     * @return one tensor for each output, in order
     * @throws InvalidInputException where feeds do not fit the inputs, or an output is not a tensor
     */
    public Map<String, Tensor> run(Map<String, Tensor> feeds) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (Map.Entry<String, Datum> output : runAny(feeds).entrySet()) {
            if (!(output.getValue() instanceof Tensor tensor)) {
                throw new InvalidInputException("not-a-tensor", output.getKey(), "output '" + output.getKey()
                        + "' is not a tensor", "", "use runAny");
            }
            outputs.put(output.getKey(), tensor);
        }
        return outputs;
    }

    /**
     * Prepares a run on these feeds, of which large ones may lack their elements as yet.
     *
     * @return whether the compiled form tells where the elements of its inputs belong
     */
    public boolean prepare(Map<String, ? extends Datum> feeds) {
        return compiled != null && compiled.prepare(Feeds.order(graph, feeds));
    }

    /** Runs the model on tensors, sequences and optionals. */
    public Map<String, Datum> runAny(Map<String, ? extends Datum> feeds) {
        if (closed) {
            throw new InvalidInputException("closed", "the session has been closed");
        }
        List<Datum> arguments = Feeds.order(graph, feeds);
        List<Datum> results = compiled == null ? null : compiled.run(arguments);
        if (results == null) {
            results = Evaluator.run(graph, arguments);
        }
        Map<String, Datum> outputs = new LinkedHashMap<>();
        for (int i = 0; i < graph.outputs().size(); i++) {
            outputs.put(graph.outputs().get(i), results.get(i));
        }
        return outputs;
    }

    /**
     * Runs once and tells where the time went: each step of a compiled model, or the whole as one where it is evaluated.
     *
     * @param clock tells milliseconds
     */
    public List<StepTime> profile(Map<String, ? extends Datum> feeds, DoubleSupplier clock) {
        List<Datum> arguments = Feeds.order(graph, feeds);
        List<StepTime> times = compiled == null ? null : compiled.profile(arguments, clock);
        if (times != null) {
            return times;
        }
        double start = clock.getAsDouble();
        Evaluator.run(graph, arguments);
        return List.of(new StepTime(graph.name(), "", "evaluate", clock.getAsDouble() - start, 0, 0, 0));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (compiled != null) {
                compiled.close();
            }
            if (source != null) {
                source.close();
            }
        }
    }
}
