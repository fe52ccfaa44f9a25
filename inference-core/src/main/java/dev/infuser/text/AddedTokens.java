package dev.infuser.text;

import java.util.ArrayList;
import java.util.List;

/** The tokens that are found in the text before, or after, it is normalized, and never split. */
final class AddedTokens {

    /** One such token: its id, what it looks for, and how it treats its neighbours. */
    record Added(int id, String content, int[] pattern, boolean singleWord, boolean stripLeft, boolean stripRight,
            boolean normalized, boolean special) {
    }

    private final List<Added> all = new ArrayList<>();

    /**
     * Adds a token as it stands in a list of {@code added_tokens}. Normalized ones look for normalized text;
     * a token that the vocabulary knows keeps its id there.
     */
    void add(Json json, Normalizer normalizer, Vocabulary vocabulary) {
        String content = json.get("content").string();
        int known = vocabulary.find(content);
        int id = json.get("id").count();
        boolean special = json.get("special").bool(false);
        boolean normalized = json.get("normalized").bool(!special);
        Text pattern = normalized ? normalizer.normalize(Text.of(content)) : Text.of(content);
        int[] points = new int[pattern.length()];
        System.arraycopy(pattern.points(), pattern.from(), points, 0, points.length);
        all.add(new Added(known < 0 ? id : known, content, points, json.get("single_word").bool(false),
                json.get("lstrip").bool(false), json.get("rstrip").bool(false), normalized, special));
    }

    /** The content of the token with the id, or "". */
    String token(int id) {
        for (Added token : all) {
            if (token.id == id) {
                return token.content;
            }
        }
        return "";
    }

    /** The id of the token with the content, or -1. */
    int find(String content) {
        for (Added token : all) {
            if (token.content.equals(content)) {
                return token.id;
            }
        }
        return -1;
    }

    boolean isSpecial(String content) {
        for (Added token : all) {
            if (token.special && token.content.equals(content)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Cuts the tokens out of a text, leftmost first and of several the longest.
     *
     * @param normalized whether to look for the normalized tokens or for the others
     */
    void split(Text text, boolean normalized, List<Text> out) {
        int from = text.from();
        int at = text.from();
        while (at < text.to()) {
            Added token = longest(text, at, normalized);
            if (token == null) {
                at++;
                continue;
            }
            int start = at;
            int end = at + token.pattern.length;
            at = end;
            if (token.singleWord && (start > text.from() && Unicode.isWord(text.points()[start - 1])
                    || end < text.to() && Unicode.isWord(text.points()[end]))) {
                continue;
            }
            while (token.stripLeft && start > from && Unicode.isWhitespace(text.points()[start - 1])) {
                start--;
            }
            while (token.stripRight && end < text.to() && Unicode.isWhitespace(text.points()[end])) {
                end++;
            }
            if (from < start) {
                out.add(text.slice(from, start, -1));
            }
            out.add(text.slice(start, end, token.id));
            from = end;
        }
        if (from < text.to()) {
            out.add(text.slice(from, text.to(), -1));
        }
    }

    private Added longest(Text text, int at, boolean normalized) {
        Added best = null;
        for (int i = 0; i < all.size(); i++) {
            Added token = all.get(i);
            if (token.normalized == normalized && matches(token.pattern, text, at)
                    && (best == null || token.pattern.length > best.pattern.length)) {
                best = token;
            }
        }
        return best;
    }

    private static boolean matches(int[] pattern, Text text, int at) {
        if (pattern.length == 0 || pattern.length > text.to() - at) {
            return false;
        }
        for (int i = 0; i < pattern.length; i++) {
            if (pattern[i] != text.points()[at + i]) {
                return false;
            }
        }
        return true;
    }
}
