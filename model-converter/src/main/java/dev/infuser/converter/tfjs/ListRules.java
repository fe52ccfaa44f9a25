package dev.infuser.converter.tfjs;

import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What the operators on lists of tensors become: TensorList of version 2 and TensorArray of version 1. */
final class ListRules {

    private ListRules() {
    }

    static void add(Map<String, Rule> rules) {
        rules.put("EmptyTensorList", Rule.one(call -> call.lists().empty(call.dtype("element_dtype"), null)));
        rules.put("TensorListReserve", Rule.one(call -> call.lists().empty(call.dtype("element_dtype"), call.in(1))));
        rules.put("TensorListFromTensor", Rule.one(call -> call.lists().stacked(call.in(0))));
        rules.put("TensorListStack", Rule.one(call -> shaped(call, call.lists().stack(call.ops(), call.in(0)), 1)));
        rules.put("TensorListGetItem", Rule.one(call -> call.lists().at(call.ops(), call.in(0), call.in(1))));
        rules.put("TensorListSetItem", Rule.one(call -> call.lists().with(call.ops(), call.in(0), call.in(1), call.in(2))));
        rules.put("TensorListLength", Rule.one(call -> call.lists().length(call.ops(), call.in(0))));
        rules.put("TensorListPushBack", Rule.one(call -> call.lists().longer(call.ops(), call.in(0), call.in(1))));
        rules.put("TensorListPopBack", call -> call.lists().shorter(call.ops(), call.in(0)));
        rules.put("TensorListGather", Rule.one(call -> gather(call, 0, 1)));
        for (String name : List.of("TensorListScatter", "TensorListScatterV2")) {
            rules.put(name, Rule.one(call -> scatter(call, call.in(0), 1, name.endsWith("V2") ? call.in(3) : null)));
        }
        for (String name : List.of("TensorListConcat", "TensorListConcatV2")) {
            rules.put(name, call -> concat(call, 0));
        }
        rules.put("TensorListSplit", Rule.one(call -> split(call, 0, 2)));
        rules.put("TensorListResize", Rule.one(ListRules::resize));
        rules.put("TensorArrayV3", call -> {
            String list = call.lists().empty(call.dtype("dtype"), call.node().flag("dynamic_size") ? null : call.in(0));
            return new String[] {list, list};
        });
        rules.put("TensorArrayWriteV3", Rule.one(call -> call.lists().with(call.ops(), call.in(3), call.in(1), call.in(2))));
        rules.put("TensorArrayReadV3", Rule.one(call -> call.lists().at(call.ops(), call.in(2), call.in(1))));
        rules.put("TensorArrayGatherV3", Rule.one(call -> gather(call, 2, 1)));
        rules.put("TensorArrayScatterV3", Rule.one(call -> scatter(call, call.in(2), 1, null)));
        rules.put("TensorArrayConcatV3", call -> concat(call, 1));
        rules.put("TensorArraySplitV3", Rule.one(call -> split(call, 1, 2)));
        rules.put("TensorArraySizeV3", Rule.one(call -> call.lists().length(call.ops(), call.in(1))));
        rules.put("TensorArrayCloseV3", call -> new String[0]);
    }

    /** Says of what shape elements are, where the file knows it and the graph does not. */
    private static String shaped(Call call, String stacked, int shapeInput) {
        Ops ops = call.ops();
        long[] known = call.inputs().size() > shapeInput ? ops.knownLongs(call.in(shapeInput)) : null;
        Shape shape = ops.emitter().shape(stacked);
        if (known == null || known.length == 0 || IntStream.range(0, known.length).anyMatch(i -> known[i] < 0)
                || shape != null && IntStream.range(1, shape.rank()).allMatch(i -> shape.dim(i).isConstant())) {
            return stacked;
        }
        long[] dims = new long[known.length + 1];
        dims[0] = -1;
        System.arraycopy(known, 0, dims, 1, known.length);
        return ops.reshape(stacked, dims);
    }

    /** Whether the input holds 0, 1, 2 and so on, for all elements of a list. */
    private static boolean isAll(Call call, int input) {
        TfNode from = call.from(input);
        if (from == null || !from.op().equals("Range")) {
            return false;
        }
        List<String> range = call.translator().values(call.scope(), from.data());
        long[] start = call.ops().knownLongs(range.get(0));
        long[] step = call.ops().knownLongs(range.get(2));
        return start != null && step != null && start[0] == 0 && step[0] == 1;
    }

    private static String gather(Call call, int list, int indices) {
        String stacked = call.lists().stack(call.ops(), call.in(list));
        return isAll(call, indices) ? stacked : call.ops().op("Gather", Attributes.of("axis", 0), stacked, call.in(indices));
    }

    /** A list with the slices of a tensor at the indices that an input holds. */
    private static String scatter(Call call, String tensor, int indices, String size) {
        Ops ops = call.ops();
        if (isAll(call, indices)) {
            return call.lists().stacked(tensor);
        }
        String shape = ops.op("Shape", tensor);
        String most = ops.op("Add", ops.op("ReduceMax", Attributes.of("keepdims", 0), ops.longs(call.in(indices))), ops.vector(1));
        long[] given = size == null ? null : ops.knownLongs(size);
        String count = size == null || given != null && given[0] < 0 ? most : ops.longs(ops.reshape(size, 1));
        String rest = ops.slice(shape, 0, 1, Long.MAX_VALUE);
        String whole = ops.op("Expand", ops.like(tensor, 0), ops.concat(0, List.of(count, rest)));
        return call.lists().stacked(ops.op("ScatterND", whole, ops.longs(ops.unsqueeze(call.in(indices), 1)), tensor));
    }

    private static String[] concat(Call call, int list) {
        Ops ops = call.ops();
        String joined = call.lists().concat(ops, call.lists().get(ops, call.in(list)) instanceof Lists.Stacked stacked
                ? call.lists().sequence(ops.op("SplitToSequence", Attributes.of("axis", 0, "keepdims", 0), stacked.tensor()))
                : call.in(list));
        return new String[] {joined, null};
    }

    private static String split(Call call, int tensor, int lengths) {
        return call.lists().sequence(call.ops().op("SplitToSequence", Attributes.of("axis", 0), call.in(tensor),
                call.ops().longs(call.in(lengths))));
    }

    private static String resize(Call call) {
        Lists.TensorList list = call.lists().get(call.ops(), call.in(0));
        if (list instanceof Lists.Parts parts && parts.elements().isEmpty()) {
            return call.lists().empty(parts.dtype(), call.in(1));
        }
        throw call.ops().unsupported("changes the length of a list that has elements");
    }
}
