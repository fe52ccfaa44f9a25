package dev.infuser.text;

import java.util.List;

/** Rewrites text before it is split. */
interface Normalizer {

    /** The text rewritten, which may be the argument itself. */
    Text normalize(Text text);

    /** One after the other. */
    record Chain(List<Normalizer> normalizers) implements Normalizer {
        @Override
        public Text normalize(Text text) {
            for (Normalizer normalizer : normalizers) {
                text = normalizer.normalize(text);
            }
            return text;
        }
    }

    /**
     * The steps that BERT's normalizer and the simple ones are made of, in the order in which they apply.
     *
     * @param clean drop control characters, make all white space U+0020
     * @param spaceIdeographs put a space on either side of each ideograph
     * @param decompose canonical decomposition (NFD)
     * @param stripNonspacing drop the marks of category Mn
     * @param stripCombining drop the marks of categories M*
     * @param lowercase each character by itself, by its full mapping
     */
    record Steps(boolean clean, boolean spaceIdeographs, boolean decompose, boolean stripNonspacing,
            boolean stripCombining, boolean lowercase) implements Normalizer {

        @Override
        public Text normalize(Text text) {
            if (clean) {
                text = clean(text);
            }
            if (spaceIdeographs) {
                text = spaceIdeographs(text);
            }
            if (decompose) {
                text = UnicodeForm.NFD.normalize(text);
            }
            if (stripNonspacing || stripCombining) {
                text = strip(text);
            }
            return lowercase ? lowercase(text) : text;
        }

        private static Text clean(Text text) {
            Text.Rewriter rewriter = new Text.Rewriter(text);
            for (int i = text.from(); i < text.to(); i++) {
                int c = text.points()[i];
                if (Unicode.isRemoved(c)) {
                    rewriter.drop();
                } else {
                    rewriter.replace(Unicode.isWhitespace(c) ? ' ' : c);
                }
            }
            return rewriter.done();
        }

        private static Text spaceIdeographs(Text text) {
            if (!reaches(text, 0x3400)) {
                return text;
            }
            Text.Rewriter rewriter = new Text.Rewriter(text);
            for (int i = text.from(); i < text.to(); i++) {
                int c = text.points()[i];
                if (Unicode.isIdeograph(c)) {
                    rewriter.replace(' ');
                    rewriter.insert(c);
                    rewriter.insert(' ');
                } else {
                    rewriter.replace(c);
                }
            }
            return rewriter.done();
        }

        private Text strip(Text text) {
            if (!reaches(text, 0x300)) {
                return text;
            }
            Text.Rewriter rewriter = new Text.Rewriter(text);
            for (int i = text.from(); i < text.to(); i++) {
                int c = text.points()[i];
                if (stripNonspacing ? Unicode.isNonspacingMark(c) : Unicode.isCombiningMark(c)) {
                    rewriter.drop();
                } else {
                    rewriter.replace(c);
                }
            }
            return rewriter.done();
        }

        private static Text lowercase(Text text) {
            Text.Rewriter rewriter = new Text.Rewriter(text);
            int[] lower = new int[2];
            for (int i = text.from(); i < text.to(); i++) {
                int count = Unicode.lower(text.points()[i], lower);
                rewriter.replace(lower[0]);
                if (count == 2) {
                    rewriter.insert(lower[1]);
                }
            }
            return rewriter.done();
        }

        private static boolean reaches(Text text, int c) {
            for (int i = text.from(); i < text.to(); i++) {
                if (text.points()[i] >= c) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * Puts a text in place of what a pattern matches.
     *
     * @param content the code points of that text
     */
    record Replace(Regex pattern, Text content) implements Normalizer {
        @Override
        public Text normalize(Text text) {
            Regex.Matcher matcher = pattern.matcher(text);
            if (!matcher.find()) {
                return text;
            }
            Text.Rewriter rewriter = new Text.Rewriter(text);
            int at = text.from();
            do {
                for (; at < matcher.start(); at++) {
                    rewriter.replace(text.points()[at]);
                }
                for (; at < matcher.end(); at++) {
                    rewriter.drop();
                }
                for (int i = content.from(); i < content.to(); i++) {
                    rewriter.insert(content.points()[i]);
                }
            } while (matcher.find());
            for (; at < text.to(); at++) {
                rewriter.replace(text.points()[at]);
            }
            return rewriter.done();
        }
    }

    /** Puts a text before every other that is not empty. */
    record Prepend(Text content) implements Normalizer {
        @Override
        public Text normalize(Text text) {
            if (text.length() == 0 || content.length() == 0) {
                return text;
            }
            Text.Rewriter rewriter = new Text.Rewriter(text);
            rewriter.replace(content.points()[0]);
            for (int i = 1; i < content.length(); i++) {
                rewriter.insert(content.points()[i]);
            }
            rewriter.insert(text.points()[text.from()]);
            for (int i = text.from() + 1; i < text.to(); i++) {
                rewriter.replace(text.points()[i]);
            }
            return rewriter.done();
        }
    }

    /** Drops white space at the ends. */
    record Strip(boolean left, boolean right) implements Normalizer {
        @Override
        public Text normalize(Text text) {
            int from = text.from();
            int to = text.to();
            while (left && from < to && Unicode.isWhitespace(text.points()[from])) {
                from++;
            }
            while (right && to > from && Unicode.isWhitespace(text.points()[to - 1])) {
                to--;
            }
            return text.slice(from, to, -1);
        }
    }

    /** Shows the bytes of the text; see {@link Bytes}. */
    record ByteLevel() implements Normalizer {
        @Override
        public Text normalize(Text text) {
            return Bytes.show(text);
        }
    }
}
