package dev.infuser.format;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Elements;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Layout;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes graphs, types and tensors, and assigns the places of those tensors that go to the weights section. */
final class GraphWriter {

    /** A tensor of the weights section. */
    record Stored(Tensor tensor, Layout layout, long offset, long length) {
    }

    private static final int SMALL = 256;
    private static final int SMALL_SHAPE = 4096;

    private final Map<String, Layout> layouts;
    private final ByteWriter out = new ByteWriter();
    private final Map<String, Integer> texts = new LinkedHashMap<>();
    private final List<Stored> stored = new ArrayList<>();
    private long weightsEnd;

    GraphWriter(Map<String, Layout> layouts) {
        this.layouts = layouts;
    }

    List<Stored> stored() {
        return stored;
    }

    /** The length of the weights section. */
    long weightsLength() {
        return stored.isEmpty() ? 0 : Header.align(weightsEnd + Header.SLACK);
    }

    /** The graph section. */
    byte[] section(Graph graph) {
        for (String name : layouts.keySet()) {
            if (!graph.constants().containsKey(name)) {
                throw new InvalidInputException("bad-layout", "there is no constant '" + name + "' to lay out");
            }
        }
        graph(graph, 0);
        ByteWriter section = new ByteWriter().varint(Graph.OPSET).varint(texts.size());
        for (String text : texts.keySet()) {
            section.text(text);
        }
        return section.bytes(out.data(), out.size()).toByteArray();
    }

    private void graph(Graph graph, int depth) {
        text(graph.name());
        out.varint(graph.inputs().size());
        for (Value input : graph.inputs()) {
            text(input.name());
            type(input.type());
        }
        texts(graph.outputs());
        out.varint(graph.constants().size());
        for (Map.Entry<String, Tensor> constant : graph.constants().entrySet()) {
            text(constant.getKey());
            constant(constant.getValue(), depth == 0 ? layouts.get(constant.getKey()) : null);
        }
        Map<String, ValueType> types = new TreeMap<>(graph.types());
        out.varint(types.size());
        for (Map.Entry<String, ValueType> type : types.entrySet()) {
            text(type.getKey());
            type(type.getValue());
        }
        out.varint(graph.nodes().size());
        for (Node node : graph.nodes()) {
            text(node.name());
            text(node.domain());
            text(node.op());
            texts(node.inputs());
            texts(node.outputs());
            out.varint(node.attributes().map().size());
            for (Map.Entry<String, Attribute> entry : node.attributes().map().entrySet()) {
                text(entry.getKey());
                attribute(entry.getValue(), depth);
            }
        }
    }

    private void attribute(Attribute attribute, int depth) {
        if (attribute instanceof Attribute.OfInt v) {
            out.u8(Header.ATTRIBUTE_INT).signed(v.value());
        } else if (attribute instanceof Attribute.OfFloat v) {
            out.u8(Header.ATTRIBUTE_FLOAT).f32(v.value());
        } else if (attribute instanceof Attribute.OfString v) {
            out.u8(Header.ATTRIBUTE_STRING);
            text(v.value());
        } else if (attribute instanceof Attribute.OfInts v) {
            out.u8(Header.ATTRIBUTE_INTS).varint(v.values().size());
            v.values().forEach(out::signed);
        } else if (attribute instanceof Attribute.OfFloats v) {
            out.u8(Header.ATTRIBUTE_FLOATS).varint(v.values().size());
            v.values().forEach(out::f32);
        } else if (attribute instanceof Attribute.OfStrings v) {
            out.u8(Header.ATTRIBUTE_STRINGS);
            texts(v.values());
        } else if (attribute instanceof Attribute.OfTensor v) {
            out.u8(Header.ATTRIBUTE_TENSOR);
            constant(v.value(), null);
        } else if (attribute instanceof Attribute.OfGraph v) {
            out.u8(Header.ATTRIBUTE_GRAPH);
            graph(v.value(), depth + 1);
        } else if (attribute instanceof Attribute.OfType v) {
            out.u8(Header.ATTRIBUTE_TYPE);
            type(v.value());
        }
    }

    private void type(ValueType type) {
        if (type == null) {
            out.u8(Header.TYPE_UNKNOWN);
        } else if (type instanceof ValueType.OfTensor t && t.shape() == null) {
            out.u8(Header.TYPE_RANKLESS).u8(t.dtype().number());
        } else if (type instanceof ValueType.OfTensor t) {
            out.u8(Header.TYPE_TENSOR).u8(t.dtype().number()).varint(t.shape().rank());
            for (Dim dim : t.shape().dims()) {
                if (dim.isConstant() && dim.value() < 0) {
                    throw new InvalidModelException("bad-shape", "negative extent in " + t);
                }
                out.varint(dim.isConstant() ? dim.value() + 1 : 0);
                if (!dim.isConstant()) {
                    text(dim.symbol());
                }
            }
        } else if (type instanceof ValueType.OfSequence s) {
            out.u8(Header.TYPE_SEQUENCE);
            type(s.element());
        } else if (type instanceof ValueType.OfOptional o) {
            out.u8(Header.TYPE_OPTIONAL);
            type(o.element());
        } else if (type instanceof ValueType.OfMap m) {
            out.u8(Header.TYPE_MAP).u8(m.key().number()).u8(m.value().number());
        }
    }

    private void constant(Tensor tensor, Layout chosen) {
        DType dtype = tensor.dtype();
        long bytes = dtype == DType.STRING ? 0 : Elements.bytes(dtype, tensor.size());
        boolean shape = (dtype == DType.INT64 || dtype == DType.INT32) && tensor.rank() <= 1;
        if (chosen == null && bytes <= (shape ? SMALL_SHAPE : SMALL)) {
            inline(tensor, out);
            return;
        }
        Layout layout = chosen == null ? Layout.PLAIN : chosen.narrowed(tensor);
        if (dtype == DType.STRING || !layout.fits(dtype, tensor.rank())) {
            throw new InvalidInputException("bad-layout", tensor + " cannot be stored as " + layout);
        }
        long offset = Header.align(weightsEnd);
        long length = Elements.bytes(dtype, layout.storedElements(tensor.dims()));
        type(tensor, out);
        out.u8(layout.number()).varint(offset / Header.ALIGNMENT);
        stored.add(new Stored(tensor, layout, offset, length));
        weightsEnd = offset + length;
    }

    /** Writes a tensor with its elements. */
    static void inline(Tensor tensor, ByteWriter out) {
        type(tensor, out);
        out.u8(Header.INLINE);
        elements(tensor, out);
    }

    private static void elements(Tensor tensor, ByteWriter out) {
        Object array = tensor.peek();
        if (array instanceof String[] strings) {
            for (String string : strings) {
                out.text(string);
            }
        } else {
            long bytes = Elements.bytes(tensor.dtype(), tensor.size());
            int at = out.extend((int) Math.min(bytes, Integer.MAX_VALUE - 64));
            Elements.encode(tensor.dtype(), array, 0, tensor.size(), out.data(), at);
        }
    }

    /** Writes a tensor of a golden vector: a recipe or a sample of its elements where it is one. */
    static void golden(Tensor tensor, ByteWriter out) {
        Sample sample = Sample.of(tensor);
        if (Seeded.is(tensor)) {
            type(tensor, out);
            out.u8(Header.SEEDED);
            ((Seeded) tensor.source()).write(out);
        } else if (sample != null) {
            type(tensor, out);
            out.u8(Header.SAMPLED).varint(sample.values().size());
            elements(sample.values(), out);
        } else {
            inline(tensor, out);
        }
    }

    private static void type(Tensor tensor, ByteWriter out) {
        out.u8(tensor.dtype().number()).varint(tensor.rank());
        for (int dim : tensor.dims()) {
            out.varint(dim);
        }
    }

    private void texts(List<String> values) {
        out.varint(values.size());
        values.forEach(this::text);
    }

    private void text(String text) {
        Integer known = texts.get(text);
        if (known == null) {
            known = texts.size();
            texts.put(text, known);
        }
        out.varint(known);
    }
}
