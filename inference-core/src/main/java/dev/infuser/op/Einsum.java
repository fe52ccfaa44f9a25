package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Einsum}: products of elements of any number of tensors, summed over the axes whose letters the output lacks, as in
 * NumPy, e.g. {@code "bij,bjk->bik"}. An ellipsis stands for broadcast axes; without an arrow the output has the ellipsis,
 * then the letters that occur once, in alphabetical order.
 */
final class Einsum implements Operator {

    /** Labels of axes: letters, and for the axes of an ellipsis {@code -1} for the last, {@code -2} for the one before it. */
    private record Equation(List<List<Integer>> inputs, List<Integer> output) {

        static Equation parse(String text, int[] ranks) {
            String equation = text.replace(" ", "");
            int arrow = equation.indexOf("->");
            List<String> terms = new ArrayList<>();
            String left = arrow < 0 ? equation : equation.substring(0, arrow);
            int from = 0;
            for (int comma = left.indexOf(','); comma >= 0; comma = left.indexOf(',', from)) {
                terms.add(left.substring(from, comma));
                from = comma + 1;
            }
            terms.add(left.substring(from));
            if (terms.size() != ranks.length) {
                throw bad(text, terms.size() + " terms for " + ranks.length + " inputs");
            }
            int widest = 0;
            List<List<Integer>> inputs = new ArrayList<>();
            for (int i = 0; i < ranks.length; i++) {
                String term = terms.get(i);
                int hidden = term.contains("...") ? ranks[i] - term.length() + 3 : 0;
                widest = Math.max(widest, hidden);
                List<Integer> labels = labels(text, term, hidden);
                if (labels.size() != ranks[i]) {
                    throw bad(text, "term " + term + " does not fit rank " + ranks[i]);
                }
                inputs.add(labels);
            }
            return new Equation(inputs, labels(text, arrow < 0 ? implicit(left) : equation.substring(arrow + 2), widest));
        }

        private static String implicit(String left) {
            StringBuilder out = new StringBuilder(left.contains("...") ? "..." : "");
            for (char letter = 'A'; letter <= 'z'; letter++) {
                if (isLetter(letter) && left.indexOf(letter) >= 0 && left.indexOf(letter) == left.lastIndexOf(letter)) {
                    out.append(letter);
                }
            }
            return out.toString();
        }

        private static boolean isLetter(char c) {
            return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
        }

        private static List<Integer> labels(String text, String term, int hidden) {
            List<Integer> labels = new ArrayList<>();
            for (int i = 0; i < term.length(); i++) {
                char letter = term.charAt(i);
                if (term.startsWith("...", i)) {
                    for (int axis = -hidden; axis < 0; axis++) {
                        labels.add(axis);
                    }
                    i += 2;
                } else if (isLetter(letter)) {
                    labels.add((int) letter);
                } else {
                    throw bad(text, "'" + letter + "' is not a letter");
                }
            }
            return labels;
        }

        private static InvalidModelException bad(String text, String message) {
            return new InvalidModelException("bad-node", "equation " + text + ": " + message);
        }
    }

    @Override
    public String name() {
        return "Einsum";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = Types.same(c);
        Types.number(c, 0);
        int[] ranks = new int[c.inputs()];
        for (int i = 0; i < ranks.length; i++) {
            ranks[i] = c.rank(i);
        }
        Equation equation = Equation.parse(c.attributes().string("equation", ""), ranks);
        List<Dim> dims = new ArrayList<>();
        for (int label : equation.output) {
            Shape extent = null;
            for (int i = 0; i < ranks.length; i++) {
                for (int axis = 0; axis < ranks[i]; axis++) {
                    if (equation.inputs.get(i).get(axis) == label) {
                        Shape here = Shape.of(c.shape(i).dim(axis));
                        extent = extent == null ? here : Broadcast.shape(extent, here);
                    }
                }
            }
            if (extent == null) {
                throw c.fail("no input has the output's axis " + (char) label);
            }
            dims.add(extent.dim(0));
        }
        return List.of(ValueType.tensor(type, new Shape(dims)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        int[] ranks = new int[c.inputs()];
        for (int i = 0; i < ranks.length; i++) {
            ranks[i] = c.tensor(i).rank();
        }
        Equation equation = Equation.parse(c.attributes().string("equation", ""), ranks);
        List<Integer> summed = new ArrayList<>();
        for (List<Integer> labels : equation.inputs) {
            for (int label : labels) {
                if (!equation.output.contains(label) && !summed.contains(label)) {
                    summed.add(label);
                }
            }
        }
        int[] outDims = extents(c, equation, equation.output);
        int[] sumDims = extents(c, equation, summed);
        int[][] out = new int[ranks.length][];
        int[][] sum = new int[ranks.length][];
        for (int i = 0; i < ranks.length; i++) {
            out[i] = Broadcast.strided(outDims, strides(c.tensor(i), equation.inputs.get(i), equation.output), 0);
            sum[i] = Broadcast.strided(sumDims, strides(c.tensor(i), equation.inputs.get(i), summed), 0);
        }
        return List.of(sums(c, out, sum, outDims));
    }

    private static int[] extents(EvalContext c, Equation equation, List<Integer> labels) {
        int[] dims = new int[labels.size()];
        for (int d = 0; d < dims.length; d++) {
            dims[d] = 1;
            for (int i = 0; i < c.inputs(); i++) {
                for (int axis = 0; axis < c.tensor(i).rank(); axis++) {
                    int extent = c.tensor(i).dim(axis);
                    if (equation.inputs.get(i).get(axis).equals(labels.get(d)) && extent != 1) {
                        if (dims[d] != 1 && dims[d] != extent) {
                            throw c.fail("extents " + dims[d] + " and " + extent + " differ");
                        }
                        dims[d] = extent;
                    }
                }
            }
        }
        return dims;
    }

    /** The step in {@code x} for a step along each of {@code labels}; a repeated label walks the diagonal. */
    private static int[] strides(Tensor x, List<Integer> axes, List<Integer> labels) {
        int[] own = Broadcast.strides(x.dims());
        int[] strides = new int[labels.size()];
        for (int axis = 0; axis < own.length; axis++) {
            int d = labels.indexOf(axes.get(axis));
            if (d >= 0 && x.dim(axis) != 1) {
                strides[d] += own[axis];
            }
        }
        return strides;
    }

    private static Tensor sums(EvalContext c, int[][] out, int[][] sum, int[] dims) {
        DType type = c.dtype(0);
        boolean real = type.isFloat();
        double[] doubles = new double[real ? out[0].length : 0];
        long[] longs = new long[real ? 0 : out[0].length];
        for (int i = 0; i < out[0].length; i++) {
            for (int j = 0; j < sum[0].length; j++) {
                double product = 1;
                long whole = 1;
                for (int k = 0; k < out.length; k++) {
                    int at = out[k][i] + sum[k][j];
                    if (real) {
                        product *= c.tensor(k).getDouble(at);
                    } else {
                        whole *= c.tensor(k).getLong(at);
                    }
                }
                if (real) {
                    doubles[i] += product;
                } else {
                    longs[i] += whole;
                }
            }
        }
        return real ? Tensor.ofDoubles(type, dims, doubles) : Tensor.ofLongs(type, dims, longs);
    }
}
