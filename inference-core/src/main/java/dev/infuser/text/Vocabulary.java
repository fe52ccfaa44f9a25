package dev.infuser.text;

import dev.infuser.tensor.InvalidModelException;
import java.util.Map;

/** Tokens and their ids, found by the code points of a text without making strings of them. */
final class Vocabulary {
    /** The hash of the empty token, to be continued by {@link #hash}. */
    static final int EMPTY_HASH = 0;

    private final String[] tokens;
    private final int[] slots;
    private final int size;

    /**
     * A vocabulary from an object of ids by token.
     *
     * @throws InvalidModelException where ids are negative, repeated, or far beyond the number of tokens
     */
    Vocabulary(Json ids) {
        Map<String, Json> members = ids.members();
        size = members.size();
        int limit = 0;
        for (Json id : members.values()) {
            limit = Math.max(limit, id.count() + 1);
        }
        if (limit < 0 || limit > 2 * size + 65536) {
            throw new InvalidModelException("tokenizer", "a token id is far beyond the vocabulary of " + size);
        }
        tokens = new String[limit];
        for (Map.Entry<String, Json> entry : members.entrySet()) {
            int id = entry.getValue().count();
            if (tokens[id] != null) {
                throw new InvalidModelException("tokenizer", "two tokens have the id " + id);
            }
            tokens[id] = entry.getKey();
        }
        slots = slots();
    }

    /** A vocabulary from all tokens in the order of their ids; of equal ones the last has its id found. */
    Vocabulary(String[] tokens) {
        this.tokens = tokens;
        size = tokens.length;
        slots = slots();
    }

    private int[] slots() {
        int capacity = 16;
        while (capacity < 2 * size) {
            capacity *= 2;
        }
        int[] table = new int[capacity];
        for (int id = 0; id < tokens.length; id++) {
            if (tokens[id] == null) {
                continue;
            }
            int hash = hash(tokens[id]);
            int slot = (hash ^ hash >>> 16) & capacity - 1;
            while (table[slot] != 0 && !tokens[table[slot] - 1].equals(tokens[id])) {
                slot = slot + 1 & capacity - 1;
            }
            table[slot] = id + 1;
        }
        return table;
    }

    /** The number of tokens. */
    int size() {
        return size;
    }

    /** The token with the id, or "" where there is none. */
    String token(int id) {
        return id < 0 || id >= tokens.length || tokens[id] == null ? "" : tokens[id];
    }

    /** The id of a token, or -1. */
    int find(String token) {
        for (int slot = slot(hash(token)); slots[slot] != 0; slot = slot + 1 & slots.length - 1) {
            int id = slots[slot] - 1;
            if (tokens[id].equals(token)) {
                return id;
            }
        }
        return -1;
    }

    /** The ids of the 256 tokens for bytes, {@code <0x00>} to {@code <0xFF>}, or -1. */
    int[] bytes() {
        int[] ids = new int[256];
        for (int i = 0; i < 256; i++) {
            ids[i] = find("<0x" + "0123456789ABCDEF".charAt(i >> 4) + "0123456789ABCDEF".charAt(i & 15) + ">");
        }
        return ids;
    }

    /** The id of the token that is a prefix and the code points {@code from} to {@code to}, or -1. */
    int find(int hash, String prefix, int[] points, int from, int to) {
        for (int slot = slot(hash); slots[slot] != 0; slot = slot + 1 & slots.length - 1) {
            int id = slots[slot] - 1;
            if (equal(tokens[id], prefix, points, from, to)) {
                return id;
            }
        }
        return -1;
    }

    /** The hash of a token. */
    static int hash(String token) {
        int hash = EMPTY_HASH;
        for (int i = 0; i < token.length(); i++) {
            int c = token.codePointAt(i);
            hash = hash(hash, c);
            i += c >> 16 == 0 ? 0 : 1;
        }
        return hash;
    }

    /** The hash of a token with one more code point. */
    static int hash(int hash, int c) {
        return (hash + c + 1) * 0x01000193 ^ hash >>> 15;
    }

    private int slot(int hash) {
        return (hash ^ hash >>> 16) & slots.length - 1;
    }

    private static boolean equal(String token, String prefix, int[] points, int from, int to) {
        if (!token.startsWith(prefix)) {
            return false;
        }
        int at = prefix.length();
        for (int i = from; i < to; i++) {
            if (at >= token.length() || token.codePointAt(at) != points[i]) {
                return false;
            }
            at += points[i] >> 16 == 0 ? 1 : 2;
        }
        return at == token.length();
    }
}
