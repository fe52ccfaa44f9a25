package dev.infuser.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.infuser.tensor.InvalidModelException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Byte-pair encoding and unigrams with every component of {@code tokenizer.json}, against Hugging Face's own library. */
class SubwordTokenizerTest {
    private static final int TEXTS = 1500;
    private static final JsonObject BYTE_LEVEL = Corpus.pairs(
            text -> List.of(Bytes.show(Text.of(text)).toString().split("(?=\u0120)")), false);
    private static final JsonObject BYTE_FALLBACK = Corpus.pairs(
            text -> List.of(text.replace(' ', '\u2581').split("(?=\u2581)")), true);
    private static final JsonObject UNIGRAMS = Corpus.unigrams(
            text -> List.of(text.replace(' ', '\u2581').split("(?=\u2581)")));
    private static final String METASPACE = "{'type': 'Metaspace', 'replacement': '\u2581', 'prepend_scheme': '%s', "
            + "'split': %b}";
    private static final String BYTES = "{'type': 'ByteLevel', 'add_prefix_space': %b, 'trim_offsets': %b, "
            + "'use_regex': %b}";
    private static final String CASES = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

    @ParameterizedTest
    @CsvSource({"false, false, true", "true, true, true", "true, false, false", "false, true, false"})
    void byteLevelPairs(boolean addPrefixSpace, boolean trimOffsets, boolean useRegex) {
        String json = BYTES.formatted(addPrefixSpace, trimOffsets, useRegex);
        same(Corpus.tokenizer(BYTE_LEVEL, "pre_tokenizer", json, "post_processor", json, "decoder", json));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        // Qwen 2 and 3, GPT-4, GPT-4o, Llama 3, DeepSeek, CLIP
        CASES + "|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|"
            + "\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+",
        "'(?i:[sdmt]|ll|ve|re)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?+\\\\p{L}+|\\\\p{N}{1,3}| ?[^\\\\s\\\\p{L}\\\\p{N}]++[\\\\r\\\\n]*|"
            + "\\\\s*[\\\\r\\\\n]|\\\\s+(?!\\\\S)|\\\\s+",
        "[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?[\\\\p{Lu}\\\\p{Lt}\\\\p{Lm}\\\\p{Lo}\\\\p{M}]*[\\\\p{Ll}\\\\p{Lm}\\\\p{Lo}\\\\p{M}]+"
            + CASES + "?|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?[\\\\p{Lu}\\\\p{Lt}\\\\p{Lm}\\\\p{Lo}\\\\p{M}]+"
            + "[\\\\p{Ll}\\\\p{Lm}\\\\p{Lo}\\\\p{M}]*" + CASES + "?|\\\\p{N}{1,3}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n/]*|"
            + "\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+",
        "[!#$%&()*+,\\\\-./:;<=>?@\\\\[\\\\\\\\\\\\]^_`{|}~][A-Za-z]+|[^\\\\r\\\\n\\\\p{L}\\\\p{P}\\\\p{S}]?[\\\\p{L}\\\\p{M}]+|"
            + " ?[\\\\p{P}\\\\p{S}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+",
        "<\\\\|endoftext\\\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\\\p{L}]+|[\\\\p{N}]|[^\\\\s\\\\p{L}\\\\p{N}]+",
        "\\\\p{N}{1,3}(?=(?:\\\\p{N}{3})*(?!\\\\p{N}))|(?<!\\\\p{L})[a-z]{2,}?|\\\\w+|(?>\\\\s+)\\\\S",
        "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", "\\\\d|^\\\\W|\\\\b[^\\\\x00-\\\\x7F&&[^\\\\u0400-\\\\u04FF]]+$", "[a-w&&[^aeiou]]"})
    void splitsByTheExpressionsOfPublishedTokenizers(String regex) {
        for (String behavior : List.of("Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous")) {
            String invert = behavior.equals("Removed") ? "true" : "false";
            String split = "{'type': 'Split', 'pattern': {'Regex': '%s'}, 'behavior': '" + behavior + "', 'invert': "
                    + invert + "}";
            String json = "{'type': 'Sequence', 'pretokenizers': [" + split + ", " + BYTES.formatted(false, false, false) + "]}";
            same(Corpus.tokenizer(BYTE_LEVEL, "pre_tokenizer", json.replace("%s", regex.replace("'", "\\u0027"))), 300);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type': 'NFC'}", "{'type': 'NFD'}", "{'type': 'NFKC'}", "{'type': 'NFKD'}",
        "{'type': 'Strip', 'strip_left': true, 'strip_right': false}",
        "{'type': 'Strip', 'strip_left': true, 'strip_right': true}", "{'type': 'Prepend', 'prepend': 'ab '}",
        "{'type': 'Replace', 'pattern': {'String': 'the'}, 'content': ''}",
        "{'type': 'Replace', 'pattern': {'Regex': '\\\\s+'}, 'content': ' | '}",
        "{'type': 'Sequence', 'normalizers': [{'type': 'NFKD'}, {'type': 'StripAccents'}, {'type': 'Lowercase'}, "
            + "{'type': 'Replace', 'pattern': {'Regex': ' {2,}'}, 'content': ' '}, {'type': 'Strip', "
            + "'strip_left': false, 'strip_right': true}, {'type': 'NFC'}]}"})
    void normalizes(String normalizer) {
        same(Corpus.tokenizer(BYTE_LEVEL, "normalizer", normalizer, "pre_tokenizer", BYTES.formatted(false, false, true)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type': 'Digits', 'individual_digits': true}",
        "{'type': 'Digits', 'individual_digits': false}", "{'type': 'Punctuation', 'behavior': 'Isolated'}",
        "{'type': 'Punctuation', 'behavior': 'MergedWithPrevious'}", "{'type': 'CharDelimiterSplit', 'delimiter': 'e'}",
        "{'type': 'Split', 'pattern': {'String': ' '}, 'behavior': 'MergedWithPrevious', 'invert': false}",
        "{'type': 'Sequence', 'pretokenizers': [{'type': 'WhitespaceSplit'}, {'type': 'Metaspace', "
            + "'replacement': '_', 'prepend_scheme': 'always', 'split': true}]}"})
    void splitsByCharacters(String preTokenizer) {
        same(Corpus.tokenizer(withUnknown(), "pre_tokenizer", preTokenizer));
    }

    @ParameterizedTest
    @CsvSource({"true, false, false", "true, true, false", "false, true, true", "false, false, false"})
    void pairsWithBytesOrUnknownTokens(boolean byteFallback, boolean fuseUnknown, boolean ignoreMerges) {
        JsonObject model = withUnknown();
        model.addProperty("byte_fallback", byteFallback);
        model.addProperty("fuse_unk", fuseUnknown);
        model.addProperty("ignore_merges", ignoreMerges);
        same(Corpus.tokenizer(model, "normalizer", "{'type': 'Sequence', 'normalizers': [{'type': 'Prepend', 'prepend': "
                + "'\u2581'}, {'type': 'Replace', 'pattern': {'String': ' '}, 'content': '\u2581'}]}", "decoder",
                "{'type': 'Sequence', 'decoders': [{'type': 'Replace', 'pattern': {'String': '\u2581'}, 'content': ' '}, "
                + "{'type': 'ByteFallback'}, {'type': 'Fuse'}, {'type': 'Strip', 'content': ' ', 'start': 2, 'stop': 0}]}"));
    }

    @ParameterizedTest
    @CsvSource({"always, true, false", "first, true, true", "never, false, false", "first, false, true"})
    void unigrams(String scheme, boolean split, boolean byteFallback) {
        JsonObject model = UNIGRAMS.deepCopy();
        for (int i = 0; byteFallback && i < 256; i++) {
            model.getAsJsonArray("vocab").add(JsonParser.parseString("[\"<0x%02X>\", -20]".formatted(i)));
        }
        model.addProperty("byte_fallback", byteFallback);
        String metaspace = METASPACE.formatted(scheme, split);
        same(Corpus.tokenizer(model, "pre_tokenizer", metaspace, "decoder", metaspace, "added_tokens",
                "[{'id': 90000, 'content': '<s>', 'single_word': false, 'lstrip': true, 'rstrip': false, "
                + "'normalized': false, 'special': true}]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"always", "first"})
    void normalizesByAPrecompiledMap(String scheme) {
        String map = PrecompiledMaps.of(Map.ofEntries(Map.entry("e\u0301", "\u00e9"), Map.entry("\u00a0", " "),
                Map.entry("\t", " "), Map.entry("\n", " "), Map.entry("\uFF11", "1"), Map.entry("\uFDFA", "a long text"),
                Map.entry("\u00AD", ""), Map.entry("\u200B", ""), Map.entry("\u212B", "A\u030A"), Map.entry("\u0301", ""),
                Map.entry("\r", ""), Map.entry("\r\n", "\n"), Map.entry("I", "ii"), Map.entry("\u0600", "n"),
                Map.entry("a\u0300\u0301", "x"), Map.entry("\uD83D\uDC4D", "+")));
        same(Corpus.tokenizer(UNIGRAMS, "normalizer", "{'type': 'Sequence', 'normalizers': [" + map
                + ", {'type': 'Replace', 'pattern': {'Regex': ' {2,}'}, 'content': ' '}]}", "pre_tokenizer",
                METASPACE.formatted(scheme, true)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type': 'BPEDecoder', 'suffix': 'e'}",
        "{'type': 'CTC', 'pad_token': 't', 'word_delimiter_token': 'e', 'cleanup': true}", "{'type': 'Fuse'}",
        "{'type': 'WordPiece', 'prefix': 'e', 'cleanup': false}"})
    void decodes(String decoder) {
        same(Corpus.tokenizer(withUnknown(), "decoder", decoder), 300);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{'type': 'RobertaProcessing', 'sep': ['</s>', 3], 'cls': ['<s>', 2], 'trim_offsets': true, "
            + "'add_prefix_space': true}",
        "{'type': 'Sequence', 'processors': [{'type': 'ByteLevel', 'add_prefix_space': false, 'trim_offsets': true, "
            + "'use_regex': true}, {'type': 'TemplateProcessing', 'single': [{'SpecialToken': {'id': 'x', 'type_id': 0}}, "
            + "{'Sequence': {'id': 'A', 'type_id': 0}}], 'pair': [{'Sequence': {'id': 'B', 'type_id': 1}}, "
            + "{'SpecialToken': {'id': 'x', 'type_id': 1}}, {'Sequence': {'id': 'A', 'type_id': 0}}], "
            + "'special_tokens': {'x': {'id': 'x', 'ids': [4, 5], 'tokens': ['y', 'z']}}}]}"})
    void putsSpecialTokensAround(String postProcessor) {
        byte[] json = Corpus.tokenizer(BYTE_LEVEL, "pre_tokenizer", BYTES.formatted(true, true, true), "post_processor",
                postProcessor);
        same(json);
        VariedText texts = new VariedText(12);
        Tokenizer tokenizer = Tokenizer.parse(json);
        try (HuggingFaceTokenizer oracle = HuggingFace.open(json, HuggingFace.AS_THEY_ARE)) {
            for (int i = 0; i < 200; i++) {
                String a = HuggingFace.wellFormed(texts.next());
                String b = HuggingFace.wellFormed(texts.next());
                HuggingFace.assertSame(oracle.encode(a, b, true, false), tokenizer.encode(a, b), a + " | " + b);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type': 'BPE', 'vocab': {'a': 0}, 'merges': ['a']}",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'merges': ['a a']}", "{'type': 'BPE', 'vocab': {'a': 0}}",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'merges': [['a']]}",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'merges': [], 'unk_token': 'u'}", "{'type': 'Unigram', 'vocab': [['a']]}",
        "{'type': 'Unigram', 'vocab': [['a', -1]], 'unk_id': 1}", "{'type': 'Unigram', 'vocab': {'a': 1}}"})
    void refusesModelsThatAreNone(String model) {
        byte[] json = ("{\"model\": " + model.replace('\'', '"') + "}").getBytes(StandardCharsets.UTF_8);
        assertThrows(InvalidModelException.class, () -> Tokenizer.parse(json));
    }

    private static JsonObject withUnknown() {
        JsonObject model = BYTE_FALLBACK.deepCopy();
        model.addProperty("unk_token", "<unk>");
        return model;
    }

    private static void same(byte[] json) {
        same(json, TEXTS);
    }

    private static void same(byte[] json, int count) {
        VariedText texts = new VariedText(Arrays.hashCode(json));
        Tokenizer tokenizer = Tokenizer.parse(json);
        try (HuggingFaceTokenizer oracle = HuggingFace.open(json, HuggingFace.AS_THEY_ARE)) {
            for (int i = 0; i < count; i++) {
                String text = HuggingFace.wellFormed(texts.next());
                Encoding actual = tokenizer.encode(text);
                HuggingFace.assertSame(oracle.encode(text, true, false), actual, text);
                long[] ids = Arrays.stream(actual.ids()).asLongStream().toArray();
                assertEquals(oracle.decode(ids, true), tokenizer.decode(actual.ids(), true), text);
            }
        }
    }
}
