package dev.infuser.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Array;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {

    @ParameterizedTest
    @EnumSource(DType.class)
    void arraysAreOfOneKindPerType(DType dtype) {
        Class<?> kind = Tensor.newArray(dtype, 0).getClass();
        int accepted = 0;
        for (Object array : new Object[] {new float[2], new double[2], new long[2], new int[2], new short[2],
            new byte[2], new String[] {"", ""}}) {
            if (array.getClass() == kind) {
                assertSame(array, Tensor.of(dtype, new int[] {2}, array).array());
                accepted++;
            } else {
                InvalidInputException e = assertThrows(InvalidInputException.class,
                        () -> Tensor.of(dtype, new int[] {2}, array));
                assertEquals("bad-data", e.code());
                assertTrue(e.getMessage().contains(dtype.label() + "[2] needs 2 elements"), e.getMessage());
            }
        }
        assertEquals(1, accepted);
        assertThrows(InvalidInputException.class, () -> Tensor.of(dtype, new int[] {3}, Tensor.newArray(dtype, 2)));
        assertEquals(1, Tensor.zeros(dtype).size());
        assertEquals(0, Tensor.zeros(dtype, 3, 0).size());
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void numbersAreKeptByEveryTypeThatHasThem(DType dtype) {
        assertSame(dtype, DType.ofLabel(dtype.label()));
        assertSame(dtype, DType.ofNumber(dtype.number()));
        if (dtype == DType.STRING) {
            assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(dtype).getDouble(0));
            return;
        }
        boolean signed = dtype.isSigned() && dtype != DType.FLOAT8E8M0;
        double[] values = dtype == DType.FLOAT8E8M0 ? new double[] {1, 2, 0.5, 4} : dtype == DType.BOOL
                ? new double[] {1, 0, 1, 0} : new double[] {1, 0, signed ? -2 : 2, 1};
        Tensor tensor = Tensor.ofDoubles(dtype, new int[] {4}, values);
        assertArrayEquals(values, tensor.toDoubles());
        long[] longs = new long[4];
        float[] floats = new float[4];
        for (int i = 0; i < 4; i++) {
            longs[i] = (long) values[i];
            floats[i] = (float) values[i];
            assertEquals(longs[i], tensor.getLong(i));
        }
        assertArrayEquals(longs, tensor.toLongs());
        assertArrayEquals(floats, tensor.toFloats());
        if (dtype != DType.FLOAT8E8M0) {
            assertTrue(tensor.sameAs(Tensor.ofLongs(dtype, new int[] {4}, longs)));
        }
        assertFalse(tensor.sameAs(tensor.reshape(2, 2)));
        assertTrue(tensor.sameAs(Tensor.of(dtype, new int[] {4}, copy(tensor.array()))));
        assertFalse(tensor.sameAs(Tensor.ofDoubles(dtype, new int[] {4}, new double[] {1, 1, 1, 1})));
    }

    private static Object copy(Object array) {
        Object copy = Array.newInstance(array.getClass().getComponentType(), Array.getLength(array));
        System.arraycopy(array, 0, copy, 0, Array.getLength(array));
        return copy;
    }

    @ParameterizedTest
    @CsvSource({"INT8,200,-56", "UINT8,-1,255", "INT16,40000,-25536", "UINT16,65537,1", "INT32,4294967297,1",
            "UINT32,-1,4294967295", "INT4,8,-8", "INT4,-9,7", "UINT4,17,1", "INT2,2,-2", "UINT2,5,1", "BOOL,256,1",
            "UINT64,-1,-1", "INT64,-1,-1"})
    void integersKeepTheirLowBits(DType dtype, long value, long expected) {
        assertEquals(expected, Tensor.ofLongs(dtype, new int[0], new long[] {value}).getLong(0));
        assertEquals(expected, Tensor.ofDoubles(dtype, new int[0], new double[] {value}).getLong(0));
    }

    @ParameterizedTest
    @CsvSource({"0x1p63,-9223372036854775808", "0x1.8p63,-4611686018427387904", "0x1p62,4611686018427387904", "5.9,5"})
    void largeUnsignedNumbersGoThroughDoubles(double value, long bits) {
        Tensor tensor = Tensor.ofDoubles(DType.UINT64, new int[0], new double[] {value});
        assertEquals(bits, tensor.getLong(0));
        assertEquals(Math.floor(value), tensor.getDouble(0));
    }

    @Test
    void unsignedLongsRoundOnce() {
        Tensor tensor = Tensor.of(DType.UINT64, new int[] {2}, new long[] {-1, (1L << 63) + 1025});
        assertEquals(0x1p64, tensor.getDouble(0));
        assertEquals(0x1.0000000000001p63, tensor.getDouble(1));
    }

    @Test
    void reshapedTensorsShareTheArray() {
        Tensor tensor = Tensor.floats(new int[] {2, 3}, 1, 2, 3, 4, 5, 6);
        assertSame(tensor.array(), tensor.reshape(3, 2).array());
        assertEquals(3, tensor.dim(-1));
        assertEquals(2, tensor.dim(0));
        assertEquals("float32[2,3]", tensor.toString());
        assertEquals("bad-shape", assertThrows(InvalidModelException.class, () -> tensor.reshape(4)).code());
    }

    @Test
    void lazyTensorsLoadWhenAskedAndKeepWhatArrayGave() {
        int[] loads = new int[1];
        Tensor lazy = Tensor.lazy(DType.INT32, new int[] {2}, () -> {
            loads[0]++;
            return new int[] {7, 8};
        });
        Tensor reshaped = lazy.reshape(1, 2);
        assertEquals(0, loads[0]);
        assertEquals(8, ((int[]) lazy.peek())[1]);
        assertEquals(8, ((int[]) lazy.peek())[1]);
        assertEquals(2, loads[0]);
        assertEquals(8, lazy.getLong(1));
        assertEquals(7, lazy.getLong(0));
        assertEquals(8, reshaped.getLong(1));
        assertEquals(3, loads[0]);
        Tensor wrong = Tensor.lazy(DType.INT32, new int[] {2}, () -> new int[3]);
        assertEquals("bad-data", assertThrows(InvalidInputException.class, wrong::array).code());
    }

    @Test
    void pickTakesElementsAndZeros() {
        Tensor picked = Tensor.vector(10, 20, 30).pick(new int[] {2, 2}, new int[] {2, -1, 0, 2});
        assertTrue(picked.sameAs(Tensor.longs(new int[] {2, 2}, 30, 0, 10, 30)));
        Tensor strings = Tensor.strings(new int[] {2}, "a", "b").pick(new int[] {2}, new int[] {1, -1});
        assertArrayEquals(new String[] {"b", ""}, strings.strings());
        assertThrows(InvalidInputException.class, () -> Tensor.vector(1).pick(new int[] {2}, new int[] {0}));
    }

    @Test
    void wrongExtentsAreRefused() {
        assertEquals("bad-shape", assertThrows(InvalidModelException.class,
                () -> Tensor.count(new int[] {2, -1})).code());
        assertEquals("too-large", assertThrows(UnsupportedModelException.class,
                () -> Tensor.count(new int[] {1 << 16, 1 << 16})).code());
        assertEquals(0, Tensor.count(new int[] {1 << 16, 1 << 16, 0}));
        assertEquals("bad-shape", assertThrows(InvalidModelException.class,
                () -> Tensor.count(new int[] {1 << 16, 1 << 16, -1, 0})).code());
        assertThrows(IllegalArgumentException.class, () -> Tensor.of(DType.FLOAT32, new int[0], null));
    }

    @Test
    void valueListsMustFillTheShape() {
        for (int length : new int[] {2, 4}) {
            assertEquals("bad-data", assertThrows(InvalidInputException.class,
                    () -> Tensor.ofDoubles(DType.INT8, new int[] {3}, new double[length])).code());
            assertEquals("bad-data", assertThrows(InvalidInputException.class,
                    () -> Tensor.ofLongs(DType.FLOAT32, new int[] {3}, new long[length])).code());
        }
    }

    @Test
    void floatsAreComparedByTheirBits() {
        assertFalse(Tensor.floats(new int[] {1}, 0f).sameAs(Tensor.floats(new int[] {1}, -0f)));
        assertTrue(Tensor.floats(new int[] {1}, Float.NaN).sameAs(Tensor.floats(new int[] {1}, Float.NaN)));
        assertFalse(Tensor.floats(new int[] {1}, 0f).sameAs(Tensor.ints(new int[] {1}, 0)));
    }
}
