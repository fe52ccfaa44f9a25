package dev.infuser.text;

/** Strings of code points with a number each, found one character after the other. */
final class Trie {
    static final int ROOT = 0;

    private long[] keys = new long[64];
    private int[] children = new int[64];
    private int[] values = {-1, -1, -1, -1};
    private int nodes = 1;

    /** Adds a string, unless it is there. */
    void add(Text text, int value) {
        int node = ROOT;
        for (int i = text.from(); i < text.to(); i++) {
            int child = child(node, text.points()[i]);
            if (child < 0) {
                child = nodes++;
                put(node, text.points()[i], child);
            }
            node = child;
        }
        if (values[node] < 0) {
            values[node] = value;
        }
    }

    /** Where a character leads to from a place, or -1. */
    int child(int node, int c) {
        int slot = slot(node, c);
        return keys[slot] == 0 ? -1 : children[slot];
    }

    /** The number of the string that ends at a place, or -1. */
    int value(int node) {
        return values[node];
    }

    private void put(int node, int c, int child) {
        if (nodes > values.length) {
            int[] more = new int[nodes * 2];
            System.arraycopy(values, 0, more, 0, values.length);
            for (int i = values.length; i < more.length; i++) {
                more[i] = -1;
            }
            values = more;
        }
        if (nodes * 2 > keys.length) {
            long[] oldKeys = keys;
            int[] oldChildren = children;
            keys = new long[oldKeys.length * 2];
            children = new int[keys.length];
            for (int i = 0; i < oldKeys.length; i++) {
                if (oldKeys[i] != 0) {
                    int slot = slot((int) (oldKeys[i] - 1 >>> 21), (int) (oldKeys[i] - 1) & 0x1FFFFF);
                    keys[slot] = oldKeys[i];
                    children[slot] = oldChildren[i];
                }
            }
        }
        int slot = slot(node, c);
        keys[slot] = ((long) node << 21 | c) + 1;
        children[slot] = child;
    }

    private int slot(int node, int c) {
        long key = ((long) node << 21 | c) + 1;
        int hash = node * 0x9E3779B1 + c * 0x85EBCA6B;
        int slot = (hash ^ hash >>> 15) & keys.length - 1;
        while (keys[slot] != 0 && keys[slot] != key) {
            slot = slot + 1 & keys.length - 1;
        }
        return slot;
    }
}
