package dev.infuser.task;

import dev.infuser.tensor.Tensor;
import dev.infuser.vision.Picture;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a model tells of a person by the face.
 *
 * @param age        in years, or NaN
 * @param gender     a class and its score, or null
 * @param descriptor a vector that lies close to others of the same person, or null
 */
public record FaceDescription(double age, ImageClassification.Scored gender, float[] descriptor) {

    /** How many entries {@link #write} writes. */
    int entries() {
        return (Double.isNaN(age) ? 0 : 1) + (gender == null ? 0 : 1) + (descriptor == null ? 0 : 1);
    }

    void write(PlainWriter out) {
        if (!Double.isNaN(age)) {
            out.name("age").number(age);
        }
        if (gender != null) {
            out.name("gender");
            gender.writeTo(out);
        }
        if (descriptor != null) {
            out.name("descriptor").elements(Tensor.floats(new int[] {descriptor.length}, descriptor));
        }
    }

    /**
     * Reads outputs by their {@code content}: {@code age}, one number of years, or probabilities of the ages in {@code values} (0, 1,
     * ... where not said), which give the mean age; {@code gender}, one probability of the second of {@code classes}, or one for
     * each; and {@code descriptor}.
     */
    static final class Reader {

        private final ImageInput input;
        private final RegionRule rule;
        private final String age;
        private final double[] ages;
        private final String gender;
        private final List<String> classes;
        private final String descriptor;

        Reader(String task, ModelInfo model) {
            input = ImageInput.of(task, model);
            rule = RegionRule.of(task, model);
            age = model.outputOf("age");
            ages = model.numbers("output." + age + ".values");
            gender = model.outputOf("gender");
            classes = ModelInfo.words(model.says("output." + gender + ".classes", ""));
            descriptor = model.outputOf("descriptor");
            if (age == null && gender == null && descriptor == null || gender != null && classes.size() != 2) {
                throw ModelInfo.unfit(task, "it does not say what its outputs are",
                        "state output.NAME.content as age, gender or descriptor, and output.NAME.classes of gender");
            }
        }

        /** Asks for a run. */
        void describe(String name, Picture picture, Sighting face, Runs runs, Consumer<FaceDescription> then) {
            runs.add(name, Map.of(input.name(), input.feed(picture, input.cropped(rule.region(face))).tensor()),
                    outputs -> then.accept(new FaceDescription(age == null ? Double.NaN : age(outputs.get(age).toFloats()),
                            gender == null ? null : gender(outputs.get(gender).toFloats()),
                            descriptor == null ? null : outputs.get(descriptor).toFloats())));
        }

        private double age(float[] values) {
            if (values.length == 1) {
                return values[0];
            }
            double sum = 0;
            double total = 0;
            for (int i = 0; i < values.length; i++) {
                sum += values[i] * (ages == null || i >= ages.length ? i : ages[i]);
                total += values[i];
            }
            return total > 0 ? sum / total : Double.NaN;
        }

        private ImageClassification.Scored gender(float[] values) {
            double second = values.length == 1 ? values[0] : values[1];
            return second > 0.5 ? new ImageClassification.Scored(classes.get(1), second)
                    : new ImageClassification.Scored(classes.get(0), values.length == 1 ? 1 - second : values[0]);
        }
    }
}
