package dev.infuser.plan;

/**
 * A value that is never stored itself: its axis {@code i} is axis {@code perm[i]} of the stored value {@code base}.
 */
record View(String base, int[] perm) {

    /** Whether the last axis is the last one of the base, so that its elements are adjacent. */
    boolean keepsLast() {
        return perm.length == 0 || perm[perm.length - 1] == perm.length - 1;
    }

    /** Whether the axis before the last is the last one of the base. */
    boolean swapsLast() {
        return perm.length > 1 && perm[perm.length - 2] == perm.length - 1;
    }
}
