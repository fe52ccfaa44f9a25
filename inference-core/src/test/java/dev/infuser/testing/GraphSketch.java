package dev.infuser.testing;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A graph written down in a few lines, with random feeds for it. Statements end at a line end or semicolon:
 *
 * <pre>
 * x: float32[n,4]                     an input; {@code in 0..2} behind it bounds its random elements
 * w: float32[4,2] = random            a constant of random elements
 * axes: int64[1] = -1                 a constant
 * h = MatMul(x, w)
 * a, b = Split(h) {axis=-1, num_outputs=2}
 * c = infuser.Conv(x, w)
 * -> a, b
 * graph yes [[t = Neg(h); -> t]]      a subgraph, written before the node that has it
 * r = If(c) {then_branch=@yes, else_branch=@no}
 * </pre>
 */
public final class GraphSketch {

    private static final Pattern TYPED = Pattern.compile(
            "(\\w+): (\\w+)\\[([^]]*)](?: = (.+?))?(?: in (\\S+)\\.\\.(\\S+))?");
    private static final Pattern NODE = Pattern.compile("([\\w, ]+) = (?:(infuser)\\.)?(\\w+)\\(([^)]*)\\)(?: \\{(.*)})?");
    private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)=(\\[[^]]*]|[^,]+)(?:, )?");

    private static final Pattern SUBGRAPH = Pattern.compile("graph (\\w+) \\[\\[(.*?)]]", Pattern.DOTALL);

    private final Graph graph;
    private final Map<String, double[]> ranges;

    private GraphSketch(Graph graph, Map<String, double[]> ranges) {
        this.graph = graph;
        this.ranges = ranges;
    }

    public static GraphSketch parse(String text) {
        Map<String, double[]> ranges = new HashMap<>();
        Map<String, Graph> subgraphs = new HashMap<>();
        Matcher subgraph = SUBGRAPH.matcher(text);
        while (subgraph.find()) {
            subgraphs.put(subgraph.group(1), read(subgraph.group(2), ranges, subgraphs).buildSubgraph());
        }
        return new GraphSketch(read(subgraph.replaceAll(""), ranges, subgraphs).build(), ranges);
    }

    private static GraphBuilder read(String text, Map<String, double[]> ranges, Map<String, Graph> subgraphs) {
        GraphBuilder builder = new GraphBuilder("sketch");
        for (String line : text.split("[;\n]")) {
            String statement = line.trim();
            Matcher typed = TYPED.matcher(statement);
            Matcher node = NODE.matcher(statement);
            if (statement.startsWith("->")) {
                for (String output : names(statement.substring(2))) {
                    builder.output(output);
                }
            } else if (typed.matches()) {
                String name = typed.group(1);
                DType dtype = DType.ofLabel(typed.group(2));
                if (typed.group(5) != null) {
                    ranges.put(name, new double[] {Double.parseDouble(typed.group(5)),
                            Double.parseDouble(typed.group(6))});
                }
                Shape shape = shape(typed.group(3));
                if (typed.group(4) == null) {
                    builder.input(name, ValueType.tensor(dtype, shape));
                } else {
                    builder.constant(name, typed.group(4).equals("random")
                            ? random(dtype, shape.toInts(), ranges.get(name), new Random(name.hashCode()))
                            : tensor(dtype, shape.toInts(), typed.group(4)));
                }
            } else if (node.matches()) {
                String domain = node.group(2) == null ? "" : node.group(2);
                builder.add(new Node("", domain, node.group(3), names(node.group(4)), names(node.group(1)),
                        attributes(node.group(5), subgraphs)));
            } else if (!statement.isEmpty()) {
                throw new IllegalArgumentException(statement);
            }
        }
        return builder;
    }

    public Graph graph() {
        return graph;
    }

    /** Random feeds for extents such as {@code n=3 m=4}. */
    public List<Datum> feeds(String extents, long seed) {
        Map<String, Integer> symbols = new HashMap<>();
        for (String extent : extents.isEmpty() ? new String[0] : extents.split(" ")) {
            symbols.put(extent.substring(0, extent.indexOf('=')),
                    Integer.parseInt(extent.substring(extent.indexOf('=') + 1)));
        }
        Random random = new Random(seed);
        List<Datum> feeds = new ArrayList<>();
        for (Value input : graph.inputs()) {
            ValueType.OfTensor type = (ValueType.OfTensor) input.type();
            int[] dims = new int[type.shape().rank()];
            for (int i = 0; i < dims.length; i++) {
                Dim dim = type.shape().dim(i);
                dims[i] = dim.isConstant() ? (int) dim.value() : symbols.get(dim.symbol());
            }
            feeds.add(random(type.dtype(), dims, ranges.get(input.name()), random));
        }
        return feeds;
    }

    /** A tensor of elements spread evenly over a range, by default [-2, 2]. */
    public static Tensor random(DType dtype, int[] dims, double[] range, Random random) {
        double low = range == null ? -2 : range[0];
        double high = range == null ? 2 : range[1];
        double[] values = new double[Tensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = dtype.isFloat() ? low + (high - low) * random.nextDouble()
                    : dtype == DType.BOOL ? random.nextInt(2)
                    : Math.floor(low + (high - low + 1) * random.nextDouble());
        }
        return Tensor.ofDoubles(dtype, dims, values);
    }

    private static Tensor tensor(DType dtype, int[] dims, String text) {
        String[] parts = text.split(" ");
        double[] values = new double[Tensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = Double.parseDouble(parts[i % parts.length]);
        }
        return Tensor.ofDoubles(dtype, dims, values);
    }

    private static Shape shape(String text) {
        List<Dim> dims = new ArrayList<>();
        for (String dim : text.isEmpty() ? new String[0] : text.split(",")) {
            dims.add(Character.isDigit(dim.charAt(0)) ? Dim.of(Long.parseLong(dim)) : Dim.symbol(dim));
        }
        return new Shape(dims);
    }

    private static List<String> names(String text) {
        List<String> names = new ArrayList<>();
        for (String name : text.isBlank() ? new String[0] : text.split(",")) {
            names.add(name.trim().equals("_") ? "" : name.trim());
        }
        return names;
    }

    private static Attributes attributes(String text, Map<String, Graph> subgraphs) {
        Map<String, Attribute> map = new TreeMap<>();
        Matcher attribute = ATTRIBUTE.matcher(text == null ? "" : text);
        while (attribute.find()) {
            String value = attribute.group(2);
            map.put(attribute.group(1), value.startsWith("@") ? new Attribute.OfGraph(subgraphs.get(value.substring(1)))
                    : attribute(value));
        }
        return new Attributes(map);
    }

    private static Attribute attribute(String value) {
        if (value.startsWith("[")) {
            List<String> parts = List.of(value.substring(1, value.length() - 1).split(" *, *"));
            return parts.get(0).matches("-?\\d+") ? new Attribute.OfInts(parts.stream().map(Long::parseLong).toList())
                    : parts.get(0).matches("-?[\\d.]+") ? new Attribute.OfFloats(parts.stream().map(Float::parseFloat).toList())
                    : new Attribute.OfStrings(parts);
        }
        if (value.matches("-?\\d+")) {
            return new Attribute.OfInt(Long.parseLong(value));
        }
        return value.matches("-?[\\d.e-]+") ? new Attribute.OfFloat(Float.parseFloat(value))
                : new Attribute.OfString(value);
    }
}
