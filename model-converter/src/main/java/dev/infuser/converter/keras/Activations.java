package dev.infuser.converter.keras;

import com.google.gson.JsonElement;
import dev.infuser.converter.tensorflow.Arithmetic;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import java.util.HashMap;
import java.util.Map;

/** The activations that layers name. */
final class Activations {

    private interface Function {
        String apply(Ops ops, String x);
    }

    /**
     * An activation as ONNX's recurrent operators know it.
     *
     * @param alpha its first constant, not a number where it has none
     * @param beta  its second
     */
    record Recurrent(String name, float alpha, float beta) {
    }

    private static final Map<String, Function> FUNCTIONS = new HashMap<>();
    private static final Map<String, Recurrent> RECURRENT = new HashMap<>();

    static {
        FUNCTIONS.put("linear", (ops, x) -> x);
        for (String op : new String[] {"Elu", "Selu", "Relu", "Sigmoid", "Softplus", "Softsign", "Tanh", "Mish", "Gelu", "Exp"}) {
            FUNCTIONS.put(Config.word(op), (ops, x) -> ops.op(op, x));
        }
        FUNCTIONS.put("exponential", FUNCTIONS.remove("exp"));
        FUNCTIONS.put("relu6", (ops, x) -> Arithmetic.clip(ops, x, 0, 6));
        FUNCTIONS.put("hardsigmoid", (ops, x) -> ops.op("HardSigmoid", Attributes.of("alpha", 0.2f, "beta", 0.5f), x));
        FUNCTIONS.put("softmax", (ops, x) -> ops.op("Softmax", Attributes.of("axis", -1), x));
        FUNCTIONS.put("logsoftmax", (ops, x) -> ops.op("LogSoftmax", Attributes.of("axis", -1), x));
        FUNCTIONS.put("gelunew", (ops, x) -> ops.op("Gelu", Attributes.of("approximate", "tanh"), x));
        FUNCTIONS.put("swish", (ops, x) -> ops.op("Mul", x, ops.op("Sigmoid", x)));
        FUNCTIONS.put("silu", FUNCTIONS.get("swish"));

        for (String op : new String[] {"Relu", "Sigmoid", "Softplus", "Softsign", "Tanh"}) {
            RECURRENT.put(Config.word(op), new Recurrent(op, Float.NaN, Float.NaN));
        }
        RECURRENT.put("elu", new Recurrent("Elu", 1, Float.NaN));
        RECURRENT.put("hardsigmoid", new Recurrent("HardSigmoid", 0.2f, 0.5f));
        RECURRENT.put("linear", new Recurrent("Affine", 1, 0));
    }

    private Activations() {
    }

    private static String name(JsonElement stated, String fallback) {
        if (stated == null || stated.isJsonNull()) {
            return fallback;
        }
        return Config.word(stated.isJsonObject() ? stated.getAsJsonObject().get("class_name").getAsString()
                : stated.getAsString());
    }

    /** {@code x} after the activation that a layer states; none states the linear one. */
    static String apply(Ops ops, JsonElement stated, String x) {
        return apply(ops, stated, "linear", x);
    }

    /** {@code x} after the activation that a layer states, or {@code fallback}. */
    static String apply(Ops ops, JsonElement stated, String fallback, String x) {
        Function function = FUNCTIONS.get(name(stated, fallback));
        if (function == null) {
            throw ops.unsupported("has the activation " + stated);
        }
        return function.apply(ops, x);
    }

    /** The activation that a recurrent layer states, or {@code fallback}; or null where ONNX's know no such. */
    static Recurrent recurrent(JsonElement stated, String fallback) {
        return RECURRENT.get(name(stated, fallback));
    }
}
