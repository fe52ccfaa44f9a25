package dev.infuser.converter.onnx;

import dev.infuser.converter.build.ExternalData;
import dev.infuser.converter.onnx.OnnxModel.OnnxAttribute;
import dev.infuser.converter.onnx.OnnxModel.OnnxFunction;
import dev.infuser.converter.onnx.OnnxModel.OnnxGraph;
import dev.infuser.converter.onnx.OnnxModel.OnnxNode;
import dev.infuser.converter.onnx.OnnxModel.OnnxValue;
import dev.infuser.converter.onnx.Wire.Longs;
import dev.infuser.graph.Attribute;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the bytes of an {@code .onnx} file into an {@link OnnxModel}; weights stay in the buffer until they are used. */
public final class OnnxReader {

    private final ExternalData external;

    private OnnxReader(ExternalData external) {
        this.external = external;
    }

    /** The model in {@code bytes}, which has no external data. */
    public static OnnxModel read(byte[] bytes) {
        return read(ByteBuffer.wrap(bytes), null);
    }

    /**
     * The model between the position and the limit of {@code bytes}, which must not change while the model is in use.
     *
     * @param external where to find external data, or null when there is none
     * @throws InvalidModelException     when the bytes are no ONNX model, naming field and offset
     * @throws UnsupportedModelException when it uses what Infuser cannot represent
     */
    public static OnnxModel read(ByteBuffer bytes, ExternalData external) {
        Foreign.check(bytes);
        return new OnnxReader(external).model(Wire.of(bytes, "ModelProto"));
    }

    private OnnxModel model(Wire wire) {
        long irVersion = 0;
        long modelVersion = 0;
        String producer = "";
        String producerVersion = "";
        String domain = "";
        String doc = "";
        Map<String, Long> opsets = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        List<OnnxFunction> functions = new ArrayList<>();
        OnnxGraph graph = null;
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> irVersion = wire.integer();
                case 2 -> producer = wire.string();
                case 3 -> producerVersion = wire.string();
                case 4 -> domain = wire.string();
                case 5 -> modelVersion = wire.integer();
                case 6 -> doc = wire.string();
                case 7 -> graph = graph(wire.message("GraphProto"));
                case 8 -> opset(wire.message("OperatorSetIdProto"), opsets);
                case 14 -> TensorReader.entry(wire.message("StringStringEntryProto"), metadata);
                case 25 -> functions.add(function(wire.message("FunctionProto")));
                default -> wire.skip();
            }
        }
        if (graph == null || irVersion < 1) {
            throw new InvalidModelException("bad-onnx", "", "not a valid ONNX file: it has no "
                    + (graph == null ? "graph" : "format version"), "", "the file is damaged or of another format");
        }
        return new OnnxModel(irVersion, producer, producerVersion, domain, modelVersion, doc, opsets, metadata, graph,
                functions);
    }

    private static void opset(Wire wire, Map<String, Long> out) {
        String domain = "";
        long version = 0;
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> domain = domain(wire.string());
                case 2 -> version = wire.integer();
                default -> wire.skip();
            }
        }
        out.put(domain, version);
    }

    private static String domain(String name) {
        return name.equals("ai.onnx") ? "" : name;
    }

    private OnnxFunction function(Wire wire) {
        String name = "";
        String domain = "";
        String overload = "";
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        List<String> attributes = new ArrayList<>();
        List<OnnxAttribute> defaults = new ArrayList<>();
        List<OnnxNode> nodes = new ArrayList<>();
        Map<String, Long> opsets = new LinkedHashMap<>();
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> name = wire.string();
                case 4 -> inputs.add(wire.string());
                case 5 -> outputs.add(wire.string());
                case 6 -> attributes.add(wire.string());
                case 7 -> nodes.add(node(wire.message("NodeProto")));
                case 9 -> opset(wire.message("OperatorSetIdProto"), opsets);
                case 10 -> domain = domain(wire.string());
                case 11 -> defaults.add(attribute(wire.message("AttributeProto")));
                case 13 -> overload = wire.string();
                default -> wire.skip();
            }
        }
        return new OnnxFunction(domain, name, overload, inputs, outputs, attributes, defaults, nodes, opsets);
    }

    private OnnxGraph graph(Wire wire) {
        String name = "";
        List<OnnxNode> nodes = new ArrayList<>();
        Map<String, Tensor> initializers = new LinkedHashMap<>();
        List<OnnxValue> inputs = new ArrayList<>();
        List<OnnxValue> outputs = new ArrayList<>();
        List<OnnxValue> values = new ArrayList<>();
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> nodes.add(node(wire.message("NodeProto")));
                case 2 -> name = wire.string();
                case 5 -> initializer(TensorReader.read(wire.message("TensorProto"), external), initializers);
                case 11 -> inputs.add(value(wire.message("ValueInfoProto")));
                case 12 -> outputs.add(value(wire.message("ValueInfoProto")));
                case 13 -> values.add(value(wire.message("ValueInfoProto")));
                case 15 -> initializer(TensorReader.readSparse(wire.message("SparseTensorProto"), external), initializers);
                default -> wire.skip();
            }
        }
        return new OnnxGraph(name, nodes, initializers, inputs, outputs, values);
    }

    private static void initializer(TensorReader.Named named, Map<String, Tensor> out) {
        if (named.name().isEmpty() || out.put(named.name(), named.tensor()) != null) {
            throw new InvalidModelException("bad-onnx", named.name(), named.name().isEmpty()
                    ? "an initializer has no name" : "the initializer '" + named.name() + "' is there twice", "",
                    "the file is damaged");
        }
    }

    private OnnxNode node(Wire wire) {
        String name = "";
        String domain = "";
        String op = "";
        String overload = "";
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        List<OnnxAttribute> attributes = new ArrayList<>();
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> inputs.add(wire.string());
                case 2 -> outputs.add(wire.string());
                case 3 -> name = wire.string();
                case 4 -> op = wire.string();
                case 5 -> attributes.add(attribute(wire.message("AttributeProto")));
                case 7 -> domain = domain(wire.string());
                case 8 -> overload = wire.string();
                default -> wire.skip();
            }
        }
        return new OnnxNode(name, domain, op, overload, inputs, outputs, attributes);
    }

    private OnnxAttribute attribute(Wire wire) {
        AttributeFields fields = new AttributeFields();
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> fields.name = wire.string();
                case 2 -> fields.single(1, new Attribute.OfFloat(wire.float32()));
                case 3 -> fields.single(2, new Attribute.OfInt(wire.integer()));
                case 4 -> fields.single(3, new Attribute.OfString(wire.string()));
                case 5 -> fields.single(4, new Attribute.OfTensor(
                        TensorReader.read(wire.message("TensorProto"), external).tensor()));
                case 6 -> fields.graph = graph(wire.message("GraphProto"));
                case 7 -> fields.floats(wire.fixed(4));
                case 8 -> wire.integers(fields.ints);
                case 9 -> fields.strings.add(wire.string());
                case 14 -> fields.single(13, new Attribute.OfType(type(wire.message("TypeProto"), "")));
                case 20 -> fields.type = wire.small();
                case 21 -> fields.reference = wire.string();
                case 22 -> fields.single(11, new Attribute.OfTensor(
                        TensorReader.readSparse(wire.message("SparseTensorProto"), external).tensor()));
                case 10, 11, 15, 23 -> throw new UnsupportedModelException("attribute-kind", fields.name, "attribute '"
                        + fields.name + "' is a list of tensors, graphs or types (byte " + wire.offset() + ")", "", "");
                default -> wire.skip();
            }
        }
        return fields.build(wire);
    }

    private static OnnxValue value(Wire wire) {
        String name = "";
        ValueType type = null;
        Wire typeWire = null;
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> name = wire.string();
                case 2 -> typeWire = wire.message("TypeProto");
                default -> wire.skip();
            }
        }
        if (typeWire != null) {
            type = type(typeWire, name);
        }
        return new OnnxValue(name, type);
    }

    /** The type in a TypeProto, or null where it is left open or is none that graphs know (sparse, complex). */
    private static ValueType type(Wire wire, String name) {
        ValueType type = null;
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> type = tensorType(wire.message("TypeProto.Tensor"), name);
                case 4 -> {
                    ValueType element = element(wire.message("TypeProto.Sequence"), name);
                    type = element == null ? null : new ValueType.OfSequence(element);
                }
                case 9 -> {
                    ValueType element = element(wire.message("TypeProto.Optional"), name);
                    type = element == null ? null : new ValueType.OfOptional(element);
                }
                case 5 -> type = mapType(wire.message("TypeProto.Map"), name);
                default -> wire.skip();
            }
        }
        return type;
    }

    private static ValueType mapType(Wire wire, String name) {
        DType key = null;
        ValueType value = null;
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> key = DType.ofNumber(wire.small());
                case 2 -> value = type(wire.message("TypeProto"), name);
                default -> wire.skip();
            }
        }
        return key != null && value instanceof ValueType.OfTensor element ? new ValueType.OfMap(key, element.dtype()) : null;
    }

    private static ValueType element(Wire wire, String name) {
        ValueType type = null;
        while (wire.next()) {
            if (wire.field() == 1) {
                type = type(wire.message("TypeProto"), name);
            } else {
                wire.skip();
            }
        }
        return type;
    }

    private static ValueType tensorType(Wire wire, String name) {
        DType dtype = null;
        Shape shape = null;
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> dtype = DType.ofNumber(wire.small());
                case 2 -> shape = shape(wire.message("TensorShapeProto"), name);
                default -> wire.skip();
            }
        }
        return dtype == null ? null : new ValueType.OfTensor(dtype, shape);
    }

    private static Shape shape(Wire wire, String name) {
        List<Dim> dims = new ArrayList<>();
        while (wire.next()) {
            if (wire.field() == 1) {
                dims.add(dim(wire.message("TensorShapeProto.Dimension"), name, dims.size()));
            } else {
                wire.skip();
            }
        }
        return new Shape(dims);
    }

    private static Dim dim(Wire wire, String name, int axis) {
        Dim dim = Dim.symbol(name.replace(' ', '_') + "." + axis);
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> {
                    long value = wire.integer();
                    if (value > Integer.MAX_VALUE) {
                        throw wire.fail("the extent " + value + " is too large");
                    }
                    dim = value < 0 ? dim : Dim.of(value);
                }
                case 2 -> {
                    String symbol = wire.string();
                    dim = isAnonymous(symbol) ? dim : Dim.symbol(symbol);
                }
                default -> wire.skip();
            }
        }
        return dim;
    }

    /** Whether a name says no more than that the extent is not known: numbers, {@code ?} and {@code None}. */
    private static boolean isAnonymous(String symbol) {
        if (symbol.equals("?") || symbol.equals("None")) {
            return true;
        }
        for (int i = 0; i < symbol.length(); i++) {
            char c = symbol.charAt(i);
            if ((c < '0' || c > '9') && c != '-') {
                return false;
            }
        }
        return true;
    }

    /** The fields of one AttributeProto while it is read. */
    private static final class AttributeFields {
        private String name = "";
        private String reference = "";
        private int type;
        private Attribute single;
        private int singleType;
        private OnnxGraph graph;
        private final Longs ints = new Longs();
        private final List<Float> floats = new ArrayList<>();
        private final List<String> strings = new ArrayList<>();

        private void single(int kind, Attribute value) {
            if (type == 0 || type == kind || single == null) {
                single = value;
                singleType = kind;
            }
        }

        private void floats(ByteBuffer bytes) {
            while (bytes.remaining() >= 4) {
                floats.add(bytes.getFloat());
            }
        }

        /** The attribute; files of the first versions do not tell the type, then the field that is there does. */
        private OnnxAttribute build(Wire wire) {
            if (!reference.isEmpty()) {
                return new OnnxAttribute(name, reference, null, null);
            }
            int kind = type != 0 ? type : singleType != 0 ? singleType : graph != null ? 5
                    : !floats.isEmpty() ? 6 : !strings.isEmpty() ? 8 : 7;
            if (kind == 5 && graph != null) {
                return new OnnxAttribute(name, "", graph, null);
            }
            return new OnnxAttribute(name, "", null, value(kind, wire));
        }

        private Attribute value(int kind, Wire wire) {
            switch (kind) {
                case 6:
                    return new Attribute.OfFloats(floats);
                case 7:
                    List<Long> longs = new ArrayList<>(ints.size());
                    for (int i = 0; i < ints.size(); i++) {
                        longs.add(ints.get(i));
                    }
                    return new Attribute.OfInts(longs);
                case 8:
                    return new Attribute.OfStrings(strings);
                case 1:
                    return singleType == kind ? single : new Attribute.OfFloat(0);
                case 2:
                    return singleType == kind ? single : new Attribute.OfInt(0);
                case 3:
                    return singleType == kind ? single : new Attribute.OfString("");
                default:
                    if (singleType != kind || single == null) {
                        throw wire.fail("attribute '" + name + "' of type " + kind + " has no value");
                    }
                    return single;
            }
        }
    }
}
