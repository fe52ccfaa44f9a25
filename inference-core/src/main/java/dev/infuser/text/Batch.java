package dev.infuser.text;

import dev.infuser.tensor.InvalidInputException;
import java.util.List;

/**
 * Encodings of one length as the feeds of a model: int64 arrays {@code [batch, sequence]}, row-major.
 *
 * @param ids for {@code input_ids}
 * @param attentionMask for {@code attention_mask}
 * @param typeIds for {@code token_type_ids}
 */
public record Batch(int batch, int sequence, long[] ids, long[] attentionMask, long[] typeIds) {

    /**
     * The encodings, one a row.
     *
     * @throws InvalidInputException where they are not of one length, for want of padding
     */
    public static Batch of(List<Encoding> encodings) {
        int batch = encodings.size();
        int sequence = batch == 0 ? 0 : encodings.get(0).length();
        Batch result = new Batch(batch, sequence, new long[batch * sequence], new long[batch * sequence],
                new long[batch * sequence]);
        for (int b = 0; b < batch; b++) {
            Encoding encoding = encodings.get(b);
            if (encoding.length() != sequence) {
                throw new InvalidInputException("padding", "", "the texts of a batch have different lengths",
                        "expected " + sequence + " tokens, found " + encoding.length(), "pad them to the longest");
            }
            for (int s = 0; s < sequence; s++) {
                result.ids[b * sequence + s] = encoding.ids()[s];
                result.attentionMask[b * sequence + s] = encoding.attentionMask()[s];
                result.typeIds[b * sequence + s] = encoding.typeIds()[s];
            }
        }
        return result;
    }
}
