package dev.infuser.text;

/**
 * How long an encoding may be. Tokens beyond are dropped, special tokens never.
 *
 * @param maxLength the most tokens, special ones included
 * @param strategy which of two texts gives way
 * @param fromLeft whether the first tokens of a text are dropped rather than the last
 */
public record Truncation(int maxLength, Strategy strategy, boolean fromLeft) {

    /** Whatever the length. */
    public static final Truncation NONE = new Truncation(Integer.MAX_VALUE, Strategy.LONGEST_FIRST, false);

    /** Which of two texts gives way. */
    public enum Strategy {
        /** The longer one until both are of a length, then both. */
        LONGEST_FIRST,
        /** The first. */
        ONLY_FIRST,
        /** The second. */
        ONLY_SECOND
    }

    /** At most so many tokens, the longer text giving way at its end. */
    public static Truncation to(int maxLength) {
        return new Truncation(maxLength, Strategy.LONGEST_FIRST, false);
    }

    static Truncation of(Json json) {
        if (json.isNull()) {
            return NONE;
        }
        String strategy = json.get("strategy").string("LongestFirst");
        return new Truncation(json.get("max_length").count(),
                strategy.equals("OnlyFirst") ? Strategy.ONLY_FIRST
                        : strategy.equals("OnlySecond") ? Strategy.ONLY_SECOND : Strategy.LONGEST_FIRST,
                json.get("direction").string("Right").equals("Left"));
    }

    /**
     * The lengths that the texts are cut to.
     *
     * @param lengths the number of tokens of one text or two, replaced by those to keep
     * @param room the most tokens, special ones excluded
     * @return false where the one text that may give way is too short for that
     */
    boolean fit(int[] lengths, int room) {
        int total = lengths[0] + (lengths.length == 2 ? lengths[1] : 0);
        if (total <= room) {
            return true;
        }
        if (room == 0) {
            lengths[0] = 0;
            lengths[lengths.length - 1] = 0;
            return true;
        }
        if (strategy != Strategy.LONGEST_FIRST) {
            int text = strategy == Strategy.ONLY_FIRST ? 0 : 1;
            if (text >= lengths.length || lengths[text] <= total - room) {
                return false;
            }
            lengths[text] -= total - room;
        } else if (lengths.length == 1) {
            lengths[0] = room;
        } else {
            int shorter = lengths[0] > lengths[1] ? 1 : 0;
            int least = lengths[shorter];
            int most = least > room ? least : Math.max(least, room - least);
            if (least + most > room) {
                least = room / 2;
                most = least + room % 2;
            }
            lengths[shorter] = Math.min(lengths[shorter], least);
            lengths[1 - shorter] = Math.min(lengths[1 - shorter], most);
        }
        return true;
    }
}
