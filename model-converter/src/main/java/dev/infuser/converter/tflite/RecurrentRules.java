package dev.infuser.converter.tflite;

import static org.tensorflow.lite.schema.BuiltinOperator.*;

import dev.infuser.converter.tensorflow.Arrays;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.lite.schema.ActivationFunctionType;
import org.tensorflow.lite.schema.BidirectionalSequenceLSTMOptions;
import org.tensorflow.lite.schema.BidirectionalSequenceRNNOptions;
import org.tensorflow.lite.schema.LSTMKernelType;
import org.tensorflow.lite.schema.LSTMOptions;
import org.tensorflow.lite.schema.RNNOptions;
import org.tensorflow.lite.schema.SVDFOptions;
import org.tensorflow.lite.schema.SequenceRNNOptions;
import org.tensorflow.lite.schema.UnidirectionalSequenceLSTMOptions;

/**
 * Recurrent layers. Those that run over a sequence begin with zeros in every run; those of a single step take their state as an
 * input of the model and give it as an output, since a run keeps nothing for the next.
 */
final class RecurrentRules {

    private RecurrentRules() {
    }

    static void add(Map<Integer, Rule> rules) {
        rules.put(UNIDIRECTIONAL_SEQUENCE_LSTM, Rule.real(RecurrentRules::sequenceLstm));
        rules.put(BIDIRECTIONAL_SEQUENCE_LSTM, new Rule(Rule.Numbers.REAL, RecurrentRules::bothLstm));
        rules.put(LSTM, new Rule(Rule.Numbers.REAL, RecurrentRules::lstmStep));
        rules.put(UNIDIRECTIONAL_SEQUENCE_RNN, Rule.real(call -> {
            SequenceRNNOptions options = call.options(new SequenceRNNOptions());
            String y = rnn(call, sequence(call, options.timeMajor()), 1, options.fusedActivationFunction(), "forward", "");
            return ordered(call, y, options.timeMajor());
        }));
        rules.put(BIDIRECTIONAL_SEQUENCE_RNN, new Rule(Rule.Numbers.REAL, RecurrentRules::bothRnn));
        rules.put(RNN, Rule.real(RecurrentRules::rnnStep));
        rules.put(SVDF, Rule.real(RecurrentRules::svdf));
    }

    /** Input 0 as {@code [time, batch, features]}. */
    private static String sequence(Call call, boolean timeMajor) {
        return timeMajor ? call.in(0) : call.ops().transpose(call.in(0), 1, 0, 2);
    }

    /** {@code [time, batch, units]} in the order of the input. */
    private static String ordered(Call call, String y, boolean timeMajor) {
        return timeMajor ? y : call.ops().transpose(y, 1, 0, 2);
    }

    private static void refuseState(Call call, int... states) {
        for (int state : states) {
            if (call.has(state) && !call.info(state).variable()) {
                throw call.ops().unsupported("begins with a state that is computed");
            }
        }
    }

    /** Where the parameters of one direction are among the inputs. */
    private record Places(int input, int recurrent, int peephole, int bias, int projection) {

        static final Places FORWARD = new Places(1, 5, 9, 12, 16);
        static final Places BACKWARD = new Places(18, 22, 26, 29, 33);
    }

    private static String sequenceLstm(Call call) {
        UnidirectionalSequenceLSTMOptions options = call.options(new UnidirectionalSequenceLSTMOptions());
        if (options.diagonalRecurrentTensors()) {
            throw call.ops().unsupported("has diagonal recurrent weights");
        }
        refuseState(call, 18, 19);
        requirePlain(call, options.cellClip(), options.projClip(), 20, 24);
        String[] y = lstm(call, sequence(call, options.timeMajor()), Places.FORWARD, options.fusedActivationFunction(), "forward",
                "", "");
        return ordered(call, y[0], options.timeMajor());
    }

    private static String[] bothLstm(Call call) {
        BidirectionalSequenceLSTMOptions options = call.options(new BidirectionalSequenceLSTMOptions());
        refuseState(call, 35, 36, 37, 38);
        requirePlain(call, options.cellClip(), options.projClip(), 39, 48);
        String x = sequence(call, options.timeMajor());
        int function = options.fusedActivationFunction();
        String forward = ordered(call, lstm(call, x, Places.FORWARD, function, "forward", "", "")[0], options.timeMajor());
        String backward = ordered(call, lstm(call, x, Places.BACKWARD, function, "reverse", "", "")[0], options.timeMajor());
        return options.mergeOutputs() ? new String[] {call.ops().concat(2, List.of(forward, backward))}
                : new String[] {forward, backward};
    }

    private static void requirePlain(Call call, float cellClip, float projectionClip, int from, int to) {
        if (cellClip != 0 || projectionClip != 0) {
            throw call.ops().unsupported("bounds its cells");
        }
        for (int i = from; i < to; i++) {
            if (call.has(i)) {
                throw call.ops().unsupported("has layer normalisation or a second input");
            }
        }
    }

    /**
     * An LSTM over {@code [time, batch, features]}; the outputs, the last of them and the last cells.
     *
     * @param h {@code [1, batch, units]} to begin with, or "" for zeros
     */
    private static String[] lstm(Call call, String x, Places at, int function, String direction, String h, String c) {
        Ops ops = call.ops();
        if (call.has(at.projection)) {
            throw ops.unsupported("has a projection");
        }
        if (!call.has(at.input)) {
            throw ops.unsupported("couples its input and forget gates");
        }
        // The schema lists input, forget, cell and output; ONNX input, output, forget and cell.
        int[] order = {0, 3, 1, 2};
        List<String> w = new ArrayList<>();
        List<String> r = new ArrayList<>();
        List<String> b = new ArrayList<>();
        for (int gate : order) {
            w.add(call.in(at.input + gate));
            r.add(call.in(at.recurrent + gate));
            b.add(call.in(at.bias + gate));
        }
        long units = ops.extent(r.get(0), 1);
        String zeros = ops.constant(Tensor.zeros(DType.FLOAT32, (int) (4 * units)));
        b.add(zeros);
        String peephole = "";
        if (call.has(at.peephole + 1)) {
            peephole = ops.unsqueeze(ops.concat(0, List.of(call.in(at.peephole), call.in(at.peephole + 2),
                    call.in(at.peephole + 1))), 0);
        }
        String act = function(call, function);
        String[] y = ops.ops("LSTM", Attributes.of("hidden_size", units, "direction", direction, "activations",
                new Attribute.OfStrings(List.of("Sigmoid", act, act))), 3, x, ops.unsqueeze(ops.concat(0, w), 0), ops.unsqueeze(ops.concat(0, r), 0),
                ops.unsqueeze(ops.concat(0, b), 0), "", h, c, peephole);
        y[0] = ops.squeeze(y[0], 1);
        return y;
    }

    private static String function(Call call, int function) {
        return switch (function) {
            case ActivationFunctionType.TANH -> "Tanh";
            case ActivationFunctionType.RELU -> "Relu";
            default -> throw call.ops().unsupported("has the activation function " + call.name(function));
        };
    }

    private static String[] lstmStep(Call call) {
        LSTMOptions options = call.options(new LSTMOptions());
        if (options.kernelType() == LSTMKernelType.BASIC) {
            return basicLstm(call, options);
        }
        requirePlain(call, options.cellClip(), options.projClip(), 20, 24);
        Ops ops = call.ops();
        State h = State.of(call, 18);
        State c = State.of(call, 19);
        String[] y = lstm(call, ops.unsqueeze(call.in(0), 0), Places.FORWARD, options.fusedActivationFunction(), "forward",
                ops.unsqueeze(h.value, 0), ops.unsqueeze(c.value, 0));
        h.carry(call, ops.squeeze(y[1], 0));
        c.carry(call, ops.squeeze(y[2], 0));
        return new String[] {ops.squeeze(y[1], 0)};
    }

    /** A step whose state is given and taken: x, h, weights {@code [4 * units, features + units]}, bias and c. */
    private static String[] basicLstm(Call call, LSTMOptions options) {
        Ops ops = call.ops();
        String both = ops.concat(1, List.of(call.in(0), call.in(1)));
        String sums = ops.op("Add", ops.op("MatMul", both, ops.transpose(call.in(2), 1, 0)), call.in(3));
        String[] gates = Arrays.split(ops, sums, 4, 1);
        String cell = ops.op("Add", ops.op("Mul", ops.op("Sigmoid", gates[0]), ops.op("Tanh", gates[1])),
                ops.op("Mul", ops.op("Sigmoid", gates[2]), call.in(4)));
        String y = ops.op("Mul", ops.op("Sigmoid", gates[3]), ops.op("Tanh", cell));
        return new String[] {y, cell, both, sums};
    }

    /** State that outlives a run: what it is now. */
    private record State(String value, boolean variable) {

        static State of(Call call, int input) {
            TensorInfo info = call.info(input);
            return info.variable() ? new State(call.graph().state(call.node().inputs()[input]), true) : new State(call.in(input), false);
        }

        void carry(Call call, String next) {
            if (variable) {
                call.graph().variables().carry(value, next);
            }
        }
    }

    /** A plain recurrent layer over {@code [time, batch, features]}, with weights, recurrent weights and bias from an input on. */
    private static String rnn(Call call, String x, int at, int function, String direction, String h) {
        Ops ops = call.ops();
        String recurrent = call.in(at + 1);
        long units = ops.extent(recurrent, 1);
        String bias = ops.concat(0, List.of(call.in(at + 2),
                ops.constant(Tensor.zeros(DType.FLOAT32, (int) units))));
        String[] y = ops.ops("RNN", Attributes.of("hidden_size", units, "direction", direction, "activations",
                new Attribute.OfStrings(List.of(function(call, function)))), 2, x, ops.unsqueeze(call.in(at), 0), ops.unsqueeze(recurrent, 0),
                ops.unsqueeze(bias, 0), "", h);
        return ops.squeeze(y[0], 1);
    }

    private static String[] bothRnn(Call call) {
        BidirectionalSequenceRNNOptions options = call.options(new BidirectionalSequenceRNNOptions());
        refuseState(call, 4, 8);
        for (int i = 9; i < 12; i++) {
            if (call.has(i)) {
                throw call.ops().unsupported("has a second input");
            }
        }
        String x = sequence(call, options.timeMajor());
        String forward = ordered(call, rnn(call, x, 1, options.fusedActivationFunction(), "forward", ""), options.timeMajor());
        String backward = ordered(call, rnn(call, x, 5, options.fusedActivationFunction(), "reverse", ""), options.timeMajor());
        return options.mergeOutputs() ? new String[] {call.ops().concat(2, List.of(forward, backward))}
                : new String[] {forward, backward};
    }

    private static String rnnStep(Call call) {
        Ops ops = call.ops();
        State h = State.of(call, 4);
        String sum = ops.op("Add", ops.op("MatMul", call.in(0), ops.transpose(call.in(1), 1, 0)),
                ops.op("MatMul", h.value, ops.transpose(call.in(2), 1, 0)));
        String y = call.activated(ops.op("Add", sum, call.in(3)), call.options(new RNNOptions()).fusedActivationFunction());
        h.carry(call, y);
        return y;
    }

    /** Features of the last steps, weighted by their age. The state is {@code [batch, filters * steps]}, the oldest first. */
    private static String svdf(Call call) {
        Ops ops = call.ops();
        SVDFOptions options = call.options(new SVDFOptions());
        State state = State.of(call, 4);
        long filters = ops.extent(call.in(2), 0);
        long steps = ops.extent(call.in(2), 1);
        if (options.rank() < 1 || filters % options.rank() != 0) {
            throw ops.unsupported("has " + filters + " filters of rank " + options.rank());
        }
        String feature = ops.op("MatMul", call.in(0), ops.transpose(call.in(1), 1, 0));
        String old = ops.slice(ops.reshape(state.value, -1, filters, steps), 2, 1, Long.MAX_VALUE);
        String now = ops.concat(2, List.of(old, ops.unsqueeze(feature, 2)));
        state.carry(call, ops.reshape(now, -1, filters * steps));
        String sums = ops.op("ReduceSum", Attributes.of("keepdims", 0), ops.op("Mul", now, call.in(2)), ops.vector(2));
        String units = ops.op("ReduceSum", Attributes.of("keepdims", 0),
                ops.reshape(sums, -1, filters / options.rank(), options.rank()), ops.vector(2));
        String y = call.has(3) ? ops.op("Add", units, call.in(3)) : units;
        return call.activated(y, options.fusedActivationFunction());
    }
}
