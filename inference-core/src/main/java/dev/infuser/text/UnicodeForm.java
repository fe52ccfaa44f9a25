package dev.infuser.text;

/**
 * A normalization form of Unicode.
 *
 * @param compatibility whether to replace characters by compatible ones, as NFKD and NFKC do
 * @param compose whether to compose again, as NFC and NFKC do
 */
record UnicodeForm(boolean compatibility, boolean compose) implements Normalizer {
    static final UnicodeForm NFC = new UnicodeForm(false, true);
    static final UnicodeForm NFD = new UnicodeForm(false, false);
    static final UnicodeForm NFKC = new UnicodeForm(true, true);
    static final UnicodeForm NFKD = new UnicodeForm(true, false);

    @Override
    public Text normalize(Text text) {
        int stable = compatibility ? 0xA0 : compose ? 0x300 : 0xC0;
        int at = text.from();
        while (at < text.to() && text.points()[at] < stable) {
            at++;
        }
        if (at == text.to()) {
            return text;
        }
        Composer composer = new Composer(compose, new Text.Rewriter(text));
        Pending pending = new Pending(composer);
        int[] parts = new int[Compatibility.LONGEST];
        for (int i = text.from(); i < text.to(); i++) {
            int count = compatibility ? Compatibility.decompose(text.points()[i], parts)
                    : Unicode.decompose(text.points()[i], parts);
            for (int j = 0; j < count; j++) {
                int order = Unicode.combiningClass(parts[j]);
                if (order == 0) {
                    pending.flush();
                }
                pending.add(parts[j], order, j > 0 ? 1 : 0);
            }
        }
        pending.flush();
        return composer.done();
    }

    /** A starter and the marks after it, kept in canonical order. */
    private static final class Pending {
        private final Composer composer;
        private int[] points = new int[8];
        private int[] orders = new int[8];
        private int[] changes = new int[8];
        private int count;

        Pending(Composer composer) {
            this.composer = composer;
        }

        void add(int c, int order, int change) {
            if (count == points.length) {
                points = grow(points);
                orders = grow(orders);
                changes = grow(changes);
            }
            int i = count++;
            for (; i > 0 && orders[i - 1] > order; i--) {
                points[i] = points[i - 1];
                orders[i] = orders[i - 1];
                changes[i] = changes[i - 1];
            }
            points[i] = c;
            orders[i] = order;
            changes[i] = change;
        }

        void flush() {
            for (int i = 0; i < count; i++) {
                composer.add(points[i], orders[i], changes[i]);
            }
            count = 0;
        }
    }

    /** Composes a starter with the marks after it, unless it is to pass all on; keeps those that stay. */
    private static final class Composer {
        private static final int NONE = -1;

        private final boolean composes;
        private final Text.Rewriter rewriter;
        private int[] kept = new int[8];
        private int[] keptChanges = new int[8];
        private int count;
        private int starter = NONE;
        private int change;
        private int lastOrder;

        Composer(boolean composes, Text.Rewriter rewriter) {
            this.composes = composes;
            this.rewriter = rewriter;
        }

        void add(int c, int order, int added) {
            if (!composes || starter == NONE && order != 0) {
                rewriter.change(c, added);
                return;
            }
            if (starter != NONE && (count == 0 || lastOrder < order)) {
                int composed = Compositions.of(starter, c);
                if (composed >= 0) {
                    starter = composed;
                    change += added - 1;
                    return;
                }
            }
            if (order == 0) {
                flush();
                starter = c;
                change = added;
                return;
            }
            if (count == kept.length) {
                kept = grow(kept);
                keptChanges = grow(keptChanges);
            }
            kept[count] = c;
            keptChanges[count++] = added;
            lastOrder = order;
        }

        Text done() {
            flush();
            return rewriter.done();
        }

        private void flush() {
            if (starter != NONE) {
                rewriter.change(starter, change);
            }
            for (int i = 0; i < count; i++) {
                rewriter.change(kept[i], keptChanges[i]);
            }
            count = 0;
            starter = NONE;
        }
    }

    private static int[] grow(int[] old) {
        int[] larger = new int[old.length * 2];
        System.arraycopy(old, 0, larger, 0, old.length);
        return larger;
    }
}
