package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** The distinct elements, or slices along an axis; first occurrences, inverse and counts follow. */
final class Unique implements Operator {

    @Override
    public String name() {
        return "Unique";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Dim count = c.unknown();
        ValueType vector = ValueType.tensor(DType.INT64, Shape.of(count));
        return List.of(ValueType.tensor(c.dtype(0), Select.kept(c, count)), vector,
                ValueType.tensor(DType.INT64, Shape.of(c.unknown())), vector);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor in = Select.flat(c);
        int axis = c.axis(c.attributes().integer("axis", 0), in.rank());
        int[] perm = Axes.positions(0, 1, in.rank());
        perm[0] = axis;
        perm[axis] = 0;
        Tensor rows = Transpose.permute(in, perm);
        int n = in.dim(axis);
        int block = n == 0 ? 0 : in.size() / n;
        List<Integer> order = Select.range(n);
        order.sort((i, j) -> compareRows(rows, i, j, block));
        List<Integer> firsts = new ArrayList<>();
        int[] group = new int[n];
        for (int i = 0; i < n; i++) {
            int row = order.get(i);
            if (i == 0 || compareRows(rows, order.get(i - 1), row, block) != 0) {
                firsts.add(row);
            }
            group[row] = firsts.get(firsts.size() - 1);
        }
        if (!c.attributes().flag("sorted", true)) {
            firsts.sort((i, j) -> i - j);
        }
        int[] rank = new int[n];
        int[] chosen = new int[firsts.size()];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = firsts.get(i);
            rank[chosen[i]] = i;
        }
        long[] index = new long[chosen.length];
        long[] inverse = new long[n];
        long[] counts = new long[chosen.length];
        for (int row = 0; row < n; row++) {
            inverse[row] = rank[group[row]];
            index[rank[group[row]]] = group[row];
            counts[rank[group[row]]]++;
        }
        int[][] positions = Axes.all(in);
        positions[axis] = chosen;
        return List.of(Axes.pick(in, positions), Tensor.vector(index), Tensor.vector(inverse), Tensor.vector(counts));
    }

    private static int compareRows(Tensor rows, int i, int j, int block) {
        for (int k = 0; k < block; k++) {
            int order = Select.compare(rows, i * block + k, j * block + k);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }
}
