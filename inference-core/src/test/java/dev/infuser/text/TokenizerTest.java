package dev.infuser.text;

import static dev.infuser.text.HuggingFace.assertSame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.UnsupportedModelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every expectation here is what Hugging Face's tokenizers give, for the tokenizer of all-MiniLM-L6-v2 (Apache-2.0) as
 * packaged by langchain4j and for variations of it.
 */
class TokenizerTest {
    private static final byte[] MINILM = resource("/all-minilm-l6-v2-tokenizer.json");
    private static final Padding NO_PADDING = Padding.of(Json.parse(ascii("null")));
    private static final Tokenizer TOKENIZER = Tokenizer.parse(MINILM).with(Truncation.NONE, NO_PADDING);

    @Test
    void encodesTenThousandVariedTextsLikeHuggingFace() {
        VariedText texts = new VariedText(1);
        try (HuggingFaceTokenizer oracle = HuggingFace.open(MINILM, HuggingFace.AS_THEY_ARE)) {
            for (int i = 0; i < 10_000; i++) {
                String text = texts.next();
                assertSame(oracle.encode(HuggingFace.wellFormed(text), true, false), TOKENIZER.encode(text), text);
            }
        }
    }

    @Test
    void encodesEveryCodePointLikeHuggingFace() {
        try (HuggingFaceTokenizer oracle = HuggingFace.open(MINILM, HuggingFace.AS_THEY_ARE)) {
            StringBuilder text = new StringBuilder();
            for (int c = 0; c < 0x110000; c++) {
                if (c < 0xD800 || c > 0xDFFF) {
                    text.append('a').appendCodePoint(c).append("? ");
                }
                if (c % 4096 == 4095) {
                    String block = text.toString();
                    assertSame(oracle.encode(block, true, false), TOKENIZER.encode(block), Integer.toHexString(c));
                    text.setLength(0);
                }
            }
        }
    }

    @Test
    void encodesPairsLikeHuggingFace() {
        VariedText texts = new VariedText(2);
        try (HuggingFaceTokenizer oracle = HuggingFace.open(MINILM, HuggingFace.AS_THEY_ARE)) {
            for (int i = 0; i < 500; i++) {
                String a = HuggingFace.wellFormed(texts.next());
                String b = HuggingFace.wellFormed(texts.next());
                assertSame(oracle.encode(a, b, true, false), TOKENIZER.encode(a, b), a + " | " + b);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"LONGEST_FIRST, 12, true", "LONGEST_FIRST, 7, true", "ONLY_FIRST, 24, only_first",
        "ONLY_SECOND, 24, only_second"})
    void truncatesPairsLikeHuggingFace(Truncation.Strategy strategy, int maxLength, String option) {
        VariedText texts = new VariedText(3);
        Tokenizer tokenizer = TOKENIZER.with(new Truncation(maxLength, strategy, false), NO_PADDING);
        Map<String, String> options = Map.of("truncation", option, "maxLength", "" + maxLength, "padding", "false");
        try (HuggingFaceTokenizer oracle = HuggingFace.open(MINILM, options)) {
            for (int i = 0; i < 200; i++) {
                String a = HuggingFace.wellFormed(texts.next());
                String b = HuggingFace.wellFormed(texts.next());
                ai.djl.huggingface.tokenizers.Encoding expected;
                try {
                    expected = oracle.encode(a, b, true, false);
                } catch (RuntimeException refused) {
                    assertThrows(InvalidInputException.class, () -> tokenizer.encode(a, b));
                    continue;
                }
                assertSame(expected, tokenizer.encode(a, b), a + " | " + b);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{'strategy': 'BatchLongest', 'direction': 'Right', 'pad_to_multiple_of': null, 'pad_id': 0, "
            + "'pad_type_id': 0, 'pad_token': '[PAD]'}",
        "{'strategy': 'BatchLongest', 'direction': 'Left', 'pad_to_multiple_of': 8, 'pad_id': 7, "
            + "'pad_type_id': 1, 'pad_token': '[X]'}",
        "{'strategy': {'Fixed': 18}, 'direction': 'Right', 'pad_to_multiple_of': null, 'pad_id': 0, "
            + "'pad_type_id': 0, 'pad_token': '[PAD]'}"})
    void padsAndTruncatesBatchesAsTheFileSays(String padding) {
        VariedText texts = new VariedText(4);
        Map<String, String> options = padding.contains("Fixed") ? Map.of("padding", "max_length", "maxLength", "18")
                : Map.of();
        for (String direction : List.of("Left", "Right")) {
            byte[] json = edited("padding", padding, "truncation",
                    "{'direction': '" + direction + "', 'max_length': 18, 'strategy': 'LongestFirst', 'stride': 0}");
            Tokenizer tokenizer = Tokenizer.parse(json);
            try (HuggingFaceTokenizer oracle = HuggingFace.open(json, options)) {
                for (int batch = 0; batch < 40; batch++) {
                    List<String> several = new ArrayList<>();
                    for (int i = 0; i < 1 + batch % 5; i++) {
                        several.add(HuggingFace.wellFormed(texts.next()));
                    }
                    ai.djl.huggingface.tokenizers.Encoding[] expected = oracle.batchEncode(several, true, false);
                    List<Encoding> actual = tokenizer.encode(several);
                    for (int i = 0; i < expected.length; i++) {
                        assertSame(expected[i], actual.get(i), several.get(i));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "null",
        "{'type': 'NFD'}",
        "{'type': 'Sequence', 'normalizers': [{'type': 'NFD'}, {'type': 'StripAccents'}, {'type': 'Lowercase'}]}",
        "{'type': 'BertNormalizer', 'clean_text': false, 'handle_chinese_chars': true, 'strip_accents': false, "
            + "'lowercase': true}",
        "{'type': 'BertNormalizer', 'clean_text': true, 'handle_chinese_chars': false, 'strip_accents': true, "
            + "'lowercase': false}"})
    void normalizesAsTheFileSays(String normalizer) {
        sameOnVariedTexts(edited("normalizer", normalizer), 5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "{'type': 'Whitespace'}", "{'type': 'WhitespaceSplit'}",
        "{'type': 'Sequence', 'pretokenizers': [{'type': 'WhitespaceSplit'}, {'type': 'BertPreTokenizer'}]}"})
    void splitsAsTheFileSays(String preTokenizer) {
        sameOnVariedTexts(edited("pre_tokenizer", preTokenizer), 6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "{'type': 'BertProcessing', 'sep': ['[SEP]', 102], 'cls': ['[CLS]', 101]}"})
    void putsSpecialTokensAsTheFileSays(String postProcessor) {
        byte[] json = edited("post_processor", postProcessor);
        sameOnVariedTexts(json, 7);
        Tokenizer tokenizer = unlimited(json);
        try (HuggingFaceTokenizer oracle = HuggingFace.open(json, HuggingFace.AS_THEY_ARE)) {
            assertSame(oracle.encode("a question", "a passage", true, false),
                    tokenizer.encode("a question", "a passage"), postProcessor);
        }
    }

    @Test
    void findsAddedTokensByTheirOptions() {
        byte[] json = edited("added_tokens", """
                [{'id': 100, 'content': '[UNK]', 'single_word': false, 'lstrip': false, 'rstrip': false,
                  'normalized': false, 'special': true},
                 {'id': 30522, 'content': 'Quick', 'single_word': true, 'lstrip': false, 'rstrip': true,
                  'normalized': true, 'special': false},
                 {'id': 1996, 'content': 'the', 'single_word': false, 'lstrip': true, 'rstrip': true,
                  'normalized': false, 'special': false},
                 {'id': 4258, 'content': 'theater', 'single_word': false, 'lstrip': true, 'rstrip': false,
                  'normalized': false, 'special': false},
                 {'id': 30523, 'content': 'FOX', 'single_word': true, 'lstrip': true, 'rstrip': false,
                  'normalized': false, 'special': true}]""");
        sameOnVariedTexts(json, 8);
        Tokenizer tokenizer = unlimited(json);
        try (HuggingFaceTokenizer oracle = HuggingFace.open(json, HuggingFace.AS_THEY_ARE)) {
            for (String text : List.of("see  the   theater the FOX", "FOX FOXy \u00e9FOX FOX\u0301 the the",
                    " QUICK  quick\u3000 quicker \u00e9quick", "thethe FOX\u00a0theater")) {
                assertSame(oracle.encode(text, true, false), tokenizer.encode(text), text);
            }
        }
    }

    @Test
    void decodesLikeHuggingFace() {
        VariedText texts = new VariedText(9);
        try (HuggingFaceTokenizer oracle = HuggingFace.open(MINILM, HuggingFace.AS_THEY_ARE)) {
            for (int i = 0; i < 500; i++) {
                int[] ids = TOKENIZER.encode(texts.next() + " isn't it , I ' m ? do not").ids();
                long[] wide = Arrays.stream(ids).asLongStream().toArray();
                assertEquals(oracle.decode(wide, true), TOKENIZER.decode(ids, true));
                assertEquals(oracle.decode(wide, false), TOKENIZER.decode(ids, false));
            }
        }
    }

    @Test
    void knowsTokensByIdAndText() {
        assertEquals(102, TOKENIZER.idOf("[SEP]"));
        assertEquals("[SEP]", TOKENIZER.tokenOf(102));
        assertEquals("##s", TOKENIZER.tokenOf(TOKENIZER.idOf("##s")));
        assertEquals(-1, TOKENIZER.idOf("no such token"));
        assertEquals("", TOKENIZER.tokenOf(-1));
        assertEquals("", TOKENIZER.tokenOf(1_000_000));
    }

    @Test
    void readsTheLimitsOfTheFile() {
        Tokenizer tokenizer = Tokenizer.parse(MINILM);
        assertEquals(new Truncation(128, Truncation.Strategy.LONGEST_FIRST, false), tokenizer.truncation());
        assertEquals(new Padding(128, 1, false, 0, 0, "[PAD]"), tokenizer.padding());
        assertEquals(128, tokenizer.encode("short").length());
    }

    @Test
    void batchesAreRowsOfOneLength() {
        Tokenizer padded = TOKENIZER.with(Truncation.NONE, NO_PADDING.withLength(Padding.LONGEST));
        Batch batch = Batch.of(padded.encode(List.of("hello world", "hello")));
        assertEquals(4, batch.sequence());
        assertArrayEquals(new long[] {101, 7592, 2088, 102, 101, 7592, 102, 0}, batch.ids());
        assertArrayEquals(new long[] {1, 1, 1, 1, 1, 1, 1, 0}, batch.attentionMask());
        assertArrayEquals(new long[8], batch.typeIds());
        assertEquals(0, Batch.of(List.of()).batch());
        List<Encoding> ragged = TOKENIZER.encode(List.of("hello world", "hello"));
        assertThrows(InvalidInputException.class, () -> Batch.of(ragged));
    }

    @Test
    void refusesToCutBelowTheSpecialTokens() {
        Tokenizer tokenizer = TOKENIZER.with(Truncation.to(1), NO_PADDING);
        assertThrows(InvalidInputException.class, () -> tokenizer.encode("text"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "normalizer | {'type': 'Nmt'} | normalizer Nmt",
        "pre_tokenizer | {'type': 'UnicodeScripts'} | pre-tokenizer UnicodeScripts",
        "model | {'type': 'Characters'} | model Characters",
        "post_processor | {'type': 'Brackets'} | post-processor Brackets",
        "decoder | {'type': 'Upwards'} | decoder Upwards"})
    void namesComponentsThatItDoesNotKnow(String field, String component, String name) {
        byte[] json = edited(field, component);
        UnsupportedModelException e = assertThrows(UnsupportedModelException.class, () -> Tokenizer.parse(json));
        assertEquals("the tokenizer's " + name + " is not supported", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "<!DOCTYPE html>", "{'model': {'type': 'WordPiece'}}",
        "{'model': {'type': 'WordPiece', 'vocab': {'a': 0}}}",
        "{'model': {'type': 'WordPiece', 'vocab': {'[UNK]': -1}}}",
        "{'model': {'type': 'WordPiece', 'vocab': {'[UNK]': 0, 'a': 0}}}",
        "{'model': {'type': 'WordPiece', 'vocab': {'[UNK]': 2000000000}}}",
        "{'model': {'type': 'WordPiece', 'vocab': {'[UNK]': 0}}, 'added_tokens': [{'id': 1}]}",
        "{'model': {'type': 'WordPiece', 'vocab': {'[UNK]': 0}}, 'padding': {'strategy': 'Sometimes'}}"})
    void refusesFilesThatAreNoTokenizer(String json) {
        assertThrows(InvalidModelException.class, () -> Tokenizer.parse(ascii(json.replace('\'', '"'))));
    }

    private static void sameOnVariedTexts(byte[] json, long seed) {
        VariedText texts = new VariedText(seed);
        Tokenizer tokenizer = unlimited(json);
        try (HuggingFaceTokenizer oracle = HuggingFace.open(json, HuggingFace.AS_THEY_ARE)) {
            for (int i = 0; i < 500; i++) {
                String text = HuggingFace.wellFormed(texts.next());
                assertSame(oracle.encode(text, true, false), tokenizer.encode(text), text);
            }
        }
    }

    private static Tokenizer unlimited(byte[] json) {
        return Tokenizer.parse(json).with(Truncation.NONE, NO_PADDING);
    }

    /** The real file with some members replaced; apostrophes stand for quotation marks. */
    private static byte[] edited(String... members) {
        JsonObject json = JsonParser.parseString(new String(MINILM, StandardCharsets.UTF_8)).getAsJsonObject();
        for (int i = 0; i < members.length; i += 2) {
            json.add(members[i], JsonParser.parseString(members[i + 1]));
        }
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] ascii(String json) {
        return json.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] resource(String name) {
        try (InputStream stream = TokenizerTest.class.getResourceAsStream(name)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
