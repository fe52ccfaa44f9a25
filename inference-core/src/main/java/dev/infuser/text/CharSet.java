package dev.infuser.text;

/** A set of code points. */
final class CharSet {
    static final CharSet EMPTY = new CharSet(new int[0]);
    static final CharSet ALL = new CharSet(new int[] {0});

    private static final int LIMIT = 0x110000;
    private static final int PLANE = 0x10000;
    private static final int LAST_WITH_CASE = 0x1E943;

    /** Where membership changes, ascending; what is before the first is outside. */
    private final int[] bounds;
    private long[] plane;

    CharSet(int[] bounds) {
        this.bounds = bounds;
    }

    static CharSet range(int first, int last) {
        return new CharSet(new int[] {first, last + 1});
    }

    static CharSet of(int... points) {
        CharSet set = EMPTY;
        for (int point : points) {
            set = set.union(range(point, point));
        }
        return set;
    }

    boolean contains(int c) {
        if (c >= PLANE) {
            return Unicode.contains(bounds, c);
        }
        if (plane == null) {
            plane = new long[PLANE / 64];
            for (int i = 0; i < bounds.length && bounds[i] < PLANE; i += 2) {
                int end = Math.min(PLANE, i + 1 < bounds.length ? bounds[i + 1] : LIMIT);
                for (int point = bounds[i]; point < end; point++) {
                    plane[point >> 6] |= 1L << (point & 63);
                }
            }
        }
        return (plane[c >> 6] >>> (c & 63) & 1) != 0;
    }

    CharSet union(CharSet other) {
        int[] merged = new int[bounds.length + other.bounds.length];
        int count = 0;
        int i = 0;
        int j = 0;
        boolean inside = false;
        while (i < bounds.length || j < other.bounds.length) {
            int a = i < bounds.length ? bounds[i] : LIMIT;
            int b = j < other.bounds.length ? other.bounds[j] : LIMIT;
            int at = Math.min(a, b);
            i += a == at && i < bounds.length ? 1 : 0;
            j += b == at && j < other.bounds.length ? 1 : 0;
            boolean now = (i & 1) == 1 || (j & 1) == 1;
            if (now != inside && at < LIMIT) {
                merged[count++] = at;
                inside = now;
            }
        }
        return new CharSet(exactly(merged, count));
    }

    CharSet complement() {
        boolean first = bounds.length > 0 && bounds[0] == 0;
        int[] flipped = new int[bounds.length + (first ? -1 : 1)];
        System.arraycopy(bounds, first ? 1 : 0, flipped, first ? 0 : 1, first ? flipped.length : bounds.length);
        return new CharSet(flipped);
    }

    CharSet intersection(CharSet other) {
        return complement().union(other.complement()).complement();
    }

    /** This with every character that differs from one of it by case alone. */
    CharSet withCases() {
        int[] lower = new int[2];
        CharSet cases = this;
        boolean ascii = bounds.length > 0 && bounds.length % 2 == 0 && bounds[bounds.length - 1] <= 0x80;
        for (int c = 'A'; c <= (ascii ? 'Z' : LAST_WITH_CASE); c++) {
            if (Unicode.lower(c, lower) == 1 && lower[0] != c && contains(c) != contains(lower[0])) {
                cases = cases.union(of(c, lower[0]));
            }
        }
        if (contains('s') || contains('S')) {
            cases = cases.union(of(0x17F));
        }
        return contains('k') || contains('K') ? cases.union(of(0x212A)) : cases;
    }

    private static int[] exactly(int[] numbers, int count) {
        int[] exact = new int[count];
        System.arraycopy(numbers, 0, exact, 0, count);
        return exact;
    }
}
