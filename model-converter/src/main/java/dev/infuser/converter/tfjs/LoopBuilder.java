package dev.infuser.converter.tfjs;

import dev.infuser.converter.build.Emitter;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Turns a loop into nodes one after the other where it is known to make few rounds, else into ONNX's {@code Loop}. A list
 * into which every round writes one element becomes a tensor of which every round writes a slice, or a stacked result; other
 * lists that change become sequences.
 */
final class LoopBuilder {

    private static final int UNROLLED = 4;
    private static final int ATTEMPTS = 6;

    /** What a loop does; states and results may be lists. */
    interface Body {
        int variables();

        /** Whether there is another round. */
        String condition(Emitter into, List<String> states);

        /** What a round makes of some of the variables; states that are not needed may be null. */
        List<String> next(Emitter into, List<String> states, List<Integer> which);

        Set<Integer> conditionReads();

        /** The variables from which the next value of one follows. */
        Set<Integer> reads(int variable);

        /** Whether a variable stays as it is. */
        boolean keeps(int variable);
    }

    private final GraphTranslator translator;
    private final Lists lists;
    private final Ops ops;
    private final Emitter out;
    private final Body body;
    /** By slot: its variable. */
    private final Map<Integer, Integer> slots = new HashMap<>();

    LoopBuilder(GraphTranslator translator, Ops ops, Body body) {
        this.translator = translator;
        this.lists = translator.lists();
        this.ops = ops;
        this.out = ops.emitter();
        this.body = body;
    }

    /** The variables after the last round. */
    List<String> build(List<String> first) {
        if (first.size() < body.variables()) {
            throw ops.unsupported("has " + first.size() + " inputs for " + body.variables() + " variables");
        }
        int rounds = rounds(first);
        if (rounds >= 0) {
            List<String> states = first;
            for (int round = 0; round < rounds; round++) {
                states = body.next(out, states, all());
            }
            return states;
        }
        Set<Integer> sequences = new HashSet<>();
        List<ValueType> types = new ArrayList<>(Collections.nCopies(body.variables(), null));
        for (int attempt = 0; attempt < ATTEMPTS + body.variables(); attempt++) {
            try {
                List<String> results = new Attempt(first, sequences, types).run();
                if (results != null) {
                    return results;
                }
            } catch (Lists.NotASlot e) {
                Integer variable = slots.get(e.slot);
                if (variable == null) {
                    throw e;
                }
                sequences.add(variable);
            }
        }
        throw ops.unsupported("changes the number of dimensions of its variables");
    }

    private List<Integer> all() {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < body.variables(); i++) {
            all.add(i);
        }
        return all;
    }

    /** The number of rounds where it follows from constants and is small, else -1. */
    private int rounds(List<String> first) {
        Set<Integer> needed = new TreeSet<>(body.conditionReads());
        for (int i = 0; i < body.variables(); i++) {
            for (int variable : List.copyOf(needed)) {
                needed.addAll(body.reads(variable));
            }
        }
        List<String> states = new ArrayList<>(Collections.nCopies(body.variables(), null));
        for (int variable : needed) {
            if (variable >= first.size() || lists.isList(first.get(variable)) || out.constantOf(first.get(variable)) == null) {
                return -1;
            }
            states.set(variable, first.get(variable));
        }
        Emitter scratch = new Emitter(out);
        for (int round = 0; round <= UNROLLED; round++) {
            Tensor condition = scratch.constantOf(body.condition(scratch, states));
            if (condition == null || condition.size() != 1) {
                return -1;
            }
            if (condition.getLong(0) == 0) {
                return round;
            }
            List<Integer> which = List.copyOf(needed);
            List<String> next = body.next(scratch, states, which);
            for (int i = 0; i < next.size(); i++) {
                states.set(which.get(i), next.get(i));
            }
        }
        return -1;
    }

    /** One translation of the body, with what was learnt of the variables in earlier ones. */
    private final class Attempt {
        private final List<String> first;
        private final Set<Integer> sequences;
        private final List<ValueType> types;
        private final List<String> states = new ArrayList<>();
        private final List<Integer> carried = new ArrayList<>();
        private final List<Integer> filled = new ArrayList<>();
        private final List<String> inputs = new ArrayList<>();
        private final Emitter inner = new Emitter(out);
        private final Ops inside = new Ops(inner, ops.name(), "Loop");

        Attempt(List<String> first, Set<Integer> sequences, List<ValueType> types) {
            this.first = first;
            this.sequences = sequences;
            this.types = types;
        }

        /** The results, or null to try again with other types. */
        List<String> run() {
            String iteration = inner.unique(ops.name() + "_iteration");
            String condition = inner.unique(ops.name() + "_condition");
            inner.input(new Value(iteration, ValueType.tensor(DType.INT64)));
            inner.input(new Value(condition, ValueType.tensor(DType.BOOL)));
            for (int i = 0; i < body.variables(); i++) {
                states.add(state(i));
            }
            String goes = Choices.condition(ops, body.condition(out, first));
            List<Integer> changing = all().stream().filter(i -> !body.keeps(i)).toList();
            List<String> changed = body.next(inner, states, changing);
            List<String> next = new ArrayList<>(states);
            for (int i = 0; i < changing.size(); i++) {
                next.set(changing.get(i), changed.get(i));
            }
            List<String> outputs = new ArrayList<>(List.of(""));
            for (int i : carried) {
                String token = next.get(i);
                outputs.add(inside.op("Identity", lists.isList(states.get(i)) ? listed(i, token) : token));
            }
            if (widened(outputs)) {
                return null;
            }
            List<String> scans = new ArrayList<>();
            List<Integer> scanned = new ArrayList<>();
            for (int i : filled) {
                write(i, next, outputs, scans, scanned);
            }
            outputs.set(0, inside.op("Identity", Choices.condition(inside, body.condition(inner, next))));
            outputs.addAll(scans);
            inputs.addAll(0, List.of("", goes));
            String[] results = new String[outputs.size() - 1];
            for (int i = 0; i < results.length; i++) {
                results[i] = out.unique(ops.name() + "_Loop");
            }
            out.add(new Node(ops.name(), "", "Loop", inputs, List.of(results),
                    Attributes.of("body", inner.graph(ops.name(), outputs))));
            return results(results, scanned);
        }

        private String state(int i) {
            String value = first.get(i);
            if (body.keeps(i)) {
                return value;
            }
            if (!lists.isList(value)) {
                return carry(i, value);
            }
            if (lists.get(ops, value) instanceof Lists.Parts parts && parts.elements().isEmpty() && !sequences.contains(i)) {
                filled.add(i);
                return slot(i);
            }
            return lists.get(ops, value) instanceof Lists.Stacked stacked && !sequences.contains(i)
                    ? lists.stacked(carry(i, stacked.tensor())) : lists.sequence(carry(i, lists.asSequence(ops, value)));
        }

        private String slot(int i) {
            String slot = lists.slot();
            slots.put(((Lists.Slot) lists.get(ops, slot)).number(), i);
            return slot;
        }

        private String carry(int i, String value) {
            ValueType type = types.get(i) == null ? out.type(value) : types.get(i);
            if (type == null) {
                throw ops.unsupported("has a variable of which nothing is known");
            }
            types.set(i, type);
            String name = inner.unique(ops.name() + "_state");
            inner.input(new Value(name, type));
            carried.add(i);
            inputs.add(value);
            return name;
        }

        /** The value of a list that was carried as a tensor or a sequence. */
        private String listed(int i, String token) {
            if (lists.get(inside, states.get(i)) instanceof Lists.Sequence) {
                return lists.asSequence(inside, token);
            }
            if (lists.get(inside, token) instanceof Lists.Stacked stacked) {
                return stacked.tensor();
            }
            types.set(i, null);
            throw new Lists.NotASlot(((Lists.Slot) lists.get(ops, slot(i))).number());
        }

        /** Whether a round makes variables of other extents than were assumed, and notes what holds for all rounds. */
        private boolean widened(List<String> outputs) {
            boolean widened = false;
            for (int k = 0; k < carried.size(); k++) {
                int i = carried.get(k);
                ValueType wide = widened(types.get(i), inner.type(outputs.get(k + 1)));
                widened |= !wide.equals(types.get(i));
                types.set(i, wide);
            }
            return widened;
        }

        private ValueType widened(ValueType before, ValueType after) {
            if (before instanceof ValueType.OfSequence a && after instanceof ValueType.OfSequence b) {
                return a.element() == null || b.element() == null ? before : new ValueType.OfSequence(widened(a.element(), b.element()));
            }
            if (!(before instanceof ValueType.OfTensor a) || !(after instanceof ValueType.OfTensor b) || a.shape() == null) {
                return before;
            }
            if (b.shape() == null || b.shape().rank() != a.shape().rank()) {
                return new ValueType.OfTensor(a.dtype(), null);
            }
            Dim[] dims = new Dim[a.shape().rank()];
            for (int i = 0; i < dims.length; i++) {
                Dim dim = a.shape().dim(i);
                boolean fresh = !dim.isConstant() && dim.symbol().startsWith(ops.name() + "_extent");
                dims[i] = fresh || dim.equals(b.shape().dim(i)) ? dim : Dim.symbol(out.unique(ops.name() + "_extent"));
            }
            return new ValueType.OfTensor(a.dtype(), Shape.of(dims));
        }

        /** Puts what a round writes into a list into a tensor that is carried on, or among the stacked results. */
        private void write(int i, List<String> next, List<String> outputs, List<String> scans, List<Integer> scanned) {
            Lists.Parts parts = (Lists.Parts) lists.get(ops, first.get(i));
            int slot = ((Lists.Slot) lists.get(inside, states.get(i))).number();
            if (!(lists.get(inside, next.get(i)) instanceof Lists.Written written) || written.number() != slot) {
                throw new Lists.NotASlot(slot);
            }
            Shape shape = inner.shape(written.element());
            DType dtype = inner.dtype(written.element());
            boolean constant = shape != null && dtype != null && shape.isConstant();
            if (constant && dtype != DType.STRING && parts.size() != null) {
                String blank = ops.constant(Tensor.zeros(dtype, new int[0]));
                String extents = ops.concat(0, List.of(ops.longs(ops.reshape(parts.size(), 1)), ops.vector(
                        Arrays.stream(shape.toInts()).asLongStream().toArray())));
                String whole = ops.op("Expand", blank, extents);
                String state = inner.unique(ops.name() + "_state");
                inner.input(new Value(state, out.type(whole)));
                inputs.add(whole);
                outputs.add(Lists.written(inside, state, written.index(), written.element()));
            } else if (isIteration(written.index(), next)) {
                scans.add(inside.op("Identity", written.element()));
                scanned.add(i);
            } else {
                throw new Lists.NotASlot(slot);
            }
        }

        /** Whether an integer value of the body is the number of the round. */
        private boolean isIteration(String index, List<String> next) {
            String at = plain(index);
            int variable = states.indexOf(at);
            Tensor start = variable < 0 || lists.isList(at) ? null : out.constantOf(first.get(variable));
            if (start == null || start.size() != 1 || start.getLong(0) != 0) {
                return false;
            }
            Node step = inner.producer(plain(next.get(variable)));
            if (step == null || !step.is("Add")) {
                return false;
            }
            int own = plain(step.input(0)).equals(at) ? 0 : 1;
            Tensor by = inner.constantOf(step.input(1 - own));
            return plain(step.input(own)).equals(at) && by != null && by.size() == 1 && by.getLong(0) == 1;
        }

        private String plain(String value) {
            String at = value;
            for (Node node = inner.producer(at); node != null && (node.is("Identity") || node.is("Cast") || node.is("Reshape"));
                    node = inner.producer(at)) {
                at = node.input(0);
            }
            return at;
        }

        private List<String> results(String[] values, List<Integer> scanned) {
            List<String> results = new ArrayList<>(first);
            for (int k = 0; k < carried.size(); k++) {
                int i = carried.get(k);
                results.set(i, !lists.isList(states.get(i)) ? values[k]
                        : lists.get(ops, states.get(i)) instanceof Lists.Stacked ? lists.stacked(values[k])
                        : lists.sequence(values[k]));
            }
            List<Integer> order = new ArrayList<>(filled);
            order.removeAll(scanned);
            order.addAll(scanned);
            for (int k = 0; k < order.size(); k++) {
                results.set(order.get(k), lists.stacked(values[carried.size() + k]));
            }
            return results;
        }
    }
}
