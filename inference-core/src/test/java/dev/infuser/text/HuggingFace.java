package dev.infuser.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Hugging Face's tokenizers as the oracle of this package's tests. */
final class HuggingFace {
    static final Map<String, String> AS_THEY_ARE = Map.of("truncation", "false", "padding", "false");

    private HuggingFace() {
    }

    static HuggingFaceTokenizer open(byte[] tokenizerJson, Map<String, String> options) {
        try {
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(tokenizerJson), options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A tokenizer whose tokens are the bytes of the normalized text, so that encoding shows the normalizer's work. */
    static HuggingFaceTokenizer bytes(String normalizer, String preTokenizer) {
        StringBuilder vocabulary = new StringBuilder();
        int shifted = 256;
        for (int i = 0; i < 256; i++) {
            boolean printable = i > 32 && i < 127 || i > 160 && i != 173;
            char c = (char) (printable ? i : shifted++);
            vocabulary.append(i == 0 ? "" : ",").append('"').append(c == '"' || c == '\\' ? "\\" : "").append(c)
                    .append("\":").append(i);
        }
        String json = """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": %s,
                 "pre_tokenizer": {"type": "Sequence", "pretokenizers": [%s{"type": "ByteLevel",
                   "add_prefix_space": false, "trim_offsets": false, "use_regex": false}]},
                 "post_processor": null, "decoder": null,
                 "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
                   "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
                   "vocab": {%s}, "merges": []}}
                """.formatted(normalizer, preTokenizer.isEmpty() ? "" : preTokenizer + ", ", vocabulary);
        return open(json.getBytes(StandardCharsets.UTF_8), AS_THEY_ARE);
    }

    /** The text with U+FFFD for lone surrogates, which do not survive the way to the native library. */
    static String wellFormed(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_16BE), StandardCharsets.UTF_16BE);
    }

    /** The words that the byte tokenizer makes of a text. */
    static List<String> words(HuggingFaceTokenizer bytes, String text) {
        Encoding encoding = bytes.encode(text, false, false);
        long[] ids = encoding.getIds();
        long[] words = encoding.getWordIds();
        List<String> result = new ArrayList<>();
        byte[] buffer = new byte[ids.length];
        int start = 0;
        for (int i = 0; i < ids.length; i++) {
            buffer[i] = (byte) ids[i];
            if (i + 1 == ids.length || words[i + 1] != words[i]) {
                result.add(new String(buffer, start, i + 1 - start, StandardCharsets.UTF_8));
                start = i + 1;
            }
        }
        return result;
    }

    /** The text that the normalizer of the byte tokenizer makes of a text. */
    static String normalized(HuggingFaceTokenizer bytes, String text) {
        return String.join("", words(bytes, text));
    }

    /** Checks that this project makes of a text what Hugging Face's tokenizers do. */
    static void assertSame(Encoding expected, dev.infuser.text.Encoding actual, String text) {
        assertArrayEquals(expected.getTokens(), actual.tokens(), text);
        assertArrayEquals(expected.getIds(), wide(actual.ids()), text);
        assertArrayEquals(expected.getTypeIds(), wide(actual.typeIds()), text);
        assertArrayEquals(expected.getAttentionMask(), wide(actual.attentionMask()), text);
        assertArrayEquals(expected.getSpecialTokenMask(), wide(actual.specialTokensMask()), text);
        assertArrayEquals(expected.getWordIds(), wide(actual.words()), text);
        int[] offsets = new int[actual.offsets().length];
        for (int i = 0; i < expected.getCharTokenSpans().length; i++) {
            if (expected.getCharTokenSpans()[i] != null) {
                offsets[2 * i] = expected.getCharTokenSpans()[i].getStart();
                offsets[2 * i + 1] = expected.getCharTokenSpans()[i].getEnd();
            }
        }
        assertArrayEquals(offsets, actual.offsets(), text);
    }

    private static long[] wide(int[] array) {
        return Arrays.stream(array).asLongStream().toArray();
    }
}
