package dev.infuser.text;

/** Turns a stretch of text into tokens of a vocabulary. */
interface Model {

    /** Adds the tokens of a text that is not empty. */
    void tokenize(Text text, Tokens out);

    /** The tokens that the model knows. */
    Vocabulary vocabulary();
}
