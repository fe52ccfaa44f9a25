package dev.infuser.text;

import dev.infuser.tensor.InvalidModelException;
import java.util.List;

/**
 * The unigram language model of SentencePiece: of all ways to cut a text into tokens the one with the largest sum of scores
 * (Viterbi). What no token covers is unknown, and neighbouring unknown characters are one.
 */
final class Unigram implements Model {
    private static final double UNKNOWN_PENALTY = 10;

    private final Vocabulary vocabulary;
    private final Trie trie = new Trie();
    private final double[] scores;
    private final double unknownScore;
    private final int unknown;
    private final int[] byteIds;

    private Unigram(Json model) {
        List<Json> pieces = model.get("vocab").list();
        String[] tokens = new String[pieces.size()];
        scores = new double[tokens.length];
        double least = Double.POSITIVE_INFINITY;
        for (int id = 0; id < tokens.length; id++) {
            List<Json> piece = pieces.get(id).list();
            if (piece.size() != 2) {
                throw new InvalidModelException("tokenizer", "a piece is not a pair of token and score");
            }
            tokens[id] = piece.get(0).string();
            scores[id] = piece.get(1).number();
            least = Math.min(least, scores[id]);
        }
        vocabulary = new Vocabulary(tokens);
        for (int id = 0; id < tokens.length; id++) {
            trie.add(Text.of(tokens[id]), vocabulary.find(tokens[id]));
        }
        unknownScore = least - UNKNOWN_PENALTY;
        unknown = model.get("unk_id").isNull() ? -1 : model.get("unk_id").count();
        if (unknown >= tokens.length) {
            throw new InvalidModelException("tokenizer", "the vocabulary lacks the unknown token " + unknown);
        }
        byteIds = model.get("byte_fallback").bool(false) ? vocabulary.bytes() : null;
    }

    static Unigram of(Json model) {
        return new Unigram(model);
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public void tokenize(Text text, Tokens out) {
        int length = text.length();
        double[] best = new double[length + 1];
        int[] from = new int[length + 1];
        int[] ids = new int[length + 1];
        for (int i = 1; i <= length; i++) {
            from[i] = -1;
        }
        for (int start = 0; start < length; start++) {
            boolean covered = false;
            int node = Trie.ROOT;
            for (int end = start; end < length; ) {
                node = trie.child(node, text.points()[text.from() + end]);
                if (node < 0) {
                    break;
                }
                end++;
                int id = trie.value(node);
                if (id >= 0) {
                    offer(best, from, ids, start, end, id, scores[id]);
                    covered |= end == start + 1;
                }
            }
            if (!covered) {
                offer(best, from, ids, start, start + 1, unknown, unknownScore);
            }
        }
        int[] cuts = new int[length + 1];
        int count = 0;
        for (int end = length; end > 0;) {
            int start = from[end];
            while (unknown >= 0 && ids[end] == unknown && start > 0 && ids[start] == unknown) {
                start = from[start];
            }
            cuts[count++] = end;
            end = start;
        }
        int start = 0;
        while (--count >= 0) {
            add(text, text.from() + start, text.from() + cuts[count], out);
            start = cuts[count];
        }
    }

    private static void offer(double[] best, int[] from, int[] ids, int start, int end, int id, double score) {
        double sum = best[start] + score;
        if (from[end] < 0 || sum > best[end]) {
            best[end] = sum;
            from[end] = start;
            ids[end] = id;
        }
    }

    private void add(Text text, int from, int to, Tokens out) {
        int hash = Vocabulary.EMPTY_HASH;
        for (int i = from; i < to; i++) {
            hash = Vocabulary.hash(hash, text.points()[i]);
        }
        int id = vocabulary.find(hash, "", text.points(), from, to);
        if (id >= 0) {
            out.add(id, vocabulary.token(id), text, from, to);
            return;
        }
        if (byteIds != null && addBytes(text, from, to, out)) {
            return;
        }
        if (unknown < 0) {
            throw new InvalidModelException("tokenizer", "a text has unknown characters, but there is no unknown token");
        }
        out.add(unknown, text.slice(from, to, -1).toString(), text, from, to);
    }

    private boolean addBytes(Text text, int from, int to, Tokens out) {
        byte[] bytes = new byte[4 * (to - from)];
        int count = 0;
        for (int i = from; i < to; i++) {
            count += Bytes.encode(text.points()[i], bytes, count);
        }
        for (int i = 0; i < count; i++) {
            if (byteIds[bytes[i] & 0xFF] < 0) {
                return false;
            }
        }
        for (int i = 0; i < count; i++) {
            int id = byteIds[bytes[i] & 0xFF];
            out.add(id, vocabulary.token(id), text, from, to);
        }
        return true;
    }
}
