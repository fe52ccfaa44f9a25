package dev.infuser.converter.tflite;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.tensorflow.lite.schema.BuiltinOperator;

/** The names of operators, with those that are newer than the published classes. */
final class Codes {

    static final int DILATE = 203;
    private static final int NEWER = BuiltinOperator.RIGHT_SHIFT + 1;
    private static final List<String> NEWER_NAMES = List.of("STABLEHLO_LOGISTIC", "STABLEHLO_ADD", "STABLEHLO_DIVIDE",
            "STABLEHLO_MULTIPLY", "STABLEHLO_MAXIMUM", "STABLEHLO_RESHAPE", "STABLEHLO_CLAMP", "STABLEHLO_CONCATENATE",
            "STABLEHLO_BROADCAST_IN_DIM", "STABLEHLO_CONVOLUTION", "STABLEHLO_SLICE", "STABLEHLO_CUSTOM_CALL", "STABLEHLO_REDUCE",
            "STABLEHLO_ABS", "STABLEHLO_AND", "STABLEHLO_COSINE", "STABLEHLO_EXPONENTIAL", "STABLEHLO_FLOOR", "STABLEHLO_LOG",
            "STABLEHLO_MINIMUM", "STABLEHLO_NEGATE", "STABLEHLO_OR", "STABLEHLO_POWER", "STABLEHLO_REMAINDER", "STABLEHLO_RSQRT",
            "STABLEHLO_SELECT", "STABLEHLO_SUBTRACT", "STABLEHLO_TANH", "STABLEHLO_SCATTER", "STABLEHLO_COMPARE",
            "STABLEHLO_CONVERT", "STABLEHLO_DYNAMIC_SLICE", "STABLEHLO_DYNAMIC_UPDATE_SLICE", "STABLEHLO_PAD", "STABLEHLO_IOTA",
            "STABLEHLO_DOT_GENERAL", "STABLEHLO_REDUCE_WINDOW", "STABLEHLO_SORT", "STABLEHLO_WHILE", "STABLEHLO_GATHER",
            "STABLEHLO_TRANSPOSE", "DILATE", "STABLEHLO_RNG_BIT_GENERATOR", "REDUCE_WINDOW", "STABLEHLO_COMPOSITE",
            "STABLEHLO_SHIFT_LEFT", "STABLEHLO_CBRT", "STABLEHLO_CASE");

    private Codes() {
    }

    /** The number of an operator that is newer than the published classes. */
    static int number(String name) {
        return NEWER + NEWER_NAMES.indexOf(name);
    }

    /** The names of all operators of the schema. */
    static Set<String> all() {
        Set<String> names = new TreeSet<>();
        for (int code = 0; code < NEWER + NEWER_NAMES.size(); code++) {
            names.add(name(code));
        }
        return names;
    }

    /** The name of an operator of the schema. */
    static String name(int code) {
        if (code >= 0 && code < NEWER) {
            String name = BuiltinOperator.name(code);
            return name.isEmpty() ? "operator " + code : name;
        }
        return code >= 0 && code - NEWER < NEWER_NAMES.size() ? NEWER_NAMES.get(code - NEWER) : "operator " + code;
    }
}
