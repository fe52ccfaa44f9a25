package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * {@code StringNormalizer}: the strings {@code [C]} or {@code [1, C]} that are no stop words, in upper or lower case where asked for; one
 * empty string where none is left. Characters change one by one, alike in every locale.
 */
final class StringNormalizer implements Operator {

    @Override
    public String name() {
        return "StringNormalizer";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.require(c, 0, c.dtype(0) == DType.STRING);
        int rank = c.rank(0);
        String change = c.attributes().string("case_change_action", "NONE");
        if (!change.equals("NONE") && !change.equals("LOWER") && !change.equals("UPPER")) {
            throw c.fail("case_change_action is " + change + ", expected LOWER, UPPER or NONE");
        }
        if (rank != 1 && !(rank == 2 && (c.shape(0).dim(0).is(1) || !c.shape(0).dim(0).isConstant()))) {
            throw c.fail("expected strings [C] or [1, C], found " + c.type(0));
        }
        Dim count = c.attributes().has("stopwords") || c.shape(0).dim(-1).is(0) || !c.shape(0).dim(-1).isConstant()
                ? c.unknown() : c.shape(0).dim(-1);
        return List.of(ValueType.tensor(DType.STRING, Axes.splice(c.shape(0), 0, rank,
                rank == 1 ? List.of(count) : List.of(Dim.ONE, count))));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        if (x.rank() == 0 || x.rank() == 2 && x.dim(0) != 1) {
            throw c.fail("expected strings [C] or [1, C], found " + x);
        }
        boolean sensitive = c.attributes().flag("is_case_sensitive", false);
        String change = c.attributes().string("case_change_action", "NONE");
        List<String> words = c.attributes().has("stopwords") ? c.attributes().strings("stopwords") : List.of();
        Set<String> stop = new HashSet<>();
        for (String word : words) {
            stop.add(sensitive ? word : changed(word, false));
        }
        List<String> out = new ArrayList<>();
        for (String text : x.strings()) {
            if (!stop.contains(sensitive ? text : changed(text, false))) {
                out.add(change.equals("NONE") ? text : changed(text, change.equals("UPPER")));
            }
        }
        if (out.isEmpty()) {
            out.add("");
        }
        return List.of(Tensor.strings(x.rank() == 1 ? new int[] {out.size()} : new int[] {1, out.size()},
                out.toArray(new String[0])));
    }

    private static String changed(String text, boolean upper) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            out.appendCodePoint(upper ? Character.toUpperCase(c) : Character.toLowerCase(c));
            i += Character.charCount(c);
        }
        return out.toString();
    }
}
