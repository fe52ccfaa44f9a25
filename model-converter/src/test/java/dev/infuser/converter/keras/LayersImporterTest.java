package dev.infuser.converter.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import dev.infuser.converter.tfjs.TfjsImporter;
import dev.infuser.graph.Graph;
import dev.infuser.op.Evaluator;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What TensorFlow.js cannot make, and files that are wrong. */
class LayersImporterTest {

    private static final String INPUT = "{'class_name':'InputLayer','config':{'batch_input_shape':[null,%s],'name':'x'},"
            + "'name':'x','inbound_nodes':[]}";

    private static String sequence(String shape, String kind, String config) {
        return "{'class_name':'Sequential','config':{'layers':[{'class_name':'" + kind + "','config':{'name':'a',"
                + "'batch_input_shape':[null," + shape + "]" + (config.isEmpty() ? "" : "," + config) + "}}]}}";
    }

    private static Graph graph(String json, Map<String, Tensor> weights) {
        return LayersImporter.importModel(JsonParser.parseString(json).getAsJsonObject(), weights);
    }

    private static float[] run(Graph graph, Tensor x) {
        return ((Tensor) Evaluator.run(graph, List.of(x)).get(0)).floats();
    }

    private static Tensor floats(int[] dims, float... values) {
        return Tensor.floats(dims, values);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"'negative_slope':0.5 | -2 -1 -0.5 0 0.5 3", "'max_value':2 | 0 0 0 0 0.5 2",
        "'threshold':1,'negative_slope':0.5 | -2.5 -1.5 -1 -0.5 -0.25 3", "'threshold':1 | 0 0 0 0 0 3"})
    void rectifiersHaveSlopeThresholdAndBound(String config, String expected) {
        float[] y = run(graph(sequence("6", "ReLU", config), Map.of()), floats(new int[] {1, 6}, -4, -2, -1, 0, 0.5f, 3));
        String[] numbers = expected.trim().split(" ");
        for (int i = 0; i < y.length; i++) {
            assertEquals(Float.parseFloat(numbers[i]), y[i], 0, "element " + i);
        }
    }

    @Test
    void causalConvolutionsSeeNothingOfTheFuture() {
        Graph graph = graph(sequence("4,1", "Conv1D", "'kernel_size':[2],'dilation_rate':[2],'padding':'causal','use_bias':false"),
                Map.of("a/kernel", floats(new int[] {2, 1, 1}, 10, 1)));
        assertArrayEquals(new float[] {1, 2, 13, 24}, run(graph, floats(new int[] {1, 4, 1}, 1, 2, 3, 4)));
    }

    /** One unit with both weights 1: z = 0.5, r = 0.5, the new state is half of tanh(x + r (h + 1)). */
    @ParameterizedTest
    @CsvSource({"tanh,2", "tanh,null", "swish,2", "swish,null"})
    void gatedUnitsMayResetAfterTheProduct(String activation, String steps) {
        Graph graph = graph(sequence(steps + ",1", "GRU", "'units':1,'reset_after':true,'activation':'" + activation
                + "','recurrent_activation':'sigmoid'"), Map.of("a/gru_cell/kernel", floats(new int[] {1, 3}, 0, 0, 1),
                "a/gru_cell/recurrent_kernel", floats(new int[] {1, 3}, 0, 0, 1),
                "a/gru_cell/bias", floats(new int[] {2, 3}, 0, 0, 0, 0, 0, 1)));
        double h = 0;
        for (double x : new double[] {0.5, -2}) {
            double inner = x + 0.5 * (h + 1);
            h = 0.5 * h + 0.5 * (activation.equals("tanh") ? Math.tanh(inner) : inner / (1 + Math.exp(-inner)));
        }
        assertEquals(h, run(graph, floats(new int[] {1, 2, 1}, 0.5f, -2))[0], 1e-6);
    }

    /** The calls of a model inside another count from 0 in new files, and from 1, its own definition being 0, in old ones. */
    @ParameterizedTest
    @CsvSource({"0", "1"})
    void callsOfModelsInsideCountFromZeroOrOne(int first) {
        String inner = "{'class_name':'Functional','name':'m','config':{'name':'m','layers':[" + INPUT.formatted("1")
                + ",{'class_name':'Activation','config':{'name':'r','activation':'relu'},'name':'r','inbound_nodes':[[['x',0,0,{}]]]}],"
                + "'input_layers':[['x',0,0]],'output_layers':[['r',0,0]]},'inbound_nodes':[[['x',0,0,{}]],[['n',0,0,{}]]]}";
        String negate = "{'class_name':'Rescaling','name':'n','config':{'name':'n','scale':-1},'inbound_nodes':[[['x',0,0,{}]]]}";
        String add = "{'class_name':'Concatenate','name':'c','config':{'name':'c','axis':-1},'inbound_nodes':[[['m'," + first
                + ",0,{}],['m'," + (first + 1) + ",0,{}]]]}";
        Graph graph = graph("{'class_name':'Functional','config':{'layers':[" + INPUT.formatted("1") + "," + inner + "," + negate
                + "," + add + "],'input_layers':[['x',0,0]],'output_layers':[['c',0,0]]}}", Map.of());
        assertArrayEquals(new float[] {0, 3}, run(graph, floats(new int[] {1, 1}, -3)));
    }

    @Test
    void layersThatAreNotSupportedAreNamed() {
        String json = "{'class_name':'Sequential','config':{'layers':[{'class_name':'Sequential','config':{'name':'s','layers':"
                + "[{'class_name':'MyLayer','config':{'name':'deep'}}]}},{'class_name':'Other','config':{'name':'b'}}]}}";
        UnsupportedModelException e = assertThrows(UnsupportedModelException.class, () -> graph(json, Map.of()));
        assertEquals("unsupported-layer", e.code());
        assertTrue(e.getMessage().contains("MyLayer (deep); Other (b)"), e.getMessage());
    }

    @Test
    void weightsThatAreMissingAreNamed() {
        InfuserException e = assertThrows(InfuserException.class, () -> graph(sequence("3", "Dense", "'units':2"), Map.of()));
        assertEquals("missing-weights", e.code());
        assertTrue(e.getMessage().contains("'a'") && e.getMessage().contains("kernel"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"GRU | 'units':3,'stateful':true | 4,2 | unsupported-node",
        "Activation | 'activation':'strange' | 4 | unsupported-node", "MaxPooling2D | 'pool_size':'a' | 4,4,1 | bad-tfjs",
        "MaxPooling2D | 'pool_size':[3,3,3] | 4,4,1 | bad-tfjs", "MaxPooling2D | 'pool_size':0 | 4,4,1 | bad-tfjs",
        "Dense |  | 4 | missing-weights", "Permute | 'dims':[7] | 4 | bad-node", "Dot | 'axes':1 | 4 | unsupported-node"})
    void layersThatAreWrongAreRefused(String kind, String config, String shape, String code) {
        String json = "{'modelTopology':" + sequence(shape, kind, config == null ? "" : config) + ",'weightsManifest':[]}";
        InfuserException e = assertThrows(InfuserException.class, () -> TfjsImporter.importModel(
                ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)), (location, offset, length) -> ByteBuffer.allocate(0)));
        assertEquals(code, e.code(), e.getMessage());
    }

    @Test
    void circlesAndMissingLayersAreRefused() {
        for (String from : List.of("a", "nobody")) {
            String json = "{'class_name':'Functional','config':{'layers':[" + INPUT.formatted("1") + ",{'class_name':'ReLU','name':'a',"
                    + "'config':{'name':'a'},'inbound_nodes':[[['" + from + "',0,0,{}]]]}],'input_layers':[['x',0,0]],"
                    + "'output_layers':[['a',0,0]]}}";
            assertEquals("bad-layers", assertThrows(InfuserException.class, () -> graph(json, Map.of())).code());
        }
    }

    /** Each of 40 models calls the one inside twice. */
    @Test
    void modelsThatGrowWithoutBoundAreRefused() {
        String model = "{'class_name':'ReLU','name':'m','config':{'name':'m'}";
        for (int i = 0; i < 40; i++) {
            model = "{'class_name':'Functional','name':'m','config':{'name':'m','layers':[" + INPUT.formatted("1") + "," + model
                    + ",'inbound_nodes':[[['x',0,0,{}]],[['m',0,0,{}]]]}],'input_layers':[['x',0,0]],'output_layers':[['m',1,0]]}";
        }
        String json = model + "}";
        assertEquals("bad-layers", assertThrows(InfuserException.class, () -> graph(json, Map.of())).code());
    }
}
