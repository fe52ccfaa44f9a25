package dev.infuser.runtime;

import dev.infuser.format.Golden;
import dev.infuser.format.Sample;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;

/**
 * How the results of one run compare with a golden vector.
 *
 * @param name     of the vector
 * @param passed   whether every element is within the tolerance of the vector; NaN equals NaN, strings must be the same
 * @param absolute the largest absolute error
 * @param relative the largest error relative to the expected value, where that is not zero
 */
public record Verification(String name, boolean passed, double absolute, double relative) {

    /** Compares {@code outputs} with those of {@code golden}. */
    public static Verification of(Golden golden, Map<String, ? extends Datum> outputs) {
        Verification worst = new Verification(golden.name(), true, 0, 0);
        for (Map.Entry<String, Tensor> entry : golden.outputs().entrySet()) {
            worst = worst.and(entry.getValue(), outputs.get(entry.getKey()), golden);
        }
        return worst;
    }

    private Verification and(Tensor expected, Datum datum, Golden golden) {
        if (!(datum instanceof Tensor found) || found.dtype() != expected.dtype()
                || !Arrays.equals(found.dims(), expected.dims())) {
            return new Verification(name, false, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
        }
        if (expected.dtype() == DType.STRING) {
            return new Verification(name, passed && found.sameAs(expected), absolute, relative);
        }
        boolean within = passed;
        double maxAbsolute = absolute;
        double maxRelative = relative;
        Sample sample = Sample.of(expected);
        Tensor kept = sample == null ? expected : sample.values();
        for (int i = 0; i < kept.size(); i++) {
            double e = kept.getDouble(i);
            double f = found.getDouble(sample == null ? i : sample.place(i));
            if (e == f || Double.isNaN(e) && Double.isNaN(f)) {
                continue;
            }
            double error = Math.abs(f - e);
            within &= error <= golden.absolute() + golden.relative() * Math.abs(e);
            maxAbsolute = Math.max(maxAbsolute, error);
            maxRelative = e == 0 ? maxRelative : Math.max(maxRelative, error / Math.abs(e));
        }
        return new Verification(name, within, maxAbsolute, maxRelative);
    }
}
