package dev.infuser.demo;

import dev.infuser.converter.tflite.TfliteFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.ModelT;
import org.tensorflow.lite.schema.OperatorCodeT;
import org.tensorflow.lite.schema.OperatorT;
import org.tensorflow.lite.schema.SubGraphT;
import org.tensorflow.lite.schema.TensorT;

/**
 * A model with operators that LiteRT.js lacks: the parts between them run in LiteRT.js, as models of their own, and they
 * themselves as {@link Landmarks} has them.
 */
final class PiecewiseModel {

    private final byte[] file;
    private final SubGraphT graph;
    private final ModelT model;
    private final Map<Integer, double[]> values = new HashMap<>();
    private final Set<Integer> done = new LinkedHashSet<>();
    /** The operators that widen constants, which every part has for itself. */
    private final List<Integer> widening = new ArrayList<>();
    private final Set<Integer> widened = new LinkedHashSet<>();

    PiecewiseModel(byte[] file) {
        this.file = file;
        model = Model.getRootAsModel(ByteBuffer.wrap(file)).unpack();
        graph = model.getSubgraphs()[0];
        for (int i = 0; i < graph.getOperators().length; i++) {
            OperatorT operator = graph.getOperators()[i];
            if (code(operator).getDeprecatedBuiltinCode() == BuiltinOperator.DEQUANTIZE && isConstant(operator.getInputs()[0])) {
                widening.add(i);
                widened.add(operator.getOutputs()[0]);
            }
        }
        done.addAll(widening);
    }

    /** The outputs in their order. */
    List<double[]> run(LiteRt page, List<Double> input) throws IOException {
        values.put(graph.getInputs()[0], input.stream().mapToDouble(Double::doubleValue).toArray());
        for (int round = 0; done.size() < graph.getOperators().length; round++) {
            List<Integer> next = ready();
            if (!next.isEmpty()) {
                piece(page, "piece" + round, next);
            }
            for (int i = 0; i < graph.getOperators().length; i++) {
                OperatorT operator = graph.getOperators()[i];
                if (isCustom(operator) && !done.contains(i) && Arrays.stream(operator.getInputs()).allMatch(values::containsKey)) {
                    values.put(operator.getOutputs()[0], custom(operator));
                    done.add(i);
                }
            }
        }
        return Arrays.stream(graph.getOutputs()).mapToObj(values::get).toList();
    }

    private OperatorCodeT code(OperatorT operator) {
        return model.getOperatorCodes()[(int) operator.getOpcodeIndex()];
    }

    private boolean isCustom(OperatorT operator) {
        return code(operator).getDeprecatedBuiltinCode() == BuiltinOperator.CUSTOM;
    }

    private boolean isConstant(int tensor) {
        int[] data = model.getBuffers()[(int) graph.getTensors()[tensor].getBuffer()].getData();
        return data != null && data.length > 0 || widened.contains(tensor);
    }

    /** The operators that can run without another of those that are missing. */
    private List<Integer> ready() {
        Set<Integer> known = new LinkedHashSet<>(values.keySet());
        List<Integer> ready = new ArrayList<>();
        for (int i = 0; i < graph.getOperators().length; i++) {
            OperatorT operator = graph.getOperators()[i];
            if (!done.contains(i) && !isCustom(operator)
                    && Arrays.stream(operator.getInputs()).allMatch(tensor -> known.contains(tensor) || isConstant(tensor))) {
                ready.add(i);
                Arrays.stream(operator.getOutputs()).forEach(known::add);
            }
        }
        return ready;
    }

    private void piece(LiteRt page, String name, List<Integer> operators) throws IOException {
        Set<Integer> made = new LinkedHashSet<>();
        Set<Integer> inputs = new LinkedHashSet<>();
        for (int i : operators) {
            for (int tensor : graph.getOperators()[i].getInputs()) {
                if (values.containsKey(tensor) && !made.contains(tensor)) {
                    inputs.add(tensor);
                }
            }
            Arrays.stream(graph.getOperators()[i].getOutputs()).forEach(made::add);
        }
        done.addAll(operators);
        Set<Integer> outputs = new LinkedHashSet<>();
        IntStream.of(graph.getOutputs()).filter(made::contains).forEach(outputs::add);
        for (int i = 0; i < graph.getOperators().length; i++) {
            if (!done.contains(i)) {
                IntStream.of(graph.getOperators()[i].getInputs()).filter(made::contains).forEach(outputs::add);
            }
        }
        ModelT part = Model.getRootAsModel(ByteBuffer.wrap(file)).unpack();
        SubGraphT cut = part.getSubgraphs()[0];
        List<Integer> all = new ArrayList<>(widening);
        all.addAll(operators);
        cut.setOperators(all.stream().map(i -> cut.getOperators()[i]).toArray(OperatorT[]::new));
        cut.setInputs(array(inputs));
        cut.setOutputs(array(outputs));
        Files.write(page.models().resolve(name + ".tflite"), TfliteFile.bytes(part));
        List<List<Double>> feeds = inputs.stream().map(tensor -> Arrays.stream(values.get(tensor)).boxed().toList()).toList();
        List<List<Integer>> dims = inputs.stream().map(tensor -> Arrays.stream(shape(tensor)).boxed().toList()).toList();
        List<?> results = (List<?>) page.visit().call("peer", name, feeds, dims);
        int i = 0;
        for (int tensor : outputs) {
            values.put(tensor, ((List<?>) results.get(i++)).stream().mapToDouble(value -> ((Number) value).doubleValue()).toArray());
        }
    }

    private static int[] array(Set<Integer> set) {
        return set.stream().mapToInt(Integer::intValue).toArray();
    }

    private int[] shape(int tensor) {
        TensorT info = graph.getTensors()[tensor];
        return info.getShape();
    }

    private double[] custom(OperatorT operator) {
        double[] first = values.get(operator.getInputs()[0]);
        double[] second = operator.getInputs().length > 1 ? values.get(operator.getInputs()[1]) : null;
        int[] in = shape(operator.getInputs()[0]);
        int[] out = shape(operator.getOutputs()[0]);
        return switch (code(operator).getCustomCode()) {
            case "Landmarks2TransformMatrix" -> Landmarks.matrix(operator, first);
            case "TransformLandmarks" -> Landmarks.moved(first, second);
            case "TransformTensorBilinear" -> Landmarks.region(first, in[1], in[2], second, out[1], out[2], out[3]);
            default -> throw new IllegalArgumentException(code(operator).getCustomCode());
        };
    }
}
