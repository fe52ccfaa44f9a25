package dev.infuser.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.kernel.StridedCopy.Inner;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CopyKernelsTest {
    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    private static void check(StridedCopy kernel, KernelRunner runner, int[] dims, int[] in, int inStart, int[] out,
            int inBytes) {
        int size = kernel.size();
        int total = size;
        int elements = 1;
        for (int dim : dims) {
            elements *= dim;
        }
        for (int d = 0; d < dims.length; d++) {
            total += Math.max(0, dims[d] - 1) * out[d];
        }
        total = elements == 0 ? 0 : total;
        byte[] data = random(inBytes);
        Image image = new Image(1);
        int source = image.bytes(data);
        int target = image.output(total);
        byte[] expected = image.bytesAt(target, total);
        for (int i = 0; i < elements; i++) {
            int rest = i;
            int from = inStart;
            int to = 0;
            for (int d = dims.length - 1; d >= 0; d--) {
                from += rest % dims[d] * in[d];
                to += rest % dims[d] * out[d];
                rest /= dims[d];
            }
            System.arraycopy(data, from, expected, to, size);
        }
        Map<String, Integer> slots = new HashMap<>(Map.of("out", target, "in", source + inStart));
        for (int d = 0; d < dims.length; d++) {
            slots.putAll(Map.of("dim_" + d, dims[d], "out_" + d, out[d], "in_" + d, in[d]));
        }
        for (Image after : runner.run(image, slots)) {
            assertArrayEquals(expected, after.bytesAt(target, total), kernel.name());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void copiesAnyStrides(int size) {
        StridedCopy kernel = new StridedCopy(size, 3, Inner.STRIDED);
        try (KernelRunner runner = new KernelRunner(kernel)) {
            for (int[] dims : new int[][] {{2, 3, 5}, {1, 1, 1}, {0, 3, 2}, {2, 3, 0}}) {
                int[] dense = {size * dims[1] * dims[2], size * dims[2], size};
                check(kernel, runner, dims, new int[] {size, 2 * size, 6 * size}, 0, dense, 64 * size);
                check(kernel, runner, dims, new int[] {-size * 15, 0, -size}, 40 * size, dense, 64 * size);
                check(kernel, runner, dims, dense, 0, new int[] {size * 40, size * 12, size * 2}, 64 * size);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,0", "1,1", "1,3", "1,7", "1,15", "1,16", "1,31", "1,1023", "1,1024", "1,1500", "2,9", "4,7", "4,32",
            "8,5"})
    void copiesContiguousRuns(int size, int run) {
        StridedCopy kernel = new StridedCopy(size, 2, Inner.CONTIGUOUS);
        int row = size * run;
        try (KernelRunner runner = new KernelRunner(kernel)) {
            check(kernel, runner, new int[] {3, run}, new int[] {row + 5, size}, 5, new int[] {row + 8, size},
                    4 * row + 60);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void transposesMatricesOfEveryTail(int size) {
        StridedCopy kernel = new StridedCopy(size, 3, Inner.TRANSPOSED);
        try (KernelRunner runner = new KernelRunner(kernel)) {
            for (int[] dims : new int[][] {{1, 1, 1}, {2, 4, 4}, {2, 3, 5}, {2, 8, 6}, {1, 13, 9}, {2, 0, 4}, {1, 4, 0},
                    {2, 50, 3}, {1, 37, 1}, {1, 3, 130}, {2, 2, 67}, {1, 33, 65}, {2, 18, 70}}) {
                int r = dims[1];
                int c = dims[2];
                check(kernel, runner, dims, new int[] {size * r * c, size, size * r}, 0,
                        new int[] {size * r * c, size * c, size}, size * 2 * r * c);
                check(kernel, runner, dims, new int[] {size * (r + 3) * c, size, size * (r + 3)}, size,
                        new int[] {size * r * (c + 5), size * (c + 5), size}, size * 2 * (r + 3) * (c + 1));
            }
        }
    }

    @Test
    void copiesSixDimensions() {
        StridedCopy kernel = new StridedCopy(4, 6, Inner.STRIDED);
        try (KernelRunner runner = new KernelRunner(kernel)) {
            check(kernel, runner, new int[] {2, 2, 3, 1, 2, 3}, new int[] {4, 8, 16, 0, 48, 96}, 0,
                    new int[] {144, 72, 24, 24, 12, 4}, 4 * 72);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 7, 20, 1536})
    void gathersBlocksOfEverySize(int inner) {
        byte[] data = random(2 * 5 * inner);
        int[] wanted = {4, 0, -1, -5, 2, 2};
        for (Element index : List.of(Element.I32, Element.I64)) {
            try (KernelRunner runner = new KernelRunner(new Gather(index))) {
                Image image = new Image(1);
                int out = image.output(2 * 6 * inner);
                int indices = index == Element.I32 ? image.ints(wanted) : image.longs(4, 0, -1, -5, 2, 2);
                Map<String, Integer> slots = Map.of("out", out, "data", image.bytes(data), "indices", indices,
                        "error", image.ints(0), "outer", 2, "axis", 5, "count", 6, "inner", inner);
                byte[] expected = new byte[2 * 6 * inner];
                for (int i = 0; i < 12; i++) {
                    System.arraycopy(data, (i / 6 * 5 + (wanted[i % 6] + 5) % 5) * inner, expected, i * inner, inner);
                }
                for (Image after : runner.run(image, slots)) {
                    assertArrayEquals(expected, after.bytesAt(out, expected.length));
                }
            }
        }
    }

    @Test
    void gatherReportsIndicesOutOfRangeAndWritesZeros() {
        try (KernelRunner runner = new KernelRunner(new Gather(Element.I64))) {
            for (long bad : new long[] {5, -6, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE}) {
                Image image = new Image(1);
                int out = image.output(12);
                int error = image.writable(image.ints(0), 4);
                Map<String, Integer> slots = Map.of("out", out, "data", image.ints(9, 8, 7, 6, 5), "indices",
                        image.longs(1, bad, 2), "error", error, "outer", 1, "axis", 5, "count", 3, "inner", 4);
                for (Image after : runner.run(image, slots)) {
                    assertArrayEquals(new int[] {8, 0, 7}, after.intsAt(out, 3));
                    assertEquals(true, after.intsAt(error, 1)[0] != 0);
                }
            }
        }
    }

    @Test
    void impossibleParametersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Gather(Element.F32));
        assertThrows(IllegalArgumentException.class, () -> new StridedCopy(3, 1, Inner.STRIDED));
        assertThrows(IllegalArgumentException.class, () -> new StridedCopy(4, 1, Inner.TRANSPOSED));
    }
}
