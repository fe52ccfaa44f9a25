package dev.infuser.task;

import dev.infuser.graph.Value;
import dev.infuser.runtime.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** From texts to vectors that lie close where meanings do, with a BERT-like encoder; see {@link TextEncoding}. */
public final class TextEmbedding {

    private final Session session;
    private final TextEncoding encoding;

    /**
     * Prepares a model for embedding.
     *
     * @param assets the assets of the model's file
     * @throws dev.infuser.tensor.UnsupportedModelException where there is no tokenizer, or inputs or pooling are of another
     *                                                      kind
     */
    public TextEmbedding(Session session, Map<String, byte[]> assets) {
        List<String> inputs = new ArrayList<>();
        for (Value input : session.inputs()) {
            inputs.add(input.name());
        }
        this.session = session;
        this.encoding = new TextEncoding(assets.get(TextEncoding.TOKENIZER), inputs, session.metadata());
    }

    /** One vector of length 1 for each text, in order. */
    public float[][] embed(List<String> texts) {
        TextEncoding.Work work = encoding.encode(texts);
        for (int i = 0; i < work.batches(); i++) {
            work.pool(i, session.run(work.feeds(i)).values().iterator().next());
        }
        return work.vectors();
    }
}
