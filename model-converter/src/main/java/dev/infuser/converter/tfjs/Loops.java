package dev.infuser.converter.tfjs;

import dev.infuser.converter.build.Emitter;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.tensor.InvalidModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** The loops of a graph, spelled either way, as {@link LoopBuilder} takes them. */
final class Loops {

    private final GraphTranslator translator;

    Loops(GraphTranslator translator) {
        this.translator = translator;
    }

    /** Translates the loop to which an Exit belongs. */
    void run(Scope scope, TfNode exit) {
        Flow flow = translator.flow(scope.graph());
        Flow.Loop loop = flow.loop(exit.name());
        if (loop == null || loop.condition() == null) {
            throw new InvalidModelException("bad-tfjs", exit.name(), "Exit '" + exit.name() + "' belongs to no loop", "",
                    "export the model again");
        }
        List<String> first = translator.values(scope, loop.variables().stream().map(Flow.Variable::enter).toList());
        List<String> results = new LoopBuilder(translator, new Ops(scope.out(), exit.name(), "Loop"), new Frame(scope, flow, loop))
                .build(first);
        for (TfNode node : scope.graph().nodes().values()) {
            if (node.op().equals("Exit") && flow.loop(node.name()) == loop) {
                for (int i = 0; i < results.size(); i++) {
                    if (loop.variables().get(i).gates().contains(TfNode.source(node.data(0)))) {
                        scope.bind(node.name(), results.get(i));
                    }
                }
            }
        }
    }

    /** The outputs of a {@code While} of functions. */
    String[] call(Scope scope, TfNode node) {
        List<String> first = translator.values(scope, node.data());
        Ops ops = new Ops(scope.out(), node.name(), node.op());
        return new LoopBuilder(translator, ops, new Functions(translator.function(node, "cond"), translator.function(node, "body")))
                .build(first).toArray(String[]::new);
    }

    /** Which of some names are read, in the end, by inputs. */
    private Set<Integer> reads(TfGraph graph, List<String> inputs, Function<String, Integer> variable) {
        Flow flow = translator.flow(graph);
        Set<Integer> found = new TreeSet<>();
        Set<String> seen = new TreeSet<>();
        List<String> todo = new ArrayList<>(inputs);
        while (!todo.isEmpty()) {
            String name = TfNode.source(todo.remove(todo.size() - 1));
            Integer read = variable.apply(name);
            if (read != null) {
                found.add(read);
            } else if (seen.add(name) && graph.nodes().containsKey(name)) {
                TfNode node = graph.nodes().get(name);
                todo.addAll(node.data());
                todo.addAll(flow.before(node));
            }
        }
        return found;
    }

    /** A loop made of functions. */
    private final class Functions implements LoopBuilder.Body {
        private final TfGraph condition;
        private final TfGraph body;

        Functions(TfGraph condition, TfGraph body) {
            this.condition = condition;
            this.body = body;
        }

        @Override
        public int variables() {
            return Math.min(body.inputs().size(), body.outputs().size());
        }

        @Override
        public String condition(Emitter into, List<String> states) {
            return translator.values(translator.called(condition, into, states), condition.outputs().subList(0, 1)).get(0);
        }

        @Override
        public List<String> next(Emitter into, List<String> states, List<Integer> which) {
            return translator.values(translator.called(body, into, states), which.stream().map(body.outputs()::get).toList());
        }

        @Override
        public Set<Integer> conditionReads() {
            return Loops.this.reads(condition, condition.outputs(), name -> position(condition, name));
        }

        @Override
        public Set<Integer> reads(int variable) {
            return Loops.this.reads(body, List.of(body.outputs().get(variable)), name -> position(body, name));
        }

        private Integer position(TfGraph function, String name) {
            int at = function.inputs().indexOf(name);
            return at < 0 ? null : at;
        }

        @Override
        public boolean keeps(int variable) {
            return translator.flow(body).resolve(body.outputs().get(variable)).equals(body.inputs().get(variable));
        }
    }

    /** A loop made of Enter, Merge, Switch, NextIteration and Exit. */
    private final class Frame implements LoopBuilder.Body {
        private final Scope scope;
        private final Flow flow;
        private final Flow.Loop loop;

        Frame(Scope scope, Flow flow, Flow.Loop loop) {
            this.scope = scope;
            this.flow = flow;
            this.loop = loop;
        }

        @Override
        public int variables() {
            return loop.variables().size();
        }

        private Scope bound(Emitter into, List<String> states) {
            Scope inner = new Scope(scope.graph(), into, scope);
            for (int i = 0; i < variables(); i++) {
                String state = states.get(i);
                if (state != null) {
                    inner.bind(loop.variables().get(i).merge(), state, null);
                    loop.variables().get(i).gates().forEach(gate -> inner.bind(gate, state, state));
                }
            }
            return inner;
        }

        @Override
        public String condition(Emitter into, List<String> states) {
            return translator.values(bound(into, states), List.of(loop.condition())).get(0);
        }

        @Override
        public List<String> next(Emitter into, List<String> states, List<Integer> which) {
            return translator.values(bound(into, states), which.stream().map(i -> loop.variables().get(i).next()).toList());
        }

        private Integer variable(String name) {
            for (int i = 0; i < variables(); i++) {
                if (loop.variables().get(i).merge().equals(name) || loop.variables().get(i).gates().contains(name)) {
                    return i;
                }
            }
            return null;
        }

        @Override
        public Set<Integer> conditionReads() {
            return Loops.this.reads(scope.graph(), List.of(loop.condition()), this::variable);
        }

        @Override
        public Set<Integer> reads(int variable) {
            return Loops.this.reads(scope.graph(), List.of(loop.variables().get(variable).next()), this::variable);
        }

        @Override
        public boolean keeps(int variable) {
            return loop.variables().get(variable).gates().contains(TfNode.source(flow.resolve(loop.variables().get(variable).next())));
        }
    }
}
