package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.format.Model;
import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Maps of ai.onnx.ml, by the specification's text. */
class MapsTest {

    private static final Datum.Map NUMBERED = new Datum.Map(Tensor.vector(4, 0, 2), Tensor.floats(new int[] {3}, 1.5f, -2.75f, 7));
    private static final Datum.Map TEXTS = new Datum.Map(Tensor.vector(1, 0), Tensor.strings(new int[] {2}, "12", "3.5"));
    private static final Datum.Map NAMED = new Datum.Map(Tensor.strings(new int[] {2}, "b", "x"),
            Tensor.floats(new int[] {2}, 5, 6));

    private static Node node(String op, Attributes attributes) {
        return new Node("n", "ai.onnx.ml", op, List.of("in"), List.of("out"), attributes);
    }

    private static Datum run(String op, Attributes attributes, Datum input) {
        return OperatorCheck.run(node(op, attributes), List.of(input)).get(0);
    }

    private static Attribute texts(String... values) {
        return new Attribute.OfStrings(List.of(values));
    }

    private static void assertRow(Datum found, float... values) {
        Tensor tensor = (Tensor) found;
        assertArrayEquals(new int[] {1, values.length}, tensor.dims());
        assertArrayEquals(values, tensor.floats());
    }

    @Test
    void zipMapPutsScoresBesideLabels() {
        Tensor scores = Tensor.floats(new int[] {2, 2}, 0.25f, 0.75f, 1, 0);
        List<Datum> maps = ((Datum.Sequence) run("ZipMap", Attributes.of("classlabels_strings", texts("no", "yes")), scores)).elements();
        assertEquals(2, maps.size());
        Datum.Map second = (Datum.Map) maps.get(1);
        assertArrayEquals(new String[] {"no", "yes"}, second.keys().strings());
        assertArrayEquals(new float[] {1, 0}, second.values().floats());
        Tensor one = Tensor.floats(new int[] {3}, 1, 2, 3);
        Datum.Map map = (Datum.Map) ((Datum.Sequence) run("ZipMap", Attributes.of("classlabels_int64s", new long[] {7, 8, 9}), one))
                .elements().get(0);
        assertArrayEquals(new long[] {7, 8, 9}, map.keys().toLongs());
        assertArrayEquals(new float[] {1, 2, 3}, map.values().floats());
    }

    @Test
    void castMapOrdersByKey() {
        assertRow(run("CastMap", Attributes.of(), NUMBERED), -2.75f, 7, 1.5f);
        assertRow(run("CastMap", Attributes.of("map_form", "SPARSE", "max_map", 6), NUMBERED), -2.75f, 0, 7, 0, 1.5f, 0);
        assertRow(run("CastMap", Attributes.of("map_form", "SPARSE", "max_map", 3), NUMBERED), -2.75f, 0, 7);
        assertRow(run("CastMap", Attributes.of("cast_to", "TO_FLOAT"), TEXTS), 3.5f, 12);
        assertArrayEquals(new long[] {-2, 7, 1}, ((Tensor) run("CastMap", Attributes.of("cast_to", "TO_INT64"), NUMBERED)).toLongs());
        assertArrayEquals(new String[] {"-2.75", "7.0", "1.5"},
                ((Tensor) run("CastMap", Attributes.of("cast_to", "TO_STRING"), NUMBERED)).strings());
    }

    @Test
    void dictVectorizerFollowsTheVocabulary() {
        assertRow(run("DictVectorizer", Attributes.of("string_vocabulary", texts("x", "a", "b")), NAMED), 6, 0, 5);
        assertRow(run("DictVectorizer", Attributes.of("int64_vocabulary", new long[] {2, 4, 5}), NUMBERED), 7, 1.5f, 0);
        Tensor found = (Tensor) run("DictVectorizer", Attributes.of("int64_vocabulary", new long[] {0, 3}), TEXTS);
        assertArrayEquals(new String[] {"3.5", ""}, found.strings());
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Tensor scores = Tensor.floats(new int[] {1, 2}, 1, 2);
        assertFails("labels for 2 scores", "ZipMap", Attributes.of("classlabels_int64s", new long[] {1}), scores);
        assertFails("needs one of", "ZipMap", Attributes.of(), scores);
        assertFails("no place", "CastMap", Attributes.of("map_form", "SPARSE", "max_map", 2),
                new Datum.Map(Tensor.vector(-1), Tensor.floats(new int[] {1}, 1)));
        assertFails("max_map is 0", "CastMap", Attributes.of("map_form", "SPARSE", "max_map", 0), NUMBERED);
        assertFails("takes a map from", "CastMap", Attributes.of(), NAMED);
        assertFails("takes a map from string", "DictVectorizer", Attributes.of("string_vocabulary", texts("x")), NUMBERED);
        assertFails("not a number", "CastMap", Attributes.of(),
                new Datum.Map(Tensor.vector(1), Tensor.strings(new int[] {1}, "twelve")));
        assertThrows(InvalidInputException.class, () -> new Datum.Map(Tensor.vector(1, 2), Tensor.vector(1)));
    }

    private static void assertFails(String message, String op, Attributes attributes, Datum input) {
        GraphBuilder builder = new GraphBuilder("one");
        builder.input("in", input instanceof Datum.Map map ? new ValueType.OfMap(map.keys().dtype(), map.values().dtype())
                : ((Tensor) input).type());
        builder.add(node(op, attributes));
        builder.output("out");
        InfuserException e = assertThrows(InfuserException.class, () -> {
            Inference.infer(builder.build());
            run(op, attributes, input);
        });
        assertTrue(e.getMessage().contains(message), e::getMessage);
    }

    @Test
    void aSessionTakesTheMapThatItsModelStates() {
        GraphBuilder builder = new GraphBuilder("counts");
        builder.input("in", new ValueType.OfMap(DType.STRING, DType.FLOAT32));
        builder.add(node("DictVectorizer", Attributes.of("string_vocabulary", texts("x", "b"))));
        builder.output("out");
        Graph graph = Inference.infer(builder.build());
        try (Session session = Session.of(Model.of(graph))) {
            assertRow(session.runAny(Map.of("in", NAMED)).get("out"), 6, 5);
            for (Datum wrong : List.of(NUMBERED, Tensor.vector(1), new Datum.Sequence(List.of()))) {
                assertEquals("wrong-feed", assertThrows(InvalidInputException.class, () -> session.runAny(Map.of("in", wrong))).code());
            }
        }
    }
}
