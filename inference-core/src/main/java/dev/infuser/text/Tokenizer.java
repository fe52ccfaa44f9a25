package dev.infuser.text;

import dev.infuser.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns text into the token ids that a model was trained on, exactly as the {@code tokenizers} library of
 * Hugging Face does from the same {@code tokenizer.json}.
 *
 * <p>A tokenizer does not change: {@link #with} returns another one. Lone surrogates in a text read as U+FFFD.
 */
public final class Tokenizer {
    private final AddedTokens added;
    private final Normalizer normalizer;
    private final PreTokenizer preTokenizer;
    private final Model model;
    private final PostProcessor postProcessor;
    private final Decoder decoder;
    private final Truncation truncation;
    private final Padding padding;

    Tokenizer(AddedTokens added, Normalizer normalizer, PreTokenizer preTokenizer, Model model,
            PostProcessor postProcessor, Decoder decoder, Truncation truncation, Padding padding) {
        this.added = added;
        this.normalizer = normalizer;
        this.preTokenizer = preTokenizer;
        this.model = model;
        this.postProcessor = postProcessor;
        this.decoder = decoder;
        this.truncation = truncation;
        this.padding = padding;
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @throws dev.infuser.tensor.InvalidModelException where it is not JSON or lacks what a tokenizer needs
     * @throws dev.infuser.tensor.UnsupportedModelException where it asks for a component that is not known here
     */
    public static Tokenizer parse(byte[] tokenizerJson) {
        return TokenizerReader.read(Json.parse(tokenizerJson));
    }

    /** This tokenizer with other limits. */
    public Tokenizer with(Truncation newTruncation, Padding newPadding) {
        return new Tokenizer(added, normalizer, preTokenizer, model, postProcessor, decoder, newTruncation, newPadding);
    }

    /** How long encodings may be: as the file says, unless replaced. */
    public Truncation truncation() {
        return truncation;
    }

    /** How encodings are filled up: as the file says, unless replaced. */
    public Padding padding() {
        return padding;
    }

    /** The id of a token, or -1. */
    public int idOf(String token) {
        int id = added.find(token);
        return id >= 0 ? id : model.vocabulary().find(token);
    }

    /** The token with the id, or "" where there is none. */
    public String tokenOf(int id) {
        String token = added.token(id);
        return token.isEmpty() ? model.vocabulary().token(id) : token;
    }

    /** One text, with special tokens, truncated and padded. */
    public Encoding encode(String text) {
        return encode(List.of(text)).get(0);
    }

    /** Two texts as one, such as a question and a passage, with special tokens, truncated and padded. */
    public Encoding encode(String first, String second) {
        return pad(List.of(single(List.of(tokens(first), tokens(second)), true))).get(0);
    }

    /** Several texts, each by itself, with special tokens, truncated and padded to one length where padding is on. */
    public List<Encoding> encode(List<String> texts) {
        return encode(texts, true);
    }

    /** Several texts, each by itself, with or without special tokens. */
    public List<Encoding> encode(List<String> texts, boolean addSpecialTokens) {
        List<Encoding> encodings = new ArrayList<>();
        for (String text : texts) {
            encodings.add(single(List.of(tokens(text)), addSpecialTokens));
        }
        return pad(encodings);
    }

    /**
     * The text that tokens stand for; ids that no token has are passed over.
     *
     * @param skipSpecialTokens whether to leave out the special tokens
     */
    public String decode(int[] ids, boolean skipSpecialTokens) {
        List<String> tokens = new ArrayList<>();
        for (int id : ids) {
            String token = tokenOf(id);
            if (!token.isEmpty() && !(skipSpecialTokens && added.isSpecial(token))) {
                tokens.add(token);
            }
        }
        return String.join("", decoder.decode(tokens));
    }

    private Tokens tokens(String source) {
        List<Text> parts = new ArrayList<>();
        added.split(Text.of(source), false, parts);
        List<Text> stretches = new ArrayList<>();
        for (Text part : parts) {
            if (part.token() >= 0) {
                stretches.add(part);
            } else {
                added.split(normalizer.normalize(part), true, stretches);
            }
        }
        Tokens tokens = new Tokens();
        List<Text> words = new ArrayList<>();
        for (Text stretch : stretches) {
            words.clear();
            if (stretch.token() >= 0) {
                words.add(stretch);
            } else if (stretch.length() > 0) {
                preTokenizer.split(stretch, words);
            }
            for (Text word : words) {
                if (word.token() >= 0) {
                    tokens.add(word.token(), word.toString(), word, word.from(), word.to());
                } else {
                    model.tokenize(word, tokens);
                }
                tokens.nextWord();
            }
        }
        return tokens;
    }

    private Encoding single(List<Tokens> texts, boolean addSpecialTokens) {
        int[] lengths = new int[texts.size()];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = texts.get(i).size();
        }
        int special = addSpecialTokens ? postProcessor.added(lengths.length == 2) : 0;
        int room = truncation.maxLength() - special;
        if (room < 0 || !truncation.fit(lengths, room)) {
            throw new InvalidInputException("truncation", "",
                    "the text cannot be cut to " + truncation.maxLength() + " tokens",
                    special + " special tokens, strategy " + truncation.strategy(), "");
        }
        List<Encoding> encodings = new ArrayList<>();
        for (int i = 0; i < lengths.length; i++) {
            int size = texts.get(i).size();
            int from = truncation.fromLeft() ? size - lengths[i] : 0;
            encodings.add(texts.get(i).encoding(from, from + lengths[i], i));
        }
        Encoding whole = Encoding.added(0, "", 0, 0, 0);
        for (Encoding part : postProcessor.process(encodings, addSpecialTokens)) {
            whole = whole.plus(part);
        }
        return whole;
    }

    private List<Encoding> pad(List<Encoding> encodings) {
        int longest = 0;
        for (Encoding encoding : encodings) {
            longest = Math.max(longest, encoding.length());
        }
        int target = padding.lengthFor(longest);
        List<Encoding> padded = new ArrayList<>();
        for (Encoding encoding : encodings) {
            padded.add(padding.apply(encoding, target));
        }
        return padded;
    }
}
