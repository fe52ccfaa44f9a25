package dev.infuser.conformance;

import dev.infuser.conformance.Case.Content;
import dev.infuser.conformance.Case.DataSet;
import dev.infuser.conformance.Result.Status;
import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.converter.onnx.OnnxModel;
import dev.infuser.converter.onnx.OnnxModel.OnnxValue;
import dev.infuser.converter.onnx.OnnxReader;
import dev.infuser.converter.onnx.OnnxTensors;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Runs tests one after the other on a thread and backend of its own; both are replaced after a test that hangs. */
final class Lane implements AutoCloseable {

    private final Supplier<Backend> backends;
    private final Duration limit;
    private ExecutorService thread;
    private Backend backend;

    Lane(Supplier<Backend> backends, Duration limit) {
        this.backends = backends;
        this.limit = limit;
    }

    Result run(Case test) {
        Future<String> outcome = thread().submit(() -> attempt(test));
        try {
            String difference = outcome.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return result(test, difference.isEmpty() ? Status.PASSED : Status.FAILED, difference);
        } catch (TimeoutException e) {
            abandon();
            return result(test, Status.FAILED, "no result after " + limit.toSeconds() + " s");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            return result(test, cause instanceof UnsupportedModelException ? Status.UNSUPPORTED : Status.FAILED,
                    describe(cause));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abandon();
            return result(test, Status.FAILED, "interrupted");
        }
    }

    private ExecutorService thread() {
        if (thread == null) {
            thread = Executors.newSingleThreadExecutor(task -> {
                Thread made = new Thread(task, "conformance");
                made.setDaemon(true);
                return made;
            });
        }
        return thread;
    }

    private void abandon() {
        thread.shutdownNow();
        thread = null;
        backend = null;
    }

    private String attempt(Case test) throws Exception {
        byte[] file = test.model().read();
        OnnxModel model = OnnxReader.read(file);
        Graph graph = OnnxImporter.importModel(model).graph();
        if (backend == null) {
            backend = backends.get();
        }
        Comparison comparison = new Comparison(test.rtol(), test.atol());
        for (DataSet set : test.sets()) {
            List<Datum> inputs = set.inputs().isEmpty() ? ramps(graph) : inputs(graph, set.inputs());
            String difference = comparison.difference(outputs(model, set.outputs()), backend.run(file, graph, inputs));
            if (!difference.isEmpty()) {
                return difference;
            }
        }
        return test.sets().isEmpty() ? "no test data" : "";
    }

    private static List<Datum> inputs(Graph graph, List<Content> files) throws IOException {
        if (files.size() != graph.inputs().size()) {
            throw new IOException(files.size() + " inputs in files, the model has " + graph.inputs().size());
        }
        List<Datum> inputs = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            inputs.add(OnnxTensors.read(files.get(i).read(), graph.inputs().get(i).type()));
        }
        return inputs;
    }

    private static List<Datum> outputs(OnnxModel model, List<Content> files) throws IOException {
        List<OnnxValue> declared = model.graph().outputs();
        if (files.size() != declared.size()) {
            throw new IOException(files.size() + " outputs in files, the model has " + declared.size());
        }
        List<Datum> outputs = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            outputs.add(OnnxTensors.read(files.get(i).read(), declared.get(i).type()));
        }
        return outputs;
    }

    private static List<Datum> ramps(Graph graph) {
        List<Datum> inputs = new ArrayList<>();
        for (Value input : graph.inputs()) {
            ValueType.OfTensor type = (ValueType.OfTensor) input.type();
            int[] dims = new int[type.shape().rank()];
            for (int i = 0; i < dims.length; i++) {
                Dim dim = type.shape().dim(i);
                dims[i] = dim.isConstant() ? (int) dim.value() : 1;
            }
            float[] values = new float[Tensor.count(dims)];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) i / values.length;
            }
            inputs.add(Tensor.floats(dims, values));
        }
        return inputs;
    }

    private static Result result(Case test, Status status, String message) {
        return new Result(test.name(), test.op(), status, message);
    }

    private static String describe(Throwable error) {
        String message = error.getMessage();
        return error instanceof InfuserException ? message
                : error.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    @Override
    public void close() {
        if (thread != null) {
            Backend last = backend;
            if (last != null) {
                thread.submit(last::close);
            }
            thread.shutdown();
        }
    }
}
