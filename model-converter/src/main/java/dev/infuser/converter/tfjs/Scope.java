package dev.infuser.converter.tfjs;

import dev.infuser.converter.build.Emitter;
import java.util.HashMap;
import java.util.Map;

/**
 * The values of nodes that have been translated for one place: a graph, a call of a function, a branch or one round of a loop.
 *
 * @param outer the place around it in the same graph, or null
 */
record Scope(TfGraph graph, Emitter out, Scope outer, Map<String, String[]> values) {

    Scope(TfGraph graph, Emitter out, Scope outer) {
        this(graph, out, outer, new HashMap<>());
    }

    /** The outputs of a node or the argument of a function, or null where it has not been translated. */
    String[] find(String node) {
        for (Scope at = this; at != null; at = at.outer) {
            String[] found = at.values.get(node);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    void bind(String node, String... outputs) {
        values.put(node, outputs);
    }
}
