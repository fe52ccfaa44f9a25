package dev.infuser.task;

import java.util.ArrayList;
import java.util.List;

/**
 * Text from the scores of characters step by step, as networks give that were trained by connectionist temporal classification
 * (Graves et al., 2006): the text whose paths, with repetitions and blanks (class 0), are likeliest together. Found by a beam search
 * over prefixes (Hannun et al., 2014), since a space between two words is often spread over steps of which none is likely a space.
 */
final class CtcDecoder {

    /**
     * A decoded text.
     *
     * @param score the mean of the probabilities of its characters, 0 where there are none
     */
    record Decoded(String text, double score) {
    }

    private static final int BEAM = 16;
    /** Characters less likely than this at a step are not there. */
    private static final double LEAST = 0.01;

    /** A text that all paths of some have reached, as its last character after a shorter one. */
    private static final class Prefix {

        private final Prefix before;
        private final int label;
        private final List<Prefix> longer = new ArrayList<>();
        /** Probability of the paths that end in a blank, and of those that end in the label; and the same for the step after. */
        private double blank;
        private double labelled;
        private double nextBlank;
        private double nextLabelled;
        /** Of the paths that come to this text at one step, the likeliest ones, and how likely the label is there. */
        private double strongest;
        private double certainty;
        private boolean reached;

        Prefix(Prefix before, int label) {
            this.before = before;
            this.label = label;
        }

        Prefix with(int next) {
            for (Prefix prefix : longer) {
                if (prefix.label == next) {
                    return prefix;
                }
            }
            Prefix prefix = new Prefix(this, next);
            longer.add(prefix);
            return prefix;
        }

        double total() {
            return blank + labelled;
        }

        void lengthen(double paths, double certain) {
            nextLabelled += paths;
            if (paths > strongest) {
                strongest = paths;
                certainty = certain;
            }
        }

        void reach(List<Prefix> all) {
            if (!reached) {
                reached = true;
                all.add(this);
            }
        }

        /** Goes on to the next step; probabilities are relative to {@code scale}. */
        void step(double scale) {
            blank = nextBlank / scale;
            labelled = nextLabelled / scale;
            nextBlank = 0;
            nextLabelled = 0;
            reached = false;
        }
    }

    private final List<String> characters;

    /** @param characters of the classes from 1 on */
    CtcDecoder(List<String> characters) {
        this.characters = characters;
    }

    /** Decodes {@code steps} rows of {@code classes} probabilities, or logarithms of such, from {@code at} on. */
    Decoded decode(float[] scores, int at, int steps, int classes) {
        Prefix none = new Prefix(null, 0);
        none.blank = 1;
        List<Prefix> beam = List.of(none);
        int known = Math.min(classes, characters.size() + 1);
        double[] row = new double[classes];
        for (int step = 0; step < steps; step++) {
            probabilities(scores, at + step * classes, row);
            beam = next(beam, row, known);
        }
        StringBuilder text = new StringBuilder();
        double sum = 0;
        int count = 0;
        for (Prefix end = beam.get(0); end != none; end = end.before) {
            text.insert(0, characters.get(end.label - 1));
            sum += end.certainty;
            count++;
        }
        return new Decoded(text.toString(), count == 0 ? 0 : sum / count);
    }

    private static void probabilities(float[] scores, int at, double[] row) {
        double sum = 0;
        double most = Double.NEGATIVE_INFINITY;
        boolean negative = false;
        for (int i = 0; i < row.length; i++) {
            row[i] = scores[at + i];
            sum += row[i];
            most = Math.max(most, row[i]);
            negative |= row[i] < 0;
        }
        if (negative || sum > 1.01) {
            sum = 0;
            for (int i = 0; i < row.length; i++) {
                row[i] = Math.exp(row[i] - most);
                sum += row[i];
            }
            for (int i = 0; i < row.length; i++) {
                row[i] /= sum;
            }
        }
    }

    /** The likeliest prefixes after a step, the best one first. */
    private static List<Prefix> next(List<Prefix> beam, double[] row, int known) {
        List<Prefix> all = new ArrayList<>();
        for (Prefix prefix : beam) {
            prefix.reach(all);
            prefix.nextBlank += prefix.total() * row[0];
            prefix.nextLabelled += prefix.label == 0 ? 0 : prefix.labelled * row[prefix.label];
        }
        for (int label = 1; label < known; label++) {
            if (row[label] >= LEAST) {
                for (Prefix prefix : beam) {
                    Prefix longer = prefix.with(label);
                    longer.reach(all);
                    longer.lengthen((label == prefix.label ? prefix.blank : prefix.total()) * row[label], row[label]);
                }
            }
        }
        double scale = 0;
        for (Prefix prefix : all) {
            scale = Math.max(scale, prefix.nextBlank + prefix.nextLabelled);
        }
        for (Prefix prefix : all) {
            prefix.step(scale > 0 ? scale : 1);
        }
        all.sort((a, b) -> Double.compare(b.total(), a.total()));
        for (Prefix prefix : all.subList(Math.min(BEAM, all.size()), all.size())) {
            prefix.blank = 0;
            prefix.labelled = 0;
        }
        return all.subList(0, Math.min(BEAM, all.size()));
    }
}
