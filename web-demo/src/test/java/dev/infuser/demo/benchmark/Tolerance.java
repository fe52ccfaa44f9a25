package dev.infuser.demo.benchmark;

import dev.infuser.tensor.Tensor;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** When outputs are right, beside those of the runtime that the model was made for. */
sealed interface Tolerance {

    /** What a comparison found. */
    record Verdict(boolean right, String finding) {
    }

    /**
     * No element is off by more than this.
     *
     * @param reason why so much
     */
    record Absolute(double limit, String reason) implements Tolerance {
        @Override
        public Verdict judge(Map<String, Tensor> expected, Map<String, float[]> found) {
            double largest = 0;
            for (Map.Entry<String, Tensor> entry : expected.entrySet()) {
                float[] want = entry.getValue().floats();
                float[] got = found.getOrDefault(entry.getKey(), new float[0]);
                if (got.length != want.length) {
                    return new Verdict(false, entry.getKey() + " has " + got.length + " elements, not " + want.length);
                }
                for (int i = 0; i < want.length; i++) {
                    double difference = Math.abs(want[i] - got[i]);
                    largest = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(largest, difference);
                }
            }
            return new Verdict(largest <= limit, String.format(Locale.ROOT, "max abs error %.1e of %.0e", largest, limit));
        }
    }

    /**
     * No element is off by more than this part of the largest magnitude in its output.
     *
     * @param reason why so much
     */
    record Relative(double limit, String reason) implements Tolerance {
        @Override
        public Verdict judge(Map<String, Tensor> expected, Map<String, float[]> found) {
            double worst = 0;
            for (Map.Entry<String, Tensor> entry : expected.entrySet()) {
                float[] want = entry.getValue().floats();
                float[] got = found.getOrDefault(entry.getKey(), new float[0]);
                if (got.length != want.length) {
                    return new Verdict(false, entry.getKey() + " has " + got.length + " elements, not " + want.length);
                }
                double magnitude = 0;
                double difference = 0;
                for (int i = 0; i < want.length; i++) {
                    magnitude = Math.max(magnitude, Math.abs(want[i]));
                    difference = Math.max(difference, got[i] == want[i] ? 0 : got[i] == got[i] ? Math.abs(want[i] - got[i])
                            : Double.POSITIVE_INFINITY);
                }
                worst = Math.max(worst, difference == 0 ? 0 : difference / magnitude);
            }
            return new Verdict(worst <= limit, String.format(Locale.ROOT, "error %.1e of the largest magnitude, at most %.0e",
                    worst, limit));
        }
    }

    /**
     * The mean of the token vectors {@code [1, tokens, size]} points where it should: 1 - cosine is at most a limit.
     *
     * @param exact     the output of the model before quantisation, or null where there is none
     * @param reason    why so much
     */
    record Direction(String output, double limit, Tensor exact, double exactLimit, String reason) implements Tolerance {
        @Override
        public Verdict judge(Map<String, Tensor> expected, Map<String, float[]> found) {
            Tensor want = expected.get(output);
            float[] got = found.getOrDefault(output, new float[0]);
            if (got.length != want.size()) {
                return new Verdict(false, output + " has " + got.length + " elements, not " + want.size());
            }
            int size = want.dim(2);
            double distance = distance(want.floats(), got, size);
            double toExact = exact == null ? 0 : distance(exact.floats(), got, size);
            String text = String.format(Locale.ROOT, "1 - cosine %.1e of %.0e", distance, limit)
                    + (exact == null ? "" : String.format(Locale.ROOT, ", to float32 %.1e of %.0e", toExact, exactLimit));
            return new Verdict(distance <= limit && toExact <= exactLimit, text);
        }

        private static double distance(float[] a, float[] b, int size) {
            double[] x = mean(a, size);
            double[] y = mean(b, size);
            double dot = 0;
            double xx = 0;
            double yy = 0;
            for (int i = 0; i < size; i++) {
                dot += x[i] * y[i];
                xx += x[i] * x[i];
                yy += y[i] * y[i];
            }
            return 1 - dot / Math.sqrt(xx * yy);
        }

        private static double[] mean(float[] states, int size) {
            double[] sum = new double[size];
            for (int i = 0; i < states.length; i++) {
                sum[i % size] += states[i];
            }
            return sum;
        }
    }

    /** Some outputs are compared, and others are not, for another reason. */
    record Only(Set<String> outputs, Tolerance tolerance, String why) implements Tolerance {
        @Override
        public String reason() {
            return why + tolerance.reason();
        }

        @Override
        public Verdict judge(Map<String, Tensor> expected, Map<String, float[]> found) {
            Map<String, Tensor> some = new HashMap<>(expected);
            some.keySet().retainAll(outputs);
            return some.size() == outputs.size() ? tolerance.judge(some, found)
                    : new Verdict(false, "there are outputs " + expected.keySet());
        }
    }

    /** Why so much. */
    String reason();

    /** Compares; outputs that are not expected are ignored. */
    Verdict judge(Map<String, Tensor> expected, Map<String, float[]> found);
}
