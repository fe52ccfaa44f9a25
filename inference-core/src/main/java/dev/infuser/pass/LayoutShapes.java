package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Node;
import dev.infuser.op.Evaluator;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@link LayoutRules} for operators that change the number of axes, or tell the extents. */
final class LayoutShapes {

    private LayoutShapes() {
    }

    /** {@code Shape} of the value as it was: the extents of the form, picked. */
    static boolean shape(Layout layout, Node node, Layout.Form form) {
        int[] at = Layout.inverse(form.perm());
        int start = clamp(node.attributes().integer("start", 0), at.length);
        int end = clamp(node.attributes().integer("end", at.length), at.length);
        long[] picks = new long[Math.max(0, end - start)];
        for (int i = 0; i < picks.length; i++) {
            picks[i] = at[start + i];
        }
        String all = layout.fresh(node.output(0));
        layout.add(new Node(node.name(), "", "Shape", List.of(form.value()), List.of(all), Attributes.NONE));
        layout.add(new Node("", "", "Gather", List.of(all, layout.constant(node.output(0) + ".picks", Tensor.vector(picks))),
                node.outputs(), Attributes.of("axis", 0)));
        return true;
    }

    private static int clamp(long axis, int rank) {
        return (int) Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis));
    }

    /** Reductions over {@code axes}, all where there are none, and {@code ArgMax} and {@code ArgMin}. */
    static boolean reduce(Layout layout, Node node, Layout.Form form, long[] axes) {
        if (axes == null || axes.length == 0 && node.attributes().flag("noop_with_empty_axes", false)) {
            return false;
        }
        int[] at = Layout.inverse(form.perm());
        boolean[] gone = new boolean[at.length];
        for (long axis : axes) {
            gone[LayoutRules.axis(axis, at.length)] = true;
        }
        boolean keep = node.attributes().flag("keepdims", true);
        int[] perm = keep ? form.perm() : axes.length == 0 ? new int[0] : remaining(form.perm(), gone);
        Attributes attributes = node.attributes();
        List<String> inputs = new ArrayList<>(List.of(form.value()));
        if (node.op().startsWith("Arg")) {
            attributes = attributes.with("axis", at[LayoutRules.axis(axes[0], at.length)]);
        } else if (axes.length > 0) {
            long[] moved = LayoutRules.moved(axes, at);
            Arrays.sort(moved);
            inputs.add(layout.constant(node.output(0) + ".axes", Tensor.vector(moved)));
        }
        layout.add(node, inputs, node.output(0), perm, attributes);
        return true;
    }

    /** The order of the axes that are left. */
    private static int[] remaining(int[] perm, boolean[] gone) {
        int[] number = new int[perm.length];
        int count = 0;
        for (int i = 0; i < perm.length; i++) {
            number[i] = count;
            count += gone[i] ? 0 : 1;
        }
        int[] out = new int[count];
        int next = 0;
        for (int axis : perm) {
            if (!gone[axis]) {
                out[next++] = number[axis];
            }
        }
        return out;
    }

    /**
     * {@code Squeeze}, {@code Unsqueeze}, {@code Reshape} and {@code Flatten}: runs of axes that become others are taken in
     * the order in which the form has them.
     */
    static boolean reshape(Layout layout, Node node, Layout.Form form) {
        Shape in = layout.shape(node.input(0));
        Shape out = layout.shape(node.output(0));
        List<int[]> groups = in == null || out == null ? null : groups(in, out);
        if (groups == null) {
            return false;
        }
        if (out.rank() == 2 && out.dim(0).equals(in.dim(0)) && form.perm()[0] == 0
                && new Shape(in.dims().subList(1, in.rank())).isConstant()) {
            layout.defer(node);
            return true;
        }
        int[] from = new int[in.rank()];
        int next = 0;
        List<int[]> done = new ArrayList<>();
        List<Integer> axes = new ArrayList<>();
        for (int first : form.perm()) {
            int[] group = groupOf(groups, first);
            if (done.contains(group)) {
                continue;
            }
            done.add(group);
            for (int axis = group[0]; axis < group[1]; axis++) {
                from[next++] = axis;
            }
            for (int axis = group[2]; axis < group[3]; axis++) {
                axes.add(axis);
            }
        }
        int[] perm = new int[out.rank()];
        long[] target = new long[perm.length];
        int open = 0;
        for (int i = 0; i < perm.length; i++) {
            perm[i] = axes.get(i);
            Dim dim = out.dim(perm[i]);
            boolean copied = i < from.length && in.dim(from[i]).equals(dim) && !dim.isConstant();
            target[i] = dim.isConstant() ? dim.value() : copied ? 0 : -1;
            open += target[i] == -1 ? 1 : 0;
            if (dim.is(0)) {
                return false;
            }
        }
        String shape;
        if (open <= 1) {
            shape = layout.constant(node.output(0) + ".shape", Tensor.vector(target));
        } else if (node.is("Reshape") && layout.constant(node.input(1)) == null) {
            long[] picks = new long[perm.length];
            for (int i = 0; i < picks.length; i++) {
                picks[i] = perm[i];
            }
            shape = layout.fresh(node.output(0));
            layout.add(new Node("", "", "Gather", List.of(layout.plain(node.input(1)),
                    layout.constant(node.output(0) + ".picks", Tensor.vector(picks))), List.of(shape),
                    Attributes.of("axis", 0)));
        } else {
            return false;
        }
        layout.add(node.name(), "", "Reshape", List.of(layout.in(node.input(0), from), shape), node.output(0), perm, Attributes.NONE);
        return true;
    }

    /**
     * A product of rows that are a tensor flattened by constant weights: it takes the rows in the order of the form, and the
     * weights likewise.
     */
    static boolean product(Layout layout, Node node) {
        Node rows = layout.deferred(node.input(0));
        Layout.Form form = rows == null ? null : layout.form(rows.input(0));
        Tensor weights = layout.constant(node.input(1));
        if (form == null || weights == null || weights.rank() != 2 || node.attributes().flag("transA", false)) {
            return false;
        }
        List<Dim> one = new ArrayList<>(layout.shape(rows.input(0)).dims());
        one.set(0, Dim.ONE);
        int[] dims = new Shape(one).toInts();
        long[] numbers = new long[Tensor.count(dims)];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        long[] perm = new long[dims.length];
        for (int i = 0; i < perm.length; i++) {
            perm[i] = form.perm()[i];
        }
        Datum order = apply("Transpose", Attributes.of("perm", perm), Tensor.vector(numbers).reshape(dims));
        int axis = node.attributes().flag("transB", false) ? 1 : 0;
        Tensor moved = (Tensor) apply("Gather", Attributes.of("axis", axis), weights,
                ((Tensor) order).reshape(numbers.length));
        List<String> inputs = new ArrayList<>(node.inputs());
        String flat = layout.fresh(node.input(0));
        layout.add(new Node(rows.name(), "", "Reshape", List.of(form.value(),
                layout.constant(node.output(0) + ".shape", Tensor.vector(0, numbers.length))), List.of(flat),
                Attributes.NONE));
        inputs.set(0, flat);
        inputs.set(1, layout.constant(node.output(0) + ".weight", moved));
        for (int i = 2; i < inputs.size(); i++) {
            inputs.set(i, inputs.get(i).isEmpty() ? "" : layout.plain(inputs.get(i)));
        }
        layout.add(node.withInputs(inputs));
        return true;
    }

    private static Datum apply(String op, Attributes attributes, Tensor... inputs) {
        List<String> names = new ArrayList<>();
        for (Tensor input : inputs) {
            names.add("input" + names.size());
        }
        return Evaluator.apply(new Node("", "", op, names, List.of("output"), attributes), List.of(inputs)).get(0);
    }

    private static int[] groupOf(List<int[]> groups, int axis) {
        for (int[] group : groups) {
            if (axis >= group[0] && axis < group[1]) {
                return group;
            }
        }
        throw new IllegalStateException();
    }

    /**
     * Runs of axes of {@code in} and of {@code out} with as many elements, each {@code {from, to, outFrom, outTo}} with at
     * least one axis of {@code in}, or null where that cannot be told. New axes of extent 1 go to the run before them.
     */
    private static List<int[]> groups(Shape in, Shape out) {
        List<int[]> groups = new ArrayList<>();
        int i = 0;
        int o = 0;
        while (i < in.rank()) {
            int fromIn = i;
            int fromOut = o;
            Dim a = in.dim(i++);
            Dim b = Dim.ONE;
            if (o < out.rank() && (!a.is(1) || out.dim(o).is(1))) {
                b = out.dim(o++);
            }
            while (!a.equals(b)) {
                boolean growIn = i < in.rank() && (b.isConstant() && a.isConstant() ? a.value() < b.value()
                        : grows(in, i, a, b));
                if (growIn) {
                    a = a.times(in.dim(i++));
                } else if (o < out.rank()) {
                    b = b.times(out.dim(o++));
                } else {
                    return null;
                }
            }
            boolean end = i == in.rank();
            while (o < out.rank() && out.dim(o).is(1) && (end || !in.dim(i).is(1))) {
                o++;
            }
            groups.add(new int[] {fromIn, i, fromOut, o});
        }
        return o == out.rank() ? groups : null;
    }

    /** Whether some run of axes of {@code in} that begins with {@code a} and goes on at {@code i} has {@code b} elements. */
    private static boolean grows(Shape in, int i, Dim a, Dim b) {
        Dim product = a;
        for (int k = i; k < in.rank(); k++) {
            product = product.times(in.dim(k));
            if (product.equals(b)) {
                return true;
            }
        }
        return false;
    }
}
