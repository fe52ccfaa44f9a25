package dev.infuser.models;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Batches of sentences as the text models take them, tokenised by Hugging Face's own tokenizer. */
final class TextBatch {

    /** Sentences of 3 to over 256 tokens in several scripts; the two longest open Moby-Dick (public domain). */
    private static final List<String> SENTENCES = sentences();

    private TextBatch() {
    }

    /**
     * Sentences {@code first} to {@code last} as {@code input_ids}, {@code attention_mask} and {@code token_type_ids}, each
     * int64 {@code [sentences, longest]}, of at most 256 tokens each.
     */
    static Map<String, Tensor> feeds(Path model, int first, int last) throws IOException {
        return feeds(model, SENTENCES.subList(first, last + 1));
    }

    /** The same of other sentences. */
    static Map<String, Tensor> feeds(Path model, List<String> sentences) throws IOException {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.builder()
                .optTokenizerPath(model.resolveSibling("tokenizer.json")).optMaxLength(256).optTruncation(true)
                .optPadding(true).build()) {
            Encoding[] encodings = tokenizer.batchEncode(sentences);
            int length = encodings[0].getIds().length;
            int[] dims = {encodings.length, length};
            long[][] values = new long[3][encodings.length * length];
            for (int i = 0; i < encodings.length; i++) {
                System.arraycopy(encodings[i].getIds(), 0, values[0], i * length, length);
                System.arraycopy(encodings[i].getAttentionMask(), 0, values[1], i * length, length);
                System.arraycopy(encodings[i].getTypeIds(), 0, values[2], i * length, length);
            }
            return Map.of("input_ids", Tensor.longs(dims, values[0]), "attention_mask", Tensor.longs(dims, values[1]),
                    "token_type_ids", Tensor.longs(dims, values[2]));
        }
    }

    private static List<String> sentences() {
        try (InputStream in = TextBatch.class.getResourceAsStream("sentences.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
