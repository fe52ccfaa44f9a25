package dev.infuser.converter;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How one output differs from what was expected.
 *
 * @param output   the name of the output
 * @param type     its type and shape
 * @param maxAbs   the largest absolute difference
 * @param maxRel   the largest difference relative to the expected value, or to a thousandth of the largest where that is
 *                 more; absolute where only zeros were expected
 * @param cosine   the cosine between both, as vectors; where only zeros were expected, 1 if they were found to 1e-4
 * @param top1     the part of rows (along the last axis) whose largest element is at the same place
 * @param largest  the largest absolute value that was expected
 * @param own      the cosine between the source framework's outputs with and without its own optimisations, 1 when that was
 *                 not needed: dynamically quantised models differ from themselves where rounding tips over
 * @param budget   the error that quantising was allowed to make, 0 for a model that is what it was
 * @param mismatch what cannot be compared: another type or shape, or NaN and infinity at different places; or ""
 */
public record Comparison(String output, String type, double maxAbs, double maxRel, double cosine, double top1,
        double largest, double own, double budget, String mismatch) {

    private static final double MAX_TURN = 1e-3;
    private static final double MAX_OWN_TURNS = 4;
    private static final double MAX_ABS = 1e-4;

    /** Compares one output. */
    public static Comparison of(String output, Tensor expected, Tensor found) {
        if (expected.dtype() != found.dtype() || !Arrays.equals(expected.dims(), found.dims())) {
            return new Comparison(output, found.toString(), Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, 1, 0,
                    "expected " + expected + ", found " + found);
        }
        if (expected.dtype() == DType.STRING) {
            boolean same = expected.sameAs(found);
            return new Comparison(output, found.toString(), same ? 0 : 1, same ? 0 : 1, same ? 1 : 0, same ? 1 : 0, 0, 1, 0,
                    same ? "" : "strings differ");
        }
        return numbers(output, expected, found);
    }

    private static Comparison numbers(String output, Tensor expected, Tensor found) {
        int size = expected.size();
        double largest = 0;
        for (int i = 0; i < size; i++) {
            double want = Math.abs(expected.getDouble(i));
            largest = Double.isFinite(want) ? Math.max(largest, want) : largest;
        }
        double maxAbs = 0;
        double maxRel = 0;
        double dot = 0;
        double wants = 0;
        double gots = 0;
        int misplaced = 0;
        for (int i = 0; i < size; i++) {
            double want = expected.getDouble(i);
            double got = found.getDouble(i);
            if (!Double.isFinite(want) || !Double.isFinite(got)) {
                misplaced += Double.compare(want, got) == 0 ? 0 : 1;
                continue;
            }
            double abs = Math.abs(got - want);
            maxAbs = Math.max(maxAbs, abs);
            maxRel = Math.max(maxRel, abs == 0 ? 0 : abs / (largest == 0 ? 1 : Math.max(Math.abs(want), largest * 1e-3)));
            dot += want * got;
            wants += want * want;
            gots += got * got;
        }
        double cosine = wants == 0 ? maxAbs <= MAX_ABS ? 1 : 0 : gots == 0 ? 0 : dot / Math.sqrt(wants * gots);
        return new Comparison(output, found.toString(), maxAbs, maxRel, cosine, top1(expected, found), largest, 1, 0,
                misplaced == 0 ? "" : misplaced + " elements are NaN or infinite in one and not in the other");
    }

    private static double top1(Tensor expected, Tensor found) {
        int row = expected.rank() == 0 ? 1 : expected.dim(-1);
        int rows = row == 0 ? 0 : expected.size() / row;
        int same = 0;
        for (int r = 0; r < rows; r++) {
            same += largestAt(expected, r * row, row) == largestAt(found, r * row, row) ? 1 : 0;
        }
        return rows == 0 ? 1 : (double) same / rows;
    }

    private static int largestAt(Tensor tensor, int from, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            best = tensor.getDouble(from + i) > tensor.getDouble(from + best) ? i : best;
        }
        return best;
    }

    /** This comparison, knowing how far the source framework differs from itself. */
    Comparison withOwn(double ownCosine) {
        return new Comparison(output, type, maxAbs, maxRel, cosine, top1, largest, ownCosine, budget, mismatch);
    }

    /** This comparison, allowing the error that quantising was allowed to make. */
    Comparison within(double allowed) {
        return new Comparison(output, type, maxAbs, maxRel, cosine, top1, largest, own, allowed, mismatch);
    }

    /**
     * Whether both are the same model: comparable, and equal to 1e-4 of the largest value (or of one), or of the same
     * direction to a thousandth, to what its budget allows, or to four times what the source framework differs from itself.
     */
    public boolean agrees() {
        return mismatch.isEmpty() && (maxAbs <= MAX_ABS * Math.max(1, largest)
                || 1 - cosine <= Math.max(Math.max(MAX_TURN, budget * budget), MAX_OWN_TURNS * (1 - own)));
    }

    /** The fields by name, for JSON. */
    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("output", output);
        map.put("type", type);
        map.put("maxAbs", maxAbs);
        map.put("maxRel", maxRel);
        map.put("cosine", cosine);
        map.put("top1", top1);
        map.put("agrees", agrees());
        if (own != 1) {
            map.put("ownCosine", own);
        }
        if (!mismatch.isEmpty()) {
            map.put("mismatch", mismatch);
        }
        return map;
    }
}
