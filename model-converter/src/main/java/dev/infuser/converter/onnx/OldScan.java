package dev.infuser.converter.onnx;

import dev.infuser.converter.build.Emitter;
import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Scan-8 has a batch axis before the scanned one: a Scan over the batch whose body is the Scan proper. */
final class OldScan {

    private OldScan() {
    }

    static Node adapt(Node node, Emitter out) {
        if (!node.input(0).isEmpty()) {
            throw new UnsupportedModelException("scan-lengths", node.label(), node.label() + " has sequence lengths", "",
                    "export it with opset 9 or newer");
        }
        Graph body = node.attributes().graph("body");
        long scans = node.attributes().integer("num_scan_inputs");
        if (node.inputs().size() < 2 || scans < 0 || scans > node.inputs().size() - 1) {
            throw new InvalidModelException("bad-node", node.label(), node.label() + " has " + (node.inputs().size() - 1)
                    + " inputs, " + scans + " of them scanned", "", "");
        }
        List<String> inputs = node.inputs().subList(1, node.inputs().size());
        List<Value> formals = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            String name = out.unique(node.name() + "_sample");
            names.add(name);
            formals.add(new Value(name, null));
        }
        List<String> results = new ArrayList<>();
        for (int i = 0; i < node.outputs().size(); i++) {
            results.add(out.unique(node.name() + "_result"));
        }
        Attributes inner = Attributes.of("body", body, "num_scan_inputs", scans);
        if (node.attributes().has("directions")) {
            inner = inner.with("scan_input_directions", node.attributes().map().get("directions"));
        }
        Node scan = new Node(node.name() + "_sample", "", "Scan", names, results, inner);
        Graph batch = new Graph(node.name(), formals, results, List.of(scan), Map.of(), Map.of());
        return new Node(node.name(), "", "Scan", inputs, node.outputs(), Attributes.of("body",
                new Attribute.OfGraph(batch), "num_scan_inputs", inputs.size()));
    }
}
