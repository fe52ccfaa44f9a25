package dev.infuser.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A drawing of an acyclic graph in rows, after Sugiyama, Tagawa and Toda (1981): boxes lie below all that they depend on, lines
 * that pass a row do so in a lane of their own, rows are ordered by barycentres, and the boxes of a row lie as near below and
 * above their neighbours as the order allows, which is a regression under order constraints.
 */
final class Layers {

    private static final int ORDER_SWEEPS = 16;
    private static final int PLACE_SWEEPS = 40;
    private static final double GAP = 22;
    private static final double LANE = 4;
    private static final double ROW_GAP = 30;

    private final int boxes;
    private final double[] widths;
    private final double height;
    private final List<List<Integer>> successors;
    private final int[] rank;
    private final List<Vertex> vertices = new ArrayList<>();
    private final List<List<Vertex>> rows = new ArrayList<>();

    private static final class Vertex {
        final int row;
        final double width;
        final boolean lane;
        final List<Vertex> above = new ArrayList<>();
        final List<Vertex> below = new ArrayList<>();
        double key;
        double x;

        Vertex(int row, double width, boolean lane) {
            this.row = row;
            this.width = width;
            this.lane = lane;
        }
    }

    /**
     * Draws a graph.
     *
     * @param widths     of the boxes
     * @param height     of every box
     * @param successors of each box, all with a larger index
     */
    Layers(double[] widths, double height, List<List<Integer>> successors) {
        this.boxes = widths.length;
        this.widths = widths;
        this.height = height;
        this.successors = successors;
        this.rank = ranks();
        connect();
        order();
        place();
    }

    /** The middle of a box. */
    double x(int box) {
        return vertices.get(box).x;
    }

    /** The upper edge of a box. */
    double y(int box) {
        return rank[box] * (height + ROW_GAP);
    }

    double width() {
        double right = 0;
        for (Vertex vertex : vertices) {
            right = Math.max(right, vertex.x + vertex.width / 2);
        }
        return right;
    }

    double height() {
        return rows.isEmpty() ? 0 : rows.size() * (height + ROW_GAP) - ROW_GAP;
    }

    /** The lines from a box to all its successors as the data of an SVG path. */
    String lines(int box) {
        StringBuilder path = new StringBuilder();
        lines(vertices.get(box), path);
        return path.toString();
    }

    private void lines(Vertex from, StringBuilder path) {
        double top = from.row * (height + ROW_GAP);
        for (Vertex vertex = from; vertex != null;) {
            Vertex lane = null;
            for (Vertex next : vertex.below) {
                double end = next.row * (height + ROW_GAP);
                double start = end - ROW_GAP;
                path.append('M').append(number(vertex.x)).append(' ').append(number(vertex == from ? top + height : start))
                        .append('C').append(number(vertex.x)).append(' ').append(number(start + ROW_GAP / 2)).append(' ')
                        .append(number(next.x)).append(' ').append(number(start + ROW_GAP / 2)).append(' ')
                        .append(number(next.x)).append(' ').append(number(end));
                if (next.lane) {
                    path.append('V').append(number(end + height));
                    lane = next;
                }
            }
            vertex = lane;
        }
    }

    private static String number(double value) {
        long tenths = Math.round(value * 10);
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : tenths / 10 + "." + Math.abs(tenths % 10);
    }

    private int[] ranks() {
        int[] out = new int[boxes];
        boolean[] entered = new boolean[boxes];
        for (int i = 0; i < boxes; i++) {
            for (int next : successors.get(i)) {
                out[next] = Math.max(out[next], out[i] + 1);
                entered[next] = true;
            }
        }
        for (int i = 0; i < boxes; i++) {
            if (!entered[i] && !successors.get(i).isEmpty()) {
                int first = Integer.MAX_VALUE;
                for (int next : successors.get(i)) {
                    first = Math.min(first, out[next]);
                }
                out[i] = first - 1;
            }
        }
        return out;
    }

    private void connect() {
        for (int i = 0; i < boxes; i++) {
            add(new Vertex(rank[i], widths[i], false));
        }
        for (int i = 0; i < boxes; i++) {
            List<Integer> next = new ArrayList<>(successors.get(i));
            next.sort(Comparator.comparingInt(a -> rank[a]));
            Vertex last = vertices.get(i);
            for (int box : next) {
                while (last.row < rank[box] - 1) {
                    Vertex lane = new Vertex(last.row + 1, LANE, true);
                    add(lane);
                    link(last, lane);
                    last = lane;
                }
                link(last, vertices.get(box));
            }
        }
    }

    private void add(Vertex vertex) {
        vertices.add(vertex);
        while (rows.size() <= vertex.row) {
            rows.add(new ArrayList<>());
        }
        rows.get(vertex.row).add(vertex);
    }

    private static void link(Vertex from, Vertex to) {
        from.below.add(to);
        to.above.add(from);
    }

    private void order() {
        for (int sweep = 0; sweep < ORDER_SWEEPS; sweep++) {
            boolean down = sweep % 2 == 0;
            for (int i = 0; i < rows.size(); i++) {
                List<Vertex> row = rows.get(down ? i : rows.size() - 1 - i);
                for (int k = 0; k < row.size(); k++) {
                    Vertex vertex = row.get(k);
                    List<Vertex> fixed = down ? vertex.above : vertex.below;
                    double sum = 0;
                    for (Vertex other : fixed) {
                        sum += other.key;
                    }
                    vertex.x = fixed.isEmpty() ? vertex.key : sum / fixed.size();
                }
                row.sort(Comparator.comparingDouble(vertex -> vertex.x));
                for (int k = 0; k < row.size(); k++) {
                    row.get(k).key = k - (row.size() - 1) / 2.0;
                }
            }
        }
    }

    private void place() {
        for (List<Vertex> row : rows) {
            double x = 0;
            for (Vertex vertex : row) {
                vertex.x = x + vertex.width / 2;
                x += vertex.width + GAP;
            }
            for (Vertex vertex : row) {
                vertex.x -= x / 2;
            }
        }
        for (int sweep = 0; sweep < PLACE_SWEEPS; sweep++) {
            boolean both = sweep >= PLACE_SWEEPS - 4;
            boolean down = sweep % 2 == 0;
            for (int i = 0; i < rows.size(); i++) {
                place(rows.get(down ? i : rows.size() - 1 - i), both || down, both || !down);
            }
        }
        double left = Double.MAX_VALUE;
        for (Vertex vertex : vertices) {
            left = Math.min(left, vertex.x - vertex.width / 2);
        }
        for (Vertex vertex : vertices) {
            vertex.x -= left;
        }
    }

    /** Least squares of the distances to neighbours, while the order and gaps of the row are kept: pool adjacent violators. */
    private static void place(List<Vertex> row, boolean above, boolean below) {
        int count = row.size();
        double[] mean = new double[count];
        double[] weight = new double[count];
        int[] size = new int[count];
        double[] offset = new double[count];
        int blocks = 0;
        for (int i = 0; i < count; i++) {
            Vertex vertex = row.get(i);
            offset[i] = i == 0 ? 0 : offset[i - 1] + (row.get(i - 1).width + vertex.width) / 2 + GAP;
            double[] sums = new double[2];
            if (above) {
                pull(vertex, vertex.above, sums);
            }
            if (below) {
                pull(vertex, vertex.below, sums);
            }
            double wanted = sums[1] == 0 ? vertex.x : sums[0] / sums[1];
            mean[blocks] = wanted - offset[i];
            weight[blocks] = Math.max(sums[1], 0.01);
            size[blocks] = 1;
            while (blocks > 0 && mean[blocks - 1] > mean[blocks]) {
                double sum = weight[blocks - 1] + weight[blocks];
                mean[blocks - 1] = (mean[blocks - 1] * weight[blocks - 1] + mean[blocks] * weight[blocks]) / sum;
                weight[blocks - 1] = sum;
                size[blocks - 1] += size[blocks];
                blocks--;
            }
            blocks++;
        }
        int next = 0;
        for (int block = 0; block < blocks; block++) {
            for (int k = 0; k < size[block]; k++, next++) {
                row.get(next).x = mean[block] + offset[next];
            }
        }
    }

    private static void pull(Vertex vertex, List<Vertex> others, double[] sums) {
        for (Vertex other : others) {
            double by = vertex.lane && other.lane ? 8 : vertex.lane || other.lane ? 2 : 1;
            sums[0] += by * other.x;
            sums[1] += by;
        }
    }
}
