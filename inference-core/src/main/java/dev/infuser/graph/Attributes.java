package dev.infuser.graph;

import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The attributes of a node, sorted by name. Getters with a fallback return it when the attribute is missing; those
 * without, and all of them when the attribute is of another kind, throw {@link InvalidModelException}.
 */
public final class Attributes {

    public static final Attributes NONE = new Attributes(Map.of());

    private final Map<String, Attribute> map;

    public Attributes(Map<String, Attribute> map) {
        List<String> names = new ArrayList<>();
        for (String name : map.keySet()) {
            int at = names.size();
            while (at > 0 && names.get(at - 1).compareTo(name) > 0) {
                at--;
            }
            names.add(at, name);
        }
        this.map = new LinkedHashMap<>();
        for (String name : names) {
            this.map.put(name, map.get(name));
        }
    }

    /** Attributes from alternating names and values: Long/Integer, Float, String, long[], float[], Tensor, Graph. */
    public static Attributes of(Object... namesAndValues) {
        Map<String, Attribute> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put((String) namesAndValues[i], attribute(namesAndValues[i + 1]));
        }
        return new Attributes(map);
    }

    private static Attribute attribute(Object value) {
        if (value instanceof Attribute a) {
            return a;
        }
        if (value instanceof Integer n) {
            return new Attribute.OfInt(n);
        }
        if (value instanceof Long n) {
            return new Attribute.OfInt(n);
        }
        if (value instanceof Float) {
            return new Attribute.OfFloat(((Number) value).floatValue());
        }
        if (value instanceof String s) {
            return new Attribute.OfString(s);
        }
        if (value instanceof Tensor t) {
            return new Attribute.OfTensor(t);
        }
        if (value instanceof Graph g) {
            return new Attribute.OfGraph(g);
        }
        if (value instanceof long[] longs) {
            List<Long> list = new ArrayList<>();
            for (long n : longs) {
                list.add(n);
            }
            return new Attribute.OfInts(list);
        }
        if (value instanceof float[] floats) {
            List<Float> list = new ArrayList<>();
            for (float f : floats) {
                list.add(f);
            }
            return new Attribute.OfFloats(list);
        }
        throw new IllegalArgumentException("no attribute kind for the value given");
    }

    /** All attributes, sorted by name. */
    public Map<String, Attribute> map() {
        return map;
    }

    public boolean has(String name) {
        return map.containsKey(name);
    }

    /** These attributes with {@code name} set to {@code value}. */
    public Attributes with(String name, Object value) {
        Map<String, Attribute> copy = new LinkedHashMap<>(map);
        copy.put(name, attribute(value));
        return new Attributes(copy);
    }

    /** These attributes less {@code name}. */
    public Attributes without(String name) {
        Map<String, Attribute> copy = new LinkedHashMap<>(map);
        copy.remove(name);
        return new Attributes(copy);
    }

    public long integer(String name, long fallback) {
        Attribute a = map.get(name);
        return a == null ? fallback : a instanceof Attribute.OfInt v ? v.value() : (Long) wrong(name, "an integer");
    }

    public long integer(String name) {
        return map.containsKey(name) ? integer(name, 0) : (Long) missing(name);
    }

    public boolean flag(String name, boolean fallback) {
        return integer(name, fallback ? 1 : 0) != 0;
    }

    public float real(String name, float fallback) {
        Attribute a = map.get(name);
        return a == null ? fallback : a instanceof Attribute.OfFloat v ? v.value() : (Float) wrong(name, "a float");
    }

    public String string(String name, String fallback) {
        Attribute a = map.get(name);
        return a == null ? fallback : a instanceof Attribute.OfString v ? v.value() : (String) wrong(name, "a string");
    }

    /** The integers, or null when missing. */
    public long[] ints(String name) {
        Attribute a = map.get(name);
        if (a == null) {
            return null;
        }
        if (!(a instanceof Attribute.OfInts v)) {
            return (long[]) wrong(name, "integers");
        }
        long[] out = new long[v.values().size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = v.values().get(i);
        }
        return out;
    }

    /** The floats, or null when missing. */
    public float[] reals(String name) {
        Attribute a = map.get(name);
        if (a == null) {
            return null;
        }
        if (!(a instanceof Attribute.OfFloats v)) {
            return (float[]) wrong(name, "floats");
        }
        float[] out = new float[v.values().size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = v.values().get(i);
        }
        return out;
    }

    /** The strings, or null when missing. */
    @SuppressWarnings("unchecked")
    public List<String> strings(String name) {
        Attribute a = map.get(name);
        return a == null ? null : a instanceof Attribute.OfStrings v ? v.values() : (List<String>) wrong(name, "strings");
    }

    /** The tensor, or null when missing. */
    public Tensor tensor(String name) {
        Attribute a = map.get(name);
        return a == null ? null : a instanceof Attribute.OfTensor v ? v.value() : (Tensor) wrong(name, "a tensor");
    }

    public Graph graph(String name) {
        Attribute a = map.get(name);
        return a == null ? (Graph) missing(name) : a instanceof Attribute.OfGraph v ? v.value() : (Graph) wrong(name, "a graph");
    }

    /** Whether any attribute is a subgraph. */
    public boolean hasGraph() {
        for (Attribute attribute : map.values()) {
            if (attribute instanceof Attribute.OfGraph) {
                return true;
            }
        }
        return false;
    }

    private static Object missing(String name) {
        throw new InvalidModelException("missing-attribute", "attribute " + name + " is missing");
    }

    private static Object wrong(String name, String expected) {
        throw new InvalidModelException("bad-attribute", "attribute " + name + " is not " + expected);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Attributes a && map.equals(a.map);
    }

    @Override
    public int hashCode() {
        return map.hashCode();
    }

    @Override
    public String toString() {
        return map.toString();
    }
}
