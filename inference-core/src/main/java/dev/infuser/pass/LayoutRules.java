package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** How operators work on inputs whose axes are in another order, so that a transpose moves behind them. */
final class LayoutRules {

    private static final Set<String> FIRST_ONLY = Set.of("Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh",
            "BitwiseNot", "Cast", "Ceil", "Celu", "Clip", "Cos", "Cosh", "Dropout", "Elu", "Erf", "Exp", "Floor", "Gelu",
            "HardSigmoid", "HardSwish", "Identity", "IsInf", "IsNaN", "LeakyRelu", "Log", "Mish", "Neg", "Not", "Reciprocal", "Relu",
            "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Swish", "Tan",
            "Tanh", "ThresholdedRelu");
    private static final Set<String> BROADCAST = Set.of("Add", "And", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div",
            "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Mean", "Min", "Mod", "Mul", "Or", "PRelu",
            "Pow", "Sub", "Sum", "Where", "Xor");
    private static final Set<String> ALONG_AXIS = Set.of("Softmax", "LogSoftmax", "Hardmax", "Split", "TopK");

    private LayoutRules() {
    }

    /** Adds what computes the outputs of {@code node} to {@code layout}, or returns false to have it computed as it is. */
    static boolean apply(Layout layout, Node node) {
        if (!node.domain().isEmpty()) {
            return false;
        }
        if (node.is("Transpose")) {
            return transpose(layout, node);
        }
        if (BROADCAST.contains(node.op())) {
            return broadcast(layout, node);
        }
        if (node.is("Concat")) {
            return concat(layout, node);
        }
        if (node.is("MatMul") || node.is("Gemm")) {
            return LayoutShapes.product(layout, node);
        }
        Layout.Form form = layout.form(node.input(0));
        if (form == null) {
            return false;
        }
        int[] at = Layout.inverse(form.perm());
        if (FIRST_ONLY.contains(node.op()) || isPerTensor(layout, node)) {
            return same(layout, node, form, node.attributes());
        }
        if (ALONG_AXIS.contains(node.op())) {
            long fallback = node.is("Split") ? 0 : -1;
            return same(layout, node, form, node.attributes().with("axis",
                    at[axis(node.attributes().integer("axis", fallback), at.length)]));
        }
        switch (node.op()) {
            case "Slice":
                return listed(layout, node, form, 3, layout.longs(node.input(1)));
            case "Pad":
                return listed(layout, node, form, 3, null);
            case "Resize":
                return same(layout, node, form, node.attributes().with("axes",
                        moved(node.attributes().ints("axes"), at)));
            case "CumSum":
                long[] axis = layout.longs(node.input(1));
                return axis != null && axis.length == 1 && same(layout, node, form, node.attributes(), 1,
                        Tensor.ofLongs(DType.INT64, new int[0], new long[] {at[axis(axis[0], at.length)]}));
            case "ArgMax": case "ArgMin":
                return LayoutShapes.reduce(layout, node, form, new long[] {node.attributes().integer("axis", 0)});
            case "Shape":
                return LayoutShapes.shape(layout, node, form);
            case "Size":
                layout.add(node.withInputs(List.of(form.value())));
                return true;
            case "Squeeze": case "Unsqueeze": case "Reshape": case "Flatten":
                return LayoutShapes.reshape(layout, node, form);
            default:
                return node.op().startsWith("Reduce") && LayoutShapes.reduce(layout, node, form,
                        node.input(1).isEmpty() ? new long[0] : layout.longs(node.input(1)));
        }
    }

    static int axis(long axis, int rank) {
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** Where {@code axes}, or all of them where it is null, lie now. */
    static long[] moved(long[] axes, int[] at) {
        long[] out = new long[axes == null ? at.length : axes.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = at[axes == null ? i : axis(axes[i], at.length)];
        }
        return out;
    }

    private static boolean isPerTensor(Layout layout, Node node) {
        boolean quantization = node.is("QuantizeLinear") || node.is("DequantizeLinear");
        Shape scale = quantization ? layout.shape(node.input(1)) : null;
        return node.is("DynamicQuantizeLinear") || scale != null && isOne(scale);
    }

    private static boolean same(Layout layout, Node node, Layout.Form form, Attributes attributes) {
        return same(layout, node, form, attributes, -1, null);
    }

    /** The same operator on the form; outputs with as many axes are in its order. Input {@code changed} is a new constant. */
    private static boolean same(Layout layout, Node node, Layout.Form form, Attributes attributes, int changed,
            Tensor constant) {
        List<String> inputs = new ArrayList<>();
        inputs.add(form.value());
        for (int i = 1; i < Math.max(node.inputs().size(), changed + 1); i++) {
            inputs.add(i == changed ? layout.constant(node.output(0) + ".axes", constant)
                    : node.input(i).isEmpty() ? "" : layout.plain(node.input(i)));
        }
        List<String> outputs = new ArrayList<>();
        for (String output : node.outputs()) {
            Shape shape = output.isEmpty() ? null : layout.shape(output);
            boolean follows = !output.isEmpty() && (shape == null || shape.rank() == form.perm().length);
            outputs.add(follows ? layout.fresh(output) : output);
        }
        layout.add(new Node(node.name(), node.domain(), node.op(), inputs, outputs, attributes));
        for (int i = 0; i < outputs.size(); i++) {
            if (!outputs.get(i).equals(node.output(i))) {
                layout.define(node.output(i), outputs.get(i), form.perm());
            }
        }
        return true;
    }

    /** Operators whose input {@code at} lists the axes that they work on, by default as many as {@code starts}, or all. */
    private static boolean listed(Layout layout, Node node, Layout.Form form, int input, long[] starts) {
        long[] axes = layout.longs(node.input(input));
        if (axes == null && (!node.input(input).isEmpty() || node.is("Slice") && starts == null)) {
            return false;
        }
        long[] listed = axes;
        if (axes == null && starts != null) {
            listed = new long[starts.length];
            for (int i = 0; i < listed.length; i++) {
                listed[i] = i;
            }
        }
        return same(layout, node, form, node.attributes(), input,
                Tensor.vector(moved(listed, Layout.inverse(form.perm()))));
    }

    private static boolean transpose(Layout layout, Node node) {
        String x = node.input(0);
        long[] given = node.attributes().ints("perm");
        Layout.Form form = layout.form(x);
        if (given == null || form == null && !isToFirst(given) || layout.constant(x) != null) {
            return false;
        }
        int[] order = new int[given.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = axis(given[i], order.length);
        }
        int[] back = Layout.inverse(order);
        int[] perm = new int[order.length];
        for (int i = 0; i < perm.length; i++) {
            perm[i] = back[form == null ? i : form.perm()[i]];
        }
        layout.defer(node, new Layout.Form(form == null ? layout.plain(x) : form.value(), perm));
        return true;
    }

    private static boolean isToFirst(long[] perm) {
        int[] first = Layout.inverse(Layout.toLast(perm.length));
        for (int i = 0; i < first.length; i++) {
            if (perm[i] != first[i]) {
                return false;
            }
        }
        return perm.length > 2;
    }

    private static Layout.Form firstForm(Layout layout, Node node, int rank) {
        for (String input : node.inputs()) {
            Layout.Form form = layout.form(input);
            if (form != null && form.perm().length == rank) {
                return form;
            }
        }
        return null;
    }

    private static boolean concat(Layout layout, Node node) {
        Shape shape = layout.shape(node.output(0));
        Layout.Form form = shape == null ? null : firstForm(layout, node, shape.rank());
        if (form == null) {
            return false;
        }
        List<String> inputs = new ArrayList<>();
        for (String input : node.inputs()) {
            inputs.add(layout.in(input, form.perm()));
        }
        int axis = Layout.inverse(form.perm())[axis(node.attributes().integer("axis"), shape.rank())];
        layout.add(node, inputs, node.output(0), form.perm(), node.attributes().with("axis", axis));
        return true;
    }

    private static boolean broadcast(Layout layout, Node node) {
        int rank = 0;
        for (String input : node.inputs()) {
            Shape shape = layout.shape(input);
            if (shape == null && layout.form(input) == null) {
                return false;
            }
            rank = Math.max(rank, shape == null ? layout.form(input).perm().length : shape.rank());
        }
        Layout.Form form = firstForm(layout, node, rank);
        if (form == null) {
            return false;
        }
        List<String> inputs = new ArrayList<>();
        for (String input : node.inputs()) {
            if (layout.shape(input) == null && layout.form(input).perm().length != rank) {
                return false;
            }
        }
        for (String input : node.inputs()) {
            inputs.add(operand(layout, input, form.perm()));
        }
        layout.add(node, inputs, node.output(0), form.perm(), node.attributes());
        return true;
    }

    /** An operand that broadcasts to a value in the order {@code perm} as {@code value} does to the value as it was. */
    private static String operand(Layout layout, String value, int[] perm) {
        Layout.Form form = layout.form(value);
        Shape shape = layout.shape(value);
        if (form != null && form.perm().length == perm.length || shape.rank() == perm.length && !isOne(shape)) {
            return trimmed(layout, value, layout.in(value, perm));
        }
        if (isOne(shape)) {
            return layout.plain(value);
        }
        int missing = perm.length - shape.rank();
        Tensor constant = layout.constant(value);
        if (constant != null) {
            int[] dims = new int[perm.length];
            Arrays.fill(dims, 0, missing, 1);
            System.arraycopy(constant.dims(), 0, dims, missing, shape.rank());
            String full = layout.constant(value, constant.reshape(dims));
            return trimmed(layout, full, layout.in(full, perm));
        }
        long[] axes = new long[missing];
        for (int i = 0; i < missing; i++) {
            axes[i] = i;
        }
        String full = layout.fresh(value);
        layout.add(new Node("", "", "Unsqueeze", List.of(layout.plain(value),
                layout.constant(value + ".axes", Tensor.vector(axes))), List.of(full), Attributes.NONE));
        return layout.in(full, perm);
    }

    private static boolean isOne(Shape shape) {
        for (Dim dim : shape.dims()) {
            if (!dim.is(1)) {
                return false;
            }
        }
        return true;
    }

    /** A permuted constant less its leading axes of extent 1, so that it is a vector where it has one element per channel. */
    private static String trimmed(Layout layout, String original, String value) {
        Tensor constant = layout.constant(value);
        if (constant == null || constant.rank() == 0 || constant.dim(0) != 1) {
            return value;
        }
        int from = 0;
        while (from < constant.rank() - 1 && constant.dim(from) == 1) {
            from++;
        }
        return layout.constant(original, constant.reshape(Arrays.copyOfRange(constant.dims(), from, constant.rank())));
    }
}
