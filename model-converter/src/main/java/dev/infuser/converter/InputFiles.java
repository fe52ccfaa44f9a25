package dev.infuser.converter;

import dev.infuser.converter.onnx.OnnxTensors;
import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import dev.infuser.text.Batch;
import dev.infuser.text.Padding;
import dev.infuser.text.Tokenizer;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;

/** Makes feeds of files: tensors, images, texts. */
final class InputFiles {

    private InputFiles() {
    }

    /**
     * One feed for every input of the model: from its file, from the text of another input's file, or generated to fit.
     *
     * @throws InvalidInputException for unknown inputs and files that do not suit them
     */
    static Map<String, Tensor> feeds(Model model, Map<String, Path> files) throws IOException {
        Graph graph = model.graph();
        Map<String, Tensor> given = new LinkedHashMap<>();
        for (Map.Entry<String, Path> entry : files.entrySet()) {
            Value input = find(graph, entry.getKey());
            Path file = entry.getValue();
            if (!Files.isRegularFile(file)) {
                throw new InvalidInputException("no-such-file", input.name(), "there is no file " + file, "", "");
            }
            String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
            if (name.endsWith(".npy")) {
                given.put(input.name(), Npy.read(Files.readAllBytes(file)));
            } else if (name.endsWith(".pb")) {
                given.put(input.name(), OnnxTensors.readTensor(Files.readAllBytes(file)));
            } else if (name.endsWith(".txt")) {
                text(model, input, Files.readString(file, StandardCharsets.UTF_8), given);
            } else {
                given.put(input.name(), image(input, file));
            }
        }
        return complete(graph, given);
    }

    private static Value find(Graph graph, String name) {
        for (Value input : graph.inputs()) {
            if (input.name().equals(name)) {
                return input;
            }
        }
        throw new InvalidInputException("unknown-feed", name, "the model has no input '" + name + "'", "its inputs: "
                + String.join(", ", graph.inputs().stream().map(Value::name).toList()), "");
    }

    private static Map<String, Tensor> complete(Graph graph, Map<String, Tensor> given) {
        Map<String, Long> extents = new LinkedHashMap<>();
        for (Value input : graph.inputs()) {
            Tensor tensor = given.get(input.name());
            if (tensor != null && input.type() instanceof ValueType.OfTensor t && t.shape() != null
                    && t.shape().rank() == tensor.rank()) {
                for (int axis = 0; axis < tensor.rank(); axis++) {
                    Dim dim = t.shape().dim(axis);
                    if (!dim.isConstant()) {
                        extents.putIfAbsent(dim.symbol(), (long) tensor.dim(axis));
                    }
                }
            }
        }
        Map<String, Tensor> feeds = new LinkedHashMap<>(given);
        if (given.size() < graph.inputs().size()) {
            Map<String, Tensor> samples = new SampleInputs(FixedDims.fixInputs(graph, extents)).draw(0);
            samples.forEach(feeds::putIfAbsent);
        }
        return feeds;
    }

    private static void text(Model model, Value input, String text, Map<String, Tensor> given) {
        byte[] json = model.assets().get("tokenizer.json");
        if (json == null) {
            throw new InvalidInputException("no-tokenizer", input.name(), "a text was given for '" + input.name()
                    + "', but the model has no tokenizer", "", "put tokenizer.json beside the source and convert it again");
        }
        Tokenizer tokenizer = Tokenizer.parse(json);
        Batch batch = Batch.of(tokenizer.with(tokenizer.truncation(), tokenizer.padding().withLength(Padding.LONGEST))
                .encode(List.of(text.strip())));
        int[] dims = {batch.batch(), batch.sequence()};
        given.put(input.name(), integers(input, dims, batch.ids()));
        for (Value other : model.graph().inputs()) {
            if (other.name().contains("mask")) {
                given.putIfAbsent(other.name(), integers(other, dims, batch.attentionMask()));
            } else if (other.name().contains("type")) {
                given.putIfAbsent(other.name(), integers(other, dims, batch.typeIds()));
            }
        }
    }

    private static Tensor integers(Value input, int[] dims, long[] values) {
        DType dtype = input.type() instanceof ValueType.OfTensor t ? t.dtype() : DType.INT64;
        return Tensor.ofLongs(dtype, dims, values);
    }

    /** An image for {@code [1, 3 or 1, H, W]} or {@code [1, H, W, 3 or 1]}: 0 to 1 for floats, 0 to 255 for integers. */
    private static Tensor image(Value input, Path file) throws IOException {
        BufferedImage image = ImageIO.read(file.toFile());
        if (image == null) {
            throw new InvalidInputException("bad-image", input.name(), file + " is no image, .npy, .pb or .txt file", "", "");
        }
        if (!(input.type() instanceof ValueType.OfTensor type) || type.shape() == null || type.shape().rank() != 4) {
            throw new InvalidInputException("bad-image", input.name(), "an image was given for '" + input.name()
                    + "', which is " + input.type(), "", "");
        }
        boolean last = type.shape().dim(3).is(3) || type.shape().dim(3).is(1);
        int channels = last ? (int) type.shape().dim(3).value() : type.shape().dim(1).is(1) ? 1 : 3;
        int height = extent(type.shape().dim(last ? 1 : 2), image.getHeight());
        int width = extent(type.shape().dim(last ? 2 : 3), image.getWidth());
        int[] pixels = scaled(image, width, height).getRGB(0, 0, width, height, null, 0, width);
        double[] values = new double[channels * pixels.length];
        double scale = type.dtype().isFloat() ? 1 / 255.0 : 1;
        for (int i = 0; i < pixels.length; i++) {
            int red = pixels[i] >> 16 & 0xFF;
            int green = pixels[i] >> 8 & 0xFF;
            int blue = pixels[i] & 0xFF;
            double[] colour = channels == 3 ? new double[] {red, green, blue}
                    : new double[] {0.299 * red + 0.587 * green + 0.114 * blue};
            for (int c = 0; c < channels; c++) {
                values[last ? i * channels + c : c * pixels.length + i] = colour[c] * scale;
            }
        }
        return Tensor.ofDoubles(type.dtype(), last ? new int[] {1, height, width, channels}
                : new int[] {1, channels, height, width}, values);
    }

    private static int extent(Dim dim, int natural) {
        return dim.isConstant() ? (int) dim.value() : natural;
    }

    private static BufferedImage scaled(BufferedImage image, int width, int height) {
        BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = out.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        return out;
    }
}
