package dev.infuser.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class AttributesTest {

    private static final Tensor TENSOR = Tensor.vector(1);
    private static final Graph GRAPH = new GraphBuilder("g").build();

    private final Attributes all = Attributes.of("int", 3L, "float", 0.5f, "string", "s", "ints", new long[] {1, 2},
            "floats",
            new float[] {1, 2}, "strings", new Attribute.OfStrings(List.of("a", "b")), "tensor", TENSOR,
            "graph", GRAPH);

    private final Map<String, Function<String, Object>> getters = Map.of("int", name -> all.integer(name, 7),
            "float", name -> all.real(name, 7), "string", name -> all.string(name, "7"), "ints", all::ints, "floats",
            all::reals, "strings", all::strings, "tensor", all::tensor, "graph", all::graph);

    @Test
    void gettersReturnWhatWasSet() {
        assertEquals(3, all.integer("int", 7));
        assertEquals(3, all.integer("int"));
        assertTrue(all.flag("int", false));
        assertEquals(0.5f, all.real("float", 7));
        assertEquals("s", all.string("string", "7"));
        assertArrayEquals(new long[] {1, 2}, all.ints("ints"));
        assertArrayEquals(new float[] {1, 2}, all.reals("floats"));
        assertEquals(List.of("a", "b"), all.strings("strings"));
        assertSame(TENSOR, all.tensor("tensor"));
        assertSame(GRAPH, all.graph("graph"));
    }

    @Test
    void anotherKindIsAnError() {
        getters.forEach((kind, getter) -> {
            for (String name : all.map().keySet()) {
                if (!name.equals(kind)) {
                    InvalidModelException e = assertThrows(InvalidModelException.class, () -> getter.apply(name),
                            kind + name);
                    assertEquals("bad-attribute", e.code());
                    assertTrue(e.getMessage().startsWith("attribute " + name + " is not "), e.getMessage());
                }
            }
        });
    }

    @Test
    void missingAttributesFallBackOrFail() {
        assertEquals(7, all.integer("no", 7));
        assertFalse(all.flag("no", false));
        assertTrue(all.flag("no", true));
        assertEquals(7, all.real("no", 7));
        assertEquals("7", all.string("no", "7"));
        assertNull(all.ints("no"));
        assertNull(all.reals("no"));
        assertNull(all.strings("no"));
        assertNull(all.tensor("no"));
        assertEquals("missing-attribute", assertThrows(InvalidModelException.class, () -> all.integer("no")).code());
        assertEquals("missing-attribute", assertThrows(InvalidModelException.class, () -> all.graph("no")).code());
    }

    @Test
    void changesGiveNewAttributesInOrder() {
        Attributes base = Attributes.of("b", 1, "a", 2);
        assertEquals(List.of("a", "b"), new ArrayList<>(base.map().keySet()));
        Attributes more = base.with("c", 3).without("a");
        assertEquals(Attributes.of("c", 3, "b", 1), more);
        assertEquals(Attributes.of("c", 3, "b", 1).hashCode(), more.hashCode());
        assertNotEquals(base, more);
        assertFalse(base.has("c"));
        assertTrue(more.has("c"));
        assertFalse(base.hasGraph());
        assertTrue(all.hasGraph());
        assertThrows(IllegalArgumentException.class, () -> Attributes.of("x", 1.0));
    }
}
