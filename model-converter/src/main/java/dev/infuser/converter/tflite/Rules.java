package dev.infuser.converter.tflite;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tensorflow.lite.schema.BuiltinOperator;

/** What each operator of TensorFlow Lite becomes: those of the schema by number, others by name. */
final class Rules {

    private static final Map<Integer, Rule> BUILTIN = new HashMap<>();
    private static final Map<String, Rule> CUSTOM = new HashMap<>();

    static {
        ElementRules.add(BUILTIN);
        ProductRules.add(BUILTIN);
        ArrayRules.add(BUILTIN);
        RecurrentRules.add(BUILTIN);
        ControlRules.add(BUILTIN);
        StablehloRules.add(BUILTIN);
        MediaPipeRules.add(CUSTOM);
        DetectionRules.add(CUSTOM);
    }

    private Rules() {
    }

    /** The names of the operators that have a rule, those of MediaPipe among them. */
    static Set<String> names() {
        Set<String> names = new TreeSet<>(CUSTOM.keySet());
        BUILTIN.keySet().forEach(code -> names.add(Codes.name(code)));
        return names;
    }

    /** The rule of an operator, or null where there is none. */
    static Rule of(Operation node) {
        return node.code() == BuiltinOperator.CUSTOM ? CUSTOM.get(node.kind()) : BUILTIN.get(node.code());
    }
}
