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
                    if (part.length() > 0) {
                        preTokenizer.split(part, next);
                    }
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

    /** What becomes of the stretches that separate others. */
    enum Behavior {
        REMOVED, ISOLATED, MERGED_WITH_PREVIOUS, MERGED_WITH_NEXT, CONTIGUOUS
    }

    /** Finds the stretches that separate others. */
    interface Separator {

        /** Gives each separator of a text in turn: start, end, start, end… */
        Stretches find(Text text);
    }

    /** Places of a text, two for each stretch. */
    final class Stretches {
        private int[] places = new int[32];
        private int count;

        void add(int start, int end) {
            if (count == places.length) {
                int[] more = new int[count * 2];
                System.arraycopy(places, 0, more, 0, count);
                places = more;
            }
            places[count++] = start;
            places[count++] = end;
        }
    }

    /**
     * Cuts a text at its separators.
     *
     * @param invert whether the separators are what the given one does not find
     */
    record Split(Separator separator, Behavior behavior, boolean invert) implements PreTokenizer {
        @Override
        public void split(Text text, List<Text> out) {
            Stretches found = separator.find(text);
            int start = text.from();
            int end = start;
            boolean lastMatched = false;
            int at = text.from();
            for (int i = 0; at < text.to() || i < found.count; i += 2) {
                int next = i < found.count ? found.places[i] : text.to();
                if (next > at) {
                    boolean cut = isCut(invert, lastMatched, end > start);
                    start = cut ? flush(text, start, end, lastMatched, out) : start;
                    end = next;
                    lastMatched = invert;
                }
                if (i >= found.count) {
                    break;
                }
                boolean cut = isCut(!invert, lastMatched, end > start);
                start = cut ? flush(text, start, end, lastMatched, out) : start;
                end = found.places[i + 1];
                lastMatched = !invert;
                at = end;
            }
            flush(text, start, end, lastMatched, out);
        }

        /** Whether a stretch begins anew after the one before it, which is a separator or not. */
        private boolean isCut(boolean matched, boolean lastMatched, boolean follows) {
            return follows && switch (behavior) {
                case REMOVED, ISOLATED -> true;
                case CONTIGUOUS -> matched != lastMatched;
                case MERGED_WITH_PREVIOUS -> !matched || lastMatched;
                case MERGED_WITH_NEXT -> matched || !lastMatched;
            };
        }

        private int flush(Text text, int start, int end, boolean matched, List<Text> out) {
            if (end > start && !(matched && behavior == Behavior.REMOVED)) {
                out.add(text.slice(start, end, -1));
            }
            return end;
        }
    }

    /** The matches of a regular expression. */
    record Matches(Regex regex) implements Separator {
        @Override
        public Stretches find(Text text) {
            Stretches found = new Stretches();
            Regex.Matcher matcher = regex.matcher(text);
            while (matcher.find()) {
                found.add(matcher.start(), matcher.end());
            }
            return found;
        }
    }

    /** Characters of a kind, each by itself. */
    enum Characters implements Separator {
        PUNCTUATION, NUMERIC;

        @Override
        public Stretches find(Text text) {
            Stretches found = new Stretches();
            for (int i = text.from(); i < text.to(); i++) {
                int c = text.points()[i];
                if (this == NUMERIC ? Unicode.isNumeric(c) : Unicode.isPunctuation(c)) {
                    found.add(i, i + 1);
                }
            }
            return found;
        }
    }

    /**
     * Shows the bytes of the text; see {@link Bytes}.
     *
     * @param addSpace whether to put a space before a text that begins with none
     * @param words    splits the text first; null to leave it whole
     */
    record ByteLevel(boolean addSpace, Split words) implements PreTokenizer {
        private static final Normalizer.Prepend SPACE = new Normalizer.Prepend(Text.of(" "));

        @Override
        public void split(Text text, List<Text> out) {
            Text whole = addSpace && text.points()[text.from()] != ' ' ? SPACE.normalize(text) : text;
            if (words == null) {
                out.add(Bytes.show(whole));
                return;
            }
            List<Text> parts = new ArrayList<>();
            words.split(whole, parts);
            for (Text part : parts) {
                out.add(Bytes.show(part));
            }
        }
    }

    /**
     * Makes spaces visible and splits before each.
     *
     * @param spaces    puts the visible space in place of spaces
     * @param prepend   puts one before a text
     * @param always    whether to put one before each text that does not begin with one
     * @param first     whether to put it only before one at the beginning of the source
     * @param words     splits the text; null to leave it whole
     */
    record Metaspace(Normalizer.Replace spaces, Normalizer.Prepend prepend, boolean always, boolean first, Split words)
            implements PreTokenizer {
        @Override
        public void split(Text text, List<Text> out) {
            Text whole = spaces.normalize(text);
            boolean marked = whole.points()[whole.from()] == prepend.content().points()[0];
            if (!marked && (always || first && whole.starts()[whole.from()] == 0)) {
                whole = prepend.normalize(whole);
            }
            if (words == null) {
                out.add(whole);
            } else {
                words.split(whole, out);
            }
        }
    }
}
