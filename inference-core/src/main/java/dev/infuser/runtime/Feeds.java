package dev.infuser.runtime;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks what a caller feeds against what a model takes. */
public final class Feeds {

    private Feeds() {
    }

    /**
     * The feeds in the order of the graph's inputs.
     *
     * @throws InvalidInputException for a missing or unknown name, a wrong type, rank or extent, or a symbol bound to two
     *                               extents
     */
    public static List<Datum> order(Graph graph, Map<String, ? extends Datum> feeds) {
        for (String name : feeds.keySet()) {
            if (find(graph, name) == null) {
                throw new InvalidInputException("unknown-feed", name, "the model has no input named '" + name + "'",
                        "its inputs: " + names(graph), "check the names in feeds");
            }
        }
        List<Datum> ordered = new ArrayList<>();
        Map<String, Long> symbols = new HashMap<>();
        for (Value input : graph.inputs()) {
            Datum feed = feeds.get(input.name());
            if (feed == null) {
                throw new InvalidInputException("missing-feed", input.name(), "input '" + input.name() + "' is not fed",
                        "the model takes " + names(graph), "add it to feeds");
            }
            if (feed instanceof Tensor tensor) {
                check(input, tensor.type(), symbols);
            } else if (feed instanceof Datum.Map map && !new ValueType.OfMap(map.keys().dtype(), map.values().dtype()).equals(input.type())) {
                throw wrong(input, "map<" + map.keys().dtype().label() + ", " + map.values().dtype().label() + ">");
            } else if (input.type() instanceof ValueType.OfTensor || input.type() instanceof ValueType.OfMap && !(feed instanceof Datum.Map)) {
                throw wrong(input, "not a tensor");
            }
            ordered.add(feed);
        }
        return ordered;
    }

    /**
     * Checks the type of one feed.
     *
     * @param symbols the extents of symbols so far; those that this feed binds are added
     */
    public static void check(Value input, ValueType.OfTensor found, Map<String, Long> symbols) {
        ValueType type = input.type() instanceof ValueType.OfOptional optional ? optional.element() : input.type();
        if (!(type instanceof ValueType.OfTensor expected) || found.dtype() != expected.dtype()) {
            throw wrong(input, found.toString());
        }
        Shape shape = expected.shape();
        if (shape == null) {
            return;
        }
        if (shape.rank() != found.shape().rank()) {
            throw wrong(input, found.toString());
        }
        for (int axis = 0; axis < shape.rank(); axis++) {
            Dim dim = shape.dim(axis);
            long extent = found.shape().dim(axis).value();
            if (dim.isConstant()) {
                if (dim.value() != extent) {
                    throw wrong(input, found.toString());
                }
                continue;
            }
            Long bound = symbols.putIfAbsent(dim.symbol(), extent);
            if (bound != null && bound != extent) {
                throw new InvalidInputException("wrong-shape", input.name(), "input '" + input.name() + "' makes "
                        + dim.symbol() + " " + extent + " where another input made it " + bound,
                        "expected " + expected + ", found " + found, "feed tensors of matching shapes");
            }
        }
    }

    private static InvalidInputException wrong(Value input, String found) {
        return new InvalidInputException("wrong-feed", input.name(), "input '" + input.name() + "' must be "
                + input.type() + ", found " + found, "expected " + input.type() + ", found " + found,
                "feed a tensor of that type and shape");
    }

    private static Value find(Graph graph, String name) {
        for (Value input : graph.inputs()) {
            if (input.name().equals(name)) {
                return input;
            }
        }
        return null;
    }

    private static String names(Graph graph) {
        StringBuilder out = new StringBuilder();
        for (Value input : graph.inputs()) {
            out.append(out.length() == 0 ? "" : ", ").append(input.name()).append(": ").append(input.type());
        }
        return out.toString();
    }
}
