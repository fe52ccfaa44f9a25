package dev.infuser.view;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One graph as SVG, a box for each input, node and result, and what a page tells of each box. */
final class Drawing {

    private static final double HEIGHT = 38;
    private static final double CHARACTER = 7.1;
    private static final double SMALL_CHARACTER = 6.6;

    private final Graph graph;
    private final Map<String, Tensor> constants;
    private final boolean elements;
    private final int id;
    private final List<Drawing> inner;
    private final Map<String, Integer> producers = new HashMap<>();
    private final List<Box> boxes = new ArrayList<>();

    /** A box: {@code reads} and {@code makes} are values. */
    private record Box(String kind, String title, String subtitle, Collection<String> reads, List<String> makes,
            Map<String, Object> details) {
    }

    /**
     * Draws a graph, and those within it.
     *
     * @param constants those of the graphs around
     * @param elements  whether to tell the first elements of constants
     * @param all       the drawings so far, to which this one and those within are added
     */
    Drawing(Graph graph, Map<String, Tensor> constants, boolean elements, List<Drawing> all) {
        this.graph = graph;
        this.constants = new LinkedHashMap<>(constants);
        this.constants.putAll(graph.constants());
        this.elements = elements;
        this.id = all.size();
        this.inner = all;
        all.add(this);
        for (Value input : graph.inputs()) {
            put(new Box("io", input.name(), Types.brief(input.type()), List.of(), List.of(input.name()), details("input", "")));
        }
        for (Node node : graph.nodes()) {
            node(node);
        }
        for (String output : graph.outputs()) {
            put(new Box("io", output, Types.brief(graph.type(output)), List.of(output), List.of(), details("output", "")));
        }
    }

    private void put(Box box) {
        for (String value : box.makes) {
            producers.put(value, boxes.size());
        }
        boxes.add(box);
    }

    private void node(Node node) {
        Map<String, Object> details = details(node.qualifiedOp(), node.name());
        List<Object> attributes = new ArrayList<>();
        List<Object> graphs = new ArrayList<>();
        Set<String> reads = new LinkedHashSet<>(node.inputs());
        node.attributes().map().forEach((name, attribute) -> {
            if (attribute instanceof Attribute.OfGraph g) {
                Drawing drawing = new Drawing(g.value(), constants, elements, inner);
                graphs.add(List.of(name, drawing.id));
                drawing.boxes.forEach(box -> reads.addAll(box.reads));
            } else {
                attributes.add(List.of(name, Types.text(attribute, elements)));
            }
        });
        details.put("attributes", attributes);
        details.put("graphs", graphs);
        details.put("values", List.copyOf(node.inputs()));
        List<String> makes = new ArrayList<>(node.outputs());
        makes.removeIf(String::isEmpty);
        ValueType first = makes.isEmpty() ? null : graph.type(makes.get(0));
        put(new Box(Kinds.of(node.op()), node.op(), Types.brief(first), reads, makes, details));
    }

    private static Map<String, Object> details(String op, String name) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("op", op);
        details.put("name", name);
        return details;
    }

    /** What the page tells of each box. */
    List<Object> details() {
        List<Object> out = new ArrayList<>();
        List<List<Integer>> next = successors();
        for (int i = 0; i < boxes.size(); i++) {
            Box box = boxes.get(i);
            Map<String, Object> details = new LinkedHashMap<>(box.details);
            Collection<?> values = (Collection<?>) details.getOrDefault("values", box.reads);
            details.remove("values");
            List<Object> reads = new ArrayList<>();
            for (Object value : values) {
                reads.add(value(value.toString()));
            }
            List<Object> makes = new ArrayList<>();
            box.makes.forEach(value -> makes.add(value(value)));
            details.put("reads", reads);
            details.put("makes", makes);
            details.put("next", next.get(i));
            out.add(details);
        }
        return out;
    }

    private Map<String, Object> value(String name) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("value", name);
        Tensor constant = constants.get(name);
        if (constant != null) {
            map.put("type", constant.dtype().label() + Types.dims(constant.dims()));
            map.put("bytes", Types.bytes(constant));
            if (elements) {
                map.put("elements", Types.elements(constant));
            }
        } else {
            ValueType type = graph.type(name);
            map.put("type", type == null ? "" : type.toString());
            map.put("bytes", Types.bytes(type));
            map.put("box", producers.getOrDefault(name, -1));
        }
        return map;
    }

    private List<List<Integer>> successors() {
        List<Set<Integer>> found = new ArrayList<>();
        boxes.forEach(box -> found.add(new LinkedHashSet<>()));
        for (int i = 0; i < boxes.size(); i++) {
            for (String value : boxes.get(i).reads) {
                Integer producer = producers.get(value);
                if (producer != null && producer < i) {
                    found.get(producer).add(i);
                }
            }
        }
        List<List<Integer>> out = new ArrayList<>();
        found.forEach(set -> out.add(List.copyOf(set)));
        return out;
    }

    String name() {
        return graph.name();
    }

    /** The group of the graph; sizes are in its data attributes. */
    String svg() {
        double[] widths = new double[boxes.size()];
        for (int i = 0; i < widths.length; i++) {
            Box box = boxes.get(i);
            widths[i] = Math.max(64, 20 + Math.max(shortened(box.title).length() * CHARACTER,
                    box.subtitle.length() * SMALL_CHARACTER));
        }
        Layers layers = new Layers(widths, HEIGHT, successors());
        StringBuilder out = new StringBuilder();
        out.append("<g class=\"graph\" id=\"g").append(id).append("\" data-w=\"").append(Math.round(layers.width()))
                .append("\" data-h=\"").append(Math.round(layers.height())).append("\">\n");
        for (int i = 0; i < widths.length; i++) {
            String lines = layers.lines(i);
            if (!lines.isEmpty()) {
                out.append("<path class=\"e\" id=\"e").append(id).append('-').append(i).append("\" d=\"").append(lines)
                        .append("\"/>\n");
            }
        }
        for (int i = 0; i < widths.length; i++) {
            Box box = boxes.get(i);
            long width = Math.round(widths[i]);
            out.append("<g class=\"n ").append(box.kind).append("\" id=\"n").append(id).append('-').append(i)
                    .append("\" transform=\"translate(").append(Math.round(layers.x(i) - widths[i] / 2)).append(' ')
                    .append(Math.round(layers.y(i))).append(")\"><rect width=\"").append(width).append("\" height=\"")
                    .append(Math.round(HEIGHT)).append("\" rx=\"").append(box.kind.equals("io") ? 19 : 7).append("\"/><text x=\"")
                    .append(width / 2).append("\" y=\"").append(box.subtitle.isEmpty() ? 24 : 17).append("\">")
                    .append(GraphView.escape(shortened(box.title))).append("</text>");
            if (!box.subtitle.isEmpty()) {
                out.append("<text class=\"s\" x=\"").append(width / 2).append("\" y=\"30\">").append(GraphView.escape(box.subtitle))
                        .append("</text>");
            }
            out.append("</g>\n");
        }
        return out.append("</g>\n").toString();
    }

    private static String shortened(String title) {
        return title.length() <= 34 ? title : title.substring(0, 16) + "…" + title.substring(title.length() - 17);
    }
}
