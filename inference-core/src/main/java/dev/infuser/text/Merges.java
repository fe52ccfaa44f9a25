package dev.infuser.text;

/** Which pairs of tokens merge, how early, and into what. */
final class Merges {
    private final long[] pairs;
    private final int[] ranks;
    private final int[] results;

    Merges(int count) {
        int capacity = 16;
        while (capacity < 2 * count) {
            capacity *= 2;
        }
        pairs = new long[capacity];
        ranks = new int[capacity];
        results = new int[count];
    }

    void put(int left, int right, int rank, int result) {
        int slot = slot(left, right);
        pairs[slot] = pair(left, right);
        ranks[slot] = rank;
        results[rank] = result;
    }

    /** The place of a pair in the order of merges, or -1. */
    int rank(int left, int right) {
        int slot = slot(left, right);
        return pairs[slot] == 0 ? -1 : ranks[slot];
    }

    /** What the merge at a place of the order gives. */
    int result(int rank) {
        return results[rank];
    }

    private int slot(int left, int right) {
        long pair = pair(left, right);
        int hash = left * 0x9E3779B1 + right * 0x85EBCA6B;
        int slot = (hash ^ hash >>> 15) & pairs.length - 1;
        while (pairs[slot] != 0 && pairs[slot] != pair) {
            slot = slot + 1 & pairs.length - 1;
        }
        return slot;
    }

    private static long pair(int left, int right) {
        return ((long) left << 32 | right) + 1;
    }
}
