package dev.infuser.op;

import dev.infuser.graph.Node;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.HashMap;
import java.util.Map;

/** All operators, in alphabetical order. */
public final class Registry {

    private static final Operator[] ALL = {
        new Arithmetic("Add"),
        new Pool("AveragePool"),
        new Concat(),
        new Constant(),
        new ConstantOfShape(),
        new Conv("Conv"),
        new Conv("ConvInteger"),
        new ConvTranspose(),
        new Arithmetic("Div"),
        new Expand("Expand"),
        new Reshape("Flatten"),
        new Gather(),
        new Pool("GlobalAveragePool"),
        new Pool("GlobalLpPool"),
        new Pool("GlobalMaxPool"),
        new Identity(),
        new Pool("LpPool"),
        new Pool("MaxPool"),
        new Arithmetic("Mul"),
        new Pad(),
        new Conv("QLinearConv"),
        new Reshape("Reshape"),
        new ShapeOf(),
        new Slice(),
        new Split(),
        new Reshape("Squeeze"),
        new Arithmetic("Sub"),
        new Expand("Tile"),
        new Transpose(),
        new Reshape("Unsqueeze"),
    };

    private static final Map<String, Operator> BY_NAME = index();

    private Registry() {
    }

    private static Map<String, Operator> index() {
        Map<String, Operator> map = new HashMap<>();
        for (Operator operator : ALL) {
            map.put(key(operator.domain(), operator.name()), operator);
        }
        return map;
    }

    private static String key(String domain, String name) {
        return domain.isEmpty() ? name : domain + "." + name;
    }

    /** The operator of {@code node}, or null. */
    public static Operator find(Node node) {
        return BY_NAME.get(key(node.domain(), node.op()));
    }

    /**
     * The operator of {@code node}.
     *
     * @throws UnsupportedModelException where there is none
     */
    public static Operator require(Node node) {
        Operator operator = find(node);
        if (operator == null) {
            throw new UnsupportedModelException("unsupported-operator", node.label(),
                    "operator " + node.qualifiedOp() + " is not supported", "in node " + node.label(),
                    "export the model without it, or ask for it to be added");
        }
        return operator;
    }

    /** Whether the outputs of {@code node} depend on nothing but its inputs and attributes, subgraphs aside. */
    public static boolean isPure(Node node) {
        return !node.attributes().hasGraph() && !node.op().startsWith("Random") && !node.is("Bernoulli")
                && !node.is("Multinomial");
    }
}
