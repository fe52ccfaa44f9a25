package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** {@code Loop}, {@code Scan} and {@code SequenceMap}: subgraphs that see the values around them. */
final class Control implements Operator {

    private final String name;

    Control(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Graph body = c.attributes().graph("body");
        if (name.equals("SequenceMap")) {
            return inferMap(c, body);
        }
        boolean loop = name.equals("Loop");
        int scanned = loop ? 0 : scanned(c.inputs(), c.attributes().integer("num_scan_inputs"));
        int states = c.inputs() - (loop ? 2 : scanned);
        List<ValueType> arguments = new ArrayList<>();
        if (loop) {
            arguments.add(ValueType.tensor(DType.INT64));
            arguments.add(ValueType.tensor(DType.BOOL));
        }
        int head = arguments.size();
        for (int i = 0; i < states; i++) {
            arguments.add(c.type(head + i));
        }
        Dim trips = c.unknown();
        long[] axes = perScan(c.attributes(), "scan_input_axes", scanned);
        for (int i = 0; i < scanned; i++) {
            Shape shape = c.shape(states + i);
            int axis = c.axis(axes == null ? 0 : axes[i], shape.rank());
            trips = shape.dim(axis);
            arguments.add(ValueType.tensor(c.dtype(states + i), Axes.splice(shape, axis, axis + 1, List.of())));
        }
        List<ValueType> results = settle(c, body, arguments, head, states, loop ? 1 : 0);
        return outputs(c, results, states, loop ? 1 : 0, trips);
    }

    /** Widens what the state types claim until the body keeps them. */
    private static List<ValueType> settle(InferContext c, Graph body, List<ValueType> arguments, int head, int states,
            int skip) {
        List<ValueType> results = c.infer(body, arguments);
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int i = 0; i < states && skip + i < results.size(); i++) {
                ValueType before = arguments.get(head + i);
                ValueType merged = If.merge(c, before, results.get(skip + i));
                if (merged == null || !merged.equals(before)) {
                    changed |= before != null && !sameSymbols(c, before, merged);
                    arguments.set(head + i, merged);
                }
            }
            if (changed) {
                results = c.infer(body, arguments);
            }
        }
        List<ValueType> out = new ArrayList<>(results);
        for (int i = 0; i < states && skip + i < out.size(); i++) {
            out.set(skip + i, arguments.get(head + i));
        }
        return out;
    }

    /** Whether {@code merged} claims as much as {@code before}: a symbol in place of another one counts as the same. */
    private static boolean sameSymbols(InferContext c, ValueType before, ValueType merged) {
        if (!(before instanceof ValueType.OfTensor a) || !(merged instanceof ValueType.OfTensor b) || a.shape() == null
                || b.shape() == null) {
            return before.equals(merged);
        }
        boolean same = a.shape().rank() == b.shape().rank();
        for (int i = 0; same && i < a.shape().rank(); i++) {
            same = a.shape().dim(i).equals(b.shape().dim(i)) || isFresh(c, a.shape().dim(i));
        }
        return same;
    }

    private static boolean isFresh(InferContext c, Dim dim) {
        return !dim.isConstant() && dim.symbol().startsWith(c.node().output(0) + ".");
    }

    private static List<ValueType> outputs(InferContext c, List<ValueType> results, int states, int skip, Dim trips) {
        long[] axes = perScan(c.attributes(), "scan_output_axes", results.size() - skip - states);
        List<ValueType> out = new ArrayList<>();
        for (int i = skip; i < results.size(); i++) {
            ValueType type = results.get(i);
            int scan = i - skip - states;
            if (scan >= 0 && type instanceof ValueType.OfTensor t && t.shape() != null) {
                int axis = c.axis(axes == null ? 0 : axes[scan], t.shape().rank() + 1);
                type = ValueType.tensor(t.dtype(), Axes.splice(t.shape(), axis, axis, List.of(trips)));
            }
            out.add(type);
        }
        return out;
    }

    private static List<ValueType> inferMap(InferContext c, Graph body) {
        List<ValueType> arguments = new ArrayList<>();
        for (int i = 0; i < c.inputs(); i++) {
            arguments.add(c.type(i) instanceof ValueType.OfSequence s ? s.element() : c.type(i));
        }
        List<ValueType> out = new ArrayList<>();
        for (ValueType type : c.infer(body, arguments)) {
            out.add(type == null ? null : new ValueType.OfSequence(type));
        }
        return out;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        switch (name) {
            case "Loop":
                return loop(c);
            case "SequenceMap":
                return map(c);
            default:
                return scan(c);
        }
    }

    private static List<Datum> loop(EvalContext c) {
        Graph body = c.attributes().graph("body");
        long trips = c.has(0) ? Axes.integer(c.tensor(0)) : Long.MAX_VALUE;
        Tensor on = c.has(1) ? c.tensor(1) : Tensor.of(DType.BOOL, new int[0], new byte[] {1});
        List<Datum> states = new ArrayList<>();
        for (int i = 2; i < c.inputs(); i++) {
            states.add(c.datum(i));
        }
        List<List<Tensor>> rows = rows(body.outputs().size() - 1 - states.size());
        for (long trip = 0; trip < trips && Axes.integer(on) != 0; trip++) {
            List<Datum> arguments = new ArrayList<>();
            arguments.add(Tensor.longs(new int[0], trip));
            arguments.add(on);
            arguments.addAll(states);
            List<Datum> results = c.run(body, arguments);
            on = (Tensor) results.get(0);
            collect(results, 1, states, rows);
        }
        return finish(c, body, 1, states, rows, null);
    }

    private static List<Datum> map(EvalContext c) {
        Graph body = c.attributes().graph("body");
        List<List<Datum>> out = new ArrayList<>();
        for (int i = 0; i < body.outputs().size(); i++) {
            out.add(new ArrayList<>());
        }
        int length = Sequences.elements(c, 0).size();
        for (int at = 0; at < length; at++) {
            List<Datum> arguments = new ArrayList<>();
            for (int i = 0; i < c.inputs(); i++) {
                boolean sequence = c.datum(i) instanceof Datum.Sequence;
                if (sequence && Sequences.elements(c, i).size() != length) {
                    throw c.fail("sequences differ in length");
                }
                arguments.add(sequence ? Sequences.elements(c, i).get(at) : c.datum(i));
            }
            List<Datum> results = c.run(body, arguments);
            for (int i = 0; i < out.size(); i++) {
                out.get(i).add(results.get(i));
            }
        }
        List<Datum> sequences = new ArrayList<>();
        for (List<Datum> elements : out) {
            sequences.add(new Datum.Sequence(elements));
        }
        return sequences;
    }

    private static int scanned(int inputs, long declared) {
        if (declared < 1 || declared > inputs) {
            throw Axes.bad("num_scan_inputs is " + declared + " of " + inputs);
        }
        return (int) declared;
    }

    /** One number for each scanned value, or null for zeros. */
    private static long[] perScan(Attributes attributes, String name, int count) {
        long[] values = attributes.ints(name);
        if (values != null && values.length != count) {
            throw Axes.bad(name + " is not made for " + count + " values");
        }
        return values;
    }

    private static List<Datum> scan(EvalContext c) {
        Graph body = c.attributes().graph("body");
        int scanned = scanned(c.inputs(), c.attributes().integer("num_scan_inputs"));
        int first = c.inputs() - scanned;
        long[] axes = perScan(c.attributes(), "scan_input_axes", scanned);
        long[] reverse = perScan(c.attributes(), "scan_input_directions", scanned);
        List<Datum> states = new ArrayList<>();
        for (int i = 0; i < first; i++) {
            states.add(c.datum(i));
        }
        int trips = 0;
        for (int i = 0; i < scanned; i++) {
            Tensor in = c.tensor(first + i);
            int extent = in.dim(c.axis(axes == null ? 0 : axes[i], in.rank()));
            if (i > 0 && extent != trips) {
                throw c.fail("inputs to scan differ in extent");
            }
            trips = extent;
        }
        List<List<Tensor>> rows = rows(body.outputs().size() - first);
        for (int trip = 0; trip < trips; trip++) {
            List<Datum> arguments = new ArrayList<>(states);
            for (int i = 0; i < scanned; i++) {
                Tensor in = c.tensor(first + i);
                int axis = c.axis(axes == null ? 0 : axes[i], in.rank());
                int[][] positions = Axes.all(in);
                positions[axis] = new int[] {reverse != null && reverse[i] == 1 ? trips - 1 - trip : trip};
                arguments.add(Axes.pick(in, positions)
                        .reshape(Axes.splice(in.shape(), axis, axis + 1, List.of()).toInts()));
            }
            collect(c.run(body, arguments), 0, states, rows);
        }
        long[] back = perScan(c.attributes(), "scan_output_directions", rows.size());
        for (int i = 0; back != null && i < rows.size(); i++) {
            if (back[i] == 1) {
                Collections.reverse(rows.get(i));
            }
        }
        return finish(c, body, 0, states, rows, perScan(c.attributes(), "scan_output_axes", rows.size()));
    }

    private static List<List<Tensor>> rows(int count) {
        List<List<Tensor>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(new ArrayList<>());
        }
        return rows;
    }

    private static void collect(List<Datum> results, int skip, List<Datum> states, List<List<Tensor>> rows) {
        for (int i = 0; i < states.size(); i++) {
            states.set(i, results.get(skip + i));
        }
        for (int i = 0; i < rows.size(); i++) {
            rows.get(i).add((Tensor) results.get(skip + states.size() + i));
        }
    }

    private static List<Datum> finish(EvalContext c, Graph body, int skip, List<Datum> states, List<List<Tensor>> rows,
            long[] axes) {
        List<Datum> out = new ArrayList<>(states);
        for (int i = 0; i < rows.size(); i++) {
            String name = body.outputs().get(skip + states.size() + i);
            out.add(rows.get(i).isEmpty() ? empty(c, body, name) : stack(c, rows.get(i), axes == null ? 0 : axes[i]));
        }
        return out;
    }

    private static Tensor empty(EvalContext c, Graph body, String name) {
        if (!(body.type(name) instanceof ValueType.OfTensor type)) {
            throw c.fail("no trip was made and the type of " + name + " is not known");
        }
        int rank = type.shape() == null ? 0 : type.shape().rank();
        int[] dims = new int[rank + 1];
        for (int i = 0; i < rank; i++) {
            dims[i + 1] = (int) type.shape().dim(i).value();
        }
        return Tensor.zeros(type.dtype(), dims);
    }

    private static Tensor stack(EvalContext c, List<Tensor> rows, long at) {
        List<Tensor> parts = new ArrayList<>();
        int axis = c.axis(at, rows.get(0).rank() + 1);
        for (Tensor row : rows) {
            parts.add(row.reshape(Axes.splice(row.shape(), axis, axis, List.of(Dim.ONE)).toInts()));
        }
        return Concat.join(parts, axis);
    }
}
