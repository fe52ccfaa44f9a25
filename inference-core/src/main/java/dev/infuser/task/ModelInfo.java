package dev.infuser.task;

import dev.infuser.graph.Value;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a task knows of a model.
 *
 * @param inputs   in order
 * @param outputs  in order
 * @param metadata what the file says of the model, of its inputs and its outputs; the converter's README lists the keys
 * @param assets   tokenizer, labels, ...: bytes by name
 */
public record ModelInfo(List<Port> inputs, List<Port> outputs, Map<String, String> metadata, Map<String, byte[]> assets) {

    /**
     * An input or output.
     *
     * @param type an element type such as {@code float32}
     * @param dims extents, {@link #OPEN} where not fixed
     */
    public record Port(String name, String type, int[] dims) {

        public static final int OPEN = -1;

        /** Axis {@code i} from the front, or from the back where negative; {@code otherwise} where that is not fixed. */
        public int dim(int i, int otherwise) {
            int dim = dims[i < 0 ? dims.length + i : i];
            return dim == OPEN ? otherwise : dim;
        }
    }

    /** What a session's model says. */
    public static ModelInfo of(Session session) {
        return new ModelInfo(ports(session.inputs()), ports(session.outputs()), session.metadata(), session.assets());
    }

    private static List<Port> ports(List<Value> values) {
        List<Port> ports = new ArrayList<>();
        for (Value value : values) {
            boolean known = value.type() instanceof ValueType.OfTensor tensor && tensor.shape() != null;
            List<Dim> dims = known ? ((ValueType.OfTensor) value.type()).shape().dims() : List.of();
            int[] extents = new int[dims.size()];
            for (int i = 0; i < extents.length; i++) {
                extents[i] = dims.get(i).isConstant() ? (int) dims.get(i).value() : Port.OPEN;
            }
            String type = value.type() instanceof ValueType.OfTensor tensor ? tensor.dtype().label() : String.valueOf(value.type());
            ports.add(new Port(value.name(), type, extents));
        }
        return ports;
    }

    /** What the metadata say under {@code key}, or {@code otherwise}. */
    public String says(String key, String otherwise) {
        return metadata.getOrDefault(key, otherwise);
    }

    /** The number that the metadata say under {@code key}, or {@code otherwise}. */
    public double number(String key, double otherwise) {
        String text = metadata.get(key);
        return text == null ? otherwise : Double.parseDouble(text);
    }

    /** The numbers, separated by commas or spaces, that the metadata say under {@code key}, or null. */
    public double[] numbers(String key) {
        String text = metadata.get(key);
        if (text == null) {
            return null;
        }
        List<String> parts = words(text);
        double[] numbers = new double[parts.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Double.parseDouble(parts.get(i));
        }
        return numbers;
    }

    /** The words of a text, between commas, brackets and spaces. */
    static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        int start = -1;
        for (int i = 0; i <= text.length(); i++) {
            boolean within = i < text.length() && ",[] \t\n".indexOf(text.charAt(i)) < 0;
            if (within && start < 0) {
                start = i;
            } else if (!within && start >= 0) {
                words.add(text.substring(start, i));
                start = -1;
            }
        }
        return words;
    }

    /** The lines of an asset, without the end of the last one, or an empty list where there is none of that name. */
    public List<String> lines(String asset) {
        List<String> lines = new ArrayList<>();
        byte[] bytes = assets.get(asset);
        String text = bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
        for (int start = 0; start < text.length();) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end;
            boolean carriage = end > start && text.charAt(end - 1) == '\r';
            lines.add(text.substring(start, carriage ? end - 1 : end));
            start = end + 1;
        }
        return lines;
    }

    /** The name of the output whose {@code content} the metadata say to be this, or null. */
    String outputOf(String content) {
        for (Port port : outputs) {
            if (says("output." + port.name() + ".content", "").equals(content)) {
                return port.name();
            }
        }
        return null;
    }

    /** The output of a name, or null. */
    public Port output(String name) {
        return find(outputs, name);
    }

    /** The input of a name, or null. */
    public Port input(String name) {
        return find(inputs, name);
    }

    private static Port find(List<Port> ports, String name) {
        for (Port port : ports) {
            if (port.name().equals(name)) {
                return port;
            }
        }
        return null;
    }

    /** For a model that a task cannot do with; {@code message} says what it lacks. */
    static UnsupportedModelException unfit(String task, String message, String hint) {
        return new UnsupportedModelException("unfit-model", "", "the model does not fit the task " + task + ": " + message, "", hint);
    }
}
