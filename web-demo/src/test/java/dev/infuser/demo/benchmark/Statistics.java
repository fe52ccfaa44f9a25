package dev.infuser.demo.benchmark;

import java.util.Arrays;
import java.util.Collection;

/** Numbers that sum up others. Of none, all are not a number. */
final class Statistics {

    private Statistics() {
    }

    static double median(Collection<Double> values) {
        return quantile(values, 0.5);
    }

    /** The value below which a share of the others lies, between its neighbours by linear interpolation. */
    static double quantile(Collection<Double> values, double share) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            return Double.NaN;
        }
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    static double geometricMean(double... values) {
        return Math.exp(Arrays.stream(values).map(Math::log).average().orElse(Double.NaN));
    }
}
