package dev.infuser.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

    @ParameterizedTest
    @CsvSource({"1,1", "4,8", "3,7", "5,9", "17,31", "0,5", "5,0"})
    void dotPanelsHoldColumnSumsAndFourRowsTogether(int k, int n) {
        byte[] b = new byte[k * n];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) (37 * i);
        }
        int[] dims = {k, n};
        byte[] panels = (byte[]) Layout.DOT8.pack(DType.INT8, dims, b);
        int panel = 32 * ((k + 3) / 4 + 1);
        assertEquals((n + 7) / 8 * panel, panels.length);
        for (int column = 0; column < (n + 7) / 8 * 8; column++) {
            int sum = 0;
            for (int row = 0; row < (k + 3) / 4 * 4; row++) {
                byte expected = row < k && column < n ? b[row * n + column] : 0;
                sum += expected;
                assertEquals(expected, panels[column / 8 * panel + 32 + row / 4 * 32 + column % 8 * 4 + row % 4]);
            }
            ByteBuffer sums = ByteBuffer.wrap(panels, column / 8 * panel, 32).order(ByteOrder.LITTLE_ENDIAN);
            assertEquals(sum, sums.getInt(sums.position() + column % 8 * 4));
        }
        assertArrayEquals(b, (byte[]) Layout.DOT8.unpack(DType.INT8, dims, panels));
    }

    @ParameterizedTest
    @CsvSource({"1,1", "4,8", "5,9", "33,17", "0,3", "3,0"})
    void nibblesOfTwoRowsAreSideBySide(int k, int n) {
        byte[] b = new byte[k * n];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) (i % 16 - 8);
        }
        int[] dims = {k, n};
        int rows = (k + 3) / 4 * 4;
        byte[] panels = (byte[]) Layout.NIBBLE8.pack(DType.INT4, dims, b);
        assertEquals((n + 7) / 8 * 8 * rows, panels.length);
        assertEquals(panels.length, Layout.NIBBLE8.storedElements(dims));
        for (int i = 0; i < panels.length; i++) {
            int row = i / 16 % Math.max(1, rows / 2) * 2 + i % 2;
            int column = i / 16 / Math.max(1, rows / 2) * 8 + i / 2 % 8;
            assertEquals(row < k && column < n ? b[row * n + column] : 0, panels[i]);
        }
        assertArrayEquals(b, (byte[]) Layout.NIBBLE8.unpack(DType.INT4, dims, panels));
    }

    @Test
    void rightOperandsGetTheLayoutThatTheirElementsAllow() {
        int[] dims = {1, 3};
        assertEquals(Layout.NARROW8, Layout.DOT8.narrowed(Tensor.of(DType.INT8, dims, new byte[] {-64, 0, 64})));
        assertEquals(Layout.DOT8, Layout.DOT8.narrowed(Tensor.of(DType.INT8, dims, new byte[] {-64, 0, 65})));
        assertEquals(Layout.DOT8, Layout.DOT8.narrowed(Tensor.of(DType.INT8, dims, new byte[] {-65, 0, 64})));
        assertEquals(Layout.PANEL8, Layout.PANEL8.narrowed(Tensor.of(DType.INT8, dims, new byte[3])));
        for (Layout layout : Layout.values()) {
            assertEquals(layout, Layout.ofNumber(layout.number()));
            assertEquals(!layout.isDot() && layout != Layout.NIBBLE8, layout.fits(DType.UINT8, 2));
            assertEquals(!layout.isDot(), layout.fits(DType.INT4, 2));
            assertEquals(layout == Layout.PLAIN, layout.fits(DType.INT8, 1));
        }
        assertNull(Layout.ofNumber(0));
        assertNull(Layout.ofNumber(7));
    }

    @Test
    void panelsOfOverTwoToThe31ElementsAreUnsupported() {
        assertThrows(UnsupportedModelException.class, () -> Panels.length(new int[] {1 << 29, 1}));
        assertThrows(UnsupportedModelException.class, () -> Panels.length(new int[] {1, Integer.MAX_VALUE}));
    }
}
