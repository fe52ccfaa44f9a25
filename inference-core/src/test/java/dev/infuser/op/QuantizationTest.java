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

class QuantizationTest {

    private static Tensor of(DType type, int[] dims, long... values) {
        return Tensor.ofLongs(type, dims, values);
    }

    private static Tensor scalar(float value) {
        return Tensor.floats(new int[0], value);
    }

    @Test
    void quotientsRoundTiesToEvenAndSaturate() {
        Tensor x = Tensor.floats(new int[] {6}, 1, 3, 5, -1, 1000, -1000);
        Object[][] cases = {
            {DType.UINT8, 128L, new double[] {128, 130, 130, 128, 255, 0}},
            {DType.INT8, -1L, new double[] {-1, 1, 1, -1, 127, -128}},
            {DType.UINT4, 1L, new double[] {1, 3, 3, 1, 15, 0}},
            {DType.INT2, 0L, new double[] {0, 1, 1, 0, 1, -2}},
            {DType.INT16, 0L, new double[] {0, 2, 2, 0, 500, -500}},
        };
        for (Object[] c : cases) {
            Tensor y = OperatorCheck.run("QuantizeLinear", x, scalar(2), of((DType) c[0], new int[0], (Long) c[1]));
            assertEquals(c[0], y.dtype());
            assertArrayEquals((double[]) c[2], y.toDoubles(), c[0].toString());
        }
        assertEquals(DType.UINT8, OperatorCheck.run("QuantizeLinear", x, scalar(2)).dtype());
        assertEquals(DType.INT4, OperatorCheck.run("QuantizeLinear",
                Attributes.of("output_dtype", (long) DType.INT4.number()), x, scalar(2)).dtype());
    }

    @Test
    void scalesBelongToTheTensorAnAxisOrBlocks() {
        Tensor x = of(DType.INT8, new int[] {2, 3}, 1, 2, 3, 4, 5, 6);
        Tensor columns = Tensor.floats(new int[] {3}, 1, 10, 100);
        assertArrayEquals(new float[] {1, 20, 300, 4, 50, 600}, OperatorCheck.run("DequantizeLinear", x, columns).floats());
        Tensor rows = Tensor.floats(new int[] {2}, 1, 10);
        assertArrayEquals(new float[] {0, 1, 2, 20, 30, 40}, OperatorCheck.run("DequantizeLinear",
                Attributes.of("axis", 0L), x, rows, of(DType.INT8, new int[] {2}, 1, 2)).floats());
        Tensor blocks = Tensor.floats(new int[] {2, 2}, 1, 10, 100, 1000);
        Attributes pairs = Attributes.of("block_size", 2L);
        Tensor y = OperatorCheck.run("DequantizeLinear", pairs, x, blocks);
        assertArrayEquals(new float[] {1, 2, 30, 400, 500, 6000}, y.floats());
        assertArrayEquals(x.bytes(), OperatorCheck.run("QuantizeLinear", pairs, y, blocks,
                Tensor.zeros(DType.INT8, 2, 2)).bytes());
        assertThrows(InvalidModelException.class, () -> OperatorCheck.run("DequantizeLinear", x, rows));
    }

    @Test
    void dynamicQuantisationCoversTheRangeAndZero() {
        List<Datum> y = OperatorCheck.runAll("DynamicQuantizeLinear", 3, Attributes.NONE,
                Tensor.floats(new int[] {4}, -1, 0, 1, 4.1f));
        float scale = ((Tensor) y.get(1)).floats()[0];
        assertEquals(5.1f / 255, scale, 1e-9f);
        assertEquals(50, ((Tensor) y.get(2)).getLong(0));
        assertArrayEquals(new double[] {0, 50, 100, 255}, ((Tensor) y.get(0)).toDoubles());
        List<Datum> zeros = OperatorCheck.runAll("DynamicQuantizeLinear", 3, Attributes.NONE, Tensor.floats(new int[] {2}, 0, 0));
        assertArrayEquals(new double[] {0, 0}, ((Tensor) zeros.get(0)).toDoubles());
        assertEquals(1, ((Tensor) zeros.get(1)).floats()[0]);
    }

    @Test
    void integerProductsTakeZeroPointsPerRowAndColumn() {
        Tensor a = of(DType.UINT8, new int[] {2, 2}, 1, 2, 3, 4);
        Tensor b = of(DType.INT8, new int[] {2, 2}, 5, -6, 7, 8);
        assertArrayEquals(new int[] {19, 10, 43, 14}, OperatorCheck.run("MatMulInteger", a, b).ints());
        Tensor rows = of(DType.UINT8, new int[] {2}, 1, 2);
        Tensor columns = of(DType.INT8, new int[] {2}, 5, -6);
        assertArrayEquals(new int[] {2, 14, 4, 28}, OperatorCheck.run("MatMulInteger", a, b, rows, columns).ints());
        assertArrayEquals(new int[] {7, 8, 31, 12}, OperatorCheck.run("MatMulInteger", a, b, of(DType.UINT8, new int[0], 1)).ints());
    }

    @Test
    void quantisedProductsAreTheProductsOfTheRealNumbers() {
        Tensor a = of(DType.UINT8, new int[] {2, 2}, 130, 126, 128, 255);
        Tensor b = of(DType.UINT8, new int[] {2, 1}, 5, 6);
        Tensor y = OperatorCheck.run("QLinearMatMul", a, scalar(0.5f), of(DType.UINT8, new int[0], 128), b, scalar(2),
                of(DType.UINT8, new int[0], 4), scalar(4), of(DType.INT8, new int[0], 3));
        assertEquals(DType.INT8, y.dtype());
        assertArrayEquals(new byte[] {3, 67}, y.bytes());
    }
}
