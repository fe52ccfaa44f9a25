package dev.infuser.converter.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.infuser.converter.build.Emitter;
import dev.infuser.converter.tensorflow.Arrays;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Value;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Layers that go through {@code [batch, time, ...]} step by step: ONNX's recurrent operators where those mean the same, else
 * the steps one by one, or a {@code Scan} where there are many or their number is not known.
 */
final class Recurrences {

    private static final int MOST_UNROLLED = 128;

    private Recurrences() {
    }

    /**
     * What a run through all steps gives.
     *
     * @param sequence the output of each step, in the order of time; null where it is not wanted
     * @param last     states after the last step that was taken, the output first
     */
    private record Run(String sequence, List<String> last) {
    }

    static List<Masked> layer(Layer layer) {
        return outputs(layer, run(layer, layer.config().flag("go_backwards", false)), layer.config().flag("go_backwards", false));
    }

    private static List<Masked> outputs(Layer layer, Run run, boolean reversed) {
        List<Masked> outputs = new ArrayList<>();
        boolean sequences = layer.config().flag("return_sequences", false);
        String mask = sequences ? layer.inputs().get(0).mask() : null;
        outputs.add(new Masked(!sequences ? run.last.get(0) : reversed ? reverse(layer.ops(), run.sequence) : run.sequence, mask));
        if (layer.config().flag("return_state", false)) {
            run.last.forEach(state -> outputs.add(new Masked(state)));
        }
        return outputs;
    }

    /** One layer forward, the same with other weights backward, and both outputs merged. */
    static List<Masked> bidirectional(Layer layer) {
        Ops ops = layer.ops();
        Config spec = layer.config().object("layer");
        Config inner = spec.object("config");
        int states = (layer.inputs().size() - 1) / 2;
        String name = inner.text("name", "");
        Layer forward = layer.inside(spec, layer.below("forward_" + name), states(layer, 1, states));
        Layer backward = layer.inside(spec, layer.below("backward_" + name), states(layer, 1 + states, states));
        boolean reversed = inner.flag("go_backwards", false);
        List<Masked> x = outputs(forward, run(forward, reversed), reversed);
        List<Masked> y = outputs(backward, run(backward, !reversed), reversed);
        List<Masked> outputs = new ArrayList<>();
        String mask = x.get(0).mask();
        String first = x.get(0).value();
        String second = y.get(0).value();
        switch (layer.config().has("merge_mode") ? layer.config().choice("merge_mode", "") : "none") {
            case "concat":
                outputs.add(new Masked(ops.concat(ops.rank(first) - 1, List.of(first, second)), mask));
                break;
            case "sum":
                outputs.add(new Masked(ops.op("Add", first, second), mask));
                break;
            case "ave":
                outputs.add(new Masked(ops.op("Mul", ops.op("Add", first, second), ops.like(first, 0.5)), mask));
                break;
            case "mul":
                outputs.add(new Masked(ops.op("Mul", first, second), mask));
                break;
            default:
                outputs.add(x.get(0));
                outputs.add(y.get(0));
                break;
        }
        outputs.addAll(x.subList(1, x.size()));
        outputs.addAll(y.subList(1, y.size()));
        return outputs;
    }

    private static List<Masked> states(Layer layer, int from, int count) {
        List<Masked> inputs = new ArrayList<>(layer.inputs().subList(0, 1));
        inputs.addAll(layer.inputs().subList(from, from + count));
        return inputs;
    }

    private static Run run(Layer layer, boolean backward) {
        if (layer.config().flag("stateful", false)) {
            throw layer.ops().unsupported("keeps its state from one run to the next");
        }
        List<Cell> cells = cells(layer);
        Cell cell = cells.get(0);
        boolean known = cells.size() == 1 && layer.inputs().get(0).mask() == null && !cell.kind().equals("ConvLSTM2D");
        Operator operator = known ? Operator.of(cell) : null;
        return operator != null ? operator(layer, cell, operator, backward) : stepByStep(layer, cells, backward);
    }

    /** The cells of a layer, the first of which takes its input. */
    private static List<Cell> cells(Layer layer) {
        if (!layer.kind().equals("RNN")) {
            return List.of(Cell.of(layer));
        }
        JsonElement stated = layer.config().get("cell");
        JsonArray list = new JsonArray();
        if (stated.isJsonArray()) {
            list = stated.getAsJsonArray();
        } else if (stated.getAsJsonObject().get("class_name").getAsString().equals("StackedRNNCells")) {
            list = stated.getAsJsonObject().getAsJsonObject("config").getAsJsonArray("cells");
        } else {
            return List.of(Cell.of(layer.inside(new Config(stated.getAsJsonObject()), layer.scopes(), layer.inputs())));
        }
        List<Cell> cells = new ArrayList<>();
        for (JsonElement element : list) {
            JsonObject spec = element.getAsJsonObject();
            cells.add(Cell.of(layer.inside(new Config(spec), layer.below("RNNCell_" + cells.size()), layer.inputs())));
        }
        if (cells.isEmpty()) {
            throw layer.ops().unsupported("has no cells");
        }
        return cells;
    }

    /** ONNX's operator for a cell, with the activations as it takes them. */
    private record Operator(String name, List<Activations.Recurrent> activations) {

        /** Null where an activation is not among ONNX's. */
        static Operator of(Cell cell) {
            Config config = cell.layer().config();
            List<Activations.Recurrent> activations = new ArrayList<>();
            if (!cell.kind().equals("SimpleRNN")) {
                activations.add(Activations.recurrent(config.get("recurrent_activation"), "hardsigmoid"));
            }
            activations.add(Activations.recurrent(config.get("activation"), "tanh"));
            if (cell.kind().equals("LSTM")) {
                activations.add(activations.get(1));
            }
            return activations.contains(null) ? null
                    : new Operator(cell.kind().equals("SimpleRNN") ? "RNN" : cell.kind(), activations);
        }

        Attributes attributes(long units) {
            List<Float> alphas = new ArrayList<>();
            List<Float> betas = new ArrayList<>();
            for (Activations.Recurrent activation : activations) {
                if (!Float.isNaN(activation.alpha())) {
                    alphas.add(activation.alpha());
                }
                if (!Float.isNaN(activation.beta())) {
                    betas.add(activation.beta());
                }
            }
            Attributes attributes = Attributes.of("hidden_size", units, "activations", new dev.infuser.graph.Attribute.OfStrings(
                    activations.stream().map(Activations.Recurrent::name).toList()));
            attributes = alphas.isEmpty() ? attributes : attributes.with("activation_alpha", floats(alphas));
            return betas.isEmpty() ? attributes : attributes.with("activation_beta", floats(betas));
        }

        private static float[] floats(List<Float> list) {
            float[] floats = new float[list.size()];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = list.get(i);
            }
            return floats;
        }
    }

    private static Run operator(Layer layer, Cell cell, Operator operator, boolean backward) {
        Ops ops = layer.ops();
        Layer holder = cell.layer();
        boolean lstm = cell.kind().equals("LSTM");
        int gates = lstm ? 4 : cell.kind().equals("GRU") ? 3 : 1;
        Attributes attributes = operator.attributes(cell.units());
        attributes = backward ? attributes.with("direction", "reverse") : attributes;
        attributes = gates == 3 && cell.resetsAfter() ? attributes.with("linear_before_reset", 1) : attributes;
        List<String> inputs = new ArrayList<>();
        inputs.add(ops.transpose(layer.in(), 1, 0, 2));
        for (String weight : new String[] {"kernel", "recurrent_kernel"}) {
            inputs.add(ops.unsqueeze(ordered(ops, ops.transpose(holder.weight(weight), 1, 0), lstm), 0));
        }
        inputs.add(cell.hasBias() ? bias(ops, cell, lstm, gates) : "");
        if (layer.inputs().size() > 1) {
            inputs.add("");
            for (int i = 1; i < layer.inputs().size(); i++) {
                inputs.add(ops.unsqueeze(layer.in(i), 0));
            }
        }
        String[] outputs = ops.ops(operator.name(), attributes, lstm ? 3 : 2, inputs.toArray(String[]::new));
        String sequence = ops.transpose(ops.squeeze(outputs[0], 1), 1, 0, 2);
        List<String> last = new ArrayList<>();
        for (int i = 1; i < outputs.length; i++) {
            last.add(ops.squeeze(outputs[i], 0));
        }
        return new Run(sequence, last);
    }

    /** Rows as ONNX orders the gates of an LSTM: input, output, forget, cell; Keras has input, forget, cell, output. */
    private static String ordered(Ops ops, String rows, boolean lstm) {
        if (!lstm) {
            return rows;
        }
        String[] parts = Arrays.split(ops, rows, 4, 0);
        return ops.concat(0, List.of(parts[0], parts[3], parts[1], parts[2]));
    }

    private static String bias(Ops ops, Cell cell, boolean lstm, int gates) {
        String bias = cell.layer().weight("bias");
        if (cell.resetsAfter() && gates == 3) {
            return ops.reshape(bias, 1, -1);
        }
        String none = ops.constant(Tensor.zeros(dev.infuser.tensor.DType.FLOAT32, (int) cell.units() * gates));
        return ops.unsqueeze(ops.concat(0, List.of(ordered(ops, bias, lstm), none)), 0);
    }

    /** All of a stack in one step: the states of the last cell come first. */
    private static List<String> step(Ops ops, List<Cell> cells, String x, List<String> before, String mask) {
        List<String> after = new ArrayList<>();
        int end = before.size();
        String input = x;
        for (Cell cell : cells) {
            List<String> states = cell.step(ops, input, before.subList(end - cell.states(), end));
            end -= cell.states();
            input = states.get(0);
            after.addAll(0, states);
        }
        if (mask != null) {
            for (int i = 0; i < after.size(); i++) {
                String wide = mask;
                for (int axis = 1; axis < ops.rank(before.get(i)); axis++) {
                    wide = ops.unsqueeze(wide, axis);
                }
                after.set(i, ops.op("Where", wide, after.get(i), before.get(i)));
            }
        }
        return after;
    }

    private static Run stepByStep(Layer layer, List<Cell> cells, boolean backward) {
        Ops ops = layer.ops();
        boolean images = cells.get(0).kind().equals("ConvLSTM2D");
        String x = images && layer.isChannelsFirst() ? ops.transpose(layer.in(), 0, 1, 3, 4, 2) : layer.in();
        List<String> states = new ArrayList<>();
        for (int i = 1; i < layer.inputs().size(); i++) {
            states.add(images ? layer.channelsLast(layer.in(i)) : layer.in(i));
        }
        if (states.isEmpty()) {
            states = zeros(ops, cells, x, images);
        }
        String mask = layer.inputs().get(0).mask();
        Dim time = ops.shape(x).dim(1);
        Run run = time.isConstant() && time.value() <= MOST_UNROLLED && time.value() > 0
                ? unrolled(ops, cells, x, mask, states, backward) : scan(ops, cells, x, mask, states, backward);
        if (!images || !layer.isChannelsFirst()) {
            return run;
        }
        return new Run(ops.transpose(run.sequence, 0, 1, 4, 2, 3), run.last.stream().map(layer::asStated).toList());
    }

    /** States before the first step, in the order in which a stack has them. */
    private static List<String> zeros(Ops ops, List<Cell> cells, String x, boolean images) {
        String zero = ops.emitter().scalar(ops.name() + "_zero", 0);
        List<String> states = new ArrayList<>();
        for (Cell cell : cells) {
            String shape = ops.op("Shape", images ? cell.input(ops, ops.squeeze(ops.slice(x, 1, 0, 1), 1)) : x);
            int extents = images ? 3 : 1;
            String dims = ops.concat(0, List.of(ops.slice(shape, 0, 0, extents), ops.vector(cell.units())));
            for (int i = 0; i < cell.states(); i++) {
                states.add(0, Arrays.fill(ops, dims, zero));
            }
        }
        return states;
    }

    private static Run unrolled(Ops ops, List<Cell> cells, String x, String mask, List<String> start, boolean backward) {
        int steps = (int) ops.extent(x, 1);
        String[] parts = Arrays.unpack(ops, x, steps, 1);
        String[] masks = mask == null ? null : Arrays.unpack(ops, mask, steps, 1);
        String[] outputs = new String[steps];
        List<String> states = start;
        for (int i = 0; i < steps; i++) {
            int at = backward ? steps - 1 - i : i;
            states = step(ops, cells, parts[at], states, masks == null ? null : masks[at]);
            outputs[at] = states.get(0);
        }
        return new Run(Arrays.pack(ops, List.of(outputs), 1), states);
    }

    private static Run scan(Ops ops, List<Cell> cells, String x, String mask, List<String> start, boolean backward) {
        Emitter inner = new Emitter(ops.emitter());
        Ops body = new Ops(inner, ops.name() + "_step", "a step of");
        List<String> states = new ArrayList<>();
        for (String state : start) {
            states.add(input(inner, ops, "state", state, ops.shape(state)));
        }
        String step = input(inner, ops, "input", x, without(ops.shape(x)));
        String counts = mask == null ? null : input(inner, ops, "mask", mask, without(ops.shape(mask)));
        List<String> results = new ArrayList<>(step(body, cells, step, states, counts));
        results.add(body.op("Identity", results.get(0)));
        int scanned = mask == null ? 1 : 2;
        long[] ones = scanned == 1 ? new long[] {1} : new long[] {1, 1};
        Attributes attributes = Attributes.of("body", inner.graph("step", results), "num_scan_inputs", scanned,
                "scan_input_axes", ones, "scan_output_axes", new long[] {1});
        attributes = backward ? attributes.with("scan_input_directions", ones).with("scan_output_directions", new long[] {1})
                : attributes;
        List<String> inputs = new ArrayList<>(start);
        inputs.add(x);
        if (mask != null) {
            inputs.add(mask);
        }
        String[] outputs = ops.ops("Scan", attributes, results.size(), inputs.toArray(String[]::new));
        return new Run(outputs[outputs.length - 1], List.of(outputs).subList(0, outputs.length - 1));
    }

    private static String input(Emitter inner, Ops ops, String what, String outer, Shape shape) {
        String name = inner.unique(ops.name() + "_" + what);
        inner.input(new Value(name, new ValueType.OfTensor(ops.dtype(outer), shape)));
        return name;
    }

    /** A shape without the axis of time. */
    private static Shape without(Shape shape) {
        List<Dim> dims = new ArrayList<>(shape.dims());
        dims.remove(1);
        return new Shape(dims);
    }

    private static String reverse(Ops ops, String x) {
        return ops.op("Slice", x, ops.vector(-1), ops.vector(Long.MIN_VALUE), ops.vector(1), ops.vector(-1));
    }
}
