package dev.infuser.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What arrays compute; expected values are those that PyTorch documents for the same calls. */
class InfuserArrayTest {

    private final NDManager manager = Engine.getEngine("Infuser").newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray floats(long[] dims, float... values) {
        return manager.create(values, new Shape(dims));
    }

    private record Case(String name, NDArray found, String type, long[] dims, double... values) {
    }

    private static double[] doubles(NDArray array) {
        return Arrays.stream(array.toType(DataType.FLOAT64, false).toDoubleArray()).toArray();
    }

    @TestFactory
    Stream<DynamicTest> operationsGiveTypesShapesAndElementsOfPyTorch() {
        NDArray a = floats(new long[] {2, 3}, 1, -2, 3, -4, 5, -6);
        NDArray row = floats(new long[] {3}, 10, 20, 30);
        NDArray ints = manager.create(new int[] {7, -7, 2}, new Shape(3));
        NDArray longs = manager.create(new long[] {1, 2, 4}, new Shape(3));
        NDArray bytes = manager.create(new byte[] {1, 2, -1}, new Shape(3)).toType(DataType.UINT8, false);
        long[] all = {2, 3};
        long[] three = {3};
        return Stream.of(
                new Case("add broadcasts", a.add(row), "float32", all, 11, 18, 33, 6, 25, 24),
                new Case("sub of a number", a.sub(1), "float32", all, 0, -3, 2, -5, 4, -7),
                new Case("div of integers is real", ints.div(2), "float32", three, 3.5, -3.5, 1),
                new Case("mul of int32 and int64 is int64", ints.mul(longs), "int64", three, 7, -14, 8),
                new Case("int64 and float32 are float32", longs.add(row), "float32", three, 11, 22, 34),
                new Case("an integer and a fraction", longs.mul(0.5f), "float32", three, 0.5, 1, 2),
                new Case("mod takes the sign of the divisor", ints.mod(3), "int32", three, 1, 2, 2),
                new Case("mod of floats too", a.mod(4), "float32", all, 1, 2, 3, 0, 1, 2),
                new Case("bytes are unsigned", bytes.toType(DataType.INT32, false), "int32", three, 1, 2, 255),
                new Case("pow", row.pow(2), "float32", three, 100, 400, 900),
                new Case("compare", a.gt(0), "boolean", all, 1, 0, 1, 0, 1, 0),
                new Case("not", a.gt(0).logicalNot(), "boolean", all, 0, 1, 0, 1, 0, 1),
                new Case("clip", a.clip(-3, 3), "float32", all, 1, -2, 3, -3, 3, -3),
                new Case("trunc", a.div(4).trunc(), "float32", all, 0, 0, 0, -1, 1, -1),
                new Case("square root of integers", longs.sqrt(), "float32", three, 1, Math.sqrt(2), 2),
                new Case("log2", longs.log2(), "float32", three, 0, 1, 2),
                new Case("sum", a.sum(), "float32", new long[0], -3),
                new Case("sum of bool counts", a.gt(0).sum(), "int64", new long[0], 3),
                new Case("sum along an axis", a.sum(new int[] {1}), "float32", new long[] {2}, 2, -5),
                new Case("mean keeps dims", a.mean(new int[] {0}, true), "float32", new long[] {1, 3}, -1.5, 1.5, -1.5),
                new Case("max", a.max(new int[] {-1}), "float32", new long[] {2}, 3, 5),
                new Case("argMax", a.argMax(1), "int64", new long[] {2}, 2, 1),
                new Case("argMax of all", a.argMax(), "int64", new long[0], 4),
                new Case("argSort", a.argSort(1, true), "int64", all, 1, 0, 2, 2, 0, 1),
                new Case("sort", a.sort(1), "float32", all, -2, 1, 3, -6, -4, 5),
                new Case("topK", a.topK(2, 1).get(0), "float32", new long[] {2, 2}, 3, 1, 5, -4),
                new Case("softmax", floats(new long[] {1, 2}, 0, (float) Math.log(3)).softmax(-1), "float32",
                        new long[] {1, 2}, 0.25, 0.75),
                new Case("normalize", floats(new long[] {1, 2}, 3, 4).normalize(2, 1), "float32", new long[] {1, 2}, .6, .8),
                new Case("cumSum", a.cumSum(1), "float32", all, 1, -1, 2, -4, 1, -5),
                new Case("norm", floats(new long[] {2}, 3, 4).norm(), "float32", new long[0], 5),
                new Case("transpose", a.transpose(), "float32", new long[] {3, 2}, 1, -4, -2, 5, 3, -6),
                new Case("transpose by axes", a.transpose(-1, 0), "float32", new long[] {3, 2}, 1, -4, -2, 5, 3, -6),
                new Case("reshape", a.reshape(3, -1), "float32", new long[] {3, 2}, 1, -2, 3, -4, 5, -6),
                new Case("flatten", a.expandDims(0).flatten(1, 2), "float32", new long[] {1, 6}, 1, -2, 3, -4, 5, -6),
                new Case("expandDims, squeeze", a.expandDims(-1).squeeze(-1), "float32", all, 1, -2, 3, -4, 5, -6),
                new Case("broadcast", row.broadcast(2, 3), "float32", all, 10, 20, 30, 10, 20, 30),
                new Case("tile", longs.tile(2), "int64", new long[] {6}, 1, 2, 4, 1, 2, 4),
                new Case("repeat", longs.repeat(0, 2), "int64", new long[] {6}, 1, 1, 2, 2, 4, 4),
                new Case("flip", a.flip(1), "float32", all, 3, -2, 1, -6, 5, -4),
                new Case("matMul", a.matMul(row), "float32", new long[] {2}, 60, -120),
                new Case("split", a.split(new long[] {1}, 1).get(1), "float32", new long[] {2, 2}, -2, 3, 5, -6),
                new Case("index", a.get(1), "float32", three, -4, 5, -6),
                new Case("slice", a.get(":, 1:"), "float32", new long[] {2, 2}, -2, 3, 5, -6),
                new Case("from the end", a.get("..., -1"), "float32", new long[] {2}, 3, -6),
                new Case("take rows", a.get(manager.create(new long[] {1, 1})), "float32", all, -4, 5, -6, -4, 5, -6),
                new Case("mask", a.booleanMask(a.gt(0)), "float32", three, 1, 3, 5),
                new Case("gather", a.gather(manager.create(new long[] {2, 0}, new Shape(2, 1)), 1), "float32",
                        new long[] {2, 1}, 3, -4),
                new Case("nonzero", a.gt(2).nonzero(), "int64", new long[] {2, 2}, 0, 2, 1, 1),
                new Case("oneHot", longs.oneHot(3), "float32", new long[] {3, 3}, 0, 1, 0, 0, 0, 1, 0, 0, 0),
                new Case("stack", NDArrays.stack(new NDList(row, row.neg()), 1), "float32", new long[] {3, 2},
                        10, -10, 20, -20, 30, -30),
                new Case("concat", NDArrays.concat(new NDList(a, a.get("0:1")), 0), "float32", new long[] {3, 3},
                        1, -2, 3, -4, 5, -6, 1, -2, 3),
                new Case("where", NDArrays.where(a.gt(0), a, a.zerosLike()), "float32", all, 1, 0, 3, 0, 5, 0),
                new Case("arange", manager.arange(1f, 2f, 0.25f), "float32", new long[] {4}, 1, 1.25, 1.5, 1.75),
                new Case("eye", manager.eye(2), "float32", new long[] {2, 2}, 1, 0, 0, 1),
                new Case("linspace", manager.linspace(0, 1, 3), "float32", three, 0, .5, 1))
                .map(test -> DynamicTest.dynamicTest(test.name, () -> {
                    assertEquals(test.type, test.found.getDataType().toString());
                    assertEquals(new Shape(test.dims), test.found.getShape());
                    assertArrayEquals(test.values, doubles(test.found), 1e-6);
                }));
    }

    @Test
    void partsCanBeSet() {
        NDArray a = manager.zeros(new Shape(2, 3));
        a.set(new NDIndex("1, 1:"), 5);
        a.set(new NDIndex("0"), manager.create(new float[] {1, 2, 3}));
        a.set(a.eq(0), -1);
        assertArrayEquals(new float[] {1, 2, 3, -1, 5, 5}, a.toFloatArray());
        a.addi(1).muli(2);
        assertArrayEquals(new float[] {4, 6, 8, 0, 12, 12}, a.toFloatArray());
    }

    @Test
    void imagesBecomeTensors() {
        NDArray image = manager.create(new byte[] {0, 51, (byte) 255, 102, 0, 0}, new Shape(1, 2, 3))
                .toType(DataType.UINT8, false);
        NDArray tensor = image.getNDArrayInternal().toTensor();
        assertEquals(new Shape(3, 1, 2), tensor.getShape());
        assertArrayEquals(new float[] {0, 0.4f, 0.2f, 0, 1, 0}, tensor.toFloatArray(), 1e-6f);
        NDArray twice = image.getNDArrayInternal().resize(4, 1, 1);
        assertEquals(new Shape(1, 4, 3), twice.getShape());
        assertArrayEquals(new float[] {0, 25.5f, 76.5f, 102}, twice.get("0, :, 0").toFloatArray(), 1e-4f);
    }

    @Test
    void arraysOfAnotherEngineAndSavedOnesAreTakenOver() throws Exception {
        NDArray a = floats(new long[] {2}, 1, 2);
        a.setName("a");
        byte[] bytes = new NDList(a).encode();
        assertEquals("a", NDList.decode(manager, bytes).get(0).getName());
        try (NDManager other = Engine.getEngine("OnnxRuntime").newBaseManager()) {
            NDArray foreign = other.create(new float[] {3, 4});
            assertArrayEquals(new float[] {4, 6}, a.add(foreign).toFloatArray());
        }
    }

    @Test
    void whatIsMissingSaysSo() {
        NDArray a = floats(new long[] {2}, 1, 2);
        assertThrows(UnsupportedOperationException.class, a::erfinv);
        assertThrows(IllegalArgumentException.class, () -> a.argMax(3));
        a.close();
        assertThrows(IllegalStateException.class, a::getShape);
    }
}
