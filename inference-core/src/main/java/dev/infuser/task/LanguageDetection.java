package dev.infuser.task;

import dev.infuser.tensor.Tensor;
import dev.infuser.vision.Boxes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which programming language each text is in.
 *
 * <p>The model takes texts, string {@code [batch]}, and gives a score for each language, float32 {@code [batch, languages]}, and their
 * names, string {@code [batch, languages]}; without these, an asset has the names. Metadata of its input: {@code minLength},
 * below which a text tells nothing, {@code maxLength}, above which it is cut, in UTF-16 units, and {@code newline}, {@code \n} where
 * line ends are to be of that kind. Options: {@code limit}, the most languages to tell, 5 by default.
 */
public final class LanguageDetection implements Task<List<String>, LanguageDetection.Languages> {

    /** The name that pages know this task by. */
    public static final String NAME = "language-detection";

    /** Of each text, the languages from the most likely one down; none of a text that is too short. */
    public record Languages(List<List<ImageClassification.Scored>> texts) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.list(texts.size());
            for (List<ImageClassification.Scored> languages : texts) {
                out.list(languages);
            }
        }
    }

    private final String input;
    private final String scores;
    private final String names;
    private final List<String> labels;
    private final int least;
    private final int most;
    private final boolean newlines;

    /**
     * Prepares for a model.
     *
     * @throws dev.infuser.tensor.UnsupportedModelException where it takes no text, or gives no scores
     */
    public LanguageDetection(ModelInfo model) {
        ModelInfo.Port text = ofType(model.inputs(), "string");
        ModelInfo.Port score = ofType(model.outputs(), "float32");
        ModelInfo.Port name = ofType(model.outputs(), "string");
        if (model.inputs().size() != 1 || text == null || score == null) {
            throw ModelInfo.unfit(NAME, "it does not give scores to a text", "");
        }
        input = text.name();
        scores = score.name();
        names = name == null ? "" : name.name();
        labels = ImageClassification.labels(model, scores);
        least = (int) model.number("input." + input + ".minLength", 0);
        most = (int) model.number("input." + input + ".maxLength", Integer.MAX_VALUE);
        newlines = model.says("input." + input + ".newline", "").equals("\\n");
    }

    private static ModelInfo.Port ofType(List<ModelInfo.Port> ports, String type) {
        for (ModelInfo.Port port : ports) {
            if (port.type().equals(type)) {
                return port;
            }
        }
        return null;
    }

    @Override
    public Supplier<Languages> begin(List<String> texts, Options options, Runs runs) {
        int limit = (int) options.only("limit").number("limit", 5, 1, Integer.MAX_VALUE);
        List<List<ImageClassification.Scored>> answers = new ArrayList<>();
        for (String text : texts) {
            List<ImageClassification.Scored> languages = new ArrayList<>();
            answers.add(languages);
            if (text.length() >= least) {
                runs.add(Runs.MODEL, Map.of(input, Tensor.strings(new int[] {1}, prepared(text))),
                        outputs -> tell(outputs, limit, languages));
            }
        }
        return () -> new Languages(answers);
    }

    private String prepared(String text) {
        boolean pair = text.length() > most && most > 0 && Character.isHighSurrogate(text.charAt(most - 1));
        String cut = text.length() <= most ? text : text.substring(0, pair ? most - 1 : most);
        return newlines ? cut.replace("\r\n", "\n") : cut;
    }

    private void tell(Map<String, Tensor> outputs, int limit, List<ImageClassification.Scored> languages) {
        float[] values = outputs.get(scores).floats();
        String[] known = names.isEmpty() ? null : outputs.get(names).strings();
        int[] order = Boxes.order(values);
        for (int i = 0; i < Math.min(limit, order.length); i++) {
            int k = order[i];
            String label = known != null && k < known.length ? known[k] : ImageClassification.label(labels, k);
            languages.add(new ImageClassification.Scored(label, values[k]));
        }
    }
}
