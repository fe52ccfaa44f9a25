package dev.infuser.text;

import dev.infuser.tensor.InvalidModelException;

/**
 * The normalizer of SentencePiece: a double-array trie of byte strings, and for each what takes its place. As in Hugging
 * Face's library, a grapheme of at most five bytes is replaced as a whole by what stands for its shortest known beginning.
 */
final class Precompiled implements Normalizer {
    private static final int LONGEST_GRAPHEME = 5;

    private final int[] trie;
    private final byte[] replacements;
    private final Text[] read;

    private Precompiled(int[] trie, byte[] replacements) {
        this.trie = trie;
        this.replacements = replacements;
        read = new Text[replacements.length];
    }

    /**
     * Reads the trie and the replacements.
     *
     * @param charsmap in base 64: the size of the trie in bytes, its units, and the replacements closed by zeros
     */
    static Precompiled of(String charsmap) {
        byte[] bytes = base64(charsmap);
        int size = bytes.length < 4 ? -1 : unit(bytes, 0);
        if (size <= 0 || size % 4 != 0 || size > bytes.length - 4) {
            throw new InvalidModelException("tokenizer", "the normalizer's map of characters is cut off");
        }
        int[] trie = new int[size / 4];
        for (int i = 0; i < trie.length; i++) {
            trie[i] = unit(bytes, 4 + 4 * i);
        }
        byte[] replacements = new byte[bytes.length - 4 - size];
        System.arraycopy(bytes, 4 + size, replacements, 0, replacements.length);
        return new Precompiled(trie, replacements);
    }

    @Override
    public Text normalize(Text text) {
        Rewriting rewriting = new Rewriting(text.length());
        byte[] bytes = new byte[LONGEST_GRAPHEME + 4];
        boolean modified = false;
        for (int at = text.from(); at < text.to();) {
            int end = Graphemes.next(text, at);
            int size = 0;
            for (int i = at; i < end && size <= LONGEST_GRAPHEME; i++) {
                size += Bytes.encode(text.points()[i], bytes, size);
            }
            Text whole = size <= LONGEST_GRAPHEME ? find(bytes, size) : null;
            if (whole != null) {
                modified = true;
                rewriting.replace(end - at, whole);
                at = end;
                continue;
            }
            for (; at < end; at++) {
                Text one = find(bytes, Bytes.encode(text.points()[at], bytes, 0));
                if (one != null) {
                    modified = true;
                    rewriting.replace(1, one);
                } else {
                    rewriting.add(text.points()[at], 0);
                }
            }
        }
        return modified ? rewriting.apply(text) : text;
    }

    /** What stands for the shortest beginning of a byte string that the trie knows, or null. */
    private Text find(byte[] key, int length) {
        int node = offset(trie[0]);
        for (int i = 0; i < length && key[i] != 0; i++) {
            node ^= key[i] & 0xFF;
            if (node < 0 || node >= trie.length) {
                return null;
            }
            int unit = trie[node];
            if ((unit & 0x800000FF) != (key[i] & 0xFF)) {
                return null;
            }
            node ^= offset(unit);
            if ((unit >> 8 & 1) == 1) {
                return node < 0 || node >= trie.length ? null : replacement(trie[node] & 0x7FFFFFFF);
            }
        }
        return null;
    }

    private Text replacement(int from) {
        if (from >= replacements.length) {
            return null;
        }
        if (read[from] == null) {
            int to = from;
            while (to < replacements.length && replacements[to] != 0) {
                to++;
            }
            byte[] slice = new byte[to - from];
            System.arraycopy(replacements, from, slice, 0, slice.length);
            read[from] = Text.of(Bytes.decode(slice, slice.length));
        }
        return read[from];
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >> 6);
    }

    private static int unit(byte[] bytes, int at) {
        return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF) << 16 | bytes[at + 3] << 24;
    }

    private static byte[] base64(String text) {
        byte[] bytes = new byte[text.length() / 4 * 3 + 3];
        int count = 0;
        int bits = 0;
        int held = 0;
        for (int i = 0; i < text.length() && text.charAt(i) != '='; i++) {
            int c = text.charAt(i);
            int digit = c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26
                    : c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' ? 62 : c == '/' ? 63 : -1;
            if (digit < 0) {
                throw new InvalidModelException("tokenizer", "the normalizer's map of characters is not base 64");
            }
            held = held << 6 | digit;
            bits += 6;
            if (bits >= 8) {
                bits -= 8;
                bytes[count++] = (byte) (held >> bits);
            }
        }
        byte[] exact = new byte[count];
        System.arraycopy(bytes, 0, exact, 0, count);
        return exact;
    }

    /** The new characters, each with how many more than one it takes the place of, negative, or 1 where it is added. */
    private static final class Rewriting {
        private int[] points;
        private int[] changes;
        private int count;

        Rewriting(int length) {
            points = new int[length + 8];
            changes = new int[points.length];
        }

        void add(int c, int change) {
            if (count == points.length) {
                int[] morePoints = new int[count * 2];
                int[] moreChanges = new int[count * 2];
                System.arraycopy(points, 0, morePoints, 0, count);
                System.arraycopy(changes, 0, moreChanges, 0, count);
                points = morePoints;
                changes = moreChanges;
            }
            points[count] = c;
            changes[count++] = change;
        }

        void replace(int old, Text by) {
            for (int i = 0; i < by.length(); i++) {
                add(by.points()[i], i < old ? 0 : 1);
            }
            if (by.length() < old && count > 0) {
                changes[count - 1] += by.length() - old;
            }
        }

        Text apply(Text text) {
            Text.Rewriter rewriter = new Text.Rewriter(text);
            for (int i = 0; i < count; i++) {
                rewriter.change(points[i], changes[i]);
            }
            return rewriter.done();
        }
    }
}
