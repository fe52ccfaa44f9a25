package dev.infuser.text;

import java.util.ArrayList;
import java.util.List;

/** Turns tokens back into text: the result is what the tokens become, joined. */
interface Decoder {

    /** What the tokens become. */
    List<String> decode(List<String> tokens);

    /** One after the other. */
    record Chain(List<Decoder> decoders) implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            for (Decoder decoder : decoders) {
                tokens = decoder.decode(tokens);
            }
            return tokens;
        }
    }

    /** One that sees each token by itself. */
    interface Each extends Decoder {

        /** What the n-th of several tokens becomes. */
        String decode(String token, int n, int count);

        @Override
        default List<String> decode(List<String> tokens) {
            List<String> result = new ArrayList<>();
            for (int i = 0; i < tokens.size(); i++) {
                result.add(decode(tokens.get(i), i, tokens.size()));
            }
            return result;
        }
    }

    /** Tokens with spaces between, those with the prefix joined to the one before. */
    record WordPiece(String prefix, boolean cleanup) implements Each {
        private static final String[] CLEANUP = {" .", ".", " ?", "?", " !", "!", " ,", ",", " ' ", "'", " n't", "n't",
            " 'm", "'m", " do not", " don't", " 's", "'s", " 've", "'ve", " 're", "'re"};

        @Override
        public String decode(String token, int n, int count) {
            if (n > 0) {
                token = token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
            }
            return cleanup ? clean(token) : token;
        }

        static String clean(String token) {
            for (int j = 0; j < CLEANUP.length; j += 2) {
                token = token.replace(CLEANUP[j], CLEANUP[j + 1]);
            }
            return token;
        }
    }

    /** Tokens with spaces between. */
    record Spaced() implements Each {
        @Override
        public String decode(String token, int n, int count) {
            return n == 0 ? token : " " + token;
        }
    }

    /** Puts a space in place of the suffix that ends a word, and nothing at the end of the text. */
    record Suffix(String suffix) implements Each {
        @Override
        public String decode(String token, int n, int count) {
            return token.replace(suffix, n + 1 == count ? "" : " ");
        }
    }

    /** Puts a text in place of what a pattern matches. */
    record Replace(Normalizer.Replace replace) implements Each {
        @Override
        public String decode(String token, int n, int count) {
            return replace.normalize(Text.of(token)).toString();
        }
    }

    /** Drops some of a character at the ends of each token. */
    record Strip(int content, int start, int stop) implements Each {
        @Override
        public String decode(String token, int n, int count) {
            Text text = Text.of(token);
            int from = 0;
            int to = text.length();
            while (from < Math.min(start, to) && text.points()[from] == content) {
                from++;
            }
            int least = Math.max(from, to - stop);
            while (to > least && text.points()[to - 1] == content) {
                to--;
            }
            return text.slice(from, to, -1).toString();
        }
    }

    /** Makes visible spaces spaces again, and drops those of the first token where one was put there. */
    record Metaspace(String replacement, boolean prepended) implements Each {
        @Override
        public String decode(String token, int n, int count) {
            return token.replace(replacement, n == 0 && prepended ? "" : " ");
        }
    }

    /** The bytes that tokens show; see {@link Bytes}. */
    record ByteLevel() implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            return List.of(Bytes.read(tokens));
        }
    }

    /** Joins all tokens. */
    record Fuse() implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            return List.of(String.join("", tokens));
        }
    }

    /** Makes text of tokens for bytes, such as {@code <0x0A>}; where they are none, each becomes U+FFFD. */
    record ByteFallback() implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            List<String> result = new ArrayList<>();
            byte[] bytes = new byte[tokens.size()];
            int count = 0;
            for (int i = 0; i <= tokens.size(); i++) {
                int value = i < tokens.size() ? value(tokens.get(i)) : -1;
                if (value >= 0) {
                    bytes[count++] = (byte) value;
                    continue;
                }
                if (count > 0) {
                    String text = Bytes.decodeStrictly(bytes, count);
                    for (int j = 0; j < (text == null ? count : 1); j++) {
                        result.add(text == null ? "\uFFFD" : text);
                    }
                    count = 0;
                }
                if (i < tokens.size()) {
                    result.add(tokens.get(i));
                }
            }
            return result;
        }

        private static int value(String token) {
            if (token.length() != 6 || !token.startsWith("<0x") || !token.endsWith(">")) {
                return -1;
            }
            int high = digit(token.charAt(3));
            int low = digit(token.charAt(4));
            return high < 0 || low < 0 ? -1 : high << 4 | low;
        }

        private static int digit(char c) {
            return c < 0x80 ? Character.digit(c, 16) : -1;
        }
    }

    /** The output of connectionist temporal classification: repeated tokens are one, padding is none. */
    record Ctc(String padding, String delimiter, boolean cleanup) implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            List<String> result = new ArrayList<>();
            String last = null;
            for (String token : tokens) {
                if (!token.equals(last)) {
                    String text = token.replace(padding, "");
                    if (cleanup) {
                        text = WordPiece.clean(text).replace(delimiter, " ");
                    }
                    if (!text.isEmpty()) {
                        result.add(text);
                    }
                }
                last = token;
            }
            return result;
        }
    }
}
