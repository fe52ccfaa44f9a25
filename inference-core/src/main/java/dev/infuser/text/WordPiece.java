package dev.infuser.text;

import dev.infuser.tensor.InvalidModelException;

/**
 * The model of BERT: each word is cut from the left into the longest tokens of the vocabulary; a word that
 * cannot be cut, or is too long, becomes the unknown token.
 *
 * @param prefix marks tokens that continue a word
 * @param maxLength the longest word, in code points
 */
record WordPiece(Vocabulary vocabulary, int unknown, String prefix, int maxLength) implements Model {

    static WordPiece of(Json model) {
        Vocabulary vocabulary = new Vocabulary(model.get("vocab"));
        String unknownToken = model.get("unk_token").string("[UNK]");
        int unknownId = vocabulary.find(unknownToken);
        if (unknownId < 0) {
            throw new InvalidModelException("tokenizer", "the vocabulary lacks the unknown token " + unknownToken);
        }
        return new WordPiece(vocabulary, unknownId, model.get("continuing_subword_prefix").string("##"),
                model.get("max_input_chars_per_word").count(100));
    }

    @Override
    public void tokenize(Text text, Tokens out) {
        int before = out.size();
        int[] points = text.points();
        int to = text.to();
        if (text.length() > maxLength) {
            out.add(unknown, vocabulary.token(unknown), text, text.from(), to);
            return;
        }
        int[] hashes = new int[text.length() + 1];
        int prefixHash = Vocabulary.hash(prefix);
        int start = text.from();
        while (start < to) {
            String lead = start == text.from() ? "" : prefix;
            hashes[0] = lead.isEmpty() ? Vocabulary.EMPTY_HASH : prefixHash;
            for (int i = start; i < to; i++) {
                hashes[i - start + 1] = Vocabulary.hash(hashes[i - start], points[i]);
            }
            int end = to;
            int id = -1;
            while (end > start && (id = vocabulary.find(hashes[end - start], lead, points, start, end)) < 0) {
                end--;
            }
            if (id < 0) {
                out.cut(before);
                out.add(unknown, vocabulary.token(unknown), text, text.from(), to);
                return;
            }
            out.add(id, vocabulary.token(id), text, start, end);
            start = end;
        }
    }
}
