package dev.infuser.task;

import dev.infuser.graph.Value;
import dev.infuser.runtime.Session;
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
 * From texts to vectors that lie close where meanings do, with a BERT-like encoder.
 *
 * <p>The model takes {@code input_ids} and, if it likes, {@code attention_mask} and {@code token_type_ids}, all int64
 * {@code [batch, sequence]}, and gives token vectors float32 {@code [batch, sequence, hidden]} first. Its metadata may say
 * {@code pooling} ({@code mean}, the default, or {@code cls}) and {@code max-length} (tokens per text, the tokenizer's own
 * limit by default). Texts of equal length run together, so nothing is padded and a text's vector does not depend on
 * the texts beside it.
 */
public final class TextEmbedding {

    /** The name of the file's asset that holds the tokenizer, in Hugging Face's format. */
    public static final String TOKENIZER = "tokenizer.json";

    private static final int BATCH = 8;

    private final Session session;
    private final Tokenizer tokenizer;
    private final boolean mean;

    /**
     * Prepares a model for embedding.
     *
     * @param assets the assets of the model's file
     * @throws UnsupportedModelException where there is no tokenizer, or inputs, outputs or pooling are of another kind
     */
    public TextEmbedding(Session session, Map<String, byte[]> assets) {
        byte[] json = assets.get(TOKENIZER);
        if (json == null) {
            throw unsupported("the file holds no " + TOKENIZER, "convert the model with its tokenizer beside it");
        }
        String pooling = session.metadata().getOrDefault("pooling", "mean");
        if (!pooling.equals("mean") && !pooling.equals("cls")) {
            throw unsupported("pooling '" + pooling + "' is neither mean nor cls", "");
        }
        for (Value input : session.inputs()) {
            if (!isTokens(input.name())) {
                throw unsupported("the model takes '" + input.name() + "'", "");
            }
        }
        this.session = session;
        this.mean = pooling.equals("mean");
        Tokenizer parsed = Tokenizer.parse(json);
        String limit = session.metadata().get("max-length");
        Truncation truncation = limit == null ? parsed.truncation() : Truncation.to(Integer.parseInt(limit));
        this.tokenizer = parsed.with(truncation, parsed.padding().withLength(Padding.NO_LENGTH));
    }

    private static boolean isTokens(String name) {
        return name.equals("input_ids") || name.equals("attention_mask") || name.equals("token_type_ids");
    }

    private static UnsupportedModelException unsupported(String message, String hint) {
        return new UnsupportedModelException("not-an-embedding-model", "", "cannot embed text: " + message, "", hint);
    }

    /** One vector of length 1 for each text, in order. */
    public float[][] embed(List<String> texts) {
        List<Encoding> encodings = tokenizer.encode(texts);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < encodings.size(); i++) {
            order.add(i);
        }
        order.sort((a, b) -> encodings.get(a).ids().length - encodings.get(b).ids().length);
        float[][] vectors = new float[encodings.size()][];
        for (int start = 0; start < order.size();) {
            int length = encodings.get(order.get(start)).ids().length;
            int end = start;
            while (end < order.size() && end - start < BATCH && encodings.get(order.get(end)).ids().length == length) {
                end++;
            }
            embed(encodings, order.subList(start, end), vectors);
            start = end;
        }
        return vectors;
    }

    private void embed(List<Encoding> encodings, List<Integer> members, float[][] vectors) {
        List<Encoding> chosen = new ArrayList<>();
        for (int member : members) {
            chosen.add(encodings.get(member));
        }
        Batch batch = Batch.of(chosen);
        int[] dims = {batch.batch(), batch.sequence()};
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        for (Value input : session.inputs()) {
            feeds.put(input.name(), Tensor.longs(dims, input.name().equals("input_ids") ? batch.ids()
                    : input.name().equals("attention_mask") ? batch.attentionMask() : batch.typeIds()));
        }
        Tensor states = session.run(feeds).values().iterator().next();
        if (states.dtype() != DType.FLOAT32 || states.rank() != 3) {
            throw unsupported("the model gives " + states + ", not one vector per token", "");
        }
        int hidden = states.dim(2);
        float[] pooled = mean ? Pooling.mean(states.floats(), batch.attentionMask(), dims[0], dims[1], hidden)
                : Pooling.first(states.floats(), dims[0], dims[1], hidden);
        Pooling.normalize(pooled, hidden);
        for (int i = 0; i < members.size(); i++) {
            vectors[members.get(i)] = Arrays.copyOfRange(pooled, i * hidden, (i + 1) * hidden);
        }
    }
}
