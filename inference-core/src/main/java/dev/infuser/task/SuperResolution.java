package dev.infuser.task;

import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import dev.infuser.vision.Filter;
import dev.infuser.vision.Picture;
import dev.infuser.vision.Resize;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Pictures made larger, {@code scale} times as the metadata say. Large ones are done in patches of {@code patch} pixels, of
 * which the outer {@code overlap} count only at the picture's border: with as many as the model looks around a pixel, the
 * result is that of the whole picture at once.
 */
public final class SuperResolution implements Task<Picture, SuperResolution.Enlarged> {

    /** The name that pages know this task by. */
    public static final String NAME = "super-resolution";

    private static final int PATCH = 128;
    private static final int OVERLAP = 16;
    private static final long MOST_PIXELS = 1 << 28;

    /** A larger picture. */
    public record Enlarged(Picture picture) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            ImageSegmentation.write(picture, out);
        }
    }

    private final ImageInput input;
    private final String output;
    private final int scale;
    private final int patch;
    private final int overlap;
    private final double low;
    private final double high;

    /**
     * Prepares for a model.
     *
     * @throws dev.infuser.tensor.UnsupportedModelException where it takes no image or does not say by how much it enlarges
     */
    public SuperResolution(ModelInfo model) {
        input = ImageInput.of(NAME, model);
        scale = (int) model.number("scale", 0);
        if (model.outputs().isEmpty() || scale < 1) {
            throw ModelInfo.unfit(NAME, "it does not say by how much it enlarges", "state scale=2 or so when converting it");
        }
        output = model.outputs().get(0).name();
        overlap = (int) Math.max(0, model.number("overlap", OVERLAP));
        patch = (int) Math.max(2 * overlap + 1, model.number("patch", PATCH));
        low = model.number("output." + output + ".min", 0);
        high = model.number("output." + output + ".max", 1);
    }

    /** The places of patches along one extent, and how long they are. */
    private record Cuts(int extent, int length, int overlap) {

        int count() {
            int step = length - 2 * overlap;
            return extent <= length ? 1 : (extent - length + step - 1) / step + 1;
        }

        int start(int i) {
            return Math.max(0, Math.min(i * (length - 2 * overlap), extent - length));
        }

        /** Where the part begins that counts. */
        int from(int i) {
            return i == 0 ? 0 : to(i - 1);
        }

        int to(int i) {
            return i == count() - 1 ? extent : start(i) + length - overlap;
        }
    }

    private Cuts cuts(int extent, int fixed) {
        return new Cuts(extent, fixed != ModelInfo.Port.OPEN ? fixed : Math.min(extent, patch),
                fixed != ModelInfo.Port.OPEN ? Math.min(overlap, (fixed - 1) / 2) : overlap);
    }

    @Override
    public Supplier<Enlarged> begin(Picture picture, Options options, Runs runs) {
        options.only();
        long pixels = (long) picture.width() * scale * picture.height() * scale;
        if (pixels > MOST_PIXELS) {
            throw new InvalidInputException("bad-size", "", "the picture is too large to be made " + scale + " times larger",
                    "it would have " + pixels + " pixels", "make it smaller");
        }
        byte[] rgba = new byte[4 * (int) pixels];
        next(0, picture, cuts(picture.width(), input.width()), cuts(picture.height(), input.height()), rgba, runs);
        return () -> new Enlarged(opaque(picture, new Picture(picture.width() * scale, picture.height() * scale, rgba)));
    }

    private void next(int number, Picture picture, Cuts columns, Cuts rows, byte[] rgba, Runs runs) {
        int column = number % columns.count();
        int row = number / columns.count();
        if (row == rows.count()) {
            return;
        }
        Picture part = part(picture, columns.start(column), rows.start(row), columns.length, rows.length);
        runs.add(Runs.MODEL, Map.of(input.name(), input.tensor(part)), List.of(output), outputs -> {
            place(outputs.get(output), columns, column, rows, row, rgba);
            next(number + 1, picture, columns, rows, rgba, runs);
        });
    }

    /** A part, as if the pixels at the border went on beyond it. */
    private static Picture part(Picture picture, int left, int top, int width, int height) {
        byte[] rgba = new byte[4 * width * height];
        for (int y = 0; y < height; y++) {
            int row = Math.min(top + y, picture.height() - 1) * picture.width();
            int within = Math.min(width, picture.width() - left);
            System.arraycopy(picture.rgba(), 4 * (row + left), rgba, 4 * y * width, 4 * within);
            for (int x = within; x < width; x++) {
                System.arraycopy(picture.rgba(), 4 * (row + picture.width() - 1), rgba, 4 * (y * width + x), 4);
            }
        }
        return new Picture(width, height, rgba);
    }

    private void place(Tensor tensor, Cuts columns, int column, Cuts rows, int row, byte[] rgba) {
        float[] values = tensor.toFloats();
        int width = columns.length * scale;
        int height = rows.length * scale;
        if (values.length != 3 * width * height) {
            throw ModelInfo.unfit(NAME, "its output is not " + scale + " times as large as its input", "check its metadata: scale");
        }
        boolean last = tensor.dim(-1 + tensor.rank()) == 3;
        int step = last ? 3 : 1;
        int apart = last ? 1 : width * height;
        double factor = 255 / (high - low);
        for (int y = rows.from(row) * scale; y < rows.to(row) * scale; y++) {
            int in = (y - rows.start(row) * scale) * width;
            int out = y * columns.extent * scale;
            for (int x = columns.from(column) * scale; x < columns.to(column) * scale; x++) {
                int from = (in + x - columns.start(column) * scale) * step;
                for (int c = 0; c < 3; c++) {
                    double level = (values[from + c * apart] - low) * factor + 0.5;
                    rgba[4 * (out + x) + c] = (byte) (level > 255 ? 255 : level > 0 ? (int) level : 0);
                }
                rgba[4 * (out + x) + 3] = (byte) 255;
            }
        }
    }

    /** Gives a larger picture the transparency of the original. */
    private static Picture opaque(Picture original, Picture larger) {
        boolean opaque = true;
        for (int i = 3; i < original.rgba().length; i += 4) {
            opaque &= original.rgba()[i] == (byte) 255;
        }
        if (!opaque) {
            byte[] alpha = Resize.resize(original, larger.width(), larger.height(), Filter.BICUBIC).rgba();
            for (int i = 3; i < alpha.length; i += 4) {
                larger.rgba()[i] = alpha[i];
            }
        }
        return larger;
    }
}
