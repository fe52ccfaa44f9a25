package dev.infuser.task;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import dev.infuser.vision.Crop;
import dev.infuser.vision.Filter;
import dev.infuser.vision.Picture;
import dev.infuser.vision.Region;
import dev.infuser.vision.Resize;

/**
 * From pictures to a model's input, as its metadata say: {@code channels} ({@code rgb}, {@code bgr} or {@code gray}, with
 * {@code gray} for how much of each colour), {@code mean} and {@code std} (one number or one for each channel), {@code resize}
 * (a {@link Filter}; {@code bilinear} by default), {@code padding} ({@code square}, or {@code letterbox} to the input's own
 * proportions), {@code fill} (0 to 255, of the padding), and {@code crop} (top, left, bottom and right from 0 to 1, before the
 * padding).
 *
 * <p>The input is {@code [1, height, width, channels]} or {@code [1, channels, height, width]} of float32, uint8 or int32.
 */
public final class ImageInput {

    private static final int LEVELS = 256;
    private static final double[] GRAY = {0.299, 0.587, 0.114};

    /**
     * A model's input, and what it shows.
     *
     * @param region maps its places, from 0 to 1 in either direction, to pixels of the picture and back
     */
    public record Feed(Tensor tensor, Region region) {
    }

    private final ModelInfo model;
    private final ModelInfo.Port port;
    private final int channels;
    private final boolean channelsLast;
    private final Object levels;
    private final int[] colors;
    private final double[] gray;
    private final Filter filter;
    private final String padding;
    private final double[] crop;
    private final int fill;

    private ImageInput(String task, ModelInfo model, ModelInfo.Port port) {
        this.model = model;
        this.port = port;
        String order = says("channels", "rgb");
        boolean oneColor = order.equals("gray");
        channels = oneColor ? 1 : 3;
        if (!oneColor && !order.equals("rgb") && !order.equals("bgr")) {
            throw ModelInfo.unfit(task, "channels of input " + port.name() + " are '" + order + "'", "channels are rgb, bgr or gray");
        }
        if (port.dims().length != 4 || port.dim(3, channels) != channels && port.dim(1, channels) != channels) {
            throw ModelInfo.unfit(task, "input " + port.name() + " is no image of " + channels + " channels", "");
        }
        channelsLast = port.dims()[3] == channels || port.dims()[1] != channels;
        colors = order.equals("bgr") ? new int[] {2, 1, 0} : new int[] {0, 1, 2};
        double[] weights = numbers("gray");
        gray = !oneColor ? null : weights != null && weights.length == 3 ? weights : GRAY;
        levels = levels(task);
        filter = filter(task, says("resize", "bilinear"));
        padding = says("padding", "");
        if (!padding.isEmpty() && !padding.equals("square") && !padding.equals("letterbox")) {
            throw ModelInfo.unfit(task, "padding of input " + port.name() + " is '" + padding + "'", "padding is square or letterbox");
        }
        double[] part = numbers("crop");
        crop = part != null && part.length == 4 ? part : new double[] {0, 0, 1, 1};
        double[] color = numbers("fill");
        fill = color == null || color.length == 0 ? 0 : (int) Math.min(Math.max(color[0], 0), LEVELS - 1);
    }

    /**
     * The input of a model that takes an image: the one whose {@code content} is {@code image}, or else the first of rank 4.
     *
     * @param task as errors name it
     * @throws dev.infuser.tensor.UnsupportedModelException where there is none, or the metadata say what is not known here
     */
    public static ImageInput of(String task, ModelInfo model) {
        ModelInfo.Port found = null;
        for (ModelInfo.Port port : model.inputs()) {
            boolean image = model.says("input." + port.name() + ".content", "").equals("image");
            if (image || found == null && port.dims().length == 4) {
                found = port;
                if (image) {
                    break;
                }
            }
        }
        if (found == null) {
            throw ModelInfo.unfit(task, "it takes no image", "use a model that does");
        }
        return new ImageInput(task, model, found);
    }

    private String says(String key, String otherwise) {
        return model.says("input." + port.name() + "." + key, otherwise);
    }

    private double[] numbers(String key) {
        return model.numbers("input." + port.name() + "." + key);
    }

    private Filter filter(String task, String name) {
        return switch (name) {
            case "nearest" -> Filter.NEAREST;
            case "box", "area" -> Filter.BOX;
            case "bilinear" -> Filter.BILINEAR;
            case "bicubic" -> Filter.BICUBIC;
            case "lanczos" -> Filter.LANCZOS;
            default -> throw ModelInfo.unfit(task, "resize of input " + port.name() + " is '" + name + "'",
                    "resize is nearest, box, bilinear, bicubic or lanczos");
        };
    }

    /** What each level of each channel becomes, one channel after the other. */
    private Object levels(String task) {
        double[] means = numbers("mean");
        double[] stds = numbers("std");
        float[] floats = new float[channels * LEVELS];
        byte[] bytes = new byte[floats.length];
        int[] ints = new int[floats.length];
        for (int i = 0; i < floats.length; i++) {
            double mean = of(means, i / LEVELS, 0);
            double std = of(stds, i / LEVELS, 1);
            double value = (i % LEVELS - mean) / std;
            floats[i] = (float) value;
            ints[i] = (int) Math.floor(value + 0.5);
            bytes[i] = (byte) ints[i];
        }
        return switch (port.type()) {
            case "float32" -> floats;
            case "uint8" -> bytes;
            case "int32" -> ints;
            default -> throw ModelInfo.unfit(task, "input " + port.name() + " is of " + port.type(),
                    "images are float32, uint8 or int32");
        };
    }

    private static double of(double[] values, int channel, double otherwise) {
        return values == null || values.length == 0 ? otherwise : values[Math.min(channel, values.length - 1)];
    }

    /** The name of the input. */
    public String name() {
        return port.name();
    }

    /** Whether it is float32 with channels before rows. */
    public boolean isPlanar() {
        return !channelsLast && levels instanceof float[];
    }

    /** Images that the model takes at once, or {@link ModelInfo.Port#OPEN}. */
    public int batch() {
        return port.dims()[0];
    }

    /** Pixels in a row of the input, or {@link ModelInfo.Port#OPEN}. */
    public int width() {
        return port.dims()[channelsLast ? 2 : 3];
    }

    /** Rows of the input, or {@link ModelInfo.Port#OPEN}. */
    public int height() {
        return port.dims()[channelsLast ? 1 : 2];
    }

    /** What the input shows of a picture, for an input of {@code width} x {@code height}. */
    public Region region(Picture picture, int width, int height) {
        Region whole = cropped(Region.of(picture));
        return padding.isEmpty() ? whole : whole.padded(padding.equals("square") ? 1 : (double) width / height);
    }

    /** The part of a region that the model wants to see. */
    Region cropped(Region region) {
        return region.part(crop[1], crop[0], crop[3], crop[2]);
    }

    /** A picture as the input that the model takes. */
    public Feed feed(Picture picture) {
        return feed(picture, width(), height());
    }

    /** A picture as an input of a size that the model leaves open. */
    public Feed feed(Picture picture, int width, int height) {
        check(width, height);
        return feed(picture, region(picture, width, height), width, height);
    }

    /** A region of a picture: one that is not turned is antialiased; beyond the picture is the padding's colour. */
    public Feed feed(Picture picture, Region region) {
        return feed(picture, region, width(), height());
    }

    private Feed feed(Picture picture, Region region, int width, int height) {
        check(width, height);
        Picture seen = region.angle() == 0 && region.width() > 0 ? Resize.resize(picture, region, width, height, filter, fill)
                : Crop.region(picture, region, width, height, Crop.Border.BLACK);
        return new Feed(tensor(seen), region);
    }

    private void check(int width, int height) {
        if (width < 1 || height < 1) {
            throw new InvalidInputException("open-size", port.name(), "the model leaves the size of its input open", "",
                    "convert it with fixed extents");
        }
    }

    /** The pixels of a picture, which has the size of the input, as a tensor. */
    public Tensor tensor(Picture sized) {
        int pixels = sized.width() * sized.height();
        int[] dims = channelsLast ? new int[] {1, sized.height(), sized.width(), channels}
                : new int[] {1, channels, sized.height(), sized.width()};
        int step = channelsLast ? channels : 1;
        byte[] rgba = gray == null ? sized.rgba() : grays(sized.rgba());
        float[] floats = levels instanceof float[] ? new float[channels * pixels] : null;
        int[] ints = levels instanceof int[] ? new int[channels * pixels] : null;
        byte[] bytes = levels instanceof byte[] ? new byte[channels * pixels] : null;
        for (int c = 0; c < channels; c++) {
            int at = channelsLast ? c : c * pixels;
            int end = at + pixels * step;
            int in = colors[c];
            if (levels instanceof float[] table) {
                for (; at < end; at += step, in += 4) {
                    floats[at] = table[c * LEVELS + (rgba[in] & 255)];
                }
            } else if (levels instanceof int[] table) {
                for (; at < end; at += step, in += 4) {
                    ints[at] = table[c * LEVELS + (rgba[in] & 255)];
                }
            } else {
                for (; at < end; at += step, in += 4) {
                    bytes[at] = ((byte[]) levels)[c * LEVELS + (rgba[in] & 255)];
                }
            }
        }
        return floats != null ? Tensor.floats(dims, floats) : ints != null ? Tensor.ints(dims, ints)
                : Tensor.of(DType.UINT8, dims, bytes);
    }

    /** Pixels whose first byte is their brightness. */
    private byte[] grays(byte[] rgba) {
        byte[] grays = new byte[rgba.length];
        for (int i = 0; i < rgba.length; i += 4) {
            grays[i] = (byte) (gray[0] * (rgba[i] & 255) + gray[1] * (rgba[i + 1] & 255) + gray[2] * (rgba[i + 2] & 255) + 0.5);
        }
        return grays;
    }
}
