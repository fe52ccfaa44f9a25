package dev.infuser.text;

import dev.infuser.tensor.InvalidModelException;

/** Each word is a token, or the unknown one. */
record WordLevel(Vocabulary vocabulary, int unknown) implements Model {

    static WordLevel of(Json model) {
        Vocabulary vocabulary = new Vocabulary(model.get("vocab"));
        return new WordLevel(vocabulary, vocabulary.find(model.get("unk_token").string("<unk>")));
    }

    @Override
    public void tokenize(Text text, Tokens out) {
        int hash = Vocabulary.EMPTY_HASH;
        for (int i = text.from(); i < text.to(); i++) {
            hash = Vocabulary.hash(hash, text.points()[i]);
        }
        int known = vocabulary.find(hash, "", text.points(), text.from(), text.to());
        int id = known < 0 ? unknown : known;
        if (id < 0) {
            throw new InvalidModelException("tokenizer", "a word is unknown, but there is no unknown token");
        }
        out.add(id, vocabulary.token(id), text, text.from(), text.to());
    }
}
