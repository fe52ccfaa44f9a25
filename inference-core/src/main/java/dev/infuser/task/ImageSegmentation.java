package dev.infuser.task;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.vision.Blur;
import dev.infuser.vision.Mask;
import dev.infuser.vision.Picture;
import dev.infuser.vision.Region;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which pixels of a picture belong to what the model looks for, such as a person. The model's output is a mask
 * {@code [1, height, width, classes]} or {@code [1, classes, height, width]}, from 0 to 1; of several classes
 * {@code output.NAME.rows} has the names, and the one called {@code foreground}, or else the last, counts;
 * {@code output.NAME.activation} may say {@code softmax}. Option: {@code blur}, by how many pixels (a standard deviation)
 * the background is blurred in a picture that is answered too.
 */
public final class ImageSegmentation implements Task<Picture, ImageSegmentation.Segments> {

    /** The name that pages know this task by. */
    public static final String NAME = "image-segmentation";

    private static final int MOST_BLUR = 1000;

    /**
     * A mask of the picture's size.
     *
     * @param picture with a blurred background, or null where none was asked for
     */
    public record Segments(Mask mask, Picture picture) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.object(picture == null ? 3 : 4).name("width").number(mask.width()).name("height").number(mask.height())
                    .name("mask").elements(Tensor.of(DType.UINT8, new int[] {mask.levels().length}, mask.levels()));
            if (picture != null) {
                write(picture, out.name("picture"));
            }
        }
    }

    private final ImageInput input;
    private final String output;
    private final int classes;
    private final int counts;
    private final boolean softmax;

    /**
     * Prepares for a model.
     *
     * @throws dev.infuser.tensor.UnsupportedModelException where it takes no image or gives no mask
     */
    public ImageSegmentation(ModelInfo model) {
        input = ImageInput.of(NAME, model);
        ModelInfo.Port mask = null;
        for (ModelInfo.Port port : model.outputs()) {
            boolean stated = model.says("output." + port.name() + ".content", "").equals("mask");
            if (stated || mask == null && model.outputs().size() == 1) {
                mask = port;
            }
        }
        if (mask == null || mask.dims().length != 4) {
            throw ModelInfo.unfit(NAME, "it has no mask of rank 4", "state output.NAME.content=mask when converting it");
        }
        output = mask.name();
        List<String> names = ModelInfo.words(model.says("output." + output + ".rows", ""));
        classes = Math.max(names.size(), 1);
        counts = names.contains("foreground") ? names.indexOf("foreground") : classes - 1;
        softmax = model.says("output." + output + ".activation", "").equals("softmax");
        if (mask.dim(3, classes) != classes && mask.dim(1, classes) != classes) {
            throw ModelInfo.unfit(NAME, "its mask is not one of " + classes + " classes", "state output.NAME.rows when converting it");
        }
    }

    @Override
    public Supplier<Segments> begin(Picture picture, Options options, Runs runs) {
        double blur = options.only("blur").number("blur", 0, 0, MOST_BLUR);
        ImageInput.Feed feed = input.feed(picture);
        Mask[] mask = new Mask[1];
        runs.add(Runs.MODEL, Map.of(input.name(), feed.tensor()), List.of(output),
                outputs -> mask[0] = mask(outputs.get(output), feed.region(), picture));
        return () -> new Segments(mask[0], blur > 0 ? Blur.background(picture, mask[0], blur) : null);
    }

    private Mask mask(Tensor tensor, Region region, Picture picture) {
        boolean last = tensor.dim(3) == classes;
        int rows = tensor.dim(last ? 1 : 2);
        int columns = tensor.dim(last ? 2 : 3);
        float[] values = tensor.toFloats();
        float[] shares = values;
        if (classes > 1 || softmax) {
            int step = last ? classes : 1;
            int apart = last ? 1 : rows * columns;
            shares = new float[rows * columns];
            for (int i = 0; i < shares.length; i++) {
                shares[i] = share(values, i * step, apart);
            }
        }
        return Mask.of(shares, columns, rows, region, picture.width(), picture.height());
    }

    private float share(float[] values, int at, int apart) {
        if (!softmax) {
            return values[at + counts * apart];
        }
        double total = 0;
        for (int c = 0; c < classes; c++) {
            total += Math.exp(values[at + c * apart] - values[at + counts * apart]);
        }
        return (float) (1 / total);
    }

    /** A picture as plain data. */
    static void write(Picture picture, PlainWriter out) {
        out.object(3).name("width").number(picture.width()).name("height").number(picture.height())
                .name("data").elements(Tensor.of(DType.UINT8, new int[] {picture.rgba().length}, picture.rgba()));
    }
}
