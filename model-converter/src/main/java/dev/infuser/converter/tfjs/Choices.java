package dev.infuser.converter.tfjs;

import dev.infuser.converter.build.Emitter;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Turns branches into {@code If}, or into the side that is taken where that is known. */
final class Choices {

    private final GraphTranslator translator;

    Choices(GraphTranslator translator) {
        this.translator = translator;
    }

    /** Translates a Merge, with those among the following that choose by the same predicate. */
    void merge(Scope scope, TfNode merge, List<TfNode> rest) {
        Flow flow = translator.flow(scope.graph());
        Flow.Choice choice = flow.choice(merge);
        List<TfNode> group = new ArrayList<>(List.of(merge));
        for (TfNode other : rest) {
            if (other.op().equals("Merge") && scope.find(other.name()) == null && flow.choice(other).key().equals(choice.key())
                    && flow.choice(other).outer().stream().allMatch(input -> scope.find(TfNode.source(input)) != null)) {
                group.add(other);
            }
        }
        Ops ops = new Ops(scope.out(), merge.name(), merge.op());
        String predicate = translator.value(scope, choice.predicate());
        String[] chosen = choose(ops, predicate, yes -> into -> translator.values(new Scope(scope.graph(), into, scope),
                group.stream().map(node -> node.data(flow.choice(node).whenYes() ^ (yes ? 0 : 1))).toList()));
        for (int i = 0; i < group.size(); i++) {
            int whenYes = flow.choice(group.get(i)).whenYes();
            String index = ops.op("Where", condition(ops, predicate), ops.constant(Tensor.ints(new int[0], whenYes)),
                    ops.constant(Tensor.ints(new int[0], 1 - whenYes)));
            scope.bind(group.get(i).name(), chosen[i], index);
        }
    }

    /** The outputs of an {@code If} of functions. */
    String[] call(Scope scope, TfNode node) {
        List<String> inputs = node.data().stream().map(input -> translator.value(scope, input)).toList();
        return choose(new Ops(scope.out(), node.name(), node.op()), inputs.get(0), yes -> into -> {
            TfGraph function = translator.function(node, yes ? "then_branch" : "else_branch");
            return translator.values(translator.called(function, into, inputs.subList(1, inputs.size())), function.outputs());
        });
    }

    /** A truth value without dimensions. */
    static String condition(Ops ops, String value) {
        return ops.reshape(ops.cast(value, DType.BOOL));
    }

    private String[] choose(Ops ops, String predicate, Function<Boolean, Function<Emitter, List<String>>> side) {
        Tensor known = ops.emitter().constantOf(predicate);
        if (known != null && known.size() == 1) {
            return side.apply(known.getLong(0) != 0).apply(ops.emitter()).toArray(String[]::new);
        }
        Emitter yes = new Emitter(ops.emitter());
        Emitter no = new Emitter(ops.emitter());
        List<String> first = side.apply(true).apply(yes);
        List<String> second = side.apply(false).apply(no);
        boolean[] list = new boolean[Math.min(first.size(), second.size())];
        for (int i = 0; i < list.length; i++) {
            list[i] = translator.lists().isList(first.get(i)) || translator.lists().isList(second.get(i));
        }
        String[] results = ops.ops("If", Attributes.of("then_branch", branch(ops, yes, first, list), "else_branch",
                branch(ops, no, second, list)), list.length, condition(ops, predicate));
        for (int i = 0; i < list.length; i++) {
            results[i] = list[i] ? translator.lists().sequence(results[i]) : results[i];
        }
        return results;
    }

    private Graph branch(Ops ops, Emitter into, List<String> values, boolean[] list) {
        Ops inside = new Ops(into, ops.name(), "If");
        List<String> outputs = new ArrayList<>();
        for (int i = 0; i < list.length; i++) {
            outputs.add(inside.op("Identity", list[i] ? translator.lists().asSequence(inside, values.get(i)) : values.get(i)));
        }
        return into.graph(ops.name(), outputs);
    }
}
