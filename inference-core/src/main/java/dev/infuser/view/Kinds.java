package dev.infuser.view;

import java.util.LinkedHashMap;
import java.util.Map;

/** The kinds of operators that a drawing tells apart by colour. */
final class Kinds {

    /** What a kind is called in the legend, by its name in the style sheet. */
    static final Map<String, String> LABELS = new LinkedHashMap<>();

    private static final Map<String, String> BY_OPERATOR = new LinkedHashMap<>();

    static {
        kind("product", "products, convolutions", "Conv ConvTranspose ConvInteger MatMul MatMulInteger Gemm Einsum QLinearConv"
                + " QLinearMatMul DeformConv Attention LSTM GRU RNN QuantizedMatMul");
        kind("activation", "activations", "Relu LeakyRelu PRelu Sigmoid HardSigmoid HardSwish Tanh Gelu Swish Mish Elu Celu Selu"
                + " Softplus Softsign Clip ThresholdedRelu Shrink Erf");
        kind("normal", "normalisation, softmax", "BatchNormalization LayerNormalization RMSNormalization InstanceNormalization"
                + " GroupNormalization LpNormalization LRN MeanVarianceNormalization Softmax LogSoftmax Hardmax");
        kind("pool", "pools, reductions", "MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool ReduceMean ReduceSum"
                + " ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare ArgMax"
                + " ArgMin TopK CumSum");
        kind("move", "shapes, movement", "Reshape Transpose Concat Slice Split Gather GatherND GatherElements ScatterND"
                + " ScatterElements Expand Tile Pad Resize Squeeze Unsqueeze Flatten Shape Size DepthToSpace SpaceToDepth"
                + " Identity ConstantOfShape Range NonZero OneHot GridSample Compress ReverseSequence Trilu EyeLike");
        kind("quant", "casts, quantisation", "Cast CastLike QuantizeLinear DequantizeLinear DynamicQuantizeLinear BitCast");
        kind("control", "control flow", "If Loop Scan SequenceConstruct SequenceAt SequenceInsert SequenceEmpty SequenceErase"
                + " SequenceLength ConcatFromSequence SplitToSequence Optional OptionalGetElement OptionalHasElement");
        LABELS.put("other", "arithmetic");
    }

    private Kinds() {
    }

    private static void kind(String name, String label, String operators) {
        LABELS.put(name, label);
        int start = 0;
        for (int i = 0; i <= operators.length(); i++) {
            if (i == operators.length() || operators.charAt(i) == ' ') {
                BY_OPERATOR.put(operators.substring(start, i), name);
                start = i + 1;
            }
        }
    }

    /** The kind of an operator of any domain. */
    static String of(String operator) {
        return BY_OPERATOR.getOrDefault(operator, "other");
    }
}
