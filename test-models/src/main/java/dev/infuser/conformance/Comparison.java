package dev.infuser.conformance;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX's rule for equal results: same kind, type and shape; numbers within {@code atol + rtol * |want|}; NaN equals NaN;
 * infinities, booleans and strings exact.
 */
public final class Comparison {

    private final double rtol;
    private final double atol;

    public Comparison(double rtol, double atol) {
        this.rtol = rtol;
        this.atol = atol;
    }

    /** What differs between the outputs, or "" where they are equal. */
    public String difference(List<? extends Datum> want, List<? extends Datum> got) {
        if (want.size() != got.size()) {
            return want.size() + " values wanted, got " + got.size();
        }
        for (int i = 0; i < want.size(); i++) {
            String difference = difference(want.get(i), got.get(i));
            if (!difference.isEmpty()) {
                return (want.size() == 1 ? "" : i + ": ") + difference;
            }
        }
        return "";
    }

    private String difference(Datum want, Datum got) {
        if (want instanceof Tensor a && got instanceof Tensor b) {
            return difference(a, b);
        }
        if (want instanceof Datum.Sequence a && got instanceof Datum.Sequence b) {
            return difference(a.elements(), b.elements());
        }
        if (want instanceof Datum.Map a && got instanceof Datum.Map b) {
            return difference(List.of(a.keys(), a.values()), List.of(b.keys(), b.values()));
        }
        if (want instanceof Datum.Optional a && got instanceof Datum.Optional b) {
            return a.value() != null && b.value() != null ? difference(a.value(), b.value())
                    : a.value() == b.value() ? "" : "want " + label(want) + ", got " + label(got);
        }
        return "want " + label(want) + ", got " + label(got);
    }

    private String difference(Tensor want, Tensor got) {
        if (want.dtype() != got.dtype() || !Arrays.equals(want.dims(), got.dims())) {
            return "want " + want + ", got " + got;
        }
        int wrong = 0;
        int first = -1;
        for (int i = 0; i < want.size(); i++) {
            if (!equal(want, got, i)) {
                first = wrong++ == 0 ? i : first;
            }
        }
        return wrong == 0 ? "" : want + ": " + wrong + " of " + want.size() + " elements differ, first at " + first
                + ": want " + element(want, first) + ", got " + element(got, first);
    }

    private boolean equal(Tensor want, Tensor got, int i) {
        DType dtype = want.dtype();
        if (dtype == DType.STRING) {
            return want.strings()[i].equals(got.strings()[i]);
        }
        if (dtype == DType.BOOL || dtype.isInteger() && want.getLong(i) == got.getLong(i)) {
            return want.getLong(i) == got.getLong(i);
        }
        double a = want.getDouble(i);
        double b = got.getDouble(i);
        return a == b || Double.isNaN(a) && Double.isNaN(b)
                || Double.isFinite(a) && Double.isFinite(b) && Math.abs(b - a) <= atol + rtol * Math.abs(a);
    }

    private static String element(Tensor tensor, int i) {
        return tensor.dtype() == DType.STRING ? '"' + tensor.strings()[i] + '"'
                : tensor.dtype().isFloat() ? Double.toString(tensor.getDouble(i)) : Long.toString(tensor.getLong(i));
    }

    private static String label(Datum datum) {
        return datum == null ? "nothing" : datum instanceof Tensor ? datum.toString()
                : datum instanceof Datum.Sequence s ? "a sequence of " + s.elements().size()
                : datum instanceof Datum.Map ? "a map"
                : ((Datum.Optional) datum).value() == null ? "an absent optional" : "an optional";
    }
}
