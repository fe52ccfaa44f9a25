package dev.infuser.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Inference;
import dev.infuser.plan.Program;
import dev.infuser.runtime.CompiledModel;
import dev.infuser.runtime.Heap;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiled graphs on V8, strict and relaxed, and on Endive, against plain evaluation. The strict engines must agree bit
 * for bit, NaN payloads aside, and so must any number of threads.
 */
public final class Engines implements AutoCloseable {

    /** Endive interprets some ten million operations a second; feeds with more elements are for V8 alone. */
    private static final int ENDIVE_ELEMENTS = 4096;

    private final V8Host strict = new V8Host(Target.STRICT);
    private final V8Host relaxed = new V8Host(Target.RELAXED);
    private final List<V8Host> threaded = List.of(new V8Host(Target.STRICT, 2), new V8Host(Target.STRICT, 5));
    private final Heap strictHeap = new Heap(strict, 1024);
    private final Heap relaxedHeap = new Heap(relaxed, 1024);
    private final Heap endiveHeap = new Heap(new EndiveHost(64), 1024);
    private final List<Heap> threadedHeaps = List.of(new Heap(threaded.get(0), 1024), new Heap(threaded.get(1), 1024));

    /**
     * Runs one compiled model on each list of feeds in turn and compares with evaluation.
     *
     * @param tolerance greatest error, relative to values above 1 and else absolute
     * @return the program of the last run, to look at what was fused
     */
    public Program check(Graph graph, double tolerance, List<List<Datum>> runs) {
        Graph typed = Inference.infer(graph);
        List<List<Datum>> expected = new ArrayList<>();
        int elements = 0;
        for (List<Datum> feeds : runs) {
            expected.add(Evaluator.run(typed, feeds));
            for (Datum feed : feeds) {
                elements += ((Tensor) feed).size();
            }
        }
        List<List<Datum>> reference = null;
        Program program = null;
        List<Heap> heaps = new ArrayList<>(List.of(strictHeap, relaxedHeap));
        heaps.addAll(threadedHeaps);
        if (elements <= ENDIVE_ELEMENTS) {
            heaps.add(endiveHeap);
        }
        for (Heap heap : heaps) {
            int threads = heap.host().threads();
            String engine = threads > 1 ? threads + " threads" : heap == strictHeap ? "V8 strict"
                    : heap == relaxedHeap ? "V8 relaxed" : "Endive";
            List<List<Datum>> found = new ArrayList<>();
            try (CompiledModel model = CompiledModel.compile(graph, heap)) {
                assertNotNull(model, "not compiled");
                for (int i = 0; i < runs.size(); i++) {
                    List<Datum> outputs = model.run(runs.get(i));
                    assertNotNull(outputs, "cannot be bound");
                    for (int o = 0; o < outputs.size(); o++) {
                        compare(engine + ", run " + i + ", " + graph.outputs().get(o), (Tensor) expected.get(i).get(o),
                                (Tensor) outputs.get(o), tolerance);
                    }
                    found.add(outputs);
                }
                program = model.program();
            }
            assertEquals(0, heap.used(), "memory left behind");
            if (heap == strictHeap) {
                reference = found;
            } else if (heap != relaxedHeap) {
                same(engine, reference, found);
            }
        }
        return program;
    }

    private static void same(String engine, List<List<Datum>> expected, List<List<Datum>> actual) {
        for (int i = 0; i < expected.size(); i++) {
            for (int o = 0; o < expected.get(i).size(); o++) {
                Tensor a = canonical((Tensor) expected.get(i).get(o));
                Tensor b = canonical((Tensor) actual.get(i).get(o));
                assertTrue(a.sameAs(b), "V8 strict and " + engine + " differ in run " + i + ", output " + o);
            }
        }
    }

    private static Tensor canonical(Tensor tensor) {
        if (tensor.dtype() != DType.FLOAT32) {
            return tensor;
        }
        float[] out = tensor.floats().clone();
        for (int i = 0; i < out.length; i++) {
            out[i] = out[i] != out[i] ? Float.NaN : out[i];
        }
        return Tensor.of(DType.FLOAT32, tensor.dims(), out);
    }

    private static void compare(String what, Tensor expected, Tensor actual, double tolerance) {
        assertEquals(expected.dtype(), actual.dtype(), what);
        assertArrayEquals(expected.dims(), actual.dims(), what + ": dims");
        for (int i = 0; i < expected.size(); i++) {
            double e = expected.getDouble(i);
            double a = actual.getDouble(i);
            boolean close = e == a || e != e && a != a
                    || expected.dtype().isFloat() && Math.abs(e - a) <= tolerance * Math.max(1, Math.abs(e));
            assertTrue(close, what + " " + expected + ": element " + i + " is " + a + ", should be " + e);
        }
    }

    @Override
    public void close() {
        strict.close();
        relaxed.close();
        threaded.forEach(V8Host::close);
    }
}
