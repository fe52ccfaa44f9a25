package dev.infuser.demo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.tensorflow.lite.schema.*;

/** Models of one operator, by name, with how far results may be apart. */
abstract class TfliteCases {

    static final int F = TensorType.FLOAT32;
    static final int I = TensorType.INT32;
    static final int B = TensorType.BOOL;
    static final byte VALID = Padding.VALID;
    static final byte SAME = Padding.SAME;

    /**
     * A model.
     *
     * @param step what the last bit of a quantised result is worth, or 0
     */
    record Case(Consumer<TfliteSketch> sketch, double step) {
    }

    private final Map<String, Case> cases = new LinkedHashMap<>();

    /** Adds all of them. */
    abstract void add();

    /** All of them. */
    final Map<String, Case> all() {
        add();
        return cases;
    }

    final void add(String name, Consumer<TfliteSketch> sketch) {
        step(name, 0, sketch);
    }

    final void step(String name, double step, Consumer<TfliteSketch> sketch) {
        cases.put(name, new Case(sketch, step * 1.001));
    }

    static int[] s(int... shape) {
        return shape;
    }

    static String name(int code) {
        return BuiltinOperator.name(code);
    }
}
