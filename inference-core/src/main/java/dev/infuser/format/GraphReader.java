package dev.infuser.format;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Elements;
import dev.infuser.tensor.Layout;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads graphs, types and tensors; stored tensors become lazy ones over the weights section. */
final class GraphReader {

    private final ByteReader in;
    private final int minor;
    private final ByteSource weights;
    private final long weightsLength;
    private final Map<String, Placement> placements = new LinkedHashMap<>();
    private String[] texts = {};
    private long weightsEnd;

    GraphReader(ByteReader in, int minor, ByteSource weights, long weightsLength) {
        this.in = in;
        this.minor = minor;
        this.weights = weights;
        this.weightsLength = weightsLength;
    }

    /** The stored constants of the outermost graph, by name. */
    Map<String, Placement> placements() {
        return placements;
    }

    /** Reads the whole graph section. */
    Graph section() {
        long opset = in.varint();
        if (opset != Graph.OPSET) {
            throw new UnsupportedModelException("unsupported-opset", "", "the graph uses operators of opset " + opset
                    + ", this version runs " + Graph.OPSET, "", "convert the model again with this version");
        }
        texts = new String[in.count(" strings", 1)];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = in.text();
        }
        Graph graph = graph(0);
        in.finish();
        return graph;
    }

    private Graph graph(int depth) {
        checkDepth(depth);
        String name = text();
        List<Value> inputs = new ArrayList<>();
        for (int n = in.count(" inputs", 2); n > 0; n--) {
            inputs.add(new Value(text(), type(0)));
        }
        List<String> outputs = names(" outputs");
        Map<String, Tensor> constants = new LinkedHashMap<>();
        for (int n = in.count(" constants", 4); n > 0; n--) {
            String constant = text();
            in.require(constants.put(constant, tensor(depth == 0 ? constant : "")) == null, "a constant twice");
        }
        Map<String, ValueType> types = new LinkedHashMap<>();
        for (int n = in.count(" types", 2); n > 0; n--) {
            String value = text();
            in.require(types.put(value, type(0)) == null, "a type twice");
        }
        List<Node> nodes = new ArrayList<>();
        for (int n = in.count(" nodes", 6); n > 0; n--) {
            nodes.add(new Node(text(), text(), text(), names(" inputs"), names(" outputs"), attributes(depth)));
        }
        return new Graph(name, inputs, outputs, nodes, constants, types);
    }

    private Attributes attributes(int depth) {
        int count = in.count(" attributes", 3);
        if (count == 0) {
            return Attributes.NONE;
        }
        Map<String, Attribute> map = new HashMap<>();
        for (int i = 0; i < count; i++) {
            String name = text();
            in.require(map.put(name, attribute(depth)) == null, "an attribute twice");
        }
        return new Attributes(map);
    }

    private Attribute attribute(int depth) {
        int kind = in.u8();
        switch (kind) {
            case Header.ATTRIBUTE_INT:
                return new Attribute.OfInt(in.signed());
            case Header.ATTRIBUTE_FLOAT:
                return new Attribute.OfFloat(in.f32());
            case Header.ATTRIBUTE_STRING:
                return new Attribute.OfString(text());
            case Header.ATTRIBUTE_INTS:
                List<Long> ints = new ArrayList<>();
                for (int n = in.count(" integers", 1); n > 0; n--) {
                    ints.add(in.signed());
                }
                return new Attribute.OfInts(ints);
            case Header.ATTRIBUTE_FLOATS:
                List<Float> floats = new ArrayList<>();
                for (int n = in.count(" floats", 4); n > 0; n--) {
                    floats.add(in.f32());
                }
                return new Attribute.OfFloats(floats);
            case Header.ATTRIBUTE_STRINGS:
                return new Attribute.OfStrings(names(" strings"));
            case Header.ATTRIBUTE_TENSOR:
                return new Attribute.OfTensor(tensor(""));
            case Header.ATTRIBUTE_GRAPH:
                return new Attribute.OfGraph(graph(depth + 1));
            case Header.ATTRIBUTE_TYPE:
                ValueType type = type(0);
                in.require(type != null, "an attribute without a type");
                return new Attribute.OfType(type);
            default:
                throw in.unknown("attribute kind", kind, minor);
        }
    }

    private ValueType type(int depth) {
        checkDepth(depth);
        int kind = in.u8();
        switch (kind) {
            case Header.TYPE_UNKNOWN:
                in.require(depth == 0, "a container of nothing");
                return null;
            case Header.TYPE_RANKLESS:
                return new ValueType.OfTensor(dtype(), null);
            case Header.TYPE_TENSOR:
                DType dtype = dtype();
                List<Dim> dims = new ArrayList<>();
                for (int n = in.number(" as rank", Header.MAX_RANK); n > 0; n--) {
                    long extent = in.varint() - 1;
                    in.require(extent >= -1, "a negative extent");
                    dims.add(extent < 0 ? Dim.symbol(text()) : Dim.of(extent));
                }
                return new ValueType.OfTensor(dtype, new Shape(dims));
            case Header.TYPE_SEQUENCE:
                return new ValueType.OfSequence(type(depth + 1));
            case Header.TYPE_OPTIONAL:
                return new ValueType.OfOptional(type(depth + 1));
            case Header.TYPE_MAP:
                DType key = dtype();
                return new ValueType.OfMap(key, dtype());
            default:
                throw in.unknown("type kind", kind, minor);
        }
    }

    /** Reads a tensor, whose placement is kept under {@code name} unless that is empty. */
    Tensor tensor(String name) {
        DType dtype = dtype();
        int[] dims = dims();
        return stored(name, dtype, dims, in.u8());
    }

    /** Reads a tensor of a golden vector, of which the elements may be a recipe or a sample. */
    Tensor golden() {
        DType dtype = dtype();
        int[] dims = dims();
        int storage = in.u8();
        if (storage == Header.SEEDED) {
            return Seeded.read(in, dtype, dims);
        }
        if (storage != Header.SAMPLED) {
            return stored("", dtype, dims, storage);
        }
        int count = in.number(" as elements", Tensor.count(dims));
        in.require(count > 0 && dtype != DType.STRING, "a sample of nothing");
        return Sample.tensor(dims, Tensor.of(dtype, new int[] {count}, inline(dtype, count)));
    }

    private int[] dims() {
        int[] dims = new int[in.number(" as rank", Header.MAX_RANK)];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = in.number(" as extent", Integer.MAX_VALUE);
        }
        return dims;
    }

    private Tensor stored(String name, DType dtype, int[] dims, int storage) {
        if (storage == Header.INLINE) {
            return Tensor.of(dtype, dims, inline(dtype, Tensor.count(dims)));
        }
        Layout layout = Layout.ofNumber(storage);
        if (layout == null) {
            throw in.unknown("layout", storage, minor);
        }
        in.require(layout.fits(dtype, dims.length) && dtype != DType.STRING, "a tensor that its layout does not fit");
        long offset = in.varint() * Header.ALIGNMENT;
        long length = Elements.bytes(dtype, layout.storedElements(dims));
        in.require(offset >= weightsEnd && offset <= weightsLength - length - Header.SLACK,
                "weights outside their section or over others, at", offset);
        weightsEnd = offset + length;
        Placement placement = new Placement(name, dtype, dims, layout, offset, length);
        if (!name.isEmpty()) {
            placements.put(name, placement);
        }
        return placement.tensor(weights);
    }

    private Object inline(DType dtype, int count) {
        if (dtype != DType.STRING) {
            return Elements.decode(dtype, in.data(), in.take(Elements.bytes(dtype, count)), count);
        }
        in.require(count <= in.remaining(), "too many strings:", count);
        String[] strings = new String[count];
        for (int i = 0; i < count; i++) {
            strings[i] = in.text();
        }
        return strings;
    }

    private DType dtype() {
        int number = in.u8();
        DType dtype = DType.ofNumber(number);
        if (dtype == null) {
            throw in.unknown("element type", number, minor);
        }
        return dtype;
    }

    private List<String> names(String what) {
        List<String> names = new ArrayList<>();
        for (int n = in.count(what, 1); n > 0; n--) {
            names.add(text());
        }
        return names;
    }

    private String text() {
        return texts[in.number(" as string", texts.length - 1)];
    }

    private void checkDepth(int depth) {
        if (depth > Header.MAX_DEPTH) {
            throw in.bad("too deep a nesting");
        }
    }
}
