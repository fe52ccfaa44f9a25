package dev.infuser.text;

/**
 * What a tokenizer makes of a text or a pair of texts: arrays with one entry per token.
 *
 * @param ids token ids
 * @param typeIds the segment of each token, usually 0 for the first text and 1 for the second
 * @param attentionMask 1 for tokens, 0 for padding
 * @param specialTokensMask 1 for the tokens added around the texts and for padding
 * @param words the word of its text that each token belongs to, -1 for added ones
 * @param offsets {@code [2 * length]}: start and end of each token in its text, 0 and 0 for added ones.
 *        They count Unicode code points, as Hugging Face's do, not UTF-16 units; where normalization
 *        inserted characters, several tokens share a place
 * @param tokens the tokens themselves
 */
public record Encoding(int[] ids, int[] typeIds, int[] attentionMask, int[] specialTokensMask, int[] words,
        int[] offsets, String[] tokens) {

    /** The number of tokens, padding included. */
    public int length() {
        return ids.length;
    }

    /** An encoding of one token repeated that is in no text. */
    static Encoding added(int id, String token, int typeId, int attention, int count) {
        String[] tokens = new String[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = token;
        }
        return new Encoding(filled(id, count), filled(typeId, count), filled(attention, count), filled(1, count),
                filled(-1, count), new int[2 * count], tokens);
    }

    /** This followed by another. */
    Encoding plus(Encoding other) {
        String[] joined = new String[tokens.length + other.tokens.length];
        System.arraycopy(tokens, 0, joined, 0, tokens.length);
        System.arraycopy(other.tokens, 0, joined, tokens.length, other.tokens.length);
        return new Encoding(join(ids, other.ids), join(typeIds, other.typeIds),
                join(attentionMask, other.attentionMask), join(specialTokensMask, other.specialTokensMask),
                join(words, other.words), join(offsets, other.offsets), joined);
    }

    /** This with all tokens in one segment. */
    Encoding withTypeId(int typeId) {
        return new Encoding(ids, filled(typeId, ids.length), attentionMask, specialTokensMask, words, offsets, tokens);
    }

    private static int[] join(int[] a, int[] b) {
        int[] joined = new int[a.length + b.length];
        System.arraycopy(a, 0, joined, 0, a.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    private static int[] filled(int value, int count) {
        int[] array = new int[count];
        for (int i = 0; i < count; i++) {
            array[i] = value;
        }
        return array;
    }
}
