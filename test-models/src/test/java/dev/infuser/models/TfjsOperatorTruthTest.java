package dev.infuser.models;

import static dev.infuser.models.TfjsGraph.integer;
import static dev.infuser.models.TfjsGraph.integers;
import static dev.infuser.models.TfjsGraph.json;
import static dev.infuser.models.TfjsGraph.text;
import static dev.infuser.models.TfjsGraph.texts;
import static dev.infuser.models.TfjsGraph.type;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.V8Host;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operators, control flow and lists of graph models against TensorFlow.js, as kernels in V8 and by definition. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TfjsOperatorTruthTest {

    private static final int HEAP_START = 1024;
    /** One operator in float32. */
    private static final double TOLERANCE = 2e-6;
    private static final String FLOAT = type(DType.FLOAT32);
    private static final String TRUE = "{\"b\":true}";

    private final Map<String, TfjsGraph> graphs = new LinkedHashMap<>();
    private final Map<String, Path> files = new HashMap<>();
    private final Map<String, TensorFlowJs.Result> truth = new HashMap<>();

    private static Tensor f(int[] dims, double... values) {
        return Tensor.ofDoubles(DType.FLOAT32, dims, values);
    }

    private static Tensor floats(int... dims) {
        double[] values = new double[Tensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 37 % 23 - 11) / 4.0;
        }
        return f(dims, values);
    }

    private static Tensor i(int... values) {
        return Tensor.ints(new int[] {values.length}, values);
    }

    private static Tensor n(int value) {
        return Tensor.ints(new int[0], value);
    }

    private static Tensor s(String... values) {
        return Tensor.strings(new int[] {values.length}, values);
    }

    private static int[] d(int... dims) {
        return dims;
    }

    /** A model of one operator: float inputs are fed, others are constants. */
    private void op(String name, int outputs, List<Tensor> inputs, String... attributes) {
        TfjsGraph graph = new TfjsGraph();
        List<String> names = new ArrayList<>();
        for (Tensor input : inputs) {
            String in = "x" + names.size();
            names.add(in);
            if (input.dtype() == DType.FLOAT32 && input.rank() > 0) {
                graph.input(in, input);
            } else {
                graph.constant(in, input);
            }
        }
        graph.node("y", name, names, attributes);
        for (int k = 0; k < outputs; k++) {
            graph.output(k == 0 ? "y" : "y:" + k);
        }
        String key = name;
        for (int k = 2; graphs.containsKey(key); k++) {
            key = name + " " + k;
        }
        graphs.put(key, graph);
    }

    @BeforeAll
    void runTensorFlowJs(@TempDir Path folder) throws Exception {
        arrays();
        sparse();
        strings();
        images();
        signals();
        lists();
        loops();
        List<TensorFlowJs.Job> jobs = new ArrayList<>();
        for (Map.Entry<String, TfjsGraph> graph : graphs.entrySet()) {
            files.put(graph.getKey(), graph.getValue().write(folder.resolve("model" + jobs.size())));
            jobs.add(new TensorFlowJs.Job(files.get(graph.getKey()), "cpu", List.of(graph.getValue().feeds()), Map.of()));
        }
        List<TensorFlowJs.Result> results = TensorFlowJs.run(folder, jobs);
        for (String name : graphs.keySet()) {
            truth.put(name, results.get(truth.size()));
        }
    }

    private void arrays() {
        op("Bincount", 1, List.of(i(1, 3, 1, 7, 0), n(5), f(d(5), 1, 2, 3, 4, 5)), "T", FLOAT);
        op("DenseBincount", 1, List.of(Tensor.ints(d(2, 3), 1, 1, 4, 0, 3, 9), n(5), f(d(2, 3), 1, 2, 3, 4, 5, 6)), "T", FLOAT);
        op("BroadcastArgs", 1, List.of(i(3, 1), i(2, 1, 4)));
        op("Cumprod", 1, List.of(floats(2, 5), n(1)), "exclusive", TRUE);
        op("Cumprod", 1, List.of(floats(3, 2), n(0)), "reverse", TRUE);
        op("LinSpace", 1, List.of(f(d(), -1), f(d(), 2), n(7)), "T", FLOAT);
        op("ListDiff", 2, List.of(i(1, 2, 3, 4, 5, 2), i(2, 4)), "T", type(DType.INT32));
        op("LowerBound", 1, List.of(f(d(2, 4), 1, 2, 2, 5, 0, 1, 3, 3), f(d(2, 3), 2, 0, 6, 3, 2, -1)));
        op("UpperBound", 1, List.of(f(d(2, 4), 1, 2, 2, 5, 0, 1, 3, 3), f(d(2, 3), 2, 0, 6, 3, 2, -1)));
        op("MatrixBandPart", 1, List.of(floats(2, 3, 4), n(1), n(1)));
        op("MatrixBandPart", 1, List.of(floats(3, 3), n(0), n(0)));
        op("ReverseV2", 1, List.of(floats(2, 3, 2), i(1, 0)));
        op("TensorScatterUpdate", 1, List.of(floats(4, 2), Tensor.ints(d(2, 1), 3, 1), floats(2, 2)));
        op("UniqueV2", 2, List.of(f(d(6), 3, 1, 3, 2, 1, 5), i(0)));
        op("ScatterNd", 1, List.of(Tensor.ints(d(3, 1), 1, 3, 1), floats(3, 2), i(5, 2)));
        op("FakeQuantWithMinMaxVars", 1, List.of(floats(2, 3)), "min", "{\"f\":-1}", "max", "{\"f\":1}");
        op("Slice", 1, List.of(floats(3, 4, 5), i(1, 0, 2), i(-1, 3, 2)));
        op("MirrorPad", 1, List.of(floats(3, 4), Tensor.ints(d(2, 2), 1, 2, 2, 1)), "mode", text("REFLECT"));
        op("MirrorPad", 1, List.of(floats(3, 4), Tensor.ints(d(2, 2), 1, 2, 2, 1)), "mode", text("SYMMETRIC"));
        op("SpaceToBatchND", 1, List.of(floats(1, 3, 4, 2), i(2, 2), Tensor.ints(d(2, 2), 1, 0, 0, 2)));
        op("BatchToSpaceND", 1, List.of(floats(4, 2, 3, 2), i(2, 2), Tensor.ints(d(2, 2), 0, 1, 1, 0)));
    }

    private void sparse() {
        op("SparseToDense", 1, List.of(Tensor.ints(d(3, 2), 0, 1, 2, 0, 2, 3), i(3, 4), f(d(3), 5, 6, 7), f(d(), -1)));
        op("SparseToDense", 1, List.of(i(1, 4), i(6), f(d(), 2), f(d(), 0)));
        op("SparseFillEmptyRows", 4, List.of(Tensor.ints(d(4, 2), 1, 3, 0, 1, 1, 0, 4, 2), f(d(4), 1, 2, 3, 4), i(6, 5),
                f(d(), 9)));
        op("SparseFillEmptyRows", 4, List.of(Tensor.ints(d(2, 2), 0, 3, 1, 1), f(d(2), 1, 2), i(2, 5), f(d(), 9)));
        op("SparseReshape", 2, List.of(Tensor.ints(d(3, 3), 0, 0, 1, 1, 2, 0, 1, 0, 3), i(2, 3, 4), i(4, -1)));
        op("SparseSegmentSum", 1, List.of(floats(4, 3), i(0, 3, 1, 3), i(0, 0, 2, 2)));
        op("SparseSegmentMean", 1, List.of(floats(4, 3), i(0, 3, 1, 3), i(0, 0, 0, 1)));
    }

    private void strings() {
        op("StringSplit", 3, List.of(s("a,b;,c", "", ";x"), Tensor.strings(d(), ";,")), "skip_empty", TRUE);
        op("StringSplit", 3, List.of(s("a b  c", " d"), Tensor.strings(d(), " ")), "skip_empty", "{\"b\":false}");
        op("StringSplit", 3, List.of(s("abc", "", "d"), Tensor.strings(d(), "")), "skip_empty", TRUE);
        op("StringNGrams", 2, List.of(s("a", "b", "c", "d", "e", "f"), i(0, 4, 4, 5, 6)), "separator", text("|"), "ngram_widths",
                integers(3, 2), "left_pad", text("<"), "right_pad", text(">"), "pad_width", integer(1),
                "preserve_short_sequences", TRUE);
        op("StringNGrams", 2, List.of(s("a", "b", "c"), i(0, 1, 3)), "separator", text(" "), "ngram_widths", integers(2),
                "left_pad", text(""), "right_pad", text(""), "pad_width", integer(0), "preserve_short_sequences", TRUE);
        op("StringNGrams", 2, List.of(s("a", "b"), i(0, 2)), "separator", text("-"), "ngram_widths", integers(4),
                "left_pad", text("l"), "right_pad", text("r"), "pad_width", integer(-1), "preserve_short_sequences", TRUE);
        String[] texts = new String[9];
        for (int k = 0; k < texts.length; k++) {
            texts[k] = "Zürich, été ".repeat(30).substring(0, new int[] {0, 1, 3, 4, 8, 17, 33, 64, 200}[k]);
        }
        op("StringToHashBucketFast", 1, List.of(s(texts)), "num_buckets", integer(1000003));
    }

    private void images() {
        op("CropAndResize", 1, List.of(floats(2, 5, 6, 2), f(d(3, 4), 0.1, 0.2, 0.9, 0.7, 0, 0, 1, 1, -0.3, 0.5, 0.6, 1.4),
                i(1, 0, 1), i(3, 4)), "method", text("bilinear"), "extrapolation_value", "{\"f\":-7}");
        op("CropAndResize", 1, List.of(floats(1, 5, 6, 2), f(d(1, 4), 0.13, 0.25, 0.9, 0.75), i(0), i(1, 3)), "method",
                text("nearest"), "extrapolation_value", "{\"f\":0}");
        op("ImageProjectiveTransformV3", 1, List.of(floats(1, 4, 5, 2), f(d(1, 8), 1.1, 0.2, -0.5, -0.1, 0.9, 0.4, 0.01, 0.02),
                i(4, 5), f(d(), 3)), "interpolation", text("bilinear"), "fill_mode", text("constant"));
        op("ImageProjectiveTransformV3", 1, List.of(floats(1, 4, 5, 2), f(d(1, 8), 1.1, 0.2, -1.5, -0.1, 0.9, 0.4, 0, 0),
                i(6, 3), f(d(), 0)), "interpolation", text("bilinear"), "fill_mode", text("nearest"));
        op("MaxPoolWithArgmax", 2, List.of(floats(2, 5, 4, 3)), "ksize", integers(1, 2, 2, 1), "strides", integers(1, 2, 1, 1),
                "padding", text("VALID"), "include_batch_in_index", TRUE);
        op("Dilation2D", 1, List.of(floats(1, 5, 6, 2), floats(2, 3, 2)), "strides", integers(1, 2, 1, 1), "rates",
                integers(1, 1, 2, 1), "padding", text("SAME"));
        Tensor boxes = f(d(4, 4), 0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 2, 1, 3, 0, 2.1, 1, 3.1);
        op("NonMaxSuppressionV4", 2, List.of(boxes, f(d(4), 0.9, 0.8, 0.3, 0.95), n(6), f(d(), 0.5), f(d(), 0.2)),
                "pad_to_max_output_size", TRUE);
        op("NonMaxSuppressionV3", 1, List.of(boxes, f(d(4), 0.9, 0.8, 0.3, 0.95), n(3), f(d(), 0.5), f(d(), 0.2)));
        TfjsGraph dilated = new TfjsGraph().input("x", floats(1, 6, 7, 2)).constant("k", floats(3, 3, 2, 1))
                .constant("block", i(2, 2)).constant("pads", Tensor.ints(d(2, 2), 2, 2, 2, 3))
                .constant("crops", Tensor.ints(d(2, 2), 0, 0, 0, 1))
                .node("a", "SpaceToBatchND", List.of("x", "block", "pads"))
                .node("b", "DepthwiseConv2dNative", List.of("a", "k"), "strides", integers(1, 1, 1, 1), "padding", text("VALID"),
                        "dilations", integers(1, 1, 1, 1), "data_format", text("NHWC"))
                .node("y", "BatchToSpaceND", List.of("b", "block", "crops")).output("y");
        graphs.put("dilation in blocks", dilated);
    }

    private void signals() {
        TfjsGraph graph = new TfjsGraph().input("re", floats(2, 6)).input("im", floats(2, 6)).constant("n", i(6))
                .constant("more", i(8))
                .node("c", "Complex", List.of("re", "im"), "Tout", "{\"type\":\"DT_COMPLEX64\"}");
        String[][] made = {{"FFT", "c"}, {"IFFT", "c"}, {"RFFT", "re"}};
        for (String[] each : made) {
            graph.node(each[0], each[0], each[0].equals("RFFT") ? List.of(each[1], "n") : List.of(each[1]))
                    .node(each[0] + "r", "Real", List.of(each[0])).node(each[0] + "i", "Imag", List.of(each[0]))
                    .output(each[0] + "r").output(each[0] + "i");
        }
        graph.node("back", "IRFFT", List.of("RFFT", "n")).output("back").node("abs", "ComplexAbs", List.of("c")).output("abs");
        graphs.put("Fourier transforms", graph);
    }

    private void lists() {
        TfjsGraph graph = new TfjsGraph().input("x", floats(4, 3)).constant("shape", i(3)).constant("n", n(4))
                .constant("one", n(1)).constant("places", i(2, 0))
                .node("list", "TensorListFromTensor", List.of("x", "shape"), "element_dtype", FLOAT)
                .node("item", "TensorListGetItem", List.of("list", "one", "shape"), "element_dtype", FLOAT).output("item")
                .node("set", "TensorListSetItem", List.of("list", "n0", "item"), "element_dtype", FLOAT).constant("n0", n(0))
                .node("stack", "TensorListStack", List.of("set", "shape"), "element_dtype", FLOAT, "num_elements", integer(4))
                .output("stack")
                .node("gather", "TensorListGather", List.of("list", "places", "shape"), "element_dtype", FLOAT).output("gather")
                .node("length", "TensorListLength", List.of("list")).output("length")
                .node("empty", "EmptyTensorList", List.of("shape", "n"), "element_dtype", FLOAT)
                .node("push", "TensorListPushBack", List.of("empty", "item"), "element_dtype", FLOAT)
                .node("push2", "TensorListPushBack", List.of("push", "item"), "element_dtype", FLOAT)
                .node("both", "TensorListStack", List.of("push2", "shape"), "element_dtype", FLOAT, "num_elements", integer(2))
                .output("both");
        graphs.put("lists of version 2", graph);
        TfjsGraph scattered = new TfjsGraph().input("x", floats(3, 2)).constant("shape", i(2)).constant("n", n(3))
                .constant("places", i(2, 0, 1))
                .node("list", "TensorListScatterV2", List.of("x", "places", "shape", "n"), "element_dtype", FLOAT)
                .node("y", "TensorListStack", List.of("list", "shape"), "element_dtype", FLOAT, "num_elements", integer(3))
                .output("y");
        graphs.put("lists scattered", scattered);
    }

    /** A loop of version 2 that sums rows, keeps all sums and stops where told. */
    private void loops() {
        TfjsGraph graph = new TfjsGraph().input("x", floats(5, 3)).input("limit", f(d(), 4)).constant("zero", n(0))
                .constant("shape", i(3)).constant("n", n(5)).constant("start", f(d(3), 0, 0, 0))
                .node("rows", "TensorListFromTensor", List.of("x", "shape"), "element_dtype", FLOAT)
                .node("sums", "TensorListReserve", List.of("shape", "n"), "element_dtype", FLOAT)
                .node("rounds", "Cast", List.of("limit"), "SrcT", FLOAT, "DstT", type(DType.INT32));
        graph.function("more", List.of("i:DT_INT32", "sum:DT_FLOAT", "out:DT_VARIANT", "in:DT_VARIANT", "m:DT_INT32"),
                List.of("go:DT_BOOL=less:z:0"), json("less", "Less", List.of("i", "m")));
        graph.function("step", List.of("i:DT_INT32", "sum:DT_FLOAT", "out:DT_VARIANT", "in:DT_VARIANT", "m:DT_INT32"),
                List.of("i2:DT_INT32=add:z:0", "sum2:DT_FLOAT=total:z:0", "out2:DT_VARIANT=set:output_handle:0",
                        "in2:DT_VARIANT=in", "m2:DT_INT32=m"),
                graph.inner("step/one", n(1)), graph.inner("step/shape", i(3)),
                json("add", "AddV2", List.of("i", "step/one:output:0")),
                json("row", "TensorListGetItem", List.of("in", "i", "step/shape:output:0"), "element_dtype", FLOAT),
                json("total", "AddV2", List.of("sum", "row:item:0")),
                json("set", "TensorListSetItem", List.of("out", "i", "total:z:0"), "element_dtype", FLOAT));
        graph.node("loop", "StatelessWhile", List.of("zero", "start", "sums", "rows", "rounds"), "cond",
                "{\"func\":{\"name\":\"more\"}}", "body", "{\"func\":{\"name\":\"step\"}}")
                .node("last", "Identity", List.of("loop:1")).output("last")
                .node("count", "Identity", List.of("loop")).output("count");
        graphs.put("a loop of functions", graph);
        for (float way : new float[] {1, -1}) {
            TfjsGraph choice = new TfjsGraph().input("x", floats(2, 3)).input("way", f(d(), way)).constant("zero", f(d(), 0))
                    .node("p", "Greater", List.of("way", "zero"));
            choice.function("yes", List.of("a:DT_FLOAT"), List.of("r:DT_FLOAT=n:y:0"), json("n", "Neg", List.of("a")));
            choice.function("no", List.of("a:DT_FLOAT"), List.of("r:DT_FLOAT=n:y:0"), json("n", "Exp", List.of("a")));
            choice.node("if", "StatelessIf", List.of("p", "x"), "then_branch", "{\"func\":{\"name\":\"yes\"}}", "else_branch",
                    "{\"func\":{\"name\":\"no\"}}").output("if");
            graphs.put("a choice of functions, " + way, choice);
            TfjsGraph old = new TfjsGraph().input("x", floats(2, 3)).input("way", f(d(), way)).constant("zero", f(d(), 0))
                    .node("p", "Greater", List.of("way", "zero")).node("s", "Switch", List.of("x", "p"))
                    .node("a", "Exp", List.of("s")).node("b", "Neg", List.of("s:1")).node("c", "Abs", List.of("b"))
                    .node("m", "Merge", List.of("a", "c"), "N", integer(2)).node("m2", "Merge", List.of("b", "a"), "N", integer(2))
                    .output("m").output("m2");
            graphs.put("a choice of switches, " + way, old);
        }
        graphs.put("a loop of frames", frames());
    }

    /** Doubles a number until it exceeds a limit, writes every one into an array. */
    private static TfjsGraph frames() {
        String frame = text("loop");
        TfjsGraph graph = new TfjsGraph().input("x", f(d(2), 1, 3)).input("limit", f(d(), 40)).constant("zero", n(0))
                .constant("two", f(d(), 2)).constant("one", n(1)).constant("size", n(5)).constant("axis", i(0))
                .node("array", "TensorArrayV3", List.of("size"), "dtype", FLOAT, "element_shape",
                        "{\"shape\":{\"dim\":[{\"size\":\"2\"}]}}", "dynamic_size", TRUE, "clear_after_read", "{\"b\":false}",
                        "identical_element_shapes", TRUE, "tensor_array_name", text(""));
        String[][] variables = {{"i", "zero", "inext"}, {"v", "x", "vnext"}, {"flow", "array:1", "written"}};
        for (String[] variable : variables) {
            graph.node(variable[0] + "e", "Enter", List.of(variable[1]), "frame_name", frame, "is_constant", "{\"b\":false}")
                    .node(variable[0] + "m", "Merge", List.of(variable[0] + "e", variable[0] + "x"), "N", integer(2))
                    .node(variable[0] + "s", "Switch", List.of(variable[0] + "m", "cond"))
                    .node(variable[0] + "x", "NextIteration", List.of(variable[2]))
                    .node(variable[0] + "out", "Exit", List.of(variable[0] + "s"));
        }
        for (String[] outer : new String[][] {{"ce", "two"}, {"oe", "one"}, {"le", "limit"}, {"ae", "array"}, {"xe", "axis"}}) {
            graph.node(outer[0], "Enter", List.of(outer[1]), "frame_name", frame, "is_constant", TRUE);
        }
        return graph.node("most", "Max", List.of("vm", "xe"), "keep_dims", "{\"b\":false}")
                .node("less", "Less", List.of("most", "le")).node("cond", "LoopCond", List.of("less"))
                .node("inext", "AddV2", List.of("is:1", "oe")).node("vnext", "Mul", List.of("vs:1", "ce"))
                .node("written", "TensorArrayWriteV3", List.of("ae", "is:1", "vnext", "flows:1"), "T", FLOAT)
                .node("count", "TensorArraySizeV3", List.of("array", "flowout")).constant("range0", n(0)).constant("range1", n(1))
                .node("range", "Range", List.of("range0", "count", "range1"))
                .node("all", "TensorArrayGatherV3", List.of("array", "range", "flowout"), "dtype", FLOAT, "element_shape",
                        "{\"shape\":{\"dim\":[{\"size\":\"2\"}]}}")
                .output("iout").output("vout").output("all");
    }

    private Stream<String> names() {
        return graphs.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void isWhatTensorFlowJsComputes(String name) throws Exception {
        assertEquals("", truth.get(name).error());
        Graph graph = TfjsTruthTest.load(files.get(name));
        check(name, Session.of(Model.of(graph)), "by definition");
        try (V8Host host = new V8Host(Target.RELAXED)) {
            check(name, Session.compile(Model.of(graph), new Heap(host, HEAP_START)), "as kernels");
        }
    }

    private void check(String name, Session session, String how) {
        try (session) {
            Map<String, Datum> got = session.runAny(graphs.get(name).feeds());
            truth.get(name).runs().get(0).forEach((output, want) ->
                    TfjsTruthTest.compare(want, (Tensor) got.get(output), TOLERANCE, name + " " + how + ", " + output));
        }
    }
}
