package dev.infuser.converter.tflite;

import java.util.Map;

/** Control flow, state and hash tables. */
final class ControlRules {

    private ControlRules() {
    }

    static void add(Map<Integer, Rule> rules) {
    }
}
