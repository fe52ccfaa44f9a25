package dev.infuser.converter.onnx;

import dev.infuser.converter.onnx.OnnxModel.OnnxAttribute;
import dev.infuser.converter.onnx.OnnxModel.OnnxGraph;
import dev.infuser.converter.onnx.OnnxModel.OnnxNode;
import dev.infuser.converter.onnx.OnnxModel.OnnxValue;
import dev.infuser.tensor.InvalidModelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts nodes in an order in which they can run. */
final class NodeOrder {

    private NodeOrder() {
    }

    /** What a node reads, values that its subgraphs take from around them included. */
    static Set<String> reads(OnnxNode node) {
        Set<String> reads = new HashSet<>(node.inputs());
        for (OnnxAttribute attribute : node.attributes()) {
            if (attribute.graph() != null) {
                reads.addAll(free(attribute.graph()));
            }
        }
        return reads;
    }

    private static Set<String> free(OnnxGraph graph) {
        Set<String> reads = new HashSet<>();
        for (OnnxNode node : graph.nodes()) {
            reads.addAll(reads(node));
        }
        for (OnnxValue output : graph.outputs()) {
            reads.add(output.name());
        }
        for (OnnxNode node : graph.nodes()) {
            reads.removeAll(new HashSet<>(node.outputs()));
        }
        for (OnnxValue input : graph.inputs()) {
            reads.remove(input.name());
        }
        reads.removeAll(graph.initializers().keySet());
        return reads;
    }

    /**
     * The nodes in running order: as they are where that is one, as most exporters write them.
     *
     * @throws InvalidModelException when they form a circle
     */
    static List<OnnxNode> sort(List<OnnxNode> nodes) {
        Map<String, Integer> definer = new HashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            for (String output : nodes.get(i).outputs()) {
                if (!output.isEmpty()) {
                    definer.put(output, i);
                }
            }
        }
        boolean sorted = true;
        int[] waiting = new int[nodes.size()];
        List<List<Integer>> readers = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            readers.add(new ArrayList<>(2));
        }
        for (int i = 0; i < nodes.size(); i++) {
            for (String read : reads(nodes.get(i))) {
                Integer from = definer.get(read);
                if (from != null) {
                    sorted &= from < i;
                    waiting[i]++;
                    readers.get(from).add(i);
                }
            }
        }
        return sorted ? nodes : kahn(nodes, waiting, readers);
    }

    private static List<OnnxNode> kahn(List<OnnxNode> nodes, int[] waiting, List<List<Integer>> readers) {
        List<OnnxNode> out = new ArrayList<>(nodes.size());
        ArrayDeque<Integer> ready = new ArrayDeque<>();
        for (int i = 0; i < waiting.length; i++) {
            if (waiting[i] == 0) {
                ready.add(i);
            }
        }
        while (!ready.isEmpty()) {
            int next = ready.poll();
            out.add(nodes.get(next));
            for (int reader : readers.get(next)) {
                if (--waiting[reader] == 0) {
                    ready.add(reader);
                }
            }
        }
        if (out.size() < nodes.size()) {
            OnnxNode stuck = null;
            for (int i = 0; stuck == null; i++) {
                stuck = waiting[i] > 0 ? nodes.get(i) : null;
            }
            String name = stuck.name().isEmpty() ? stuck.op() : stuck.op() + " " + stuck.name();
            throw new InvalidModelException("bad-onnx", name, "the nodes form a circle through " + name, "",
                    "the file is damaged: export it again");
        }
        return out;
    }
}
