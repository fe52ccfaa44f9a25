package dev.infuser.text;

import dev.infuser.tensor.InvalidModelException;
import java.util.ArrayList;
import java.util.List;

/** Puts the special tokens around one encoded text or two. */
interface PostProcessor {

    /** The number of tokens put around one text, or around two. */
    int added(boolean pair);

    /** The encodings of one text or two with what belongs around them; joined, they are the result. */
    List<Encoding> process(List<Encoding> texts, boolean addSpecialTokens);

    /** One after the other. */
    record Chain(List<PostProcessor> processors) implements PostProcessor {
        @Override
        public int added(boolean pair) {
            int count = 0;
            for (PostProcessor processor : processors) {
                count += processor.added(pair);
            }
            return count;
        }

        @Override
        public List<Encoding> process(List<Encoding> texts, boolean addSpecialTokens) {
            for (PostProcessor processor : processors) {
                texts = processor.process(texts, addSpecialTokens);
            }
            return texts;
        }
    }

    /**
     * Takes the spaces at the ends of tokens out of their offsets.
     *
     * @param addedSpace whether a space was put before the text, which is not taken out
     */
    record TrimOffsets(boolean addedSpace) implements PostProcessor {
        @Override
        public int added(boolean pair) {
            return 0;
        }

        @Override
        public List<Encoding> process(List<Encoding> texts, boolean addSpecialTokens) {
            for (Encoding text : texts) {
                for (int i = 0; i < text.length(); i++) {
                    trim(text.tokens()[i], i, text.offsets());
                }
            }
            return texts;
        }

        private void trim(String token, int i, int[] offsets) {
            Text text = Text.of(token);
            int leading = 0;
            while (leading < text.length() && isSpace(text.points()[leading])) {
                leading++;
            }
            int trailing = 0;
            while (trailing < text.length() && isSpace(text.points()[text.length() - 1 - trailing])) {
                trailing++;
            }
            if (leading > 0 && (i == 0 || offsets[2 * i] == 0) && addedSpace) {
                leading--;
            }
            offsets[2 * i] = Math.min(offsets[2 * i] + leading, offsets[2 * i + 1]);
            if (trailing > 0 && offsets[2 * i + 1] >= trailing) {
                offsets[2 * i + 1] = Math.max(offsets[2 * i + 1] - trailing, offsets[2 * i]);
            }
        }

        private static boolean isSpace(int c) {
            return c == Bytes.space() || Unicode.isWhitespace(c);
        }
    }

    /** Puts all tokens in one segment. */
    record OneSegment() implements PostProcessor {
        @Override
        public int added(boolean pair) {
            return 0;
        }

        @Override
        public List<Encoding> process(List<Encoding> texts, boolean addSpecialTokens) {
            List<Encoding> same = new ArrayList<>();
            for (Encoding text : texts) {
                same.add(text.withTypeId(0));
            }
            return same;
        }
    }

    /** A list of pieces for one text and one for two: a text (by index) or special tokens. */
    record Template(List<Piece> single, List<Piece> pair) implements PostProcessor {

        /** One text after the other, with nothing added. */
        static final Template PLAIN = new Template(List.of(new Piece(0, 0, List.of())),
                List.of(new Piece(0, 0, List.of()), new Piece(1, 1, List.of())));

        @Override
        public int added(boolean isPair) {
            int count = 0;
            for (Piece piece : isPair ? pair : single) {
                count += piece.tokens.size();
            }
            return count;
        }

        @Override
        public List<Encoding> process(List<Encoding> texts, boolean addSpecialTokens) {
            if (texts.size() > 2) {
                throw new InvalidModelException("tokenizer", "a template comes after another");
            }
            Encoding whole = Encoding.added(0, "", 0, 0, 0);
            for (Piece piece : texts.size() == 2 ? pair : single) {
                if (piece.text >= 0) {
                    whole = whole.plus(texts.get(piece.text).withTypeId(piece.typeId));
                } else if (addSpecialTokens) {
                    for (Token token : piece.tokens) {
                        whole = whole.plus(Encoding.added(token.id, token.content, piece.typeId, 1, 1));
                    }
                }
            }
            return List.of(whole);
        }

        /** A text by index, or -1 and special tokens. */
        record Piece(int text, int typeId, List<Token> tokens) {
        }

        /** A special token. */
        record Token(int id, String content) {
        }

        /** The processor {@code TemplateProcessing}. */
        static Template of(Json json) {
            Json specialTokens = json.get("special_tokens");
            return new Template(pieces(json.get("single"), specialTokens, 1),
                    pieces(json.get("pair"), specialTokens, 2));
        }

        /** The processor {@code BertProcessing}. */
        static Template ofBert(Json json) {
            List<Token> cls = token(json.get("cls"));
            List<Token> sep = token(json.get("sep"));
            List<Piece> single = List.of(new Piece(-1, 0, cls), new Piece(0, 0, List.of()), new Piece(-1, 0, sep));
            List<Piece> pair = new ArrayList<>(single);
            pair.add(new Piece(1, 1, List.of()));
            pair.add(new Piece(-1, 1, sep));
            return new Template(single, pair);
        }

        /** What the processor {@code RobertaProcessing} puts around texts. */
        static Template ofRoberta(Json json) {
            List<Token> cls = token(json.get("cls"));
            List<Token> sep = token(json.get("sep"));
            List<Piece> single = List.of(new Piece(-1, 0, cls), new Piece(0, 0, List.of()), new Piece(-1, 0, sep));
            List<Piece> pair = new ArrayList<>(single);
            pair.add(new Piece(-1, 0, sep));
            pair.add(new Piece(1, 0, List.of()));
            pair.add(new Piece(-1, 0, sep));
            return new Template(single, pair);
        }

        private static List<Token> token(Json json) {
            if (json.list().size() != 2) {
                throw new InvalidModelException("tokenizer", "a special token is not a pair of token and id");
            }
            return List.of(new Token(json.list().get(1).count(), json.list().get(0).string()));
        }

        private static List<Piece> pieces(Json template, Json specialTokens, int texts) {
            List<Piece> pieces = new ArrayList<>();
            for (Json piece : template.list()) {
                Json text = piece.get("Sequence");
                Json special = piece.get("SpecialToken");
                int typeId = (text.isNull() ? special : text).get("type_id").count(0);
                if (!text.isNull()) {
                    int index = text.get("id").string().equals("A") ? 0 : 1;
                    if (index >= texts) {
                        throw new InvalidModelException("tokenizer", "the template for one text names two");
                    }
                    pieces.add(new Piece(index, typeId, List.of()));
                } else {
                    pieces.add(new Piece(-1, typeId, tokens(specialTokens.get(special.get("id").string()))));
                }
            }
            return pieces;
        }

        private static List<Token> tokens(Json special) {
            List<Json> ids = special.get("ids").list();
            List<Json> contents = special.get("tokens").list();
            if (ids.size() != contents.size()) {
                throw new InvalidModelException("tokenizer", "a special token has as many ids as tokens");
            }
            List<Token> tokens = new ArrayList<>();
            for (int i = 0; i < ids.size(); i++) {
                tokens.add(new Token(ids.get(i).count(), contents.get(i).string()));
            }
            return tokens;
        }
    }
}
