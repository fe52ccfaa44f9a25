package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.ValueType;

/** Spells activation functions that no kernel knows by those that kernels fuse. */
final class LowerActivations implements Pass {

    /** Of the powers of u squared, the highest first; relative error of {@link #atan} below 2e-7. */
    private static final float[] ATAN = {8.05374449538e-2f, -1.38776856032e-1f, 1.99777106478e-1f, -3.33329491539e-1f};

    @Override
    public String name() {
        return "lower-activations";
    }

    @Override
    public String description() {
        return "Celu, Elu, Selu, Mish, Softplus, Shrink, Sign, Tan, Atan, Asin, Acos, Cosh become arithmetic that kernels fuse";
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
            case "Atan":
                atan(e, x);
                return true;
            case "Asin":
                atan(e, e.add("Div", x, e.add("Sqrt", e.add("Mul", e.add("Sub", e.scalar(1), x), e.add("Add", e.scalar(1), x)))));
                return true;
            case "Acos":
                String half = atan(e, e.add("Sqrt", e.add("Div", e.add("Sub", e.scalar(1), x), e.add("Add", e.scalar(1), x))));
                e.add("Add", half, half);
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

    /**
     * The angle of {@code |x|} or of {@code 1 / |x|}, whichever is at most 1, and if its own is more than a sixteenth
     * of a turn, of {@code (t - 1) / (t + 1)}, which is an eighth of a turn less; by a polynomial of least error in {@code u * u}.
     */
    private static String atan(Expansion e, String x) {
        String one = e.scalar(1);
        String size = e.add("Abs", x);
        String large = e.add("Greater", size, one);
        String t = e.add("Where", large, e.add("Div", one, size), size);
        String middle = e.add("Greater", t, e.scalar((float) Math.tan(Math.PI / 8)));
        String u = e.add("Where", middle, e.add("Div", e.add("Sub", t, one), e.add("Add", t, one)), t);
        String square = e.add("Mul", u, u);
        String sum = e.scalar(ATAN[0]);
        for (int i = 1; i < ATAN.length; i++) {
            sum = e.add("Add", e.add("Mul", sum, square), e.scalar(ATAN[i]));
        }
        String angle = e.add("Add", e.add("Mul", e.add("Mul", sum, square), u), u);
        angle = e.add("Where", middle, e.add("Add", angle, e.scalar((float) (Math.PI / 4))), angle);
        angle = e.add("Where", large, e.add("Sub", e.scalar((float) (Math.PI / 2)), angle), angle);
        return e.add("Where", e.add("Less", x, e.scalar(0)), e.add("Neg", angle), angle);
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
