package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.op.Evaluator;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A graph that is being written anew, some of whose values are computed with their axes in another order. */
final class Layout {

    /** What is computed in place of a value: axis {@code i} of {@code value} is axis {@code perm[i]} of it. */
    record Form(String value, int[] perm) {
    }

    private final Graph graph;
    private final Map<String, Tensor> constants;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Form> forms = new HashMap<>();
    private final Map<String, String> made = new HashMap<>();
    private final Map<String, Node> transposes = new HashMap<>();
    private final Set<String> stored = new HashSet<>();
    private final Map<String, Node> deferred = new HashMap<>();

    /** An empty copy of {@code graph}, whose types must be inferred. */
    Layout(Graph graph) {
        this.graph = graph;
        this.constants = new LinkedHashMap<>(graph.constants());
    }

    /** The order that takes channels from axis 1 to the end. */
    static int[] toLast(int rank) {
        int[] perm = new int[rank];
        for (int i = 1; i < rank; i++) {
            perm[i] = i == rank - 1 ? 1 : i + 1;
        }
        return perm;
    }

    static int[] inverse(int[] perm) {
        int[] out = new int[perm.length];
        for (int i = 0; i < perm.length; i++) {
            out[perm[i]] = i;
        }
        return out;
    }

    static boolean isIdentity(int[] perm) {
        for (int i = 0; i < perm.length; i++) {
            if (perm[i] != i) {
                return false;
            }
        }
        return true;
    }

    /** The shape of a value of the original graph, or null. */
    Shape shape(String value) {
        return graph.type(value) instanceof ValueType.OfTensor type ? type.shape() : null;
    }

    /** Whether a value of the original graph is known to be a float32 tensor. */
    boolean isFloat(String value) {
        return graph.type(value) instanceof ValueType.OfTensor type && type.dtype() == DType.FLOAT32;
    }

    Tensor constant(String value) {
        return constants.get(value);
    }

    /** The elements of an integer constant, or null. */
    long[] longs(String value) {
        Tensor constant = constants.get(value);
        return constant == null || constant.dtype().isFloat() ? null : constant.toLongs();
    }

    /** What is computed in place of {@code value}, or null where it is computed itself. */
    Form form(String value) {
        Form form = forms.get(value);
        return form == null || isIdentity(form.perm()) ? null : form;
    }

    /** States that {@code by}, already computed, stands for {@code value}. */
    void define(String value, String by, int[] perm) {
        forms.put(value, new Form(by, perm));
    }

    /** Leaves a transpose until somebody needs what it computes. */
    void defer(Node transpose, Form form) {
        define(transpose.output(0), form.value(), form.perm());
        transposes.put(transpose.output(0), transpose);
    }

    /** Leaves a node, which makes rows of what another order has for its input, until somebody needs what it computes. */
    void defer(Node rows) {
        deferred.put(rows.output(0), rows);
    }

    /** The node that was left and makes {@code value}, or null. */
    Node deferred(String value) {
        return deferred.get(value);
    }

    /** The name of a value with the elements of {@code value} in their own order. */
    String plain(String value) {
        Node left = deferred.remove(value);
        if (left != null) {
            List<String> inputs = new ArrayList<>(left.inputs());
            inputs.replaceAll(this::plain);
            nodes.add(left.withInputs(inputs));
        }
        Form form = forms.get(value);
        if (form == null) {
            return value;
        }
        return isIdentity(form.perm()) ? form.value() : named(value);
    }

    /** Computes {@code value} under its own name. */
    String named(String value) {
        if (deferred.containsKey(value)) {
            return plain(value);
        }
        Form form = forms.get(value);
        if (form != null && stored.add(value)) {
            Node old = transposes.get(value);
            int[] order = inverse(form.perm());
            if (old != null && old.input(0).equals(form.value())) {
                nodes.add(old);
            } else if (isIdentity(order)) {
                nodes.add(new Node("", "", "Identity", List.of(form.value()), List.of(value), Attributes.NONE));
            } else {
                nodes.add(transpose(form.value(), order, value));
            }
        }
        return value;
    }

    private static String key(String value, int[] perm) {
        return value + Arrays.toString(perm);
    }

    private static Node transpose(String from, int[] perm, String to) {
        long[] order = new long[perm.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = perm[i];
        }
        return new Node("", "", "Transpose", List.of(from), List.of(to), Attributes.of("perm", order));
    }

    /** The name of a value whose axis {@code i} is axis {@code perm[i]} of {@code value}. */
    String in(String value, int[] perm) {
        if (isIdentity(perm)) {
            return plain(value);
        }
        Form form = forms.get(value);
        if (form != null && Arrays.equals(form.perm(), perm)) {
            return form.value();
        }
        if (deferred.containsKey(value)) {
            plain(value);
        }
        String known = made.get(key(value, perm));
        if (known != null) {
            return known;
        }
        String from = form == null ? value : form.value();
        int[] order = perm.clone();
        if (form != null) {
            int[] back = inverse(form.perm());
            for (int i = 0; i < order.length; i++) {
                order[i] = back[perm[i]];
            }
        }
        String name = fresh(value);
        Node node = transpose(from, order, name);
        if (constants.containsKey(from)) {
            constants.put(name, (Tensor) Evaluator.apply(node, List.of(constants.get(from))).get(0));
        } else {
            nodes.add(node);
        }
        made.put(key(value, perm), name);
        return name;
    }

    /** A name like {@code value} that nothing has yet. */
    String fresh(String value) {
        String name = value + ".last";
        while (graph.type(name) != null || constants.containsKey(name) || made.containsKey(name)) {
            name += "'";
        }
        made.put(name, name);
        return name;
    }

    /** Adds a constant and returns its name. */
    String constant(String like, Tensor tensor) {
        String name = fresh(like);
        constants.put(name, tensor);
        return name;
    }

    /** Adds a node that computes {@code value} in another order, and states that it does. */
    void add(Node node, List<String> inputs, String value, int[] perm, Attributes attributes) {
        add(node.name(), node.domain(), node.op(), inputs, value, perm, attributes);
    }

    /** As {@link #add(Node, List, String, int[], Attributes)}, for another operator. */
    void add(String name, String domain, String op, List<String> inputs, String value, int[] perm, Attributes attributes) {
        boolean same = isIdentity(perm);
        String out = same ? value : fresh(value);
        nodes.add(new Node(name, domain, op, inputs, List.of(out), attributes));
        if (!same) {
            define(value, out, perm);
        }
    }

    /** Adds a node as it is. */
    void add(Node node) {
        nodes.add(node);
    }

    /** The graph written so far, with all its results. */
    Graph build() {
        graph.outputs().forEach(this::named);
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), nodes, constants, graph.types());
    }
}
