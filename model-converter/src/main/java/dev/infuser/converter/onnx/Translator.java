package dev.infuser.converter.onnx;

import dev.infuser.converter.build.Emitter;
import dev.infuser.converter.onnx.OnnxModel.OnnxAttribute;
import dev.infuser.converter.onnx.OnnxModel.OnnxFunction;
import dev.infuser.converter.onnx.OnnxModel.OnnxGraph;
import dev.infuser.converter.onnx.OnnxModel.OnnxNode;
import dev.infuser.converter.onnx.OnnxModel.OnnxValue;
import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Translates one model: resolves scopes, inlines functions, orders nodes and adapts each to the graph's opset. */
final class Translator {

    private static final int MAX_NODES = 1_000_000;
    private static final int MAX_DEPTH = 48;

    private final OnnxModel model;
    private final Map<String, OnnxFunction> functions = new HashMap<>();
    private final Set<String> nodeNames = new HashSet<>();
    private int nodes;

    Translator(OnnxModel model) {
        this.model = model;
        for (OnnxFunction function : model.functions()) {
            functions.put(key(function.domain(), function.name(), function.overload()), function);
        }
    }

    /**
     * Where a list of nodes stands.
     *
     * @param opsets     operator set versions by domain
     * @param attributes those of the function call around, by formal name
     * @param prefix     of the names of values and nodes
     * @param depth      of function calls and subgraphs around
     */
    private record Frame(Map<String, Long> opsets, Map<String, Attribute> attributes, String prefix, int depth) {
        Frame deeper() {
            return new Frame(opsets, attributes, prefix, depth + 1);
        }
    }

    /** The names in a graph or function body, with those of the graph around it. */
    private static final class Scope {
        private final Scope outer;
        private final Map<String, String> names = new HashMap<>();

        Scope(Scope outer) {
            this.outer = outer;
        }

        String find(String name) {
            String found = names.get(name);
            return found != null || outer == null ? found : outer.find(name);
        }
    }

    private static String key(String domain, String name, String overload) {
        return domain + ":" + name + ":" + overload;
    }

    Graph translate() {
        return graph(model.graph(), null, null, new Frame(model.opsets(), Map.of(), "", 0));
    }

    private Graph graph(OnnxGraph source, Scope outerScope, Emitter outer, Frame frame) {
        if (frame.depth > MAX_DEPTH) {
            throw new InvalidModelException("bad-onnx", source.name(), "subgraphs or functions are nested more than "
                    + MAX_DEPTH + " deep, at '" + source.name() + "'", "", "a function may not call itself");
        }
        Emitter out = new Emitter(outer);
        Scope scope = new Scope(outerScope);
        boolean top = outer == null;
        for (OnnxValue input : source.inputs()) {
            if (top && source.initializers().containsKey(input.name())) {
                continue;
            }
            if (top && input.type() == null) {
                throw new UnsupportedModelException("input-type", input.name(), "input '" + input.name()
                        + "' has no type, or one that is not supported (map, sparse, complex)", "", "");
            }
            out.input(new Value(define(input.name(), scope, out, frame), input.type()));
        }
        for (Map.Entry<String, Tensor> entry : source.initializers().entrySet()) {
            if (!scope.names.containsKey(entry.getKey())) {
                out.put(define(entry.getKey(), scope, out, frame), entry.getValue());
            }
        }
        Set<String> used = new HashSet<>();
        for (OnnxValue output : source.outputs()) {
            used.add(output.name());
        }
        for (OnnxNode node : source.nodes()) {
            defineOutputs(node, scope, out, frame);
        }
        declare(source.values(), scope, out);
        declare(source.outputs(), scope, out);
        body(source.nodes(), used, scope, out, frame);
        List<String> outputs = new ArrayList<>();
        for (OnnxValue output : source.outputs()) {
            outputs.add(resolve(output.name(), scope, "an output of graph '" + source.name() + "'"));
        }
        return out.graph(source.name(), outputs);
    }

    private static void declare(List<OnnxValue> values, Scope scope, Emitter out) {
        for (OnnxValue value : values) {
            String name = scope.names.get(value.name());
            if (name != null && value.type() != null && !out.isConstant(name)) {
                out.state(name, value.type());
            }
        }
    }

    private void defineOutputs(OnnxNode node, Scope scope, Emitter out, Frame frame) {
        for (String output : node.outputs()) {
            if (!output.isEmpty()) {
                define(output, scope, out, frame);
            }
        }
    }

    private static String define(String name, Scope scope, Emitter out, Frame frame) {
        if (name.isEmpty() || scope.names.containsKey(name)) {
            throw new InvalidModelException("bad-onnx", name, name.isEmpty() ? "an input has no name"
                    : "the value '" + name + "' is defined twice", "", "the file is damaged: export it again");
        }
        String unique = out.unique(frame.prefix + name);
        scope.names.put(name, unique);
        return unique;
    }

    private static String resolve(String name, Scope scope, String reader) {
        if (name.isEmpty()) {
            return "";
        }
        String found = scope.find(name);
        if (found == null) {
            throw new InvalidModelException("bad-onnx", reader, "'" + name + "', " + reader + ", is never defined", "",
                    "the file is damaged: export it again");
        }
        return found;
    }

    /** Translates nodes whose outputs {@code scope} already names. */
    private void body(List<OnnxNode> source, Set<String> used, Scope scope, Emitter out, Frame frame) {
        List<OnnxNode> ordered = NodeOrder.sort(source);
        for (OnnxNode node : ordered) {
            used.addAll(NodeOrder.reads(node));
        }
        for (OnnxNode node : ordered) {
            if (++nodes > MAX_NODES) {
                throw new InvalidModelException("too-large", node.name(), "the model has more than " + MAX_NODES
                        + " nodes once its functions are inlined", "", "");
            }
            node(node, used, scope, out, frame);
        }
    }

    private void node(OnnxNode source, Set<String> used, Scope scope, Emitter out, Frame frame) {
        String name = nodeName(frame.prefix + (source.name().isEmpty() ? source.op() : source.name()));
        List<String> inputs = new ArrayList<>(source.inputs().size());
        for (String input : source.inputs()) {
            inputs.add(resolve(input, scope, "an input of " + source.op() + " " + name));
        }
        List<String> outputs = new ArrayList<>(source.outputs().size());
        for (int i = 0; i < source.outputs().size(); i++) {
            String output = source.outputs().get(i);
            outputs.add(output.isEmpty() || i > 0 && !used.contains(output) ? "" : scope.names.get(output));
        }
        Attributes attributes = attributes(source.attributes(), scope, out, frame);
        Node node = new Node(name, source.domain(), source.op(), inputs, outputs, attributes);
        OnnxFunction function = functions.get(key(source.domain(), source.op(), source.overload()));
        if (function != null) {
            inline(function, node, out, frame);
        } else if (source.domain().isEmpty()) {
            Adapters.adapt(node, opset(node, frame), out);
        } else {
            out.add(node);
        }
    }

    private String nodeName(String wanted) {
        String name = wanted;
        for (int i = 2; !nodeNames.add(name); i++) {
            name = wanted + "_" + i;
        }
        return name;
    }

    private int opset(Node node, Frame frame) {
        Long version = frame.opsets.get("");
        if (version == null) {
            version = model.opsets().get("");
        }
        if (version == null && model.irVersion() < 3) {
            return 1;
        }
        if (version == null || version < 1) {
            throw new InvalidModelException("bad-onnx", node.label(), "the model does not say which operator set "
                    + node.label() + " is of", "", "export it again with an opset");
        }
        if (version > Graph.OPSET) {
            throw new UnsupportedModelException("opset", node.label(), "the model uses opset " + version
                    + ", newer than " + Graph.OPSET, "", "export it with opset " + Graph.OPSET + " or older");
        }
        return version.intValue();
    }

    private Attributes attributes(List<OnnxAttribute> source, Scope scope, Emitter out, Frame frame) {
        Map<String, Attribute> map = new HashMap<>();
        for (OnnxAttribute attribute : source) {
            Attribute value = attribute.value();
            if (!attribute.reference().isEmpty()) {
                value = frame.attributes.get(attribute.reference());
            } else if (attribute.graph() != null) {
                value = new Attribute.OfGraph(graph(attribute.graph(), scope, out, frame.deeper()));
            }
            if (value != null) {
                map.put(attribute.name(), value);
            }
        }
        return map.isEmpty() ? Attributes.NONE : new Attributes(map);
    }

    private void inline(OnnxFunction function, Node call, Emitter out, Frame frame) {
        if (frame.depth >= MAX_DEPTH) {
            throw new InvalidModelException("bad-onnx", call.label(), "functions call each other more than " + MAX_DEPTH
                    + " deep, at " + call.label(), "", "a function may not call itself");
        }
        Frame inner = new Frame(function.opsets(), arguments(function, call, out, frame), call.name() + "/",
                frame.depth + 1);
        Scope scope = new Scope(null);
        for (int i = 0; i < function.inputs().size(); i++) {
            scope.names.put(function.inputs().get(i), call.input(i));
        }
        Set<String> used = new HashSet<>();
        for (int i = 0; i < function.outputs().size(); i++) {
            String formal = function.outputs().get(i);
            String actual = call.output(i);
            if (scope.names.containsKey(formal)) {
                if (!actual.isEmpty()) {
                    out.add(new Node(nodeName(call.name() + "/Identity"), "", "Identity",
                            List.of(scope.names.get(formal)), List.of(actual), Attributes.NONE));
                }
            } else {
                scope.names.put(formal, actual.isEmpty() ? out.unique(inner.prefix + formal) : actual);
            }
            used.add(formal);
        }
        for (OnnxNode node : function.nodes()) {
            for (String output : node.outputs()) {
                if (!output.isEmpty() && !function.outputs().contains(output)) {
                    define(output, scope, out, inner);
                }
            }
        }
        body(function.nodes(), used, scope, out, inner);
    }

    private Map<String, Attribute> arguments(OnnxFunction function, Node call, Emitter out, Frame frame) {
        Map<String, Attribute> arguments = new HashMap<>(
                attributes(function.defaults(), new Scope(null), out, frame.deeper()).map());
        arguments.putAll(call.attributes().map());
        return arguments;
    }
}
