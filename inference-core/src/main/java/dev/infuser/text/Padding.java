package dev.infuser.text;

import dev.infuser.tensor.InvalidModelException;

/**
 * How encodings are filled up to a common length.
 *
 * @param length the common length, {@link #NO_LENGTH} or {@link #LONGEST}; longer encodings stay as they are
 * @param multipleOf the length is rounded up to a multiple of this, at least 1
 * @param left whether the padding stands before the text
 * @param id the id of the padding token
 * @param typeId its segment
 * @param token the token itself
 */
public record Padding(int length, int multipleOf, boolean left, int id, int typeId, String token) {

    /** In place of a length: no padding. */
    public static final int NO_LENGTH = -1;

    /** In place of a length: that of the longest encoding in the batch. */
    public static final int LONGEST = 0;

    static Padding of(Json json) {
        if (json.isNull()) {
            return new Padding(NO_LENGTH, 1, false, 0, 0, "[PAD]");
        }
        Json strategy = json.get("strategy");
        int length = LONGEST;
        if (strategy.isObject()) {
            length = strategy.get("Fixed").count();
        } else if (!strategy.string("BatchLongest").equals("BatchLongest")) {
            throw new InvalidModelException("tokenizer", "unknown padding strategy " + strategy.string());
        }
        return new Padding(length, Math.max(1, json.get("pad_to_multiple_of").count(1)),
                json.get("direction").string("Right").equals("Left"), json.get("pad_id").count(0),
                json.get("pad_type_id").count(0), json.get("pad_token").string("[PAD]"));
    }

    /** The same token on the same side, up to another length. */
    public Padding withLength(int newLength) {
        return new Padding(newLength, multipleOf, left, id, typeId, token);
    }

    /** The length of the encodings of a batch of which the longest has {@code longest} tokens. */
    int lengthFor(int longest) {
        int target = length == LONGEST ? longest : length;
        return target % multipleOf == 0 ? target : target + multipleOf - target % multipleOf;
    }

    /** The encoding filled up to a length. */
    Encoding apply(Encoding encoding, int target) {
        if (length == NO_LENGTH || encoding.length() >= target) {
            return encoding;
        }
        Encoding padding = Encoding.added(id, token, typeId, 0, target - encoding.length());
        return left ? padding.plus(encoding) : encoding.plus(padding);
    }
}
