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
            if (decompose && text.length() > 0) {
                text = decompose(text);
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

        private static Text decompose(Text text) {
            if (!reaches(text, 0xC0)) {
                return text;
            }
            Text.Rewriter rewriter = new Text.Rewriter(text);
            int[] parts = new int[4];
            Pending pending = new Pending();
            for (int i = text.from(); i < text.to(); i++) {
                int count = Unicode.decompose(text.points()[i], parts);
                for (int j = 0; j < count; j++) {
                    int order = Unicode.combiningClass(parts[j]);
                    if (order == 0) {
                        pending.flush(rewriter);
                    }
                    pending.add(parts[j], order, j > 0);
                }
            }
            pending.flush(rewriter);
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

    /** A starter and the marks after it, kept in canonical order. */
    final class Pending {
        private int[] points = new int[8];
        private int[] orders = new int[8];
        private boolean[] inserted = new boolean[8];
        private int count;

        void add(int c, int order, boolean isInserted) {
            if (count == points.length) {
                grow();
            }
            int i = count++;
            for (; i > 0 && orders[i - 1] > order; i--) {
                points[i] = points[i - 1];
                orders[i] = orders[i - 1];
                inserted[i] = inserted[i - 1];
            }
            points[i] = c;
            orders[i] = order;
            inserted[i] = isInserted;
        }

        void flush(Text.Rewriter rewriter) {
            for (int i = 0; i < count; i++) {
                if (inserted[i]) {
                    rewriter.insert(points[i]);
                } else {
                    rewriter.replace(points[i]);
                }
            }
            count = 0;
        }

        private void grow() {
            int[] morePoints = new int[count * 2];
            int[] moreOrders = new int[count * 2];
            boolean[] moreInserted = new boolean[count * 2];
            System.arraycopy(points, 0, morePoints, 0, count);
            System.arraycopy(orders, 0, moreOrders, 0, count);
            System.arraycopy(inserted, 0, moreInserted, 0, count);
            points = morePoints;
            orders = moreOrders;
            inserted = moreInserted;
        }
    }
}
