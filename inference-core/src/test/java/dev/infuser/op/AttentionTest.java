package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttentionTest {

    /** Two queries that weigh all keys alike, so that results are means of the values that count. */
    private static final Tensor QUERIES = Tensor.floats(new int[] {1, 1, 2, 1}, 0, 0);
    private static final Tensor KEYS = Tensor.floats(new int[] {1, 1, 4, 1}, 1, 2, 3, 4);
    private static final Tensor VALUES = Tensor.floats(new int[] {1, 1, 4, 1}, 1, 3, 5, 11);

    private static float[] attend(Attributes attributes, Tensor... more) {
        Datum[] inputs = new Datum[3 + more.length];
        inputs[0] = QUERIES;
        inputs[1] = KEYS;
        inputs[2] = VALUES;
        System.arraycopy(more, 0, inputs, 3, more.length);
        return OperatorCheck.run("Attention", attributes, inputs).floats();
    }

    @Test
    void masksSayWhichKeysCount() {
        Attributes causal = Attributes.of("is_causal", 1);
        Tensor flags = Tensor.ofLongs(DType.BOOL, new int[] {2, 4}, new long[] {1, 0, 1, 0, 1, 1, 1, 1});
        Tensor shorter = Tensor.floats(new int[] {1, 2}, 0, 0);
        Tensor lengths = Tensor.longs(new int[] {1}, 3);
        assertArrayEquals(new float[] {5, 5}, attend(Attributes.NONE));
        assertArrayEquals(new float[] {1, 2}, attend(causal));
        assertArrayEquals(new float[] {3, 5}, attend(Attributes.NONE, flags));
        assertArrayEquals(new float[] {1, 2}, attend(causal, flags));
        assertArrayEquals(new float[] {2, 2}, attend(Attributes.NONE, shorter));
        assertArrayEquals(new float[] {3, 3}, attend(Attributes.NONE, null, null, null, lengths));
        assertArrayEquals(new float[] {2, 3}, attend(causal, null, null, null, lengths));
    }

    @Test
    void pastKeysAndValuesComeFirst() {
        Tensor past = Tensor.floats(new int[] {1, 1, 2, 1}, 7, 9);
        List<Datum> y = OperatorCheck.runAll("Attention", 4, Attributes.of("is_causal", 1), QUERIES, KEYS, VALUES, null, past,
                past);
        assertArrayEquals(new double[] {17 / 3.0, 5}, ((Tensor) y.get(0)).toDoubles(), 1e-6);
        assertArrayEquals(new float[] {7, 9, 1, 2, 3, 4}, ((Tensor) y.get(1)).floats());
        assertArrayEquals(new float[] {7, 9, 1, 3, 5, 11}, ((Tensor) y.get(2)).floats());
        assertArrayEquals(new int[] {1, 1, 2, 6}, ((Tensor) y.get(3)).dims());
    }

    @Test
    void headsShareKeys() {
        Tensor q = Tensor.floats(new int[] {1, 1, 4}, 0, 0, 0, 0);
        Tensor k = Tensor.floats(new int[] {1, 2, 2}, 1, 2, 3, 4);
        Tensor v = Tensor.floats(new int[] {1, 2, 4}, 1, 2, 3, 4, 3, 4, 5, 6);
        Attributes heads = Attributes.of("q_num_heads", 4, "kv_num_heads", 2);
        Tensor y = OperatorCheck.run("Attention", heads, q, k, v);
        assertArrayEquals(new int[] {1, 1, 8}, y.dims());
        assertArrayEquals(new float[] {2, 3, 2, 3, 4, 5, 4, 5}, y.floats());
    }

    @Test
    void whatDoesNotFitIsAnError() {
        Tensor flat = Tensor.floats(new int[] {1, 2, 2}, 1, 2, 3, 4);
        String[] wrong = {"heads", "heads", "mask", "fit"};
        Datum[][] inputs = {{QUERIES, KEYS, flat}, {flat, flat, flat},
            {QUERIES, KEYS, VALUES, Tensor.floats(new int[] {5}, 0, 0, 0, 0, 0)}, {QUERIES, KEYS, QUERIES}};
        for (int i = 0; i < wrong.length; i++) {
            Datum[] each = inputs[i];
            String message = assertThrows(InvalidModelException.class, () -> OperatorCheck.run("Attention", each)).getMessage();
            assertEquals(true, message.contains(wrong[i]), message);
        }
    }
}
