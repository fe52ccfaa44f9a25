package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code StringSplit}: the pieces of each string, filled up with empty strings {@code [..., most pieces]}, and how many there
 * are. Strings are split at each {@code delimiter}, or at runs of white space where that is empty, at most {@code maxsplit} times,
 * as {@code str.split} of Python does.
 */
final class StringSplit implements Operator {

    @Override
    public String name() {
        return "StringSplit";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.require(c, 0, c.dtype(0) == DType.STRING);
        int rank = c.rank(0);
        return List.of(ValueType.tensor(DType.STRING, Axes.splice(c.shape(0), rank, rank, List.<Dim>of(c.unknown()))),
                ValueType.tensor(DType.INT64, c.shape(0)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        String delimiter = c.attributes().string("delimiter", "");
        long declared = c.attributes().integer("maxsplit", -1);
        long limit = declared < 0 ? Long.MAX_VALUE : declared;
        List<List<String>> pieces = new ArrayList<>();
        long[] counts = new long[x.size()];
        int most = 0;
        for (int i = 0; i < counts.length; i++) {
            List<String> split = delimiter.isEmpty() ? words(x.strings()[i], limit) : split(x.strings()[i], delimiter, limit);
            pieces.add(split);
            counts[i] = split.size();
            most = Math.max(most, split.size());
        }
        int[] dims = Arrays.copyOf(x.dims(), x.rank() + 1);
        dims[x.rank()] = most;
        String[] out = new String[Tensor.count(dims)];
        for (int i = 0; i < out.length; i++) {
            List<String> split = pieces.get(i / most);
            out[i] = i % most < split.size() ? split.get(i % most) : "";
        }
        return List.of(Tensor.strings(dims, out), Tensor.longs(x.dims(), counts));
    }

    private static List<String> split(String text, String delimiter, long limit) {
        List<String> out = new ArrayList<>();
        int start = 0;
        for (int end = text.indexOf(delimiter); end >= 0 && out.size() < limit; end = text.indexOf(delimiter, start)) {
            out.add(text.substring(start, end));
            start = end + delimiter.length();
        }
        out.add(text.substring(start));
        return out;
    }

    private static List<String> words(String text, long limit) {
        List<String> out = new ArrayList<>();
        int at = 0;
        while (true) {
            while (at < text.length() && isSpace(text.charAt(at))) {
                at++;
            }
            if (at == text.length()) {
                return out;
            }
            int start = at;
            while (at < text.length() && (out.size() >= limit || !isSpace(text.charAt(at)))) {
                at++;
            }
            out.add(text.substring(start, at));
        }
    }

    /** White space as Unicode has it, with the separators of ASCII. */
    private static boolean isSpace(char c) {
        return c >= '\t' && c <= '\r' || c >= '\u001C' && c <= ' ' || c == '\u0085' || c == '\u00A0' || c == '\u1680'
                || c >= '\u2000' && c <= '\u200A' || c == '\u2028' || c == '\u2029' || c == '\u202F' || c == '\u205F'
                || c == '\u3000';
    }
}
