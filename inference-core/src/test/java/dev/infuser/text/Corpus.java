package dev.infuser.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Vocabularies learnt from varied texts, so that tests need no published tokenizer. */
final class Corpus {
    private static final int TEXTS = 150;
    private static final int MERGES = 200;

    private Corpus() {
    }

    /**
     * A model of kind {@code BPE}: the characters of the texts and the pairs of symbols that are frequent in them.
     *
     * @param words the words of a text, in the characters that the model sees
     * @param bytes whether to add the tokens for bytes, and to leave out some characters
     */
    static JsonObject pairs(Function<String, List<String>> words, boolean bytes) {
        JsonObject vocabulary = new JsonObject();
        vocabulary.addProperty("<unk>", 0);
        for (int i = 0; bytes && i < 256; i++) {
            vocabulary.addProperty("<0x%02X>".formatted(i), vocabulary.size());
        }
        for (int c = 0x21; !bytes && c < 0x144; c++) {
            vocabulary.addProperty(Character.toString(c), vocabulary.size());
        }
        List<List<String>> all = new ArrayList<>();
        for (String word : words(words)) {
            List<String> symbols = new ArrayList<>();
            word.codePoints().forEach(c -> symbols.add(Character.toString(c)));
            all.add(symbols);
            symbols.forEach(symbol -> {
                if (!vocabulary.has(symbol) && (!bytes || symbol.codePointAt(0) % 5 != 0 || symbol.codePointAt(0) < 0x80)) {
                    vocabulary.addProperty(symbol, vocabulary.size());
                }
            });
        }
        JsonArray merges = new JsonArray();
        for (int i = 0; i < MERGES; i++) {
            List<String> best = mostFrequent(all, vocabulary);
            JsonArray merge = new JsonArray();
            best.forEach(merge::add);
            merges.add(merge);
            String joined = String.join("", best);
            if (!vocabulary.has(joined)) {
                vocabulary.addProperty(joined, vocabulary.size());
            }
            all.forEach(symbols -> join(symbols, best));
        }
        JsonObject model = new JsonObject();
        model.addProperty("type", "BPE");
        model.add("vocab", vocabulary);
        model.add("merges", merges);
        return model;
    }

    /** A model of kind {@code Unigram}: the frequent strings of at most eight characters in the words of the texts. */
    static JsonObject unigrams(Function<String, List<String>> words) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (String word : words(words)) {
            int[] points = word.codePoints().toArray();
            for (int from = 0; from < points.length; from++) {
                for (int to = from + 1; to <= Math.min(points.length, from + 8); to++) {
                    counts.merge(new String(points, from, to - from), 1, Integer::sum);
                }
            }
        }
        JsonArray vocabulary = new JsonArray();
        counts.put("<unk>", 1_000_000);
        counts.forEach((piece, count) -> {
            if (count > 3) {
                JsonArray pair = new JsonArray();
                pair.add(piece);
                pair.add(Math.log(count) - 12 + piece.hashCode() % 100 / 50.0);
                vocabulary.add(pair);
            }
        });
        JsonObject model = new JsonObject();
        model.addProperty("type", "Unigram");
        model.addProperty("unk_id", vocabulary.size() - 1);
        model.add("vocab", vocabulary);
        return model;
    }

    /** A tokenizer of a model and other members, such as {@code normalizer}; apostrophes stand for quotation marks. */
    static byte[] tokenizer(JsonObject model, String... members) {
        JsonObject json = new JsonObject();
        json.addProperty("version", "1.0");
        for (int i = 0; i < members.length; i += 2) {
            json.add(members[i], JsonParser.parseString(members[i + 1].replace('\'', '"')));
        }
        json.add("model", model);
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> words(Function<String, List<String>> split) {
        VariedText texts = new VariedText(77);
        List<String> words = new ArrayList<>();
        for (int i = 0; i < TEXTS; i++) {
            words.addAll(split.apply(HuggingFace.wellFormed(texts.next())));
        }
        return words;
    }

    private static List<String> mostFrequent(List<List<String>> words, JsonObject vocabulary) {
        Map<List<String>, Integer> counts = new LinkedHashMap<>();
        for (List<String> symbols : words) {
            for (int i = 1; i < symbols.size(); i++) {
                if (vocabulary.has(symbols.get(i - 1)) && vocabulary.has(symbols.get(i))) {
                    counts.merge(List.copyOf(symbols.subList(i - 1, i + 1)), 1, Integer::sum);
                }
            }
        }
        return counts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    }

    private static void join(List<String> symbols, List<String> pair) {
        for (int i = 1; i < symbols.size(); i++) {
            if (symbols.get(i - 1).equals(pair.get(0)) && symbols.get(i).equals(pair.get(1))) {
                symbols.set(i - 1, symbols.get(i - 1) + symbols.get(i));
                symbols.remove(i);
            }
        }
    }
}
