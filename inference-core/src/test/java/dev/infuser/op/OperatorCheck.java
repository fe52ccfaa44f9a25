package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Evaluates one node and checks that what {@code infer} says of it holds of the results: with every input known only by its
 * type, with small integer inputs known by value, and each of these with extents replaced by symbols, one per extent or one
 * per axis.
 */
public final class OperatorCheck {

    private OperatorCheck() {
    }

    /** The first output of an operator of the default domain; null inputs are absent. */
    public static Tensor run(String op, Attributes attributes, Datum... inputs) {
        return (Tensor) runAll(op, 1, attributes, inputs).get(0);
    }

    public static Tensor run(String op, Datum... inputs) {
        return run(op, Attributes.NONE, inputs);
    }

    /** The first {@code outputs} outputs of an operator of the default domain; null inputs are absent. */
    public static List<Datum> runAll(String op, int outputs, Attributes attributes, Datum... inputs) {
        List<String> in = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            in.add(inputs[i] == null ? "" : "in" + i);
        }
        List<String> out = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            out.add("out" + i);
        }
        List<Datum> list = new ArrayList<>();
        for (Datum input : inputs) {
            list.add(input);
        }
        return run(new Node("", "", op, in, out, attributes), list);
    }

    /** The outputs of {@code node}, whose present inputs have distinct names; absent ones are null in {@code inputs}. */
    public static List<Datum> run(Node node, List<Datum> inputs) {
        List<Value> values = new ArrayList<>();
        List<Datum> arguments = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i) != null) {
                values.add(new Value(node.input(i), typeOf(inputs.get(i))));
                arguments.add(inputs.get(i));
            }
        }
        List<String> wanted = new ArrayList<>(node.outputs());
        wanted.removeIf(String::isEmpty);
        Graph graph = new Graph("check", values, wanted, List.of(node), Map.of(), Map.of());
        List<Datum> outputs = Evaluator.run(graph, arguments);
        for (boolean constants : new boolean[] {false, true}) {
            for (String symbols : new String[] {"none", "extents", "axes"}) {
                check(node, graph, arguments, outputs, constants, symbols);
            }
        }
        return outputs;
    }

    private static void check(Node node, Graph graph, List<Datum> arguments, List<Datum> outputs, boolean constants,
            String symbols) {
        Map<String, Tensor> known = new LinkedHashMap<>();
        List<Value> unknown = new ArrayList<>();
        Map<String, Long> bindings = new HashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String name = graph.inputs().get(i).name();
            boolean parameter = arguments.get(i) instanceof Tensor tensor && tensor.rank() <= 1 && tensor.size() <= 64;
            if (constants && parameter) {
                known.put(name, (Tensor) arguments.get(i));
            } else {
                unknown.add(new Value(name, symbolic(graph.inputs().get(i).type(), name, symbols, bindings)));
            }
        }
        Graph typed = Inference.infer(
                new Graph("check", unknown, graph.outputs(), graph.nodes(), known, Map.of()));
        for (int i = 0; i < outputs.size(); i++) {
            String what = node.op() + " " + node.attributes() + " of " + unknown + " and constants " + known.keySet()
                    + ", output " + i;
            ValueType inferred = typed.type(graph.outputs().get(i));
            if (inferred != null) {
                compare(what, inferred, outputs.get(i), bindings);
            }
        }
    }

    private static ValueType symbolic(ValueType type, String name, String symbols, Map<String, Long> bindings) {
        if (symbols.equals("none") || !(type instanceof ValueType.OfTensor tensor)) {
            return type;
        }
        List<Dim> dims = new ArrayList<>();
        for (int axis = 0; axis < tensor.shape().rank(); axis++) {
            long extent = tensor.shape().dim(axis).value();
            String symbol = symbols.equals("axes") ? name + "_" + axis : "n" + extent;
            boolean fixed = extent <= 1 || tensor.shape().rank() == 1;
            bindings.put(symbol, extent);
            dims.add(fixed ? Dim.of(extent) : Dim.symbol(symbol));
        }
        return ValueType.tensor(tensor.dtype(), new Shape(dims));
    }

    private static void compare(String what, ValueType inferred, Datum value, Map<String, Long> bindings) {
        if (value instanceof Datum.Optional optional) {
            ValueType.OfOptional type = assertInstanceOf(ValueType.OfOptional.class, inferred, what);
            if (optional.value() != null) {
                compare(what, type.element(), optional.value(), bindings);
            }
        } else if (value instanceof Datum.Sequence sequence) {
            ValueType.OfSequence type = assertInstanceOf(ValueType.OfSequence.class, inferred, what);
            for (Datum element : sequence.elements()) {
                compare(what, type.element(), element, bindings);
            }
        } else if (value instanceof Datum.Map) {
            assertEquals(inferred, typeOf(value), what);
        } else {
            compare(what, assertInstanceOf(ValueType.OfTensor.class, inferred, what), (Tensor) value, bindings);
        }
    }

    private static void compare(String what, ValueType.OfTensor inferred, Tensor value, Map<String, Long> bindings) {
        assertNotNull(value, what);
        assertEquals(inferred.dtype(), value.dtype(), what);
        if (inferred.shape() == null) {
            return;
        }
        assertEquals(inferred.shape().rank(), value.rank(), what + ": rank of " + inferred + " for " + value);
        for (int axis = 0; axis < value.rank(); axis++) {
            Dim dim = inferred.shape().dim(axis);
            Long expected = dim.isConstant() ? Long.valueOf(dim.value()) : new Expression(dim.symbol(), bindings).value();
            if (expected != null) {
                assertEquals(expected, value.dim(axis), what + ": axis " + axis + " of " + inferred + " for " + value);
            }
        }
    }

    private static ValueType typeOf(Datum datum) {
        if (datum instanceof Tensor tensor) {
            return tensor.type();
        }
        if (datum instanceof Datum.Optional optional) {
            return new ValueType.OfOptional(optional.value() == null ? null : typeOf(optional.value()));
        }
        if (datum instanceof Datum.Map map) {
            return new ValueType.OfMap(map.keys().dtype(), map.values().dtype());
        }
        List<Datum> elements = ((Datum.Sequence) datum).elements();
        if (elements.isEmpty()) {
            return new ValueType.OfSequence(null);
        }
        if (!(elements.get(0) instanceof Tensor)) {
            return new ValueType.OfSequence(typeOf(elements.get(0)));
        }
        ValueType.OfTensor common = (ValueType.OfTensor) typeOf(elements.get(0));
        for (Datum element : elements) {
            if (!typeOf(element).equals(common)) {
                common = new ValueType.OfTensor(common.dtype(), null);
            }
        }
        return new ValueType.OfSequence(common);
    }

    /** The value of a symbol of {@link Dim}, or null where it names something unknown. */
    private static final class Expression {

        private final String text;
        private final Map<String, Long> bindings;
        private int at;

        Expression(String text, Map<String, Long> bindings) {
            this.text = text;
            this.bindings = bindings;
        }

        Long value() {
            try {
                Long value = sum();
                return at == text.length() ? value : null;
            } catch (IllegalArgumentException e) {
                return null;
            }
        }

        private long sum() {
            long value = product();
            while (at < text.length() && (text.startsWith(" + ", at) || text.startsWith(" - ", at))) {
                char operator = text.charAt(at + 1);
                at += 3;
                value = operator == '+' ? value + product() : value - product();
            }
            return value;
        }

        private long product() {
            long value = operand();
            while (at < text.length() && (text.startsWith(" * ", at) || text.startsWith(" / ", at))) {
                char operator = text.charAt(at + 1);
                at += 3;
                value = operator == '*' ? value * operand() : Math.floorDiv(value, operand());
            }
            return value;
        }

        private long operand() {
            if (text.startsWith("max(", at) || text.startsWith("min(", at)) {
                boolean max = text.startsWith("max(", at);
                at += 4;
                long a = sum();
                expect("; ");
                long b = sum();
                expect(")");
                return max ? Math.max(a, b) : Math.min(a, b);
            }
            if (text.startsWith("(", at)) {
                at++;
                long value = sum();
                expect(")");
                return value;
            }
            int end = at;
            while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_'
                    || text.charAt(end) == '.' || end == at && text.charAt(end) == '-')) {
                end++;
            }
            String word = text.substring(at, end);
            at = end;
            Long bound = bindings.get(word);
            return bound != null ? bound : Long.parseLong(word);
        }

        private void expect(String token) {
            if (!text.startsWith(token, at)) {
                throw new IllegalArgumentException(text);
            }
            at += token.length();
        }
    }
}
