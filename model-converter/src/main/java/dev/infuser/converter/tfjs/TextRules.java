package dev.infuser.converter.tfjs;

import dev.infuser.converter.tensorflow.Arrays;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** What the operators on strings, tables, sparse and ragged tensors become. */
final class TextRules {

    private TextRules() {
    }

    static void add(Map<String, Rule> rules) {
        rules.put("StringSplit", call -> call.ops().own("StringSplit", Attributes.of("skip_empty",
                call.node().flag("skip_empty", true) ? 1 : 0), 3, call.in(0), call.in(1)));
        rules.put("StringNGrams", call -> call.ops().own("StringNGrams", Attributes.of("separator",
                call.node().string("separator", " "), "left_pad", call.node().string("left_pad", ""), "right_pad",
                call.node().string("right_pad", ""), "pad_width", call.node().integer("pad_width", 0), "ngram_widths",
                call.node().integers("ngram_widths"), "preserve_short_sequences",
                call.node().flag("preserve_short_sequences") ? 1 : 0), 2, call.in(0), call.in(1)));
        rules.put("StringToHashBucketFast", call -> call.ops().own("StringToHashBucketFast", Attributes.of("num_buckets",
                call.node().integer("num_buckets", 1)), 1, call.in(0)));
        for (String name : List.of("SparseFillEmptyRows", "SparseReshape", "SparseSegmentMean", "SparseSegmentSum", "RaggedRange")) {
            int outputs = switch (name) {
                case "SparseFillEmptyRows" -> 4;
                case "SparseReshape", "RaggedRange" -> 2;
                default -> 1;
            };
            rules.put(name, call -> call.ops().own(name, Attributes.NONE, outputs, call.inputs().toArray(String[]::new)));
        }
        rules.put("RaggedGather", call -> call.ops().own("RaggedGather", Attributes.NONE,
                (int) call.node().integer("OUTPUT_RAGGED_RANK", 1) + 1, call.inputs().toArray(String[]::new)));
        rules.put("RaggedTensorToTensor", Rule.one(TextRules::dense));
        rules.put("SparseToDense", Rule.one(TextRules::sparseToDense));
        tables(rules);
    }

    private static void tables(Map<String, Rule> rules) {
        for (String name : List.of("HashTable", "HashTableV2")) {
            rules.put(name, Rule.one(call -> call.ops().constant(Tensor.ints(new int[0], 0))));
        }
        for (String name : List.of("LookupTableImport", "LookupTableImportV2", "InitializeTable", "InitializeTableV2")) {
            rules.put(name, Rule.one(call -> call.in(0)));
        }
        for (String name : List.of("LookupTableFind", "LookupTableFindV2")) {
            rules.put(name, Rule.one(call -> {
                List<String> table = table(call);
                return call.ops().own("Lookup", Attributes.NONE, 1, call.in(1), table.get(0), table.get(1), call.in(2))[0];
            }));
        }
        for (String name : List.of("LookupTableSize", "LookupTableSizeV2")) {
            rules.put(name, Rule.one(call -> call.ops().cast(call.ops().op("Size", table(call).get(0)), DType.INT32)));
        }
    }

    /** The keys and values of the table that input 0 is. */
    private static List<String> table(Call call) {
        TfNode maker = call.from(0);
        Tables.Filled filled = maker == null ? null : call.translator().tables().of(maker);
        if (filled == null) {
            throw call.ops().unsupported("reads a table that nothing fills");
        }
        Scope scope = new Scope(filled.graph(), call.ops().emitter(), null);
        return call.translator().values(scope, filled.node().data().subList(1, 3));
    }

    private static String sparseToDense(Call call) {
        Ops ops = call.ops();
        int rank = ops.rank(call.in(0));
        String places = rank == 2 ? call.in(0) : ops.reshape(call.in(0), -1, 1);
        String whole = Arrays.fill(ops, call.in(1), call.in(3));
        String count = ops.slice(ops.op("Shape", places), 0, 0, 1);
        String values = ops.rank(call.in(2)) == 0 ? ops.op("Expand", call.in(2), count) : call.in(2);
        return ops.op("ScatterND", whole, ops.longs(places), values);
    }

    private static String dense(Call call) {
        Ops ops = call.ops();
        List<String> kinds = call.node().strings("row_partition_types");
        boolean sized = !kinds.isEmpty() && kinds.get(0).equals("FIRST_DIM_SIZE");
        String[] inputs = new String[3 + kinds.size() - (sized ? 1 : 0)];
        for (int i = 0; i < 3; i++) {
            inputs[i] = call.in(i);
        }
        String rows = sized ? ops.reshape(ops.longs(call.in(3)), 1) : null;
        for (int i = sized ? 1 : 0; i < kinds.size(); i++) {
            String splits = call.in(3 + i);
            if (kinds.get(i).equals("VALUE_ROWIDS") && rows != null) {
                splits = splits(ops, splits, rows);
            } else if (!kinds.get(i).equals("ROW_SPLITS")) {
                throw ops.unsupported("has the partition " + kinds.get(i));
            }
            inputs[3 + i - (sized ? 1 : 0)] = splits;
            rows = ops.slice(ops.longs(splits), 0, -1, Long.MAX_VALUE);
        }
        return ops.own("RaggedToTensor", Attributes.NONE, 1, inputs)[0];
    }

    /** Where the rows begin and end of values of which the rows are told. */
    private static String splits(Ops ops, String ids, String rows) {
        String length = ops.op("Add", rows, ops.vector(1));
        String counts = ops.op("ScatterND", Attributes.of("reduction", "add"), ops.op("Expand", ops.vector(0), length),
                ops.unsqueeze(ops.op("Add", ops.longs(ids), ops.vector(1)), 1),
                ops.op("Expand", ops.vector(1), ops.op("Shape", ids)));
        return ops.op("CumSum", counts, ops.constant(Tensor.longs(new int[0], 0)));
    }
}
