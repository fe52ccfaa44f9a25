package dev.infuser.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PanelsTest {

    @ParameterizedTest
    @CsvSource({"1,1", "1,8", "3,7", "3,9", "5,16", "17,31", "0,5", "5,0", "64,24"})
    void columnsComeInEightsWithZerosBehind(int k, int n) {
        float[] b = new float[k * n];
        for (int i = 0; i < b.length; i++) {
            b[i] = i + 1;
        }
        float[] panels = Panels.pack(b, k, n);
        assertEquals((n + 7) / 8 * k * 8, panels.length);
        for (int i = 0; i < panels.length; i++) {
            int column = i / (8 * k) * 8 + i % 8;
            int row = i / 8 % k;
            assertEquals(column < n ? b[row * n + column] : 0, panels[i]);
        }
        assertArrayEquals(b, Panels.unpack(panels, k, n));
    }

    @Test
    void leadingDimensionsAreSeparateMatrices() {
        int[] dims = {2, 3, 1, 9};
        long[] values = new long[54];
        for (int i = 0; i < values.length; i++) {
            values[i] = i + 1;
        }
        long[] panels = (long[]) Panels.pack(DType.INT64, dims, values);
        assertEquals(6 * 16, panels.length);
        assertEquals(10, panels[16]);
        assertEquals(18, panels[24]);
        assertArrayEquals(values, (long[]) Panels.unpack(DType.INT64, dims, panels));
    }

    @Test
    void panelsOfOverTwoToThe31ElementsAreUnsupported() {
        assertThrows(UnsupportedModelException.class, () -> Panels.length(new int[] {1 << 29, 1}));
        assertThrows(UnsupportedModelException.class, () -> Panels.length(new int[] {1, Integer.MAX_VALUE}));
    }
}
