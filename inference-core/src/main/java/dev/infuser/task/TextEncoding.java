package dev.infuser.task;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.text.Batch;
import dev.infuser.text.Encoding;
import dev.infuser.text.Padding;
import dev.infuser.text.Tokenizer;
import dev.infuser.text.Truncation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a text encoder needs around it: from texts to the tensors it takes, and from the token vectors it gives to one vector
 * per text. Knows no session, so that a page can keep it apart from the engine.
 *
 * <p>The model takes {@code input_ids} and, if it likes, {@code attention_mask} and {@code token_type_ids}, all int64
 * {@code [batch, sequence]}, and gives token vectors float32 {@code [batch, sequence, hidden]}. Its metadata may say
 * {@code pooling} ({@code mean}, the default, or {@code cls}) and {@code max-length} (tokens per text, the tokenizer's own
 * limit by default).
 */
public final class TextEncoding {

    /** The name of the file's asset that holds the tokenizer, in Hugging Face's format. */
    public static final String TOKENIZER = "tokenizer.json";

    private static final int BATCH = 8;

    private final Tokenizer tokenizer;
    private final List<String> inputs;
    private final boolean mean;

    /**
     * Prepares for a model.
     *
     * @param tokenizerJson the model's tokenizer, or null where its file holds none
     * @param inputs        names of the model's inputs
     * @param metadata      what the model's file says of it
     * @throws UnsupportedModelException where there is no tokenizer, or inputs or pooling are of another kind
     */
    public TextEncoding(byte[] tokenizerJson, List<String> inputs, Map<String, String> metadata) {
        if (tokenizerJson == null) {
            throw unsupported("the file holds no " + TOKENIZER, "convert the model with its tokenizer beside it");
        }
        String pooling = metadata.getOrDefault("pooling", "mean");
        if (!pooling.equals("mean") && !pooling.equals("cls")) {
            throw unsupported("pooling '" + pooling + "' is neither mean nor cls", "");
        }
        for (String input : inputs) {
            if (!input.equals("input_ids") && !input.equals("attention_mask") && !input.equals("token_type_ids")) {
                throw unsupported("the model takes '" + input + "'", "");
            }
        }
        this.inputs = inputs;
        this.mean = pooling.equals("mean");
        Tokenizer parsed = Tokenizer.parse(tokenizerJson);
        String limit = metadata.get("max-length");
        Truncation truncation = limit == null ? parsed.truncation() : Truncation.to(Integer.parseInt(limit));
        this.tokenizer = parsed.with(truncation, parsed.padding().withLength(Padding.NO_LENGTH));
    }

    private static UnsupportedModelException unsupported(String message, String hint) {
        return new UnsupportedModelException("not-an-embedding-model", "", "cannot embed text: " + message, "", hint);
    }

    /** Starts on texts. */
    public Work encode(List<String> texts) {
        return new Work(tokenizer.encode(texts));
    }

    /**
     * Texts on their way to vectors, in batches of equal length: nothing is padded, and a text's vector does not depend on the
     * texts beside it.
     */
    public final class Work {

        private final List<int[]> members = new ArrayList<>();
        private final List<Batch> batches = new ArrayList<>();
        private final float[][] vectors;

        private Work(List<Encoding> encodings) {
            vectors = new float[encodings.size()][];
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < encodings.size(); i++) {
                order.add(i);
            }
            order.sort((a, b) -> length(encodings, a) - length(encodings, b));
            for (int start = 0; start < order.size();) {
                int end = start + 1;
                while (end < order.size() && end - start < BATCH
                        && length(encodings, order.get(end)) == length(encodings, order.get(start))) {
                    end++;
                }
                int[] group = new int[end - start];
                List<Encoding> chosen = new ArrayList<>();
                for (int i = start; i < end; i++) {
                    group[i - start] = order.get(i);
                    chosen.add(encodings.get(order.get(i)));
                }
                members.add(group);
                batches.add(Batch.of(chosen));
                start = end;
            }
        }

        private static int length(List<Encoding> encodings, int i) {
            return encodings.get(i).ids().length;
        }

        /** How often the model has to run. */
        public int batches() {
            return batches.size();
        }

        /** What to feed the model for batch {@code i}. */
        public Map<String, Tensor> feeds(int i) {
            Batch batch = batches.get(i);
            int[] dims = {batch.batch(), batch.sequence()};
            Map<String, Tensor> feeds = new LinkedHashMap<>();
            for (String input : inputs) {
                feeds.put(input, Tensor.longs(dims, input.equals("input_ids") ? batch.ids()
                        : input.equals("attention_mask") ? batch.attentionMask() : batch.typeIds()));
            }
            return feeds;
        }

        /** Takes the token vectors that the model gave for batch {@code i}. */
        public void pool(int i, Tensor states) {
            if (states.dtype() != DType.FLOAT32 || states.rank() != 3) {
                throw unsupported("the model gives " + states + ", not one vector per token", "");
            }
            int batch = states.dim(0);
            int hidden = states.dim(2);
            float[] pooled = mean
                    ? Pooling.mean(states.floats(), batches.get(i).attentionMask(), batch, states.dim(1), hidden)
                    : Pooling.first(states.floats(), batch, states.dim(1), hidden);
            Pooling.normalize(pooled, hidden);
            for (int k = 0; k < batch; k++) {
                vectors[members.get(i)[k]] = Arrays.copyOfRange(pooled, k * hidden, (k + 1) * hidden);
            }
        }

        /** One vector of length 1 for each text, in order, once all batches are pooled. */
        public float[][] vectors() {
            return vectors;
        }
    }
}
