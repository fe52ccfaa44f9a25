package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.expr.UnitPass;
import dev.infuser.graph.Attributes;
import java.util.ArrayList;
import java.util.List;

/** What the attributes of a recurrent node say about its cells, and their arithmetic as expressions. */
final class RecurrentCell {

    private final int gates;
    private final int directions;
    private final boolean reverse;
    private final boolean batchFirst;
    private final float clip;
    private final boolean linearBeforeReset;
    private final boolean coupled;
    private final String[] activations;
    private final float[] alpha;
    private final float[] beta;

    RecurrentCell(Attributes a, int gates) {
        this.gates = gates;
        String direction = a.string("direction", "forward");
        directions = direction.equals("bidirectional") ? 2 : 1;
        reverse = direction.equals("reverse");
        batchFirst = a.integer("layout", 0) == 1;
        clip = a.has("clip") ? a.real("clip", 0) : Float.POSITIVE_INFINITY;
        linearBeforeReset = a.flag("linear_before_reset", false);
        coupled = a.flag("input_forget", false);
        int functions = gates == 4 ? 3 : gates == 3 ? 2 : 1;
        activations = activations(a, functions, directions);
        alpha = new float[activations.length];
        beta = new float[activations.length];
        constants(a, "activation_alpha", alpha, true);
        constants(a, "activation_beta", beta, false);
    }

    int directions() {
        return directions;
    }

    boolean batchFirst() {
        return batchFirst;
    }

    boolean linearBeforeReset() {
        return linearBeforeReset;
    }

    boolean coupled() {
        return coupled;
    }

    /** Whether direction {@code d} goes from the last step to the first. */
    boolean isBackward(int d) {
        return reverse || d == 1;
    }

    private static String[] activations(Attributes a, int functions, int directions) {
        String[] out = new String[functions * directions];
        List<String> given = a.strings("activations");
        if (given != null && given.size() != out.length) {
            throw Axes.bad(given.size() + " activations, expected " + out.length);
        }
        for (int i = 0; i < out.length; i++) {
            out[i] = given != null ? given.get(i) : functions > 1 && i % functions == 0 ? "Sigmoid" : "Tanh";
        }
        return out;
    }

    /** Listed values go, in order, to the activations that take one; the others have their defaults. */
    private void constants(Attributes a, String attribute, float[] out, boolean first) {
        float[] given = a.reals(attribute);
        int next = 0;
        for (int i = 0; i < out.length; i++) {
            float fallback = fallback(activations[i], first);
            boolean takes = fallback == fallback;
            out[i] = takes && given != null && next < given.length ? given[next] : fallback;
            next += takes ? 1 : 0;
        }
    }

    private static float fallback(String activation, boolean first) {
        switch (activation) {
            case "LeakyRelu":
                return first ? 0.01f : Float.NaN;
            case "ThresholdedRelu": case "Elu":
                return first ? 1 : Float.NaN;
            case "HardSigmoid":
                return first ? 0.2f : 0.5f;
            case "Affine": case "ScaledTanh":
                return first ? 1 : activation.equals("Affine") ? 0 : 1;
            default:
                return Float.NaN;
        }
    }

    double clipped(double v) {
        return Math.max(-clip, Math.min(clip, v));
    }

    double activate(int i, double v) {
        switch (activations[i]) {
            case "Sigmoid":
                return MathFunctions.sigmoid(v);
            case "Tanh":
                return MathFunctions.tanh(v);
            case "Relu":
                return Math.max(0, v);
            case "Affine":
                return alpha[i] * v + beta[i];
            case "LeakyRelu":
                return v >= 0 ? v : alpha[i] * v;
            case "ThresholdedRelu":
                return v > alpha[i] ? v : 0;
            case "ScaledTanh":
                return alpha[i] * MathFunctions.tanh(beta[i] * v);
            case "HardSigmoid":
                return Math.max(0, Math.min(1, alpha[i] * v + beta[i]));
            case "Elu":
                return v >= 0 ? v : alpha[i] * MathFunctions.expm1(v);
            case "Softsign":
                return v / (1 + Math.abs(v));
            case "Softplus":
                return MathFunctions.softplus(v);
            default:
                throw Axes.bad("no activation " + activations[i]);
        }
    }

    private Expr activate(int i, Expr x) {
        switch (activations[i]) {
            case "Sigmoid":
                return Expr.of(Fn.SIGMOID, x);
            case "Tanh":
                return Expr.of(Fn.TANH, x);
            case "Relu":
                return Expr.of(Fn.MAX, x, Expr.constant(0));
            case "Affine":
                return plus(times(x, Expr.constant(alpha[i])), Expr.constant(beta[i]));
            case "LeakyRelu":
                return new Expr.Select(Expr.of(Fn.LT, x, Expr.constant(0)), times(x, Expr.constant(alpha[i])), x);
            case "ScaledTanh":
                return times(Expr.of(Fn.TANH, times(x, Expr.constant(beta[i]))), Expr.constant(alpha[i]));
            case "HardSigmoid":
                return Activation.hardSigmoid(x, alpha[i], beta[i]);
            default:
                return null;
        }
    }

    /**
     * The layer as a kernel computes it; null where a cell has no expression, or one for each direction.
     *
     * @param extra whether units have constants: peepholes, or the recurrent bias of a GRU's last gate
     */
    Lowering.Recurrent lower(boolean extra) {
        int functions = activations.length / directions;
        for (int i = 0; i < activations.length; i++) {
            int first = i % functions;
            boolean same = activations[i].equals(activations[first]) && !(alpha[i] < alpha[first] || alpha[i] > alpha[first])
                    && !(beta[i] < beta[first] || beta[i] > beta[first]);
            if (!same || activate(i, Expr.constant(0)) == null) {
                return null;
            }
        }
        List<UnitPass> passes = new ArrayList<>();
        if (gates == 1) {
            passes.add(pass(0, 1, 0, activate(0, gate(0)), 1));
        } else if (gates == 3) {
            Expr update = linearBeforeReset ? activate(0, gate(0)) : buffer(2);
            Expr reset = activate(0, gate(1));
            Expr past = linearBeforeReset ? times(reset, extra
                    ? plus(Expr.input(5), extra(0)) : Expr.input(5)) : Expr.input(5);
            Expr candidate = activate(1, clipped(plus(Expr.input(2), past)));
            Expr state = plus(times(Expr.of(Fn.SUB, Expr.constant(1), update), candidate), times(update, buffer(0)));
            if (!linearBeforeReset) {
                passes.add(new UnitPass(0, 2, 0,
                        List.of(activate(0, gate(0)), times(reset, buffer(0))), List.of(2, 3)));
                passes.add(pass(2, 3, 3, state, 1));
            } else {
                passes.add(pass(0, 3, 0, state, 1));
            }
        } else {
            Expr in = activate(0, peep(0, 0, extra));
            Expr forget = coupled ? Expr.of(Fn.SUB, Expr.constant(1), in) : activate(0, peep(2, 2, extra));
            Expr cell = plus(times(forget, buffer(2)), times(in, activate(1, gate(3))));
            Expr state = times(activate(0, peep(1, 1, extra)), activate(2, buffer(2)));
            passes.add(new UnitPass(0, 4, 0, List.of(cell, state), List.of(2, 1)));
        }
        return new Lowering.Recurrent(gates, directions, reverse, batchFirst, passes);
    }

    private static UnitPass pass(int from, int to, int source, Expr result, int target) {
        return new UnitPass(from, to, source, List.of(result), List.of(target));
    }

    private Expr gate(int g) {
        return clipped(plus(Expr.input(g), Expr.input(gates + g)));
    }

    private Expr peep(int g, int peephole, boolean extra) {
        return !extra ? gate(g) : clipped(plus(plus(Expr.input(g), Expr.input(gates + g)), times(extra(peephole), buffer(2))));
    }

    private Expr clipped(Expr x) {
        return clip == Float.POSITIVE_INFINITY ? x
                : Expr.of(Fn.MAX, Expr.of(Fn.MIN, x, Expr.constant(clip)), Expr.constant(-clip));
    }

    private Expr buffer(int i) {
        return Expr.input(2 * gates + i);
    }

    private Expr extra(int i) {
        return Expr.input(2 * gates + 4 + i);
    }

    private static Expr plus(Expr a, Expr b) {
        return Expr.of(Fn.ADD, a, b);
    }

    private static Expr times(Expr a, Expr b) {
        return Expr.of(Fn.MUL, a, b);
    }
}
