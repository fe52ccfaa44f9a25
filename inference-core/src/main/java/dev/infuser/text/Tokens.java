package dev.infuser.text;

import java.util.ArrayList;
import java.util.List;

/** The tokens of one text as they are made. */
final class Tokens {
    final List<String> texts = new ArrayList<>();
    private int[] ids = new int[16];
    private int[] words = new int[16];
    private int[] offsets = new int[32];
    private int word;

    /** A token that stands for the code points {@code from} to {@code to} of a stretch, counted as in its arrays. */
    void add(int id, String token, Text stretch, int from, int to) {
        int n = texts.size();
        if (n == ids.length) {
            ids = slice(ids, 0, 2 * n, n);
            words = slice(words, 0, 2 * n, n);
            offsets = slice(offsets, 0, 4 * n, 2 * n);
        }
        ids[n] = id;
        words[n] = word;
        offsets[2 * n] = stretch.starts()[from];
        offsets[2 * n + 1] = stretch.ends()[to - 1];
        texts.add(token);
    }

    /** Takes back the tokens from the n-th on. */
    void cut(int n) {
        while (texts.size() > n) {
            texts.remove(texts.size() - 1);
        }
    }

    int size() {
        return texts.size();
    }

    void nextWord() {
        word++;
    }

    /** The tokens {@code from} to {@code to} as part of an encoding. */
    Encoding encoding(int from, int to, int typeId) {
        int n = to - from;
        int[] types = new int[n];
        int[] attention = new int[n];
        String[] tokens = new String[n];
        for (int i = 0; i < n; i++) {
            types[i] = typeId;
            attention[i] = 1;
            tokens[i] = texts.get(from + i);
        }
        return new Encoding(slice(ids, from, n, n), types, attention, new int[n], slice(words, from, n, n),
                slice(offsets, 2 * from, 2 * n, 2 * n), tokens);
    }

    private static int[] slice(int[] array, int from, int length, int copied) {
        int[] slice = new int[length];
        System.arraycopy(array, from, slice, 0, copied);
        return slice;
    }
}
