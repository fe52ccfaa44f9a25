package dev.infuser.converter.keras;

import dev.infuser.converter.tensorflow.Convolutions;
import dev.infuser.graph.Attributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What each layer becomes: those that TensorFlow.js has, and those that packages of models add to them. */
final class Layers {

    private static final Map<String, Rule> RULES = new HashMap<>();

    static {
        basic();
        images();
        merging();
        sequences();
        fromPackages();
    }

    private Layers() {
    }

    /** The classes of layers that have a rule. */
    static Set<String> names() {
        return new TreeSet<>(RULES.keySet());
    }

    /** Whether there is a rule for a layer. */
    static boolean knows(String kind) {
        return RULES.containsKey(kind);
    }

    /** What a layer gives. */
    static List<Masked> apply(Layer layer) {
        Rule rule = RULES.get(layer.kind());
        if (rule == null) {
            throw layer.ops().unsupported("is of a class that is not supported");
        }
        return rule.apply(layer);
    }

    private static void one(String kind, Rule.Single rule) {
        RULES.put(kind, Rule.one(rule));
    }

    private static void keeping(String kind, Rule.Single rule) {
        RULES.put(kind, Rule.keeping(rule));
    }

    private static void basic() {
        for (String kind : List.of("Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout")) {
            keeping(kind, Layer::in);
        }
        keeping("Dense", layer -> layer.finish(layer.ops().op("MatMul", layer.in(), layer.weight("kernel"))));
        keeping("Activation", layer -> Activations.apply(layer.ops(), layer.config().get("activation"), layer.in()));
        keeping("ReLU", Normalizing::relu);
        one("LeakyReLU", layer -> layer.ops().op("LeakyRelu",
                Attributes.of("alpha", (float) layer.config().real("alpha", 0.3)), layer.in()));
        keeping("PReLU", layer -> layer.ops().op("PRelu", layer.in(), layer.weight("alpha")));
        one("ELU", layer -> layer.ops().op("Elu", Attributes.of("alpha", (float) layer.config().real("alpha", 1)), layer.in()));
        one("ThresholdedReLU", layer -> layer.ops().op("ThresholdedRelu",
                Attributes.of("alpha", (float) layer.config().real("theta", 1)), layer.in()));
        one("Softmax", Normalizing::softmax);
        keeping("BatchNormalization", Normalizing::batch);
        keeping("LayerNormalization", Normalizing::layer);
        one("Flatten", Shaping::flatten);
        one("Reshape", Shaping::reshape);
        one("Permute", Shaping::permute);
        one("RepeatVector", Shaping::repeat);
        RULES.put("Masking", Shaping::masking);
        RULES.put("Embedding", Shaping::embedding);
        one("CategoryEncoding", Preprocessing::categories);
    }

    private static void images() {
        for (String kind : List.of("Conv1D", "Conv2D", "Conv3D")) {
            one(kind, Convolving::conv);
        }
        for (String kind : List.of("Conv2DTranspose", "Conv3DTranspose")) {
            one(kind, Convolving::transposed);
        }
        one("DepthwiseConv2D", Convolving::depthwise);
        one("SeparableConv2D", Convolving::separable);
        for (String axes : List.of("1D", "2D", "3D")) {
            one("MaxPooling" + axes, layer -> Convolving.pool(layer, "MaxPool"));
            one("AveragePooling" + axes, layer -> Convolving.pool(layer, "AveragePool"));
        }
        for (String axes : List.of("1D", "2D")) {
            one("GlobalMaxPooling" + axes, layer -> Convolving.global(layer, "ReduceMax"));
            one("GlobalAveragePooling" + axes, layer -> Convolving.global(layer, "ReduceMean"));
        }
        one("UpSampling2D", Convolving::upSample);
        one("ZeroPadding2D", Convolving::pad);
        one("Cropping2D", Convolving::crop);
        one("Rescaling", Preprocessing::rescaling);
        one("Resizing", Preprocessing::resizing);
        one("CenterCrop", Preprocessing::centerCrop);
    }

    private static void merging() {
        for (String[] pair : new String[][] {{"Add", "Add"}, {"Multiply", "Mul"}, {"Maximum", "Max"}, {"Minimum", "Min"}}) {
            RULES.put(pair[0], layer -> Merging.all(layer, pair[1]));
        }
        RULES.put("Average", Merging::average);
        RULES.put("Concatenate", Merging::concatenate);
        one("Dot", Merging::dot);
    }

    private static void sequences() {
        for (String kind : List.of("SimpleRNN", "GRU", "LSTM", "RNN", "ConvLSTM2D")) {
            RULES.put(kind, Recurrences::layer);
        }
        RULES.put("Bidirectional", Recurrences::bidirectional);
        RULES.put("TimeDistributed", Shaping::timeDistributed);
        for (String kind : List.of("Sequential", "Functional", "Model")) {
            RULES.put(kind, layer -> layer.models().model(layer.kind(), layer.config(), layer.scopes(), layer.inputs()));
        }
    }

    /** Layers that the packages of UpscalerJS register: a residual scale of 0.2, and blocks of channels as pixels. */
    private static void fromPackages() {
        one("MultiplyBeta", layer -> layer.ops().op("Mul", layer.in(), layer.ops().like(layer.in(), 0.2)));
        for (int scale : new int[] {2, 3, 4, 8}) {
            one("PixelShuffle" + scale + "x", layer -> Convolutions.depthToSpace(layer.ops(), layer.in(), scale));
        }
    }
}
