package dev.infuser.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tokens that are found in the text before, or after, it is normalized, and never split. */
final class AddedTokens {

    /** One such token: its id, the length of what it looks for, and how it treats its neighbours. */
    record Added(int id, String content, int length, boolean singleWord, boolean stripLeft, boolean stripRight,
            boolean special) {
    }

    private final List<Added> all = new ArrayList<>();
    private final Trie raw = new Trie();
    private final Trie normalized = new Trie();
    private int last = -1;
    private final Map<Integer, Added> byId = new HashMap<>();
    private final Map<String, Added> byContent = new HashMap<>();

    /**
     * Adds a token as it stands in a list of {@code added_tokens}. Normalized ones look for normalized text;
     * a token that the vocabulary knows keeps its id there, others follow the vocabulary.
     */
    void add(Json json, Normalizer normalizer, Vocabulary vocabulary) {
        String content = json.get("content").string();
        int known = vocabulary.find(content);
        int next = last >= vocabulary.size() ? last + 1 : vocabulary.size();
        boolean special = json.get("special").bool(false);
        boolean isNormalized = json.get("normalized").bool(!special);
        Text pattern = isNormalized ? normalizer.normalize(Text.of(content)) : Text.of(content);
        Added token = new Added(known < 0 ? next : known, content, pattern.length(), json.get("single_word").bool(false),
                json.get("lstrip").bool(false), json.get("rstrip").bool(false), special);
        if (pattern.length() > 0) {
            (isNormalized ? normalized : raw).add(pattern, all.size());
        }
        all.add(token);
        last = Math.max(last, token.id);
        byId.putIfAbsent(token.id, token);
        byContent.putIfAbsent(content, token);
    }

    /** The content of the token with the id, or "". */
    String token(int id) {
        Added token = byId.get(id);
        return token == null ? "" : token.content;
    }

    /** The id of the token with the content, or -1. */
    int find(String content) {
        Added token = byContent.get(content);
        return token == null ? -1 : token.id;
    }

    boolean isSpecial(String content) {
        Added token = byContent.get(content);
        return token != null && token.special;
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
            int end = at + token.length;
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

    private Added longest(Text text, int at, boolean inNormalized) {
        Trie trie = inNormalized ? normalized : raw;
        Added best = null;
        int node = Trie.ROOT;
        for (int i = at; i < text.to(); i++) {
            node = trie.child(node, text.points()[i]);
            if (node < 0) {
                break;
            }
            int value = trie.value(node);
            best = value < 0 ? best : all.get(value);
        }
        return best;
    }
}
