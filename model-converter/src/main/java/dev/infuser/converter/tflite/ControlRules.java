package dev.infuser.converter.tflite;

import static org.tensorflow.lite.schema.BuiltinOperator.*;

import dev.infuser.converter.build.Emitter;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.lite.schema.CallOnceOptions;
import org.tensorflow.lite.schema.HashtableOptions;
import org.tensorflow.lite.schema.IfOptions;
import org.tensorflow.lite.schema.VarHandleOptions;
import org.tensorflow.lite.schema.WhileOptions;

/** Branches, loops, hash tables, and variables that are set once. */
final class ControlRules {

    private ControlRules() {
    }

    static void add(Map<Integer, Rule> rules) {
        rules.put(IF, new Rule(Rule.Numbers.STORED, ControlRules::branch));
        rules.put(WHILE, new Rule(Rule.Numbers.STORED, call -> {
            WhileOptions options = call.options(new WhileOptions());
            return loop(call, options.condSubgraphIndex(), options.bodySubgraphIndex());
        }));
        rules.put(CALL_ONCE, new Rule(Rule.Numbers.STORED, ControlRules::initialize));
        rules.put(HASHTABLE, new Rule(Rule.Numbers.STORED, ControlRules::table));
        rules.put(HASHTABLE_IMPORT, new Rule(Rule.Numbers.STORED, ControlRules::fill));
        rules.put(HASHTABLE_FIND, Rule.stored(ControlRules::find));
        rules.put(HASHTABLE_SIZE, Rule.stored(call -> call.ops().constant(Tensor.longs(new int[] {1}, held(call).keys().size()))));
        rules.put(HASHTABLE_LOOKUP, new Rule(Rule.Numbers.STORED, ControlRules::lookup));
        rules.put(VAR_HANDLE, new Rule(Rule.Numbers.STORED, ControlRules::variable));
        rules.put(ASSIGN_VARIABLE, new Rule(Rule.Numbers.STORED, ControlRules::assign));
        rules.put(READ_VARIABLE, Rule.stored(ControlRules::read));
    }

    /** A subgraph as a graph of its own, that sees those around it. */
    private static Graph inner(Call call, long index, List<String> inputs) {
        Emitter out = new Emitter(call.ops().emitter());
        List<String> outputs = new ArrayList<>();
        for (String result : translated(call, index, out, inputs)) {
            outputs.add(named(out, result));
        }
        return out.graph(call.graph().model().subgraph(index, call.ops().name()).name(), outputs);
    }

    /** A value of this graph with the elements of another, which may be one of the graphs around it. */
    private static String named(Emitter out, String value) {
        String name = out.unique(value + "_out");
        out.add(new Node("", "", "Identity", List.of(value), List.of(name), Attributes.NONE));
        return name;
    }

    private static String[] branch(Call call) {
        Ops ops = call.ops();
        IfOptions options = call.options(new IfOptions());
        List<String> inputs = call.all();
        String condition = ops.reshape(ops.cast(inputs.remove(0), DType.BOOL));
        Graph then = inner(call, options.thenSubgraphIndex(), inputs);
        Graph other = inner(call, options.elseSubgraphIndex(), inputs);
        return ops.ops("If", Attributes.of("then_branch", then, "else_branch", other), call.node().outputs().length, condition);
    }

    /** Runs the body while the condition holds of what it gave last. */
    static String[] loop(Call call, long condition, long body) {
        Ops ops = call.ops();
        List<String> inputs = call.all();
        String first = ops.reshape(ops.cast(translated(call, condition, ops.emitter(), inputs).get(0), DType.BOOL));
        Emitter out = new Emitter(ops.emitter());
        List<String> carried = new ArrayList<>();
        input(out, "iteration", new ValueType.OfTensor(DType.INT64, Shape.SCALAR));
        input(out, "goes_on", new ValueType.OfTensor(DType.BOOL, Shape.SCALAR));
        TfliteModel.Subgraph graph = call.graph().model().subgraph(body, ops.name());
        for (int i = 0; i < inputs.size(); i++) {
            TensorInfo info = graph.tensor(graph.inputs()[i]);
            carried.add(input(out, info.name(), new ValueType.OfTensor(info.dtype(), info.ranked()
                    ? info.symbolic(out.unique(info.name()) + "_") : null)));
        }
        List<String> results = new ArrayList<>();
        for (String result : translated(call, body, out, carried)) {
            results.add(named(out, result));
        }
        Ops inside = new Ops(out, ops.name(), call.node().kind());
        String next = named(out, inside.reshape(inside.cast(translated(call, condition, out, results).get(0), DType.BOOL)));
        results.add(0, next);
        List<String> all = new ArrayList<>(List.of("", first));
        all.addAll(inputs);
        return ops.ops("Loop", Attributes.of("body", out.graph(graph.name(), results)), call.node().outputs().length,
                all.toArray(String[]::new));
    }

    private static String input(Emitter out, String wanted, ValueType type) {
        String name = out.unique(wanted);
        out.input(new Value(name, type));
        return name;
    }

    private static List<String> translated(Call call, long index, Emitter out, List<String> inputs) {
        TfliteModel model = call.graph().model();
        return new GraphTranslator(model, model.subgraph(index, call.ops().name()), out, call.graph().variables()).translate(inputs);
    }

    /** Runs a subgraph, whose only purpose is to set hash tables and variables. */
    private static String[] initialize(Call call) {
        translated(call, call.options(new CallOnceOptions()).initSubgraphIndex(), call.ops().emitter(), List.of());
        return new String[0];
    }

    /** Resources are no values; their tensors are known by what made them. */
    private static String[] table(Call call) {
        call.graph().resource(call.node().outputs()[0], "table " + call.options(new HashtableOptions()).tableId());
        return new String[] {null};
    }

    private static String[] fill(Call call) {
        Tensor keys = call.constant(1);
        Tensor values = call.constant(2);
        if (keys == null || values == null || keys.size() != values.size()) {
            throw call.ops().unsupported("fills a hash table with what is computed");
        }
        call.graph().variables().table(call.graph().resource(call.node().inputs()[0]), new Variables.Table(keys, values));
        return new String[0];
    }

    private static Variables.Table held(Call call) {
        String name = call.graph().resource(call.node().inputs()[0]);
        Variables.Table table = call.graph().variables().table(name);
        if (table == null) {
            throw call.ops().unsupported("looks into " + name + ", which nothing fills");
        }
        return table;
    }

    /** The values of keys, and a default for those that the table does not have. */
    private static String find(Call call) {
        Ops ops = call.ops();
        Variables.Table table = held(call);
        if (table.keys().size() == 0) {
            return ops.op("Expand", call.in(2), ops.op("Shape", call.in(1)));
        }
        String place = place(ops, call.in(1), ops.constant(table.keys().reshape(table.keys().size())));
        String value = ops.op("Gather", Attributes.of("axis", 0), ops.constant(table.values().reshape(table.values().size())), place);
        return ops.op("Where", ops.op("GreaterOrEqual", place, ops.like(place, 0)), value, call.in(2));
    }

    /** The places of elements in a vector, -1 for those that it does not have. */
    private static String place(Ops ops, String x, String keys) {
        String same = ops.cast(ops.op("Equal", ops.unsqueeze(x, ops.rank(x)), keys), DType.INT32);
        String place = ops.op("ArgMax", Attributes.of("axis", -1, "keepdims", 0), same);
        String found = ops.op("ReduceMax", Attributes.of("keepdims", 0), same, ops.vector(-1));
        return ops.op("Where", ops.cast(found, DType.BOOL), place, ops.like(place, -1));
    }

    /** Rows of values by key, zeros for those that are not there, and which were. */
    private static String[] lookup(Call call) {
        Ops ops = call.ops();
        String place = place(ops, call.in(0), call.in(1));
        String there = ops.op("GreaterOrEqual", place, ops.like(place, 0));
        String rows = ops.op("Gather", Attributes.of("axis", 0), call.in(2), place);
        long[] axes = new long[ops.rank(rows) - 1];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i + 1;
        }
        return new String[] {ops.op("Where", ops.unsqueeze(there, axes), rows, ops.like(rows, 0)), ops.cast(there, DType.UINT8)};
    }

    private static String[] variable(Call call) {
        VarHandleOptions options = call.options(new VarHandleOptions());
        call.graph().resource(call.node().outputs()[0], "variable " + options.container() + "/" + options.sharedName());
        return new String[] {null};
    }

    private static String[] assign(Call call) {
        String name = call.graph().resource(call.node().inputs()[0]);
        if (call.constant(1) == null) {
            throw call.ops().unsupported("sets a variable, " + name + ", to what is computed");
        }
        call.graph().variables().set(name, call.constant(1));
        return new String[0];
    }

    private static String read(Call call) {
        String name = call.graph().resource(call.node().inputs()[0]);
        Tensor value = call.graph().variables().get(name);
        if (value == null) {
            throw new InvalidModelException("bad-tflite", call.ops().name(), "'" + call.ops().name() + "' reads " + name
                    + ", which nothing sets", "", "");
        }
        return call.ops().constant(value);
    }
}
