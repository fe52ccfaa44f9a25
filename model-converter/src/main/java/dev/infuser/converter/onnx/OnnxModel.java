package dev.infuser.converter.onnx;

import dev.infuser.graph.Attribute;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;
import java.util.Map;

/**
 * An ONNX {@code ModelProto} as it was written, before anything is made of it.
 *
 * @param irVersion       the version of the file format
 * @param producerName    the tool that wrote the file, or ""
 * @param producerVersion its version, or ""
 * @param domain          the model's name space, or ""
 * @param modelVersion    the model's version
 * @param doc             a description, or ""
 * @param opsets          operator set versions by domain; {@code ai.onnx} is ""
 * @param metadata        whatever the producer noted
 * @param graph           the main graph
 * @param functions       model-local functions
 */
public record OnnxModel(long irVersion, String producerName, String producerVersion, String domain, long modelVersion,
        String doc, Map<String, Long> opsets, Map<String, String> metadata, OnnxGraph graph,
        List<OnnxFunction> functions) {

    /**
     * A {@code GraphProto}.
     *
     * @param initializers weights by name, in file order
     * @param inputs       inputs, which in old files include the initializers
     * @param values       what the file says of intermediate values
     */
    public record OnnxGraph(String name, List<OnnxNode> nodes, Map<String, Tensor> initializers, List<OnnxValue> inputs,
            List<OnnxValue> outputs, List<OnnxValue> values) {
    }

    /**
     * A {@code ValueInfoProto}.
     *
     * @param type null when the file leaves it open
     */
    public record OnnxValue(String name, ValueType type) {
    }

    /** A {@code NodeProto}; the domain {@code ai.onnx} is "". */
    public record OnnxNode(String name, String domain, String op, String overload, List<String> inputs,
            List<String> outputs, List<OnnxAttribute> attributes) {
    }

    /**
     * An {@code AttributeProto}: exactly one of reference, graph and value is given.
     *
     * @param reference the attribute of the function around that this one stands for, or ""
     * @param graph     a subgraph, or null
     * @param value     any other value, or null
     */
    public record OnnxAttribute(String name, String reference, OnnxGraph graph, Attribute value) {
    }

    /**
     * A {@code FunctionProto}.
     *
     * @param attributes names of attributes without a default
     * @param defaults   attributes with one
     * @param opsets     operator set versions of the body by domain
     */
    public record OnnxFunction(String domain, String name, String overload, List<String> inputs, List<String> outputs,
            List<String> attributes, List<OnnxAttribute> defaults, List<OnnxNode> nodes, Map<String, Long> opsets) {
    }
}
