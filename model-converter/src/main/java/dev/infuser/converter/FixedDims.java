package dev.infuser.converter;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.op.Inference;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Gives symbolic dimensions of the inputs a constant extent. */
final class FixedDims {

    private FixedDims() {
    }

    /**
     * The graph with the symbols in {@code extents} replaced in its inputs, and types inferred anew.
     *
     * @throws InvalidInputException {@code unknown-dimension} when no input has such a symbol
     */
    static Graph fix(Graph graph, Map<String, Long> extents) {
        if (extents.isEmpty()) {
            return graph;
        }
        Set<String> symbols = new TreeSet<>();
        Graph fixed = replace(graph, extents, symbols);
        for (String name : extents.keySet()) {
            if (!symbols.contains(name)) {
                throw new InvalidInputException("unknown-dimension", name, "the model has no dimension '" + name + "'",
                        "its dimensions: " + (symbols.isEmpty() ? "all are constant" : String.join(", ", symbols)), "");
            }
        }
        return Inference.infer(fixed.withTypes(Map.of()));
    }

    /** The graph with the symbols in {@code extents} replaced in its inputs and nowhere else. */
    static Graph fixInputs(Graph graph, Map<String, Long> extents) {
        return replace(graph, extents, new TreeSet<>());
    }

    private static Graph replace(Graph graph, Map<String, Long> extents, Set<String> symbols) {
        List<Value> inputs = new ArrayList<>();
        for (Value input : graph.inputs()) {
            inputs.add(new Value(input.name(), fix(input.type(), extents, symbols)));
        }
        return new Graph(graph.name(), inputs, graph.outputs(), graph.nodes(), graph.constants(), graph.types());
    }

    private static ValueType fix(ValueType type, Map<String, Long> extents, Set<String> symbols) {
        if (!(type instanceof ValueType.OfTensor tensor) || tensor.shape() == null) {
            return type;
        }
        List<Dim> dims = new ArrayList<>();
        for (Dim dim : tensor.shape().dims()) {
            Long extent = dim.isConstant() ? null : extents.get(dim.symbol());
            if (!dim.isConstant()) {
                symbols.add(dim.symbol());
            }
            dims.add(extent == null ? dim : Dim.of(extent));
        }
        return new ValueType.OfTensor(tensor.dtype(), new Shape(dims));
    }
}
