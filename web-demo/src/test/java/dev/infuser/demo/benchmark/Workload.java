package dev.infuser.demo.benchmark;

import dev.infuser.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * One network with its inputs.
 *
 * @param name         for files and addresses
 * @param title        for people
 * @param model        whether it is a whole model, and not one operator
 * @param source       the network: an ONNX file, a {@code model.json} of TensorFlow.js or a script with it, or a {@code .tflite} file
 * @param feeds        its inputs
 * @param carried      the input that takes an output of the run before, by output
 * @param steps        the runs that a check makes from the initial state
 * @param tolerance    what is right
 * @param operations   multiplications and additions of a run, or 0 where they are not counted
 * @param others       what {@code runtimes.js} is told for runtimes that do not read the network, and besides for the one that does
 * @param channelsLast the runtimes whose output is {@code [N, H, W, C]} where the network's is {@code [N, C, H, W]}
 */
record Workload(String name, String title, boolean model, Path source, Map<String, Tensor> feeds, Map<String, String> carried,
        int steps, Tolerance tolerance, long operations, Map<String, Map<String, Object>> others, Set<String> channelsLast) {

    /** A whole model. */
    static Workload model(String name, String title, Path source, Map<String, Tensor> feeds, Tolerance tolerance) {
        return new Workload(name, title, true, source, feeds, Map.of(), 1, tolerance, 0, Map.of(), Set.of());
    }

    /** The peer that reads the network as it is. */
    String reader() {
        String file = source.toString();
        return file.endsWith(".json") || file.endsWith(".js") ? Runtimes.TFJS : file.endsWith(".tflite") ? Runtimes.LITERT : Runtimes.ONNXRUNTIME_WEB;
    }

    /** Whether native ONNX Runtime reads it too. */
    boolean isOnnx() {
        return reader().equals(Runtimes.ONNXRUNTIME_WEB);
    }

    /** This model with state: {@code carried} as in the record, checked after some steps. */
    Workload carrying(Map<String, String> state, int checkedSteps) {
        return new Workload(name, title, model, source, feeds, state, checkedSteps, tolerance, operations, others, channelsLast);
    }

    /** This model, whose reader is told more. */
    Workload telling(Map<String, Object> more) {
        return new Workload(name, title, model, source, feeds, carried, steps, tolerance, operations, Map.of(reader(), more),
                channelsLast);
    }

    /** This model, with another tolerance. */
    Workload judged(Tolerance other) {
        return new Workload(name, title, model, source, feeds, carried, steps, other, operations, others, channelsLast);
    }
}
