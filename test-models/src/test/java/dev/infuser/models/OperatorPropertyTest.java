package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.infuser.converter.onnx.OnnxExporter;
import dev.infuser.format.Model;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.kernel.Target;
import dev.infuser.op.Inference;
import dev.infuser.op.OperatorCheck;
import dev.infuser.pass.Passes;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.V8Host;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each operator on random shapes, axes, attributes and elements: its definition, the types it infers with extents known and unknown, and
 * its kernels, against ONNX Runtime. {@code -Dinfuser.cases=1000} tries more than usual.
 */
class OperatorPropertyTest {

    private static final int CASES = Integer.getInteger("infuser.cases", 12);
    /** Every so many cases run compiled, too. */
    private static final int COMPILED = 4;
    private static final int OPSET = 21;

    private static final Map<String, Consumer<RandomCase>> OPERATORS = new TreeMap<>();

    private static void add(String operators, Consumer<RandomCase> make) {
        for (String operator : operators.split(" ")) {
            OPERATORS.put(operator, make);
        }
    }

    private static void pair(RandomCase c, java.util.function.Function<int[], Tensor> make) {
        int[] dims = c.dims(0, 4);
        boolean swap = c.chance();
        int[] under = c.under(dims);
        c.in(make.apply(swap ? under : dims), make.apply(swap ? dims : under));
    }

    static {
        add("Abs Neg Floor Ceil Round Sqrt Exp Sigmoid Relu Erf Reciprocal Sign IsNaN Softplus Softsign Elu Selu LeakyRelu HardSigmoid "
                + "HardSwish Tanh Atan Identity", c -> c.in(c.odd(c.dims(0, 4))));
        add("Log Sin Cos Tan Sinh Cosh Asinh Gelu Celu ThresholdedRelu", c -> c.in(c.floats(-3, 3, c.dims(0, 4))));
        add("Asin Acos Atanh", c -> c.in(c.floats(-1, 1, c.dims(0, 4))));
        add("Acosh", c -> c.in(c.floats(1, 9, c.dims(0, 4))));
        add("IsInf", c -> c.set("detect_negative", c.between(0, 1)).in(c.odd(c.dims(0, 3))));
        add("Add Sub Mul", c -> {
            if (c.chance()) {
                pair(c, c::odd);
            } else {
                pair(c, dims -> c.extreme(DType.INT64, dims));
            }
        });
        add("Div", c -> pair(c, c::odd));
        add("Pow", c -> pair(c, dims -> c.floats(0.1, 3, dims)));
        add("Less Greater Equal LessOrEqual GreaterOrEqual", c -> {
            if (c.chance()) {
                pair(c, c::odd);
            } else {
                pair(c, dims -> c.extreme(DType.INT32, dims));
            }
        });
        add("And Or Xor", c -> pair(c, c::truths));
        add("Not", c -> c.in(c.truths(c.dims(0, 4))));
        add("BitwiseAnd BitwiseOr BitwiseXor", c -> pair(c, dims -> c.extreme(DType.INT32, dims)));
        add("BitwiseNot", c -> c.in(c.extreme(DType.INT64, c.dims(0, 3))));
        add("Mod", c -> {
            boolean real = c.chance();
            int[] dims = c.dims(0, 3);
            c.set("fmod", real ? 1 : 0).in(real ? c.floats(-9, 9, dims) : c.integers(DType.INT32, -99, 99, dims),
                    real ? c.floats(0.5, 4, c.under(dims)) : c.integers(DType.INT32, 1, 9, c.under(dims)));
        });
        add("Min Max", c -> {
            int[] dims = c.dims(0, 3);
            c.in(c.floats(-4, 4, dims), c.floats(-4, 4, c.under(dims)), c.floats(-4, 4, c.under(dims)));
        });
        add("Sum Mean", c -> {
            int[] dims = c.dims(0, 3);
            c.in(c.floats(-4, 4, dims), c.floats(-4, 4, c.under(dims)));
        });
        add("PRelu", c -> {
            int[] dims = c.dims(1, 4);
            c.in(c.floats(-4, 4, dims), c.floats(-1, 1, c.under(dims)));
        });
        add("Where", c -> {
            int[] dims = c.dims(0, 4);
            c.in(c.truths(c.under(dims)), c.odd(dims), c.odd(c.under(dims)));
        });
        add("Clip", c -> c.in(c.odd(c.dims(0, 4)), c.floats(-2, 0), c.floats(0.5, 2)));
        add("ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare", c -> {
            int[] dims = c.full(1, 4);
            c.set("keepdims", c.between(0, 1)).in(c.floats(-2, 2, dims), Tensor.vector(c.axis(dims.length)));
        });
        add("ReduceLogSum ReduceLogSumExp", c -> {
            int[] dims = c.full(1, 4);
            c.set("keepdims", c.between(0, 1)).in(c.floats(0.1, 2, dims), Tensor.vector(c.axis(dims.length)));
        });
        add("ArgMax ArgMin", c -> {
            int[] dims = c.full(1, 4);
            c.set("axis", c.axis(dims.length)).set("keepdims", c.between(0, 1)).set("select_last_index", c.between(0, 1))
                    .in(c.integers(DType.INT32, -3, 3, dims));
        });
        add("TopK", c -> {
            int[] dims = c.full(1, 3);
            int axis = c.axis(dims.length);
            int extent = dims[axis < 0 ? axis + dims.length : axis];
            c.outputs = 2;
            c.set("axis", axis).set("largest", c.between(0, 1)).in(c.floats(-9, 9, dims), Tensor.vector(c.between(1, extent)));
        });
        add("CumSum", c -> {
            int[] dims = c.full(1, 4);
            c.set("exclusive", c.between(0, 1)).set("reverse", c.between(0, 1)).in(c.floats(-2, 2, dims),
                    Tensor.longs(new int[0], c.axis(dims.length)));
        });
        add("Softmax LogSoftmax Hardmax", c -> {
            int[] dims = c.full(1, 4);
            c.set("axis", c.axis(dims.length)).in(c.floats(-9, 9, dims));
        });
        add("LayerNormalization", c -> {
            int[] dims = c.full(1, 4);
            int last = dims[dims.length - 1];
            c.in(c.floats(-3, 3, dims), c.floats(-1, 1, last), c.floats(-1, 1, last));
        });
        add("InstanceNormalization", c -> {
            // Of a few elements that are nearly equal ONNX Runtime loses the variance, which it takes for a difference of squares.
            int[] dims = c.full(3, 4);
            dims[2] = c.between(5, 9);
            c.in(c.floats(-3, 3, dims), c.floats(-1, 1, dims[1]), c.floats(-1, 1, dims[1]));
        });
        add("LpNormalization", c -> {
            int[] dims = c.full(1, 4);
            c.set("axis", c.axis(dims.length)).set("p", c.between(1, 2)).in(c.floats(1, 3, dims));
        });
        add("Concat", c -> {
            int[] dims = c.dims(1, 4);
            int axis = c.axis(dims.length);
            for (int i = c.between(1, 3); i > 0; i--) {
                int[] own = dims.clone();
                own[axis < 0 ? axis + dims.length : axis] = c.between(0, 4);
                c.in(c.floats(-1, 1, own));
            }
            c.set("axis", axis);
        });
        add("Split", c -> {
            int[] dims = c.full(1, 3);
            int axis = c.axis(dims.length);
            int extent = dims[axis < 0 ? axis + dims.length : axis];
            int first = c.between(0, extent);
            c.outputs = 2;
            c.set("axis", axis).in(c.floats(-1, 1, dims), Tensor.vector(first, extent - first));
        });
        add("Slice", c -> {
            int[] dims = c.full(1, 4);
            int axis = c.between(0, dims.length - 1);
            int step = c.one(1, 1, 2, 3, -1, -2);
            // Inference takes for granted that an open extent reaches to where a slice begins and ends.
            int start = c.between(-dims[axis], dims[axis]);
            int end = step < 0 ? c.between(-9, 9) : start < 0 ? c.between(-dims[axis], 9) : c.between(start - dims[axis], 9);
            c.in(c.floats(-1, 1, dims), Tensor.vector(start), Tensor.vector(end), Tensor.vector(axis), Tensor.vector(step));
        });
        add("Pad", c -> {
            int[] dims = c.full(1, 4);
            String mode = c.one("constant", "edge", "reflect");
            long[] pads = new long[2 * dims.length];
            for (int i = 0; i < pads.length; i++) {
                pads[i] = mode.equals("reflect") ? c.between(0, dims[i % dims.length] - 1) : c.between(0, 3);
            }
            c.set("mode", mode).in(c.floats(-1, 1, dims), Tensor.vector(pads), c.floats(2, 3));
        });
        add("Transpose", c -> {
            int[] dims = c.dims(0, 5);
            List<Long> perm = new ArrayList<>();
            for (int i = 0; i < dims.length; i++) {
                perm.add(c.between(0, perm.size()), (long) i);
            }
            c.set("perm", perm.stream().mapToLong(Long::longValue).toArray()).in(c.floats(-1, 1, dims));
        });
        add("Reshape", c -> {
            int[] dims = c.full(1, 4);
            c.in(c.floats(-1, 1, dims), c.chance() ? Tensor.vector(-1) : Tensor.vector(0, -1));
        });
        add("Flatten", c -> {
            int[] dims = c.full(1, 4);
            c.set("axis", c.between(-dims.length, dims.length)).in(c.floats(-1, 1, dims));
        });
        add("Unsqueeze", c -> {
            int[] dims = c.dims(0, 3);
            c.in(c.floats(-1, 1, dims), Tensor.vector(c.axis(dims.length + 1)));
        });
        add("Tile", c -> {
            int[] dims = c.dims(1, 3);
            c.in(c.floats(-1, 1, dims), c.integers(DType.INT64, 0, 3, dims.length));
        });
        add("Expand", c -> {
            int[] dims = c.dims(0, 4);
            c.in(c.floats(-1, 1, c.under(dims)), Tensor.vector(Arrays.stream(dims).asLongStream().toArray()));
        });
        add("Gather", c -> {
            int[] dims = c.full(1, 3);
            int axis = c.axis(dims.length);
            int extent = dims[axis < 0 ? axis + dims.length : axis];
            c.set("axis", axis).in(c.floats(-1, 1, dims), c.integers(DType.INT64, -extent, extent - 1, c.dims(0, 2)));
        });
        add("GatherElements", c -> {
            int[] dims = c.full(1, 3);
            int axis = c.axis(dims.length);
            int at = axis < 0 ? axis + dims.length : axis;
            int[] index = dims.clone();
            index[at] = c.between(0, 4);
            c.set("axis", axis).in(c.floats(-1, 1, dims), c.integers(DType.INT64, -dims[at], dims[at] - 1, index));
        });
        add("GatherND", c -> {
            int[] dims = c.full(2, 3);
            int least = Math.min(dims[0], dims[1]);
            c.in(c.floats(-1, 1, dims), c.integers(DType.INT64, -least, least - 1, c.between(1, 4), c.between(1, 2)));
        });
        add("ScatterElements", c -> {
            int[] dims = c.full(1, 3);
            int axis = c.axis(dims.length);
            int at = axis < 0 ? axis + dims.length : axis;
            int[] index = dims.clone();
            index[at] = 1;
            c.set("axis", axis).set("reduction", c.one("none", "add", "mul", "max", "min")).in(c.floats(-1, 1, dims),
                    c.integers(DType.INT64, -dims[at], dims[at] - 1, index), c.floats(-1, 1, index));
        });
        add("ScatterND", c -> {
            int[] dims = c.full(2, 2);
            c.set("reduction", c.one("none", "add", "mul", "max", "min")).in(c.floats(-1, 1, dims),
                    c.integers(DType.INT64, 0, dims[0] - 1, 1, 1), c.floats(-1, 1, 1, dims[1]));
        });
        add("OneHot", c -> {
            int[] dims = c.dims(1, 2);
            int depth = c.between(1, 5);
            c.set("axis", c.axis(dims.length + 1)).in(c.integers(DType.INT64, -depth - 1, depth, dims), Tensor.longs(new int[0], depth),
                    c.floats(-1, 1, 2));
        });
        add("NonZero", c -> c.in(c.integers(DType.INT32, -1, 1, c.dims(1, 4))));
        add("Trilu", c -> c.set("upper", c.between(0, 1)).in(c.floats(-1, 1, c.dims(2, 4)), Tensor.longs(new int[0], c.between(-4, 4))));
        add("Shape Size", c -> c.in(c.floats(-1, 1, c.dims(0, 4))));
        add("DepthToSpace", c -> c.set("blocksize", 2).set("mode", c.one("DCR", "CRD")).in(c.floats(-1, 1, c.between(1, 2), 4 * c.between(1, 3),
                c.between(1, 4), c.between(1, 4))));
        add("SpaceToDepth", c -> c.set("blocksize", 2).in(c.floats(-1, 1, c.between(1, 2), c.between(1, 3), 2 * c.between(1, 3), 2 * c.between(1, 3))));
        add("Unique", c -> {
            c.outputs = 4;
            c.set("sorted", 1).in(c.integers(DType.INT64, -3, 3, c.full(1, 2)));
        });
        add("Range", c -> c.in(Tensor.longs(new int[0], c.between(-5, 5)), Tensor.longs(new int[0], c.between(-5, 15)),
                Tensor.longs(new int[0], c.between(1, 3))));
        add("MatMul", c -> {
            int[] batch = c.full(0, 2);
            int k = c.between(1, 9);
            c.in(c.floats(-1, 1, join(batch, c.between(1, 9), k)), c.floats(-1, 1, join(c.under(batch), k, c.between(1, 9))));
        });
        add("Gemm", c -> {
            int m = c.between(1, 9);
            int k = c.between(1, 9);
            int n = c.between(1, 9);
            boolean a = c.chance();
            boolean b = c.chance();
            c.set("transA", a ? 1 : 0).set("transB", b ? 1 : 0).set("alpha", 0.5f).set("beta", 2f).in(a ? c.floats(-1, 1, k, m) : c.floats(-1, 1, m, k),
                    b ? c.floats(-1, 1, n, k) : c.floats(-1, 1, k, n), c.floats(-1, 1, c.under(new int[] {m, n})));
        });
        add("Conv", c -> {
            int group = c.one(1, 1, 2, 3);
            int kernel = c.between(1, 3);
            int dilation = c.between(1, 2);
            c.set("group", group).set("strides", new long[] {c.between(1, 2), c.between(1, 2)}).set("dilations", new long[] {dilation, 1})
                    .set("pads", new long[] {c.between(0, 2), c.between(0, 2), c.between(0, 2), c.between(0, 2)})
                    .in(c.floats(-1, 1, c.between(1, 2), 2 * group, c.between(6, 9), c.between(4, 9)),
                            c.floats(-1, 1, c.between(1, 3) * group, 2, kernel, c.between(1, 3)));
        });
        add("ConvTranspose", c -> {
            int in = c.between(1, 3);
            c.set("strides", new long[] {c.between(1, 3), c.between(1, 2)}).set("pads", new long[] {c.between(0, 1), 0, 0, c.between(0, 1)})
                    .in(c.floats(-1, 1, c.between(1, 2), in, c.between(2, 5), c.between(2, 5)), c.floats(-1, 1, in, c.between(1, 3), 3, 2));
        });
        add("MaxPool AveragePool", c -> c.set("kernel_shape", new long[] {c.between(2, 3), c.between(2, 3)})
                .set("strides", new long[] {c.between(1, 2), c.between(1, 3)}).set("ceil_mode", c.between(0, 1))
                .set("pads", new long[] {c.between(0, 1), c.between(0, 1), c.between(0, 1), c.between(0, 1)})
                .in(c.floats(-1, 1, c.between(1, 2), c.between(1, 3), c.between(4, 9), c.between(4, 9))));
        add("GlobalAveragePool GlobalMaxPool", c -> c.in(c.floats(-1, 1, c.full(3, 5))));
        // ONNX moves places outside to the border; ONNX Runtime's cubic mode moves only the elements that it reads.
        add("GridSample", c -> c.set("mode", c.one("linear", "nearest", "cubic"))
                .set("padding_mode", c.attributes.string("mode", "").equals("cubic") ? c.one("zeros", "reflection") : c.one("zeros", "border", "reflection"))
                .set("align_corners", c.between(0, 1)).in(c.floats(-1, 1, 2, 2, c.between(2, 5), c.between(2, 5)), c.floats(-1.4, 1.4, 2, 3, 4, 2)));
        add("QuantizeLinear", c -> c.in(c.floats(-9, 9, c.dims(1, 3)), c.floats(0.02, 0.1), c.integers(DType.UINT8, 0, 255)));
        add("DequantizeLinear", c -> c.in(c.integers(DType.INT8, -128, 127, c.dims(1, 3)), c.floats(0.02, 0.1), c.integers(DType.INT8, -9, 9)));
        add("DynamicQuantizeLinear", c -> {
            c.outputs = 3;
            c.in(c.floats(-3, 3, c.full(1, 3)));
        });
        add("MatMulInteger", c -> {
            int k = c.between(1, 40);
            c.in(c.integers(DType.UINT8, 0, 255, c.between(1, 5), k), c.integers(DType.INT8, -128, 127, k, c.between(1, 9)),
                    c.integers(DType.UINT8, 0, 255));
        });
    }

    private static int[] join(int[] batch, int a, int b) {
        int[] dims = Arrays.copyOf(batch, batch.length + 2);
        dims[batch.length] = a;
        dims[batch.length + 1] = b;
        return dims;
    }

    static Stream<Arguments> operators() {
        return OPERATORS.entrySet().stream().map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operators")
    void agreesWithOnnxRuntime(String operator, Consumer<RandomCase> make) throws Exception {
        int compared = 0;
        for (int i = 0; i < CASES; i++) {
            RandomCase c = new RandomCase(operator.hashCode() * 31L + i);
            make.accept(c);
            compared += check(operator, c, i) ? 1 : 0;
        }
        assertTrue(compared > CASES / 2, "ONNX Runtime ran " + compared + " of " + CASES + " cases");
    }

    /** Whether ONNX Runtime knows the operator for these types. */
    private static boolean check(String operator, RandomCase c, int number) throws Exception {
        GraphBuilder builder = new GraphBuilder(operator);
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        for (Tensor input : c.inputs) {
            String name = "in" + feeds.size();
            builder.input(name, input.type());
            feeds.put(name, input);
        }
        List<String> outputs = new ArrayList<>();
        for (int i = 0; i < c.outputs; i++) {
            outputs.add("out" + i);
        }
        Node node = new Node("", "", operator, List.copyOf(feeds.keySet()), outputs, c.attributes);
        builder.add(node);
        outputs.forEach(builder::output);
        String what = operator + " " + c.attributes + " of " + feeds + ", case " + number;
        Graph graph = Inference.infer(builder.build());
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        OnnxExporter.write(graph, OPSET, file);
        Map<String, Tensor> want;
        try (OnnxRuntime truth = OnnxRuntime.of(file.toByteArray())) {
            want = truth.run(feeds);
        } catch (OrtException e) {
            return false;
        }
        List<Datum> got = OperatorCheck.run(node, new ArrayList<>(feeds.values()));
        for (int i = 0; i < got.size(); i++) {
            compare(what + ", definition", want.get("out" + i), (Tensor) got.get(i));
        }
        if (number % COMPILED == 0) {
            try (V8Host host = new V8Host(Target.STRICT); Session session = Session.compile(Model.of(Passes.optimize(graph)), new Heap(host, 1024))) {
                Map<String, Datum> found = session.runAny(feeds);
                for (String output : outputs) {
                    compare(what + ", compiled", want.get(output), (Tensor) found.get(output));
                }
            }
        }
        return true;
    }

    /** Sums and functions are rounded in another order there: float32 has 24 bits, of which some are left. */
    private static void compare(String what, Tensor want, Tensor got) {
        assertEquals(want.dtype(), got.dtype(), what);
        assertArrayEquals(want.dims(), got.dims(), what);
        for (int i = 0; i < want.size(); i++) {
            int at = i;
            double w = want.getDouble(i);
            double g = got.getDouble(i);
            boolean equal = w == g || Double.isNaN(w) && Double.isNaN(g);
            boolean close = want.dtype().isFloat() && Math.abs(w - g) <= 1e-5 * Math.max(1, Math.abs(w));
            assertTrue(equal || close, () -> what + ", element " + at + ": is " + g + ", should be " + w);
        }
    }
}
