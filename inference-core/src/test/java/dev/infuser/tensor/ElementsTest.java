package dev.infuser.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class ElementsTest {

    private static byte[] encode(DType dtype, Object array, int count) {
        byte[] out = new byte[(int) Elements.bytes(dtype, count)];
        Elements.encode(dtype, array, 0, count, out, 0);
        return out;
    }

    @Test
    void wideElementsAreLittleEndian() {
        ByteBuffer expected = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        expected.putDouble(0, Math.PI).putDouble(8, -0.0);
        assertArrayEquals(expected.array(), encode(DType.FLOAT64, new double[] {Math.PI, -0.0}, 2));
        expected.putLong(0, Long.MIN_VALUE + 5).putLong(8, -2);
        assertArrayEquals(expected.array(), encode(DType.UINT64, new long[] {Long.MIN_VALUE + 5, -2}, 2));
        ByteBuffer four = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        four.putFloat(0, 1.5f).putFloat(4, Float.NEGATIVE_INFINITY);
        assertArrayEquals(four.array(), encode(DType.FLOAT32, new float[] {1.5f, Float.NEGATIVE_INFINITY}, 2));
        assertArrayEquals(new byte[] {2, 1, -2, -1}, encode(DType.INT16, new short[] {0x102, -2}, 2));
    }

    @Test
    void smallElementsFillBytesFromTheLowBits() {
        assertArrayEquals(new byte[] {(byte) 0xF1, 0x08}, encode(DType.INT4, new byte[] {1, -1, -8}, 3));
        assertArrayEquals(new byte[] {(byte) 0b10_01_11_00, 0b01}, encode(DType.INT2, new byte[] {0, -1, 1, -2, 1}, 5));
        assertArrayEquals(new byte[] {1, -1, -8},
                (byte[]) Elements.decode(DType.INT4, new byte[] {(byte) 0xF1, 0x08}, 0, 3));
        assertArrayEquals(new byte[] {1, 15, 8},
                (byte[]) Elements.decode(DType.FLOAT4E2M1, new byte[] {(byte) 0xF1, 0x08}, 0, 3));
        assertArrayEquals(new byte[] {0, 3, 1, 2, 1},
                (byte[]) Elements.decode(DType.UINT2, new byte[] {(byte) 0b10_01_11_00, 0b01}, 0, 5));
    }

    @Test
    void boolsAreZeroOrOne() {
        assertArrayEquals(new byte[] {0, 1}, (byte[]) Elements.decode(DType.BOOL, new byte[] {9, 0, 1}, 1, 2));
        assertEquals("bad-value", assertThrows(InvalidModelException.class,
                () -> Elements.decode(DType.BOOL, new byte[] {2}, 0, 1)).code());
    }
}
