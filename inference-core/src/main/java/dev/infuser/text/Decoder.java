package dev.infuser.text;

import java.util.List;

/** Turns tokens back into text. */
interface Decoder {

    /** The text of the tokens. */
    String decode(List<String> tokens);

    /** Tokens with spaces between, those with the prefix joined to the one before. */
    record WordPiece(String prefix, boolean cleanup) implements Decoder {
        private static final String[] CLEANUP = {" .", ".", " ?", "?", " !", "!", " ,", ",", " ' ", "'", " n't", "n't",
            " 'm", "'m", " do not", " don't", " 's", "'s", " 've", "'ve", " 're", "'re"};

        @Override
        public String decode(List<String> tokens) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < tokens.size(); i++) {
                String token = tokens.get(i);
                if (i > 0) {
                    token = token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
                }
                for (int j = 0; cleanup && j < CLEANUP.length; j += 2) {
                    token = token.replace(CLEANUP[j], CLEANUP[j + 1]);
                }
                text.append(token);
            }
            return text.toString();
        }
    }

    /** Tokens with spaces between. */
    record Spaced() implements Decoder {
        @Override
        public String decode(List<String> tokens) {
            return String.join(" ", tokens);
        }
    }
}
