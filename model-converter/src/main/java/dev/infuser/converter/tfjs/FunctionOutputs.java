package dev.infuser.converter.tfjs;

import java.util.List;
import java.util.Map;

/** The names by which functions read the outputs of operators that have several. Source: TensorFlow's operator definitions. */
final class FunctionOutputs {

    private static final Map<String, List<String>> NAMES = Map.ofEntries(
            Map.entry("FusedBatchNorm", List.of("y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2")),
            Map.entry("FusedBatchNormV2", List.of("y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2")),
            Map.entry("FusedBatchNormV3", List.of("y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2",
                    "reserve_space_3")),
            Map.entry("ListDiff", List.of("out", "idx")),
            Map.entry("MaxPoolWithArgmax", List.of("output", "argmax")),
            Map.entry("Merge", List.of("output", "value_index")),
            Map.entry("NonMaxSuppressionV4", List.of("selected_indices", "valid_outputs")),
            Map.entry("NonMaxSuppressionV5", List.of("selected_indices", "selected_scores", "valid_outputs")),
            Map.entry("RaggedRange", List.of("rt_nested_splits", "rt_dense_values")),
            Map.entry("SparseFillEmptyRows", List.of("output_indices", "output_values", "empty_row_indicator",
                    "reverse_index_map")),
            Map.entry("SparseReshape", List.of("output_indices", "output_shape")),
            Map.entry("StringNGrams", List.of("ngrams", "ngrams_splits")),
            Map.entry("StringSplit", List.of("indices", "values", "shape")),
            Map.entry("Switch", List.of("output_false", "output_true")),
            Map.entry("TensorArrayConcatV3", List.of("value", "lengths")),
            Map.entry("TensorArrayV3", List.of("handle", "flow")),
            Map.entry("TensorListConcat", List.of("tensor", "lengths")),
            Map.entry("TensorListConcatV2", List.of("tensor", "lengths")),
            Map.entry("TensorListPopBack", List.of("output_handle", "tensor")),
            Map.entry("TopKV2", List.of("values", "indices")),
            Map.entry("Unique", List.of("y", "idx")),
            Map.entry("UniqueV2", List.of("y", "idx")));

    private FunctionOutputs() {
    }

    /** The number of the first output that an operator knows by {@code name}. */
    static int first(TfNode node, String name) {
        if (node == null) {
            return 0;
        }
        if (node.op().equals("RaggedGather")) {
            return name.equals("output_dense_values") ? (int) node.integer("OUTPUT_RAGGED_RANK", 1) : 0;
        }
        return Math.max(0, NAMES.getOrDefault(node.op(), List.of()).indexOf(name));
    }
}
