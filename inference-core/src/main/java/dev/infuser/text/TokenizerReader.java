package dev.infuser.text;

import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;

/** Puts a tokenizer together from its description: one method for each kind of component. */
final class TokenizerReader {

    private static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

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
            case "Replace":
                return replace(json);
            case "Prepend":
                return new Normalizer.Prepend(Text.of(json.get("prepend").string()));
            case "Strip":
                return new Normalizer.Strip(json.get("strip_left").bool(true), json.get("strip_right").bool(true));
            case "Precompiled":
                return Precompiled.of(json.get("precompiled_charsmap").string());
            case "ByteLevel":
                return new Normalizer.ByteLevel();
            case "NFC":
                return UnicodeForm.NFC;
            case "NFKC":
                return UnicodeForm.NFKC;
            case "NFKD":
                return UnicodeForm.NFKD;
            case "Lowercase":
                return new Normalizer.Steps(false, false, false, false, false, true);
            case "NFD":
                return UnicodeForm.NFD;
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
            case "ByteLevel":
                return new PreTokenizer.ByteLevel(json.get("add_prefix_space").bool(true),
                        json.get("use_regex").bool(true) ? isolated(new PreTokenizer.Matches(Regex.of(GPT2))) : null);
            case "Metaspace":
                return metaspace(json);
            case "Split":
                return new PreTokenizer.Split(new PreTokenizer.Matches(pattern(json.get("pattern"))),
                        behavior(json.get("behavior").string()), json.get("invert").bool(false));
            case "Digits":
                return new PreTokenizer.Split(PreTokenizer.Characters.NUMERIC,
                        json.get("individual_digits").bool(false) ? PreTokenizer.Behavior.ISOLATED
                                : PreTokenizer.Behavior.CONTIGUOUS, false);
            case "Punctuation":
                return new PreTokenizer.Split(PreTokenizer.Characters.PUNCTUATION,
                        behavior(json.get("behavior").string("Isolated")), false);
            case "CharDelimiterSplit":
                return new PreTokenizer.Split(new PreTokenizer.Matches(Regex.literal(json.get("delimiter").string())),
                        PreTokenizer.Behavior.REMOVED, false);
            default:
                throw unsupported("pre-tokenizer", type);
        }
    }

    private static Model model(Json json) {
        String type = json.get("type").string(!json.get("merges").isNull() ? "BPE"
                : !json.get("max_input_chars_per_word").isNull() ? "WordPiece"
                : json.get("vocab").isObject() ? "WordLevel" : "Unigram");
        return switch (type) {
            case "WordPiece" -> WordPiece.of(json);
            case "BPE" -> Bpe.of(json);
            case "Unigram" -> Unigram.of(json);
            case "WordLevel" -> WordLevel.of(json);
            default -> throw unsupported("model", type);
        };
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
            case "RobertaProcessing": {
                List<PostProcessor> processors = new ArrayList<>();
                if (json.get("trim_offsets").bool(true)) {
                    processors.add(new PostProcessor.TrimOffsets(json.get("add_prefix_space").bool(true)));
                }
                processors.add(new PostProcessor.OneSegment());
                processors.add(PostProcessor.Template.ofRoberta(json));
                return new PostProcessor.Chain(processors);
            }
            case "ByteLevel":
                return new PostProcessor.Chain(json.get("trim_offsets").bool(true)
                        ? List.of(new PostProcessor.TrimOffsets(json.get("add_prefix_space").bool(true))) : List.of());
            case "Sequence": {
                List<PostProcessor> processors = new ArrayList<>();
                for (Json element : json.get("processors").list()) {
                    processors.add(postProcessor(element));
                }
                return new PostProcessor.Chain(processors);
            }
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
            case "ByteLevel":
                return new Decoder.ByteLevel();
            case "ByteFallback":
                return new Decoder.ByteFallback();
            case "Metaspace":
                return new Decoder.Metaspace(one(json.get("replacement").string("\u2581")), !scheme(json).equals("never"));
            case "Fuse":
                return new Decoder.Fuse();
            case "Strip":
                return new Decoder.Strip(one(json.get("content").string(" ")).codePointAt(0), json.get("start").count(0),
                        json.get("stop").count(0));
            case "Replace":
                return new Decoder.Replace(replace(json));
            case "BPEDecoder":
                return new Decoder.Suffix(json.get("suffix").string("</w>"));
            case "CTC":
                return new Decoder.Ctc(json.get("pad_token").string("<pad>"),
                        json.get("word_delimiter_token").string("|"), json.get("cleanup").bool(true));
            case "Sequence": {
                List<Decoder> decoders = new ArrayList<>();
                for (Json element : json.get("decoders").list()) {
                    decoders.add(decoder(element));
                }
                return new Decoder.Chain(decoders);
            }
            default:
                throw unsupported("decoder", type);
        }
    }

    private static String one(String character) {
        if (character.isEmpty() || character.codePointCount(0, character.length()) != 1) {
            throw new InvalidModelException("tokenizer", "'" + character + "' is not one character");
        }
        return character;
    }

    private static Normalizer.Replace replace(Json json) {
        return new Normalizer.Replace(pattern(json.get("pattern")), Text.of(json.get("content").string()));
    }

    private static Regex pattern(Json json) {
        Json literal = json.get("String");
        return literal.isNull() ? Regex.of(json.get("Regex").string()) : Regex.literal(literal.string());
    }

    private static PreTokenizer.Split isolated(PreTokenizer.Separator separator) {
        return new PreTokenizer.Split(separator, PreTokenizer.Behavior.ISOLATED, false);
    }

    private static PreTokenizer.Behavior behavior(String name) {
        return switch (name) {
            case "Removed" -> PreTokenizer.Behavior.REMOVED;
            case "Isolated" -> PreTokenizer.Behavior.ISOLATED;
            case "MergedWithPrevious" -> PreTokenizer.Behavior.MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> PreTokenizer.Behavior.MERGED_WITH_NEXT;
            case "Contiguous" -> PreTokenizer.Behavior.CONTIGUOUS;
            default -> throw unsupported("split behavior", name);
        };
    }

    private static PreTokenizer metaspace(Json json) {
        String replacement = one(json.get("replacement").string("\u2581"));
        String scheme = scheme(json);
        Regex visible = Regex.literal(replacement);
        return new PreTokenizer.Metaspace(new Normalizer.Replace(Regex.literal(" "), Text.of(replacement)),
                new Normalizer.Prepend(Text.of(replacement)), scheme.equals("always"), scheme.equals("first"),
                json.get("split").bool(true) ? new PreTokenizer.Split(new PreTokenizer.Matches(visible),
                        PreTokenizer.Behavior.MERGED_WITH_NEXT, false) : null);
    }

    private static String scheme(Json metaspace) {
        return metaspace.get("prepend_scheme").string(metaspace.get("add_prefix_space").bool(true) ? "always" : "never");
    }

    private static String type(Json json) {
        return json.isNull() ? "" : json.get("type").string();
    }

    private static UnsupportedModelException unsupported(String kind, String type) {
        return new UnsupportedModelException("tokenizer", "", "the tokenizer's " + kind + " " + type
                + " is not supported", "", "");
    }
}
