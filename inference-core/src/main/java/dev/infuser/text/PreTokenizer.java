package dev.infuser.text;

import java.util.ArrayList;
import java.util.List;

/** Splits normalized text into the stretches that the model sees one at a time. */
interface PreTokenizer {

    /** Adds the parts of a text that is not empty; none of them is empty. */
    void split(Text text, List<Text> out);

    /** One after the other, each on the parts of the one before. */
    record Chain(List<PreTokenizer> preTokenizers) implements PreTokenizer {
        @Override
        public void split(Text text, List<Text> out) {
            List<Text> parts = List.of(text);
            for (PreTokenizer preTokenizer : preTokenizers) {
                List<Text> next = new ArrayList<>();
                for (Text part : parts) {
                    preTokenizer.split(part, next);
                }
                parts = next;
            }
            out.addAll(parts);
        }
    }

    /** The ways of splitting by looking at one character at a time. */
    enum ByCharacter implements PreTokenizer {
        /** At white space, which is dropped, and around every punctuation character. */
        BERT,
        /** At white space, which is dropped. */
        WHITESPACE_SPLIT,
        /** At white space, which is dropped, and between word characters and others. */
        WHITESPACE;

        private static final int DROPPED = 0;
        private static final int ALONE = 1;

        @Override
        public void split(Text text, List<Text> out) {
            int start = text.from();
            int last = DROPPED;
            for (int i = text.from(); i < text.to(); i++) {
                int kind = kind(text.points()[i]);
                if (kind != last || kind == ALONE) {
                    if (last != DROPPED) {
                        out.add(text.slice(start, i, -1));
                    }
                    start = i;
                    last = kind;
                }
            }
            if (last != DROPPED) {
                out.add(text.slice(start, text.to(), -1));
            }
        }

        private int kind(int c) {
            if (Unicode.isWhitespace(c)) {
                return DROPPED;
            }
            return switch (this) {
                case BERT -> Unicode.isPunctuation(c) ? ALONE : 2;
                case WHITESPACE_SPLIT -> 2;
                case WHITESPACE -> Unicode.isWord(c) ? 2 : 3;
            };
        }
    }
}
