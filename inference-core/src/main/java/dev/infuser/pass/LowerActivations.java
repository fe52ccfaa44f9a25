package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.ValueType;

/** Spells activation functions that no kernel knows by those that kernels fuse. */
final class LowerActivations implements Pass {

    @Override
    public String name() {
        return "lower-activations";
    }

    @Override
    public String description() {
        return "Celu, Elu, Selu, Mish, Softplus, Shrink, Sign, Tan, Cosh become arithmetic that kernels fuse";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            if (node.domain().isEmpty() && graph.type(node.input(0)) instanceof ValueType.OfTensor type
                    && type.shape() != null && type.dtype() == DType.FLOAT32) {
                Expansion e = new Expansion(editor, node);
                if (spell(e, node.op(), node.input(0), node.attributes())) {
                    e.replace();
                }
            }
        }
        return editor.build();
    }

    private static boolean spell(Expansion e, String op, String x, Attributes a) {
        switch (op) {
            case "Celu":
                float alpha = a.real("alpha", 1);
                exponential(e, x, alpha, e.add("Div", x, e.scalar(alpha)), 1);
                return true;
            case "Elu":
                exponential(e, x, a.real("alpha", 1), x, 1);
                return true;
            case "Selu":
                exponential(e, x, a.real("alpha", 1.67326319217681884765625f), x,
                        a.real("gamma", 1.05070102214813232421875f));
                return true;
            case "Softplus":
                softplus(e, x);
                return true;
            case "Mish":
                e.add("Mul", x, e.add("Tanh", softplus(e, x)));
                return true;
            case "ThresholdedRelu":
                e.add("Where", e.add("Greater", x, e.scalar(a.real("alpha", 1))), x, e.scalar(0));
                return true;
            case "Shrink":
                String limit = e.scalar(a.real("lambd", 0.5f));
                String bias = e.scalar(a.real("bias", 0));
                String low = e.add("Where", e.add("Less", x, e.add("Neg", limit)), e.add("Add", x, bias), e.scalar(0));
                e.add("Where", e.add("Greater", x, limit), e.add("Sub", x, bias), low);
                return true;
            case "Sign":
                String below = e.add("Where", e.add("Less", x, e.scalar(0)), e.scalar(-1), x);
                e.add("Where", e.add("Greater", x, e.scalar(0)), e.scalar(1), below);
                return true;
            case "Tan":
                e.add("Div", e.add("Sin", x), e.add("Cos", x));
                return true;
            case "Cosh":
                cosh(e, x);
                return true;
            default:
                return false;
        }
    }

    /** {@code gamma * (x > 0 ? x : alpha * (exp(scaled) - 1))}. */
    private static void exponential(Expansion e, String x, float alpha, String scaled, float gamma) {
        String curve = e.add("Mul", e.add("Sub", e.add("Exp", e.add("Min", scaled, e.scalar(0))), e.scalar(1)),
                e.scalar(alpha));
        String y = e.add("Where", e.add("Greater", x, e.scalar(0)), x, curve);
        if (gamma != 1) {
            e.add("Mul", y, e.scalar(gamma));
        }
    }

    /** {@code (h / 2) * h + 1 / 2 / (h * h)} with {@code h = exp(|x| / 2)}, which is finite where the result is. */
    private static void cosh(Expansion e, String x) {
        String half = e.scalar(0.5f);
        String root = e.add("Exp", e.add("Mul", e.add("Abs", x), half));
        e.add("Add", e.add("Mul", e.add("Mul", root, half), root), e.add("Div", half, e.add("Mul", root, root)));
    }

    /** {@code log(1 + exp(x))} as {@code max(x, 0) + log(1 + exp(-|x|))}. */
    private static String softplus(Expansion e, String x) {
        String tail = e.add("Log", e.add("Add", e.add("Exp", e.add("Neg", e.add("Abs", x))), e.scalar(1)));
        return e.add("Add", e.add("Relu", x), tail);
    }
}
