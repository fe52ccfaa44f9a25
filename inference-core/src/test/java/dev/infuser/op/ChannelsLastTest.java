package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.graph.Graph;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.GraphSketch;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each operator against its model between transposes. */
class ChannelsLastTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Conv | n,4,h,w | 6,2,3,5 | group=2, pads=[1,2,0,1], strides=[2,1], dilations=[1,2]",
        "Conv | n,4,h | 6,4,3 | auto_pad=SAME_UPPER, strides=[2]",
        "Conv | n,2,h,w,4 | 6,2,2,1,3 | pads=[0,0,1,1,0,1]",
        "ConvTranspose | n,4,h,w | 4,3,3,2 | group=2, strides=[2,3], pads=[1,0,0,1], output_padding=[1,0]",
        "ConvTranspose | n,4,h | 4,5,3 | strides=[2], output_shape=[11]",
        "MaxPool | n,4,h,w | | kernel_shape=[3,2], strides=[2,2], pads=[1,0,1,1], ceil_mode=1",
        "AveragePool | n,4,h | | kernel_shape=[3], pads=[1,1], count_include_pad=1"})
    void equalsItsModel(String op, String x, String w, String attributes) {
        int rank = x.split(",").length;
        StringBuilder last = new StringBuilder("0,");
        StringBuilder back = new StringBuilder("0," + (rank - 1));
        for (int i = 2; i < rank; i++) {
            last.append(i).append(',');
            back.append(',').append(i - 1);
        }
        boolean forward = op.equals("Conv");
        StringBuilder weight = new StringBuilder();
        for (int i = 2; i < rank; i++) {
            weight.append(i).append(',');
        }
        String inputs = "x: float32[" + x + "]; "
                + (w == null ? "" : "w: float32[" + w + "] = random; b: float32[6] = random; ");
        String bias = w == null ? "" : op.startsWith("ConvT") && w.startsWith("4,5") ? ", w" : ", w, b";
        Graph model = GraphSketch.parse(inputs + "y = " + op + "(x" + bias + ") {" + attributes + "}; -> y").graph();
        Graph ours = GraphSketch.parse(inputs + "p = Transpose(x) {perm=[" + last + "1]}; "
                + (w == null ? "" : "v = Transpose(w) {perm=[" + weight + (forward ? "1,0" : "0,1") + "]}; ")
                + "q = infuser." + op + "(p" + bias.replace('w', 'v') + ") {" + attributes
                + "}; y = Transpose(q) {perm=[" + back + "]}; -> y").graph();
        assertEquals(Inference.infer(model).type("y").toString(),
                Inference.infer(ours).type("y").toString().replace("q.0", "y.0"));
        List<Datum> feeds = GraphSketch.parse(inputs + "y = Neg(x); -> y").feeds("n=2 h=7 w=8", 1);
        Tensor expected = (Tensor) Evaluator.run(model, feeds).get(0);
        Tensor actual = (Tensor) Evaluator.run(ours, feeds).get(0);
        assertArrayEquals(expected.dims(), actual.dims());
        assertArrayEquals(expected.floats(), actual.floats());
    }
}
