package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.Utf8;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Functions of strings as TensorFlow.js has them: {@code infuser.StringSplit} at bytes of a delimiter, or into single bytes
 * where that is empty, of which those that are no text by themselves become U+FFFD; {@code infuser.StringNGrams} of rows that splits bound;
 * {@code infuser.StringToHashBucketFast}; and {@code infuser.Lookup} of keys in a table of keys and values.
 */
final class Texts implements Operator {

    private final String name;

    Texts(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String domain() {
        return "infuser";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        switch (name) {
            case "StringSplit":
                Dim count = c.unknown();
                return List.of(ValueType.tensor(DType.INT32, Shape.of(count, Dim.of(2))),
                        ValueType.tensor(DType.STRING, Shape.of(count)), ValueType.tensor(DType.INT32, 2));
            case "StringNGrams":
                return List.of(c.unknown(DType.STRING, 1), ValueType.tensor(DType.INT32, c.shape(1)));
            case "StringToHashBucketFast":
                return List.of(ValueType.tensor(DType.INT32, c.shape(0)));
            default:
                return List.of(ValueType.tensor(c.dtype(2), c.shape(0)));
        }
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        switch (name) {
            case "StringSplit":
                return split(c);
            case "StringNGrams":
                return grams(c);
            case "StringToHashBucketFast":
                return List.of(buckets(c));
            default:
                return List.of(lookup(c));
        }
    }

    private static List<Datum> split(EvalContext c) {
        byte[] delimiters = bytes(c, c.tensor(1).strings()[0]);
        boolean skip = c.attributes().flag("skip_empty", true);
        List<String> values = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        int widest = 0;
        String[] texts = c.tensor(0).strings();
        for (int row = 0; row < texts.length; row++) {
            byte[] text = bytes(c, texts[row]);
            int before = values.size();
            int start = 0;
            for (int i = 0; i <= text.length && text.length > 0; i++) {
                boolean each = delimiters.length == 0 && i > 0;
                if (each || delimiters.length > 0 && (i == text.length || holds(delimiters, text[i]))) {
                    if (!skip || i > start) {
                        values.add(text(text, start, i));
                        places.add(row);
                        places.add(values.size() - 1 - before);
                    }
                    start = each ? i : i + 1;
                }
            }
            widest = Math.max(widest, values.size() - before);
        }
        int[] indices = new int[places.size()];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = places.get(i);
        }
        return List.of(Tensor.ints(new int[] {values.size(), 2}, indices),
                Tensor.strings(new int[] {values.size()}, values.toArray(new String[0])),
                Tensor.ints(new int[] {2}, texts.length, widest));
    }

    private static byte[] bytes(EvalContext c, String text) {
        byte[] bytes = Utf8.encode(text);
        if (bytes == null) {
            throw c.fail("a string holds half a surrogate pair");
        }
        return bytes;
    }

    /** The text of some bytes; those that are a part of a character only are replaced, each by itself. */
    private static String text(byte[] bytes, int start, int end) {
        String text = Utf8.decode(bytes, start, end - start);
        StringBuilder out = new StringBuilder();
        for (int i = start; text == null && i < end; i++) {
            out.append(bytes[i] < 0 ? '\uFFFD' : (char) bytes[i]);
        }
        return text == null ? out.toString() : text;
    }

    private static boolean holds(byte[] bytes, byte wanted) {
        for (byte b : bytes) {
            if (b == wanted) {
                return true;
            }
        }
        return false;
    }

    private static List<Datum> grams(EvalContext c) {
        String[] data = c.tensor(0).strings();
        long[] splits = c.tensor(1).toLongs();
        int[] ends = new int[splits.length];
        List<String> grams = new ArrayList<>();
        for (int row = 1; row < splits.length; row++) {
            if (splits[0] != 0 || splits[row] < splits[row - 1] || splits[row] > data.length) {
                throw c.fail("the splits are not in order");
            }
            if (data.length > 0) {
                row(c, data, (int) splits[row - 1], (int) splits[row], grams);
            }
            ends[row] = grams.size();
        }
        return List.of(Tensor.strings(new int[] {grams.size()}, grams.toArray(new String[0])),
                Tensor.ints(c.tensor(1).dims(), ends));
    }

    private static void row(EvalContext c, String[] data, int start, int end, List<String> grams) {
        long declared = c.attributes().integer("pad_width", 0);
        int before = grams.size();
        for (long width : c.attributes().ints("ngram_widths")) {
            int pad = (int) Math.min(declared < 0 ? width - 1 : declared, width - 1);
            int count = (int) Math.max(0, end - start + 2L * pad - width + 1);
            for (int i = 0; i < count; i++) {
                grams.add(gram(c, data, start, end, i - pad, (int) width));
            }
        }
        if (c.attributes().flag("preserve_short_sequences", false) && grams.size() == before && end > start) {
            int pad = (int) Math.max(0, declared);
            grams.add(gram(c, data, start, end, -pad, end - start + 2 * pad));
        }
    }

    /** The elements from {@code first} of a row, counted from its start, with padding where there are none. */
    private static String gram(EvalContext c, String[] data, int start, int end, int first, int width) {
        String separator = c.attributes().string("separator", " ");
        StringBuilder out = new StringBuilder();
        for (int i = first; i < first + width; i++) {
            out.append(i > first ? separator : "").append(i < 0 ? c.attributes().string("left_pad", "")
                    : start + i < end ? data[start + i] : c.attributes().string("right_pad", ""));
        }
        return out.toString();
    }

    private static Tensor buckets(EvalContext c) {
        long count = c.attributes().integer("num_buckets", 1);
        if (count < 1) {
            throw c.fail("num_buckets is " + count);
        }
        String[] texts = c.tensor(0).strings();
        int[] out = new int[texts.length];
        for (int i = 0; i < out.length; i++) {
            long hash = FarmHash.fingerprint(bytes(c, texts[i]));
            long half = (hash >>> 1) % count * 2 + (hash & 1);
            out[i] = (int) (half % count);
        }
        return Tensor.ints(c.tensor(0).dims(), out);
    }

    private static Tensor lookup(EvalContext c) {
        Tensor keys = c.tensor(1);
        Tensor values = c.tensor(2);
        Tensor wanted = c.tensor(0);
        if (keys.size() != values.size() || wanted.dtype() != keys.dtype()) {
            throw c.fail("the table has " + keys + " and " + values + ", to be asked for " + wanted);
        }
        List<Tensor> both = List.of(values.reshape(values.size()), c.tensor(3).reshape(1));
        int[] index = new int[wanted.size()];
        for (int i = 0; i < index.length; i++) {
            index[i] = keys.size();
            for (int k = 0; k < keys.size() && index[i] == keys.size(); k++) {
                if (wanted.dtype() == DType.STRING ? wanted.strings()[i].equals(keys.strings()[k])
                        : wanted.dtype().isFloat() ? wanted.getDouble(i) == keys.getDouble(k) : wanted.getLong(i) == keys.getLong(k)) {
                    index[i] = k;
                }
            }
        }
        return Concat.join(both, 0).pick(wanted.dims(), index);
    }
}
