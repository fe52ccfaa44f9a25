package dev.infuser.text;

import dev.infuser.tensor.InvalidModelException;
import java.util.List;

/**
 * Byte-pair encoding: each word begins as its characters, and of neighbours that merge, those merge first that the file
 * lists first. A character that is no token becomes its bytes, where these are tokens, or the unknown token.
 */
final class Bpe implements Model {
    private static final int CACHED = 4096;
    private static final int LONGEST_CACHED = 24;

    private final Vocabulary vocabulary;
    private final Merges merges;
    private final int unknown;
    private final boolean fuseUnknown;
    private final boolean wholeWords;
    private final String prefix;
    private final String suffix;
    private final int[] byteIds;
    private final int[] latin = new int[0x180];
    private final Word[] cache = new Word[CACHED];

    /** A word and what becomes of it: ids, and where each begins and ends in it. */
    private record Word(int[] points, int[] ids, int[] starts, int[] ends) {
    }

    private Bpe(Json model) {
        vocabulary = new Vocabulary(model.get("vocab"));
        prefix = model.get("continuing_subword_prefix").string("");
        suffix = model.get("end_of_word_suffix").string("");
        merges = merges(model.get("merges").list());
        String unknownToken = model.get("unk_token").string("");
        unknown = unknownToken.isEmpty() ? -1 : vocabulary.find(unknownToken);
        if (unknown < 0 && !unknownToken.isEmpty()) {
            throw new InvalidModelException("tokenizer", "the vocabulary lacks the unknown token " + unknownToken);
        }
        fuseUnknown = model.get("fuse_unk").bool(false);
        wholeWords = model.get("ignore_merges").bool(false);
        byteIds = model.get("byte_fallback").bool(false) ? vocabulary.bytes() : null;
        for (int c = 0; c < latin.length; c++) {
            latin[c] = vocabulary.find(Character.toString((char) c));
        }
    }

    static Bpe of(Json model) {
        return new Bpe(model);
    }

    private Merges merges(List<Json> list) {
        Merges result = new Merges(list.size());
        for (int rank = 0; rank < list.size(); rank++) {
            Json merge = list.get(rank);
            String left;
            String right;
            if (merge.isString()) {
                String pair = merge.string();
                int space = pair.indexOf(' ');
                if (space < 0 || pair.indexOf(' ', space + 1) >= 0) {
                    throw new InvalidModelException("tokenizer", "the merge '" + pair + "' is not of two tokens");
                }
                left = pair.substring(0, space);
                right = pair.substring(space + 1);
            } else if (merge.list().size() == 2) {
                left = merge.list().get(0).string();
                right = merge.list().get(1).string();
            } else {
                throw new InvalidModelException("tokenizer", "a merge is not of two tokens");
            }
            String rest = right.startsWith(prefix) ? right.substring(prefix.length()) : right;
            result.put(known(left), known(right), rank, known(left + rest));
        }
        return result;
    }

    private int known(String token) {
        int id = vocabulary.find(token);
        if (id < 0) {
            throw new InvalidModelException("tokenizer", "the vocabulary lacks '" + token + "', which is merged");
        }
        return id;
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public void tokenize(Text text, Tokens out) {
        int[] points = text.points();
        int hash = Vocabulary.EMPTY_HASH;
        boolean isShort = text.length() <= LONGEST_CACHED;
        if (isShort || wholeWords) {
            for (int i = text.from(); i < text.to(); i++) {
                hash = Vocabulary.hash(hash, points[i]);
            }
        }
        if (wholeWords) {
            int id = vocabulary.find(hash, "", points, text.from(), text.to());
            if (id >= 0) {
                out.add(id, vocabulary.token(id), text, text.from(), text.to());
                return;
            }
        }
        int slot = (hash ^ hash >>> 16) & CACHED - 1;
        Word word = isShort ? cache[slot] : null;
        if (word == null || !isSame(word.points, text)) {
            word = split(text);
            if (isShort) {
                cache[slot] = word;
            }
        }
        for (int i = 0; i < word.ids.length; i++) {
            int id = word.ids[i];
            out.add(id, vocabulary.token(id), text, text.from() + word.starts[i], text.from() + word.ends[i]);
        }
    }

    private static boolean isSame(int[] points, Text text) {
        if (points.length != text.length()) {
            return false;
        }
        for (int i = 0; i < points.length; i++) {
            if (points[i] != text.points()[text.from() + i]) {
                return false;
            }
        }
        return true;
    }

    private Word split(Text text) {
        MergeQueue symbols = new MergeQueue(merges, text.length() * (byteIds == null ? 1 : 4));
        byte[] utf8 = new byte[4];
        int pending = -1;
        for (int i = text.from(); i < text.to(); i++) {
            int at = i - text.from();
            int id = find(text, i);
            if (id >= 0) {
                if (pending >= 0) {
                    symbols.add(unknown, pending, at);
                    pending = -1;
                }
                symbols.add(id, at, at + 1);
                continue;
            }
            int bytes = byteIds == null ? 0 : Bytes.encode(text.points()[i], utf8, 0);
            for (int j = 0; j < bytes; j++) {
                if (byteIds[utf8[j] & 0xFF] < 0) {
                    bytes = 0;
                }
            }
            for (int j = 0; j < bytes; j++) {
                symbols.add(byteIds[utf8[j] & 0xFF], at, at + 1);
            }
            if (bytes == 0 && unknown >= 0) {
                if (pending >= 0 && !fuseUnknown) {
                    symbols.add(unknown, pending, at);
                    pending = at;
                }
                pending = pending < 0 ? at : pending;
            }
        }
        if (pending >= 0) {
            symbols.add(unknown, pending, text.length());
        }
        int count = symbols.merge();
        int[] points = new int[text.length()];
        System.arraycopy(text.points(), text.from(), points, 0, points.length);
        Word word = new Word(points, new int[count], new int[count], new int[count]);
        symbols.copy(word.ids, word.starts, word.ends);
        return word;
    }

    private int find(Text text, int i) {
        int c = text.points()[i];
        boolean marked = i > text.from() && !prefix.isEmpty() || i + 1 == text.to() && !suffix.isEmpty();
        if (marked) {
            return vocabulary.find((i > text.from() ? prefix : "") + text.slice(i, i + 1, -1)
                    + (i + 1 == text.to() ? suffix : ""));
        }
        return c < latin.length ? latin[c]
                : vocabulary.find(Vocabulary.hash(Vocabulary.EMPTY_HASH, c), "", text.points(), i, i + 1);
    }
}
