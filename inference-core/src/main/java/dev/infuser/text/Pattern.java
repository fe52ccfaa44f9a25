package dev.infuser.text;

import java.util.List;

/** The parts of a regular expression. */
sealed interface Pattern {

    /** Whether it can match nothing. */
    boolean isOptional();

    /** The characters that a match which is not empty can begin with. */
    CharSet first();

    /** One character. */
    record One(CharSet set) implements Pattern {
        @Override
        public boolean isOptional() {
            return false;
        }

        @Override
        public CharSet first() {
            return set;
        }
    }

    /** One after the other. */
    record All(List<Pattern> parts) implements Pattern {
        @Override
        public boolean isOptional() {
            for (Pattern part : parts) {
                if (!part.isOptional()) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public CharSet first() {
            CharSet first = CharSet.EMPTY;
            for (Pattern part : parts) {
                first = first.union(part.first());
                if (!part.isOptional()) {
                    return first;
                }
            }
            return first;
        }
    }

    /** The first that leads to a match. */
    record Either(List<Pattern> branches) implements Pattern {
        @Override
        public boolean isOptional() {
            for (Pattern branch : branches) {
                if (branch.isOptional()) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public CharSet first() {
            CharSet first = CharSet.EMPTY;
            for (Pattern branch : branches) {
                first = first.union(branch.first());
            }
            return first;
        }
    }

    /**
     * Several times.
     *
     * @param max the most times, -1 for any number
     */
    record Repeat(Pattern body, int min, int max, boolean lazy) implements Pattern {
        @Override
        public boolean isOptional() {
            return min == 0 || body.isOptional();
        }

        @Override
        public CharSet first() {
            return body.first();
        }
    }

    /** What matches first is not given up. */
    record Atomic(Pattern body) implements Pattern {
        @Override
        public boolean isOptional() {
            return body.isOptional();
        }

        @Override
        public CharSet first() {
            return body.first();
        }
    }

    /** Looks at what follows, or at the {@code behind} characters before. */
    record Look(Pattern body, boolean negative, int behind) implements Pattern {
        @Override
        public boolean isOptional() {
            return true;
        }

        @Override
        public CharSet first() {
            return CharSet.EMPTY;
        }
    }

    /** A place, by one of the operations of {@link Regex}. */
    record Place(int operation) implements Pattern {
        @Override
        public boolean isOptional() {
            return true;
        }

        @Override
        public CharSet first() {
            return CharSet.EMPTY;
        }
    }
}
