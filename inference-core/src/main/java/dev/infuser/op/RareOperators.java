package dev.infuser.op;

/** The operators that few models have, in alphabetical order. A page downloads them with the first model that does. */
final class RareOperators {

    static final Operator[] ALL = {
        new Pool("AveragePool"),
        new Normalization("BatchNormalization"),
        new BitCast(),
        new Realign("CenterCropPad"),
        new Sequences("ConcatFromSequence"),
        new Conv("Conv"),
        new Conv("ConvInteger"),
        new ConvTranspose(),
        new Einsum(),
        new Pool("GlobalAveragePool"),
        new Pool("GlobalLpPool"),
        new Pool("GlobalMaxPool"),
        new GridSample(),
        new Normalization("GroupNormalization"),
        new Normalization("InstanceNormalization"),
        new Control("Loop"),
        new AxisNormalization("LpNormalization"),
        new Pool("LpPool"),
        new LRN(),
        new Pool("MaxPool"),
        new MaxUnpool(),
        new AxisNormalization("MeanVarianceNormalization"),
        new CrossEntropy("NegativeLogLikelihoodLoss"),
        new Regions("NonMaxSuppression"),
        new Sequences("Optional"),
        new Sequences("OptionalGetElement"),
        new Sequences("OptionalHasElement"),
        new Conv("QLinearConv"),
        new Realign("ReverseSequence"),
        new Regions("RoiAlign"),
        new Control("Scan"),
        new Sequences("SequenceAt"),
        new Sequences("SequenceConstruct"),
        new Sequences("SequenceEmpty"),
        new Sequences("SequenceErase"),
        new Sequences("SequenceInsert"),
        new Sequences("SequenceLength"),
        new Control("SequenceMap"),
        new CrossEntropy("SoftmaxCrossEntropyLoss"),
        new Sequences("SplitToSequence"),
        new Unique(),
    };

    private RareOperators() {
    }
}
