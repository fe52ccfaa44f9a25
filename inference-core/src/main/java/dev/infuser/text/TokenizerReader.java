package dev.infuser.text;

import dev.infuser.tensor.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;

/** Puts a tokenizer together from its description: one method for each kind of component. */
final class TokenizerReader {

    private TokenizerReader() {
    }

    static Tokenizer read(Json json) {
        Normalizer normalizer = normalizer(json.get("normalizer"));
        Model model = model(json.get("model"));
        AddedTokens added = new AddedTokens();
        if (!json.get("added_tokens").isNull()) {
            for (Json token : json.get("added_tokens").list()) {
                added.add(token, normalizer, model.vocabulary());
            }
        }
        return new Tokenizer(added, normalizer, preTokenizer(json.get("pre_tokenizer")), model,
                postProcessor(json.get("post_processor")), decoder(json.get("decoder")),
                Truncation.of(json.get("truncation")), Padding.of(json.get("padding")));
    }

    private static Normalizer normalizer(Json json) {
        String type = type(json);
        switch (type) {
            case "":
                return new Normalizer.Chain(List.of());
            case "Sequence": {
                List<Normalizer> normalizers = new ArrayList<>();
                for (Json element : json.get("normalizers").list()) {
                    normalizers.add(normalizer(element));
                }
                return new Normalizer.Chain(normalizers);
            }
            case "BertNormalizer": {
                boolean lowercase = json.get("lowercase").bool(true);
                boolean strip = json.get("strip_accents").bool(lowercase);
                return new Normalizer.Steps(json.get("clean_text").bool(true),
                        json.get("handle_chinese_chars").bool(true), strip, strip, false, lowercase);
            }
            case "Lowercase":
                return new Normalizer.Steps(false, false, false, false, false, true);
            case "NFD":
                return new Normalizer.Steps(false, false, true, false, false, false);
            case "StripAccents":
                return new Normalizer.Steps(false, false, false, false, true, false);
            default:
                throw unsupported("normalizer", type);
        }
    }

    private static PreTokenizer preTokenizer(Json json) {
        String type = type(json);
        switch (type) {
            case "":
                return new PreTokenizer.Chain(List.of());
            case "Sequence": {
                List<PreTokenizer> preTokenizers = new ArrayList<>();
                for (Json element : json.get("pretokenizers").list()) {
                    preTokenizers.add(preTokenizer(element));
                }
                return new PreTokenizer.Chain(preTokenizers);
            }
            case "BertPreTokenizer":
                return PreTokenizer.ByCharacter.BERT;
            case "Whitespace":
                return PreTokenizer.ByCharacter.WHITESPACE;
            case "WhitespaceSplit":
                return PreTokenizer.ByCharacter.WHITESPACE_SPLIT;
            default:
                throw unsupported("pre-tokenizer", type);
        }
    }

    private static Model model(Json json) {
        String type = json.get("type").string(json.get("max_input_chars_per_word").isNull() ? "" : "WordPiece");
        if (type.equals("WordPiece")) {
            return WordPiece.of(json);
        }
        throw unsupported("model", type);
    }

    private static PostProcessor postProcessor(Json json) {
        String type = type(json);
        switch (type) {
            case "":
                return PostProcessor.Template.PLAIN;
            case "TemplateProcessing":
                return PostProcessor.Template.of(json);
            case "BertProcessing":
                return PostProcessor.Template.ofBert(json);
            default:
                throw unsupported("post-processor", type);
        }
    }

    private static Decoder decoder(Json json) {
        String type = type(json);
        switch (type) {
            case "":
                return new Decoder.Spaced();
            case "WordPiece":
                return new Decoder.WordPiece(json.get("prefix").string("##"), json.get("cleanup").bool(true));
            default:
                throw unsupported("decoder", type);
        }
    }

    private static String type(Json json) {
        return json.isNull() ? "" : json.get("type").string();
    }

    private static UnsupportedModelException unsupported(String kind, String type) {
        return new UnsupportedModelException("tokenizer", "", "the tokenizer's " + kind + " " + type
                + " is not supported", "", "");
    }
}
