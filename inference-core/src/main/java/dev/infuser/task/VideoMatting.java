package dev.infuser.task;

import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import dev.infuser.vision.Picture;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * People in front of the background, frame by frame of a video; what was seen so far helps with the next frame, until
 * {@link #reset} or a frame of another size. The output whose {@code content} is {@code alpha} tells how much each pixel
 * belongs to them, that of {@code foreground} their colours; {@link State} has what the model takes beside. Options: its settings by
 * name, numbers.
 */
public final class VideoMatting implements Task<Picture, VideoMatting.Frame> {

    /** The name that pages know this task by. */
    public static final String NAME = "video-matting";

    private static final int LEVELS = 255;
    private static final double LARGEST = 1e9;

    /**
     * A frame.
     *
     * @param picture the people's colours; alpha is how much each pixel belongs to them
     */
    public record Frame(Picture picture) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            ImageSegmentation.write(picture, out);
        }
    }

    private final ImageInput input;
    private final String alpha;
    private final String foreground;
    private final State state;
    private int width;
    private int height;

    /**
     * Prepares for a model.
     *
     * @throws dev.infuser.tensor.UnsupportedModelException where it takes no image, or does not say what its other inputs take
     */
    public VideoMatting(ModelInfo model) {
        input = ImageInput.of(NAME, model);
        alpha = model.outputOf("alpha");
        foreground = model.outputOf("foreground");
        if (alpha == null) {
            throw ModelInfo.unfit(NAME, "it does not say which output tells the people from the background",
                    "state output.NAME.content=alpha when converting it");
        }
        state = new State(NAME, model, List.of(input.name()));
    }

    @Override
    public Supplier<Frame> begin(Picture picture, Options options, Runs runs) {
        List<String> settings = state.settings();
        options.only(settings.toArray(new String[0]));
        int columns = input.width() > 0 ? input.width() : picture.width();
        int rows = input.height() > 0 ? input.height() : picture.height();
        if (width != picture.width() || height != picture.height()) {
            reset();
            width = picture.width();
            height = picture.height();
        }
        Map<String, Tensor> feeds = state.feeds();
        feeds.put(input.name(), input.feed(picture, columns, rows).tensor());
        for (String setting : settings) {
            double otherwise = feeds.get(setting).toDoubles()[0];
            double value = options.number(setting, otherwise, -LARGEST, LARGEST);
            if (value != otherwise) {
                Tensor stated = feeds.get(setting);
                feeds.put(setting, Tensor.ofDoubles(stated.dtype(), stated.dims(), new double[] {value}));
            }
        }
        Picture[] frame = new Picture[1];
        runs.add(Runs.MODEL, feeds, outputs -> {
            state.took(outputs);
            frame[0] = frame(picture, outputs, columns, rows);
        });
        return () -> new Frame(frame[0]);
    }

    private Picture frame(Picture picture, Map<String, Tensor> outputs, int columns, int rows) {
        float[] shares = outputs.get(alpha).toFloats();
        float[] colors = foreground == null ? null : outputs.get(foreground).toFloats();
        int pixels = columns * rows;
        if (shares.length != pixels || colors != null && colors.length != 3 * pixels
                || colors == null && pixels != picture.width() * picture.height()) {
            throw new InvalidInputException("bad-frame", alpha, "the model answers with another size than it was asked for",
                    "expected " + columns + " x " + rows + " pixels, found " + shares.length, "");
        }
        byte[] rgba = new byte[4 * pixels];
        for (int i = 0; i < pixels; i++) {
            for (int c = 0; c < 3; c++) {
                rgba[4 * i + c] = colors == null ? picture.rgba()[4 * i + c] : level(colors[3 * i + c]);
            }
            rgba[4 * i + 3] = level(shares[i]);
        }
        return new Picture(columns, rows, rgba);
    }

    private static byte level(float share) {
        return (byte) (Math.min(Math.max(share, 0), 1) * LEVELS + 0.5f);
    }

    @Override
    public void reset() {
        state.reset();
    }
}
