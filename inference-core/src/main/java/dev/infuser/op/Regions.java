package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What detectors do with boxes: {@code NonMaxSuppression} keeps, per batch and class, the best boxes that overlap no better
 * one, as rows {@code (batch, class, box)}; {@code RoiAlign} pools a grid of bilinear samples from each region.
 */
final class Regions implements Operator {

    private final String name;

    Regions(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (name.equals("NonMaxSuppression")) {
            return List.of(ValueType.tensor(DType.INT64, Shape.of(c.unknown(), Dim.of(3))));
        }
        Attributes a = c.attributes();
        if (c.rank(0) != 4 || c.rank(1) != 2) {
            throw c.fail("cannot pool " + c.type(1) + " of " + c.type(0));
        }
        return List.of(ValueType.tensor(c.dtype(0), Shape.of(c.shape(1).dim(0), c.shape(0).dim(1),
                Dim.of(a.integer("output_height", 1)), Dim.of(a.integer("output_width", 1)))));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        return List.of(name.equals("RoiAlign") ? align(c) : suppress(c));
    }

    private static Tensor suppress(EvalContext c) {
        Tensor boxes = c.tensor(0);
        Tensor scores = c.tensor(1);
        if (boxes.rank() != 3 || boxes.dim(2) != 4 || scores.rank() != 3 || scores.dim(0) != boxes.dim(0)
                || scores.dim(2) != boxes.dim(1)) {
            throw c.fail("boxes " + boxes.shape() + " do not fit scores " + scores.shape());
        }
        long most = c.has(2) ? Axes.integer(c.tensor(2)) : 0;
        double overlap = c.has(3) ? Axes.real(c.tensor(3)) : 0;
        double least = c.has(4) ? Axes.real(c.tensor(4)) : Double.NEGATIVE_INFINITY;
        boolean center = c.attributes().integer("center_point_box", 0) == 1;
        int n = boxes.dim(1);
        int classes = scores.dim(1);
        double[] corners = boxes.toDoubles();
        double[] all = scores.toDoubles();
        long[] rows = new long[0];
        for (int row = 0; row < scores.dim(0) * classes; row++) {
            Best best = new Best(all, row * n, n, least);
            List<double[]> kept = new ArrayList<>();
            long[] found = new long[3 * (int) Math.max(0, Math.min(most, n))];
            for (int box = best.next(); box >= 0 && kept.size() < most; box = best.next()) {
                double[] edges = edges(corners, (row / classes * n + box) * 4, center);
                if (isApart(edges, kept, overlap)) {
                    found[3 * kept.size()] = row / classes;
                    found[3 * kept.size() + 1] = row % classes;
                    found[3 * kept.size() + 2] = box;
                    kept.add(edges);
                }
            }
            int before = rows.length;
            rows = Arrays.copyOf(rows, before + 3 * kept.size());
            System.arraycopy(found, 0, rows, before, 3 * kept.size());
        }
        return Tensor.longs(new int[] {rows.length / 3, 3}, rows);
    }

    /** Places in order of falling scores, of equal ones the first first: a heap, as only the best are asked for. */
    private static final class Best {
        private final double[] scores;
        private final int base;
        private final int[] heap;
        private int size;

        Best(double[] scores, int base, int n, double least) {
            this.scores = scores;
            this.base = base;
            heap = new int[n];
            for (int i = 0; i < n; i++) {
                if (scores[base + i] > least) {
                    heap[size++] = i;
                }
            }
            for (int i = size / 2 - 1; i >= 0; i--) {
                sink(i);
            }
        }

        /** The next place, or -1. */
        int next() {
            if (size == 0) {
                return -1;
            }
            int best = heap[0];
            heap[0] = heap[--size];
            sink(0);
            return best;
        }

        private void sink(int from) {
            int at = from;
            int moved = heap[at];
            for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
                if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
                    child++;
                }
                if (!isBefore(heap[child], moved)) {
                    break;
                }
                heap[at] = heap[child];
                at = child;
            }
            heap[at] = moved;
        }

        private boolean isBefore(int i, int j) {
            int order = Double.compare(scores[base + i], scores[base + j]);
            return order > 0 || order == 0 && i < j;
        }
    }

    private static boolean isApart(double[] edges, List<double[]> kept, double limit) {
        for (double[] other : kept) {
            double height = Math.min(edges[2], other[2]) - Math.max(edges[0], other[0]);
            double width = Math.min(edges[3], other[3]) - Math.max(edges[1], other[1]);
            double common = Math.max(0, height) * Math.max(0, width);
            double union = area(edges) + area(other) - common;
            if (common > 0 && union > 0 && common / union > limit) {
                return false;
            }
        }
        return true;
    }

    private static double area(double[] edges) {
        return (edges[2] - edges[0]) * (edges[3] - edges[1]);
    }

    /** Lower and then upper edges, from two opposite corners or from a centre and a size. */
    private static double[] edges(double[] boxes, int at, boolean center) {
        double a = boxes[at];
        double b = boxes[at + 1];
        double x = boxes[at + 2];
        double y = boxes[at + 3];
        return center ? new double[] {a - x / 2, b - y / 2, a + x / 2, b + y / 2}
                : new double[] {Math.min(a, x), Math.min(b, y), Math.max(a, x), Math.max(b, y)};
    }

    private static Tensor align(EvalContext c) {
        Tensor x = c.tensor(0);
        Tensor rois = c.tensor(1);
        Tensor batches = c.tensor(2);
        Attributes a = c.attributes();
        int rows = Axes.ints(new long[] {a.integer("output_height", 1)})[0];
        int columns = Axes.ints(new long[] {a.integer("output_width", 1)})[0];
        if (x.rank() != 4 || rois.rank() != 2 || rois.dim(1) != 4 || batches.size() != rois.dim(0)) {
            throw c.fail("cannot pool " + rois + " of " + x);
        }
        boolean half = a.string("coordinate_transformation_mode", "half_pixel").equals("half_pixel");
        boolean max = a.string("mode", "avg").equals("max");
        double scale = a.real("spatial_scale", 1);
        int ratio = (int) a.integer("sampling_ratio", 0);
        double[] data = x.toDoubles();
        int[] dims = {rois.dim(0), x.dim(1), rows, columns};
        double[] out = new double[Tensor.count(dims)];
        for (int i = 0; i < out.length; i++) {
            int roi = i / columns / rows / dims[1];
            double shift = half ? 0.5 : 0;
            double left = rois.getDouble(roi * 4) * scale - shift;
            double top = rois.getDouble(roi * 4 + 1) * scale - shift;
            double width = rois.getDouble(roi * 4 + 2) * scale - shift - left;
            double height = rois.getDouble(roi * 4 + 3) * scale - shift - top;
            double binW = (half ? width : Math.max(1, width)) / columns;
            double binH = (half ? height : Math.max(1, height)) / rows;
            int countH = ratio > 0 ? ratio : (int) Math.ceil(binH);
            int countW = ratio > 0 ? ratio : (int) Math.ceil(binW);
            int plane = Axes.index(batches.getLong(roi), x.dim(0)) * x.dim(1) + i / columns / rows % dims[1];
            double result = 0;
            for (int s = 0; s < countH * countW; s++) {
                double y = top + (i / columns % rows) * binH + (s / countW + 0.5) * binH / countH;
                double z = left + i % columns * binW + (s % countW + 0.5) * binW / countW;
                double sample = sample(data, plane, x.dim(2), x.dim(3), y, z, max);
                result = !max ? result + sample : s == 0 ? sample : Math.max(result, sample);
            }
            out[i] = max ? result : result / Math.max(1, countH * countW);
        }
        return Tensor.ofDoubles(x.dtype(), dims, out);
    }

    /** The bilinear sum at a point, or the largest of its four terms. */
    private static double sample(double[] data, int plane, int height, int width, double y, double x, boolean max) {
        if (!(y >= -1 && y <= height && x >= -1 && x <= width)) {
            return 0;
        }
        double row = Math.min(Math.max(0, y), height - 1);
        double column = Math.min(Math.max(0, x), width - 1);
        int y0 = (int) row;
        int x0 = (int) column;
        int y1 = Math.min(y0 + 1, height - 1);
        int x1 = Math.min(x0 + 1, width - 1);
        double v = row - y0;
        double u = column - x0;
        double a = (1 - v) * (1 - u) * data[(plane * height + y0) * width + x0];
        double b = (1 - v) * u * data[(plane * height + y0) * width + x1];
        double c = v * (1 - u) * data[(plane * height + y1) * width + x0];
        double d = v * u * data[(plane * height + y1) * width + x1];
        return max ? Math.max(Math.max(a, b), Math.max(c, d)) : a + b + c + d;
    }
}
