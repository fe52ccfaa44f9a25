package dev.infuser.converter.keras;

import dev.infuser.converter.tensorflow.Arrays;
import dev.infuser.converter.tensorflow.Convolutions;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.converter.tensorflow.Window;
import java.util.List;
import java.util.Locale;

/**
 * What a recurrent layer does in one step.
 *
 * @param kind  {@code SimpleRNN}, {@code GRU}, {@code LSTM} or {@code ConvLSTM2D}
 * @param layer with its configuration and weights
 */
record Cell(String kind, Layer layer) {

    /** The cell that a layer is made of, or that an entry of its list of cells is. */
    static Cell of(Layer layer) {
        String kind = layer.kind().endsWith("Cell") ? layer.kind().substring(0, layer.kind().length() - 4) : layer.kind();
        if (!List.of("SimpleRNN", "GRU", "LSTM", "ConvLSTM2D").contains(kind)) {
            throw layer.ops().unsupported("has a cell of the class " + layer.kind());
        }
        return new Cell(kind, layer);
    }

    /** An LSTM has a hidden state and a cell, others the first alone. */
    int states() {
        return kind.contains("LSTM") ? 2 : 1;
    }

    long units() {
        return layer.config().perAxis(kind.equals("ConvLSTM2D") ? "filters" : "units", 1, 0)[0];
    }

    boolean hasBias() {
        return layer.config().flag("use_bias", true);
    }

    boolean resetsAfter() {
        return layer.config().flag("reset_after", false);
    }

    private String activate(Ops ops, String x) {
        return Activations.apply(ops, layer.config().get("activation"), "tanh", x);
    }

    private String gate(Ops ops, String x) {
        return Activations.apply(ops, layer.config().get("recurrent_activation"), "hardsigmoid", x);
    }

    /** The part of a step that the input alone decides. */
    String input(Ops ops, String x) {
        if (kind.equals("ConvLSTM2D")) {
            Window window = new Window(layer.config().perAxis("strides", 2, 1), layer.config().perAxis("dilation_rate", 2, 1),
                    layer.config().text("padding", "valid").toUpperCase(Locale.ROOT), new long[0]);
            return biased(ops, Convolutions.conv(ops, x, layer.weight("kernel"), window));
        }
        String product = ops.op("MatMul", x, layer.weight("kernel"));
        if (hasBias() && resetsAfter()) {
            return ops.op("Add", product, ops.op("Gather", layer.weight("bias"), ops.vector(0)));
        }
        return biased(ops, product);
    }

    private String biased(Ops ops, String x) {
        return hasBias() ? ops.op("Add", x, layer.weight("bias")) : x;
    }

    /** The states after a step, the output first. */
    List<String> step(Ops ops, String x, List<String> before) {
        String input = input(ops, x);
        String h = before.get(0);
        switch (kind) {
            case "SimpleRNN":
                return List.of(activate(ops, ops.op("Add", input, ops.op("MatMul", h, layer.weight("recurrent_kernel")))));
            case "GRU":
                return List.of(resetsAfter() ? resetAfter(ops, input, h) : resetBefore(ops, input, h));
            case "LSTM":
                return gates(ops, ops.op("Add", input, ops.op("MatMul", h, layer.weight("recurrent_kernel"))), before);
            default:
                Window window = new Window(new long[] {1, 1}, new long[] {1, 1}, "SAME", new long[0]);
                return gates(ops, ops.op("Add", input, Convolutions.conv(ops, h, layer.weight("recurrent_kernel"), window)),
                        before);
        }
    }

    private List<String> gates(Ops ops, String all, List<String> before) {
        String[] parts = Arrays.split(ops, all, 4, -1);
        String kept = ops.op("Mul", gate(ops, parts[1]), before.get(1));
        String cell = ops.op("Add", kept, ops.op("Mul", gate(ops, parts[0]), activate(ops, parts[2])));
        return List.of(ops.op("Mul", gate(ops, parts[3]), activate(ops, cell)), cell);
    }

    private String resetBefore(Ops ops, String input, String h) {
        String[] parts = Arrays.split(ops, input, 3, -1);
        String[] kernels = Arrays.split(ops, layer.weight("recurrent_kernel"), 3, -1);
        String update = gate(ops, ops.op("Add", parts[0], ops.op("MatMul", h, kernels[0])));
        String reset = gate(ops, ops.op("Add", parts[1], ops.op("MatMul", h, kernels[1])));
        String inner = ops.op("MatMul", ops.op("Mul", reset, h), kernels[2]);
        return mixed(ops, update, h, activate(ops, ops.op("Add", parts[2], inner)));
    }

    private String resetAfter(Ops ops, String input, String h) {
        String[] parts = Arrays.split(ops, input, 3, -1);
        String product = ops.op("MatMul", h, layer.weight("recurrent_kernel"));
        String all = hasBias() ? ops.op("Add", product, ops.op("Gather", layer.weight("bias"), ops.vector(1))) : product;
        String[] inner = Arrays.split(ops, all, 3, -1);
        String update = gate(ops, ops.op("Add", parts[0], inner[0]));
        String reset = gate(ops, ops.op("Add", parts[1], inner[1]));
        return mixed(ops, update, h, activate(ops, ops.op("Add", parts[2], ops.op("Mul", reset, inner[2]))));
    }

    private static String mixed(Ops ops, String update, String before, String after) {
        return ops.op("Add", ops.op("Mul", update, before), ops.op("Mul", ops.op("Sub", ops.like(update, 1), update), after));
    }
}
