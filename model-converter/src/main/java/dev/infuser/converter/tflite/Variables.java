package dev.infuser.converter.tflite;

import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What operators of all subgraphs share: hash tables, variables that are set once, state that outlives a run, and the way here. */
final class Variables {

    private static final int MAX_DEPTH = 32;
    private static final int MAX_SUBGRAPHS = 10_000;

    /** The keys and values of a hash table. */
    record Table(Tensor keys, Tensor values) {
    }

    private final Deque<TfliteModel.Subgraph> open = new ArrayDeque<>();
    private final Map<String, Table> tables = new HashMap<>();
    private final Map<String, Tensor> variables = new HashMap<>();
    private final Map<String, String> state = new LinkedHashMap<>();
    private int entered;

    /** Notes that a subgraph is being translated. */
    void enter(TfliteModel.Subgraph graph) {
        if (open.contains(graph) || open.size() >= MAX_DEPTH || ++entered > MAX_SUBGRAPHS) {
            throw new InvalidModelException("bad-tflite", graph.name(), "subgraph '" + graph.name() + "' runs itself", "",
                    "the file is damaged: copy or export it again");
        }
        open.push(graph);
    }

    void leave() {
        open.pop();
    }

    /** Whether an operator runs exactly once in a run. */
    boolean isMain() {
        return open.size() == 1;
    }

    void table(String name, Table table) {
        tables.put(name, table);
    }

    /** The hash table of a name, or null. */
    Table table(String name) {
        return tables.get(name);
    }

    void set(String variable, Tensor value) {
        variables.put(variable, value);
    }

    /** The value of a variable, or null. */
    Tensor get(String variable) {
        return variables.get(variable);
    }

    /** Adds state: an input of the model, and the output that is its value for the next run. */
    void carry(String input, String next) {
        state.put(input, next);
    }

    /** By input that holds state: its next value. */
    Map<String, String> state() {
        return state;
    }
}
