package dev.infuser.task;

import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** From texts to vectors that lie close where meanings do, with a BERT-like encoder; see {@link TextEncoding}. */
public final class TextEmbedding implements Task<List<String>, TextEmbedding.Vectors> {

    /**
     * One vector of length 1 for each text, in order.
     *
     * @param vectors of equal sizes
     */
    public record Vectors(float[][] vectors) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.list(vectors.length);
            for (float[] vector : vectors) {
                out.elements(Tensor.floats(new int[] {vector.length}, vector));
            }
        }
    }

    private final TextEncoding encoding;

    /**
     * Prepares for a model.
     *
     * @throws dev.infuser.tensor.UnsupportedModelException where there is no tokenizer, or inputs or pooling are of another
     *                                                      kind
     */
    public TextEmbedding(ModelInfo model) {
        List<String> inputs = new ArrayList<>();
        for (ModelInfo.Port input : model.inputs()) {
            inputs.add(input.name());
        }
        encoding = new TextEncoding(model.assets().get(TextEncoding.TOKENIZER), inputs, model.metadata());
    }

    @Override
    public Supplier<Vectors> begin(List<String> texts, Options options, Runs runs) {
        options.only();
        TextEncoding.Work work = encoding.encode(texts);
        for (int i = 0; i < work.batches(); i++) {
            int batch = i;
            runs.add(Runs.MODEL, work.feeds(i), outputs -> work.pool(batch, outputs.values().iterator().next()));
        }
        return () -> new Vectors(work.vectors());
    }
}
