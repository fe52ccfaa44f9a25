package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.onnx.OnnxExporter;
import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.op.Inference;
import dev.infuser.op.OperatorCheck;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Classic machine learning and operators of strings against ONNX Runtime, which computes them in float32. */
class ClassicModelTruthTest {

    private static final int OPSET = 21;
    private static final double TOLERANCE = 2e-5;
    private static final Attribute TWO = strings("no", "yes");
    private static final Attribute THREE = strings("a", "b", "c");

    private static Attribute strings(String... values) {
        return new Attribute.OfStrings(List.of(values));
    }

    private static Tensor texts(String... values) {
        return Tensor.strings(new int[] {values.length}, values);
    }

    private static Tensor random(int seed, int... dims) {
        Random random = new Random(seed);
        float[] values = new float[Tensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(7) == 0 ? random.nextInt(3) - 1 : random.nextFloat() * 4 - 2;
        }
        return Tensor.floats(dims, values);
    }

    private static float[] reals(int seed, int count) {
        return random(seed, count).floats();
    }

    private static void check(String domain, String op, int outputs, Attributes attributes, Tensor... inputs) throws Exception {
        check(domain, op, List.of("out0", "out1").subList(0, outputs), attributes, inputs);
    }

    private static void check(String domain, String op, List<String> out, Attributes attributes, Tensor... inputs) throws Exception {
        GraphBuilder builder = new GraphBuilder("one");
        List<String> in = new ArrayList<>();
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        for (Tensor input : inputs) {
            String name = "in" + in.size();
            in.add(name);
            builder.input(name, input.type());
            feeds.put(name, input);
        }
        Node node = new Node("", domain, op, in, out, attributes);
        builder.add(node);
        out.forEach(builder::output);
        Graph graph = Inference.infer(builder.build());
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        OnnxExporter.write(graph, OPSET, file);
        String what = op + " " + attributes;
        try (OnnxRuntime truth = OnnxRuntime.of(file.toByteArray())) {
            Map<String, Tensor> want = truth.run(feeds);
            List<Datum> got = OperatorCheck.run(node, new ArrayList<>(feeds.values()));
            for (int i = out.get(0).equals("label") ? 1 : 0; i < out.size(); i++) {
                compare(what + " " + out.get(i), want.get(out.get(i)), (Tensor) got.get(i));
            }
        }
    }

    private static void compare(String what, Tensor want, Tensor got) {
        assertEquals(want.dtype(), got.dtype(), what);
        assertArrayEquals(want.dims(), got.dims(), what);
        if (want.dtype() == DType.STRING) {
            assertArrayEquals(want.strings(), got.strings(), what);
            return;
        }
        for (int i = 0; i < want.size(); i++) {
            double w = want.getDouble(i);
            double g = got.getDouble(i);
            boolean close = w == g || w != w && g != g || Math.abs(w - g) <= TOLERANCE * Math.max(1, Math.abs(w));
            assertTrue(close, what + "[" + i + "] is " + g + ", should be " + w);
        }
    }

    private static void classic(String op, int outputs, Attributes attributes, Tensor... inputs) throws Exception {
        check("ai.onnx.ml", op, outputs, attributes, inputs);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void zipMap(boolean texts) throws Exception {
        Tensor scores = random(5, 3, 2);
        Attributes labels = texts ? Attributes.of("classlabels_strings", TWO) : Attributes.of("classlabels_int64s", new long[] {4, 9});
        GraphBuilder builder = new GraphBuilder("one");
        builder.input("in0", scores.type());
        Node node = new Node("", "ai.onnx.ml", "ZipMap", List.of("in0"), List.of("out0"), labels);
        builder.add(node);
        builder.output("out0");
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        OnnxExporter.write(Inference.infer(builder.build()), OPSET, file);
        List<Map<Object, Object>> got = new ArrayList<>();
        for (Datum datum : ((Datum.Sequence) OperatorCheck.run(node, List.of(scores)).get(0)).elements()) {
            Datum.Map map = (Datum.Map) datum;
            Map<Object, Object> entries = new LinkedHashMap<>();
            for (int i = 0; i < map.keys().size(); i++) {
                entries.put(texts ? map.keys().strings()[i] : map.keys().getLong(i), map.values().floats()[i]);
            }
            got.add(entries);
        }
        try (OnnxRuntime truth = OnnxRuntime.of(file.toByteArray())) {
            assertEquals(truth.maps(Map.of("in0", scores)), got);
        }
        Graph read = OnnxImporter.importModel(ByteBuffer.wrap(file.toByteArray()), null).graph();
        assertEquals(Inference.infer(builder.build()).outputs(), read.outputs());
    }

    @Test
    void features() throws Exception {
        Tensor x = random(1, 4, 3);
        Tensor n = Tensor.longs(new int[] {2, 3}, 0, 1, 2, 3, -1, 0);
        classic("Binarizer", 1, Attributes.of("threshold", 0.5f), x);
        classic("Scaler", 1, Attributes.of("offset", reals(2, 3), "scale", reals(3, 3)), x);
        classic("Scaler", 1, Attributes.of("offset", reals(2, 1), "scale", reals(3, 1)), n);
        for (String norm : List.of("MAX", "L1", "L2")) {
            classic("Normalizer", 1, Attributes.of("norm", norm), Tensor.floats(new int[] {2, 3}, 1, 2, 4, 0, 0, 0));
        }
        classic("Imputer", 1, Attributes.of("imputed_value_floats", reals(4, 3), "replaced_value_float", Float.NaN),
                Tensor.floats(new int[] {2, 3}, 1, Float.NaN, 3, Float.NaN, 5, Float.NaN));
        classic("Imputer", 1, Attributes.of("imputed_value_int64s", new long[] {9}, "replaced_value_int64", -1), n);
        classic("OneHotEncoder", 1, Attributes.of("cats_int64s", new long[] {0, 2, 3}), n);
        classic("OneHotEncoder", 1, Attributes.of("cats_strings", THREE), texts("b", "d", "a"));
        classic("FeatureVectorizer", 1, Attributes.of("inputdimensions", new long[] {2, 4}), random(5, 2, 2), random(6, 2, 4));
        classic("ArrayFeatureExtractor", 1, Attributes.NONE, random(7, 2, 5), Tensor.vector(4, 0, 0));
        classic("ArrayFeatureExtractor", 1, Attributes.NONE, texts("a", "b", "c"), Tensor.vector(2, 1));
    }

    @Test
    void labels() throws Exception {
        Tensor words = texts("b", "x", "a");
        classic("LabelEncoder", 1, Attributes.of("keys_strings", THREE, "values_int64s", new long[] {3, 2, 1}), words);
        classic("LabelEncoder", 1, Attributes.of("keys_strings", THREE, "values_floats", reals(1, 3), "default_float", 7f), words);
        classic("LabelEncoder", 1, Attributes.of("keys_int64s", new long[] {4, 5, 6}, "values_strings", THREE, "default_string", "?"),
                Tensor.vector(6, 7, 4));
        classic("LabelEncoder", 1, Attributes.of("keys_floats", new float[] {1, Float.NaN}, "values_strings", TWO),
                Tensor.floats(new int[] {3}, 0, 1, Float.NaN));
        classic("LabelEncoder", 1, Attributes.of("keys_tensor", Tensor.ofLongs(DType.INT64, new int[] {2}, new long[] {1, 2}),
                "values_tensor", Tensor.floats(new int[] {2}, 5, 6), "default_tensor", Tensor.floats(new int[] {1}, -3)),
                Tensor.vector(2, 3, 1));
        Attributes categories = Attributes.of("cats_strings", THREE, "cats_int64s", new long[] {7, 8, 9});
        classic("CategoryMapper", 1, categories, words);
        classic("CategoryMapper", 1, categories, Tensor.vector(8, 1, 9));
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"})
    void linearModels(String transform) throws Exception {
        boolean probit = transform.equals("PROBIT");
        float[] few = probit ? new float[] {0.1f, 0.05f, 0, 0.02f, 0.03f, 0.1f, 0.1f, 0.05f, 0.1f} : reals(1, 9);
        float[] bias = probit ? new float[] {0.5f, 0.5f, 0.5f} : reals(2, 3);
        Tensor x = random(3, 6, 3);
        classic("LinearRegressor", 1, Attributes.of("coefficients", few, "intercepts", bias, "targets", 3, "post_transform", transform), x);
        classic("LinearClassifier", 2, Attributes.of("coefficients", few, "intercepts", bias, "classlabels_strings", THREE,
                "post_transform", transform), x);
        if (probit) {
            return; // ONNX Runtime leaves the second score of two undefined.
        }
        float[] one = Arrays.copyOf(few, 3);
        classic("LinearClassifier", 2, Attributes.of("coefficients", one, "intercepts", new float[] {bias[0]},
                "classlabels_ints", new long[] {4, 9}, "post_transform", transform), x);
    }

    @ParameterizedTest
    @CsvSource({"LINEAR, NONE", "POLY, NONE", "RBF, NONE", "SIGMOID, NONE", "RBF, LOGISTIC", "RBF, SOFTMAX"})
    void supportVectorMachines(String kernel, String transform) throws Exception {
        Tensor x = random(3, 6, 2);
        Attributes common = Attributes.of("kernel_type", kernel, "kernel_params", new float[] {0.4f, 0.3f, 2}, "post_transform",
                transform);
        Attributes model = common.with("support_vectors", reals(4, 10)).with("coefficients", reals(5, 5)).with("rho", reals(6, 1));
        if (transform.equals("NONE")) {
            classic("SVMRegressor", 1, model.with("n_supports", 5), x);
            classic("SVMRegressor", 1, model.with("n_supports", 5).with("one_class", 1), x);
        }
        classic("SVMClassifier", 2, model.with("vectors_per_class", new long[] {2, 3}).with("classlabels_strings", TWO), x);
        classic("SVMClassifier", 2, model.with("vectors_per_class", new long[] {2, 3}).with("classlabels_ints", new long[] {5, 6})
                .with("prob_a", new float[] {-1.5f}).with("prob_b", new float[] {0.1f}), x);
        Attributes three = common.with("support_vectors", reals(4, 12)).with("coefficients", reals(5, 12)).with("rho", reals(6, 3))
                .with("vectors_per_class", new long[] {1, 2, 3}).with("classlabels_ints", new long[] {1, 2, 3});
        classic("SVMClassifier", 2, three, x);
        classic("SVMClassifier", 2, three.with("prob_a", new float[] {-1, -2, -0.5f}).with("prob_b", new float[] {0.1f, 0, -0.2f}), x);
    }

    /** Two trees over two features; leaves 2, 3 and 4 of the first, 1 and 2 of the second. */
    private static Attributes trees(String... modes) {
        return Attributes.of("nodes_treeids", new long[] {0, 0, 0, 0, 0, 1, 1, 1}, "nodes_nodeids", new long[] {0, 1, 2, 3, 4, 0, 1, 2},
                "nodes_featureids", new long[] {0, 1, 0, 0, 0, 1, 0, 0}, "nodes_values", new float[] {0, 0.5f, 0, 0, 0, -0.3f, 0, 0},
                "nodes_modes", strings(modes[0], modes[1], "LEAF", "LEAF", "LEAF", modes[2], "LEAF", "LEAF"),
                "nodes_truenodeids", new long[] {1, 3, 0, 0, 0, 1, 0, 0}, "nodes_falsenodeids", new long[] {2, 4, 0, 0, 0, 2, 0, 0},
                "nodes_missing_value_tracks_true", new long[] {1, 0, 0, 0, 0, 0, 0, 0});
    }

    private static Attributes weights(Attributes trees, String kind, long[] ids, float... weights) {
        return trees.with(kind + "_treeids", new long[] {0, 0, 0, 1, 1}).with(kind + "_nodeids", new long[] {2, 3, 4, 1, 2})
                .with(kind + "_ids", ids).with(kind + "_weights", weights);
    }

    private static Tensor rows() {
        float[] values = random(8, 8, 2).floats();
        values[0] = Float.NaN;
        values[5] = 0.5f;
        return Tensor.floats(new int[] {8, 2}, values);
    }

    @ParameterizedTest
    @CsvSource({"SUM, NONE", "AVERAGE, NONE", "MIN, NONE", "MAX, NONE", "SUM, SOFTMAX", "SUM, LOGISTIC", "SUM, SOFTMAX_ZERO"})
    void treesGiveNumbers(String aggregate, String transform) throws Exception {
        Attributes model = weights(trees("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT"), "target", new long[] {0, 1, 0, 1, 0}, 1, 2, 3, -4, 5)
                .with("n_targets", 2).with("aggregate_function", aggregate).with("post_transform", transform);
        classic("TreeEnsembleRegressor", 1, model, rows());
        classic("TreeEnsembleRegressor", 1, model.with("target_ids", new long[] {0, 0, 0, 1, 1}).with("base_values",
                new float[] {0.5f, -0.5f}), rows());
        classic("TreeEnsembleRegressor", 1, weights(trees("BRANCH_EQ", "BRANCH_NEQ", "BRANCH_GTE"), "target", new long[5], 1, 2, 3, 4, 5)
                .with("n_targets", 1).with("aggregate_function", aggregate), rows());
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"})
    void treesTellClasses(String transform) throws Exception {
        Attributes trees = trees("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE").with("post_transform", transform);
        Attributes three = weights(trees, "class", new long[] {0, 1, 2, 2, 1}, 1, 2, 3, -4, 5).with("classlabels_strings", THREE);
        classic("TreeEnsembleClassifier", 2, three, rows());
        classic("TreeEnsembleClassifier", 2, three.with("base_values", new float[] {0.1f, 0.2f, 0.3f}), rows());
        Attributes two = trees.with("classlabels_int64s", new long[] {3, 8});
        long[] first = new long[5];
        long[] second = {1, 1, 1, 1, 1};
        for (long[] ids : new long[][] {first, second}) {
            classic("TreeEnsembleClassifier", 2, weights(two, "class", ids, 0.1f, 0.2f, 0.3f, 0.4f, 0.35f), rows());
            classic("TreeEnsembleClassifier", 2, weights(two, "class", ids, 1, -2, 3, -4, 2.5f), rows());
            classic("TreeEnsembleClassifier", 2, weights(two, "class", ids, 1, -2, 3, -4, 2.5f).with("base_values",
                    new float[] {0.5f}), rows());
        }
        Attributes both = weights(two, "class", new long[] {0, 0, 0, 1, 1}, 0.1f, 0.2f, 0.3f, 0.25f, 0.05f);
        // ONNX Runtime's label of two weighed classes is 1, whatever the labels are.
        check("ai.onnx.ml", "TreeEnsembleClassifier", List.of("label", "out"), both, rows());
    }

    @Test
    void strings() throws Exception {
        check("", "StringConcat", 1, Attributes.NONE, texts("a", "", "ü").reshape(3, 1), texts("x", "yy"));
        Tensor text = texts("one two  three", " padded ", "a,b,,c", "");
        assertArrayEquals(new String[] {"x", "y", "z"},
                OperatorCheck.run("StringSplit", Attributes.NONE, texts("x\t\u2003y z\n")).strings());
        check("", "StringSplit", 2, Attributes.NONE, text);
        check("", "StringSplit", 2, Attributes.of("delimiter", ","), texts("a,b,,c", ",", "abc"));
        check("", "StringSplit", 2, Attributes.of("delimiter", ",", "maxsplit", 1), texts("a,b,,c", ",", "abc"));
        check("", "StringSplit", 2, Attributes.of("maxsplit", 1), texts("one two  three", "lone"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TF", "IDF", "TFIDF"})
    void ngrams(String mode) throws Exception {
        Attributes common = Attributes.of("mode", mode, "min_gram_length", 1, "max_gram_length", 2, "max_skip_count", 1,
                "ngram_counts", new long[] {0, 2}, "ngram_indexes", new long[] {2, 0, 1, 3}, "weights", new float[] {1, 2, 3, 4});
        check("", "TfIdfVectorizer", 1, common.with("pool_int64s", new long[] {5, 6, 5, 6, 6, 5}),
                Tensor.longs(new int[] {2, 5}, 5, 6, 5, 1, 5, 6, 6, 6, 5, 5));
        check("", "TfIdfVectorizer", 1, common.with("pool_strings", strings("a", "b", "a", "b", "b", "a")), texts("a", "b", "b", "a"));
    }
}
