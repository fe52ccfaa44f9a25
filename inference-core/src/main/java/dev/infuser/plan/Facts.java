package dev.infuser.plan;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.kernel.Element;
import dev.infuser.op.Registry;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the planner asks about a graph: types, uses, and which values follow from shapes alone. */
final class Facts {

    private static final int SMALL = 1024;

    final Graph graph;
    private final Set<String> packed;
    private final Map<String, Integer> uses = new HashMap<>();
    private final Map<String, List<Node>> consumers = new HashMap<>();
    private final Set<String> host = new HashSet<>();

    /** @param packed constants that kernels read as they are stored */
    Facts(Graph graph, Set<String> packed) {
        this.graph = graph;
        this.packed = packed;
        for (Node node : graph.nodes()) {
            for (String input : node.inputs()) {
                uses.merge(input, 1, Integer::sum);
                consumers.computeIfAbsent(input, k -> new ArrayList<>()).add(node);
            }
            for (String value : Subgraphs.captured(node)) {
                uses.merge(value, 2, Integer::sum);
            }
            classify(node);
        }
        for (String output : graph.outputs()) {
            uses.merge(output, 2, Integer::sum);
        }
    }

    private void classify(Node node) {
        if (!Registry.isPure(node) || packed.contains(node.input(0))) {
            return;
        }
        boolean fromShape = node.is("Shape") || node.is("Size");
        for (String input : node.inputs()) {
            Tensor constant = graph.constants().get(input);
            boolean small = constant != null && (!constant.dtype().isFloat() || constant.size() <= SMALL);
            if (!fromShape && !input.isEmpty() && !small && !host.contains(input)) {
                return;
            }
        }
        for (String output : node.outputs()) {
            if (!output.isEmpty() && !mayFollow(output)) {
                return;
            }
        }
        host.addAll(node.outputs());
        host.remove("");
    }

    private boolean mayFollow(String value) {
        if (!(graph.type(value) instanceof ValueType.OfTensor type) || type.shape() == null
                || type.dtype() == DType.STRING) {
            return false;
        }
        return !type.dtype().isFloat() || type.shape().isConstant() && type.shape().elements().value() <= SMALL;
    }

    /** The values whose elements follow from shapes. */
    Set<String> host() {
        return host;
    }

    /** Whether every output of a node follows from shapes. */
    boolean isHost(Node node) {
        for (String output : node.outputs()) {
            if (!output.isEmpty() && !host.contains(output)) {
                return false;
            }
        }
        return true;
    }

    /** Whether {@code value} is read once, by a node of the graph itself. */
    boolean usedOnce(String value) {
        return uses.getOrDefault(value, 0) == 1;
    }

    /** Whether {@code value} is read {@code times} times, by nodes of the graph itself. */
    boolean usedOnly(String value, int times) {
        return isInner(value) && consumers(value).size() == times;
    }

    /** The nodes that read {@code value}; more may read it inside subgraphs or as a result, see {@link #usedOnce}. */
    List<Node> consumers(String value) {
        return consumers.getOrDefault(value, List.of());
    }

    /** Whether {@code value} is read by nodes of the graph itself only. */
    boolean isInner(String value) {
        return uses.getOrDefault(value, 0) == consumers(value).size();
    }

    DType dtype(String value) {
        return ((ValueType.OfTensor) graph.type(value)).dtype();
    }

    Shape shape(String value) {
        return ((ValueType.OfTensor) graph.type(value)).shape();
    }

    boolean isTensor(String value) {
        return graph.type(value) instanceof ValueType.OfTensor type && type.shape() != null && type.dtype().bytes() > 0;
    }

    /** Those of {@code values} that may turn out to have the shape of {@code output}, and elements of the same size. */
    List<String> alike(List<String> values, String output) {
        List<String> alike = new ArrayList<>();
        for (String value : values) {
            if (shape(value).rank() == shape(output).rank() && dtype(value).bytes() == dtype(output).bytes()) {
                alike.add(value);
            }
        }
        return alike;
    }

    /** The only element of a constant that kernels read exactly, or null. */
    Float scalar(String value) {
        Tensor constant = graph.constants().get(value);
        return constant != null && constant.size() == 1 && (constant.dtype() == DType.FLOAT32 || constant.dtype().bits() == 8
                && Element.of(constant.dtype()) != null) ? (Float) (float) constant.getDouble(0) : null;
    }

    /** The axis of {@code value} that meets {@code axis} of {@code of} when broadcast to it, or 1. */
    Dim aligned(String value, Shape of, int axis) {
        Shape shape = shape(value);
        int at = axis - (of.rank() - shape.rank());
        return at < 0 ? Dim.ONE : shape.dim(at);
    }
}
