package dev.infuser.demo;

import static org.tensorflow.lite.schema.BuiltinOperator.*;

import org.tensorflow.lite.schema.*;

/** Operators on each element, normalisations, and loops and branches. */
final class TfliteElementCases extends TfliteCases {

    @Override
    void add() {
        elements();
        recurrences();
        control();
    }

    private void elements() {
        for (int code : new int[] {ABS, CEIL, COS, ELU, EXP, FLOOR, HARD_SWISH, LOGISTIC, NEG, RELU, RELU6, RELU_N1_TO_1, RELU_0_TO_1,
            ROUND, SIGN, SIN, SQUARE, TANH, ZEROS_LIKE, LOG_SOFTMAX}) {
            add(name(code), k -> k.out(k.op(code, null, s(3, 7), k.in(-4, 4, 3, 7))));
        }
        for (int code : new int[] {LOG, SQRT, RSQRT}) {
            add(name(code), k -> k.out(k.op(code, null, s(3, 7), k.in(0.1, 4, 3, 7))));
        }
        for (int code : new int[] {MAXIMUM, MINIMUM, SQUARED_DIFFERENCE, FLOOR_DIV, FLOOR_MOD}) {
            add(name(code), k -> k.out(k.op(code, null, s(2, 3, 5), k.in(-4, 4, 2, 3, 5), k.in(-4, 4, 3, 5))));
        }
        add("ATAN2", k -> k.out(k.op(ATAN2, new ATan2OptionsT(), s(3, 5), k.in(-4, 4, 3, 5), k.in(-4, 4, 3, 5))));
        add("POW", k -> k.out(k.op(POW, null, s(3, 5), k.in(0.1, 4, 3, 5), k.in(-2, 2, 3, 5))));
        for (byte function : new byte[] {0, 1, 2, 3}) {
            AddOptionsT add = new AddOptionsT();
            add.setFusedActivationFunction(function);
            add("ADD " + function, k -> k.out(k.op(ADD, add, s(2, 3, 5), k.in(-4, 4, 2, 3, 5), k.in(-4, 4, 5))));
        }
        SubOptionsT sub = new SubOptionsT();
        add("SUB", k -> k.out(k.op(SUB, sub, s(2, 3, 5), k.in(-4, 4, 2, 3, 5), k.in(-4, 4, 3, 1))));
        MulOptionsT mul = new MulOptionsT();
        mul.setFusedActivationFunction((byte) 3);
        add("MUL", k -> k.out(k.op(MUL, mul, s(2, 3, 5), k.in(-4, 4, 2, 3, 5), k.in(-4, 4, 1))));
        add("DIV", k -> k.out(k.op(DIV, new DivOptionsT(), s(2, 3, 5), k.in(-4, 4, 2, 3, 5), k.in(1, 4, 2, 1, 5))));
        for (int code : new int[] {EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL}) {
            add(name(code), k -> k.out(k.real(k.op(code, null, B, s(4, 6), k.ints(0, 2, 4, 6), k.ints(0, 2, 4, 6)), B, 4, 6)));
        }
        for (int code : new int[] {LOGICAL_AND, LOGICAL_OR}) {
            add(name(code), k -> {
                int a = k.op(GREATER, null, B, s(8), k.in(-1, 1, 8), k.number(0f));
                int b = k.op(GREATER, null, B, s(8), k.in(-1, 1, 8), k.number(0f));
                k.out(k.real(k.op(LOGICAL_NOT, null, B, s(8), k.op(code, null, B, s(8), a, b)), B, 8));
            });
        }
        for (int code : new int[] {FLOOR_DIV, FLOOR_MOD}) {
            add(name(code) + " int", k -> k.out(k.op(code, null, I, s(9), k.ints(-9, 9, 9), k.ints(1, 4, 9))));
        }
        add("ADD_N", k -> k.out(k.op(ADD_N, null, s(3), k.in(-1, 1, 3), k.in(-1, 1, 3), k.in(-1, 1, 3))));
        add("PRELU", k -> k.out(k.op(PRELU, null, s(1, 2, 2, 5), k.in(-2, 2, 1, 2, 2, 5), k.weights(-1, 1, 1, 1, 5))));
        LeakyReluOptionsT leaky = new LeakyReluOptionsT();
        leaky.setAlpha(0.3f);
        add("LEAKY_RELU", k -> k.out(k.op(LEAKY_RELU, leaky, s(11), k.in(-2, 2, 11))));
        for (boolean approximate : new boolean[] {true, false}) {
            GeluOptionsT gelu = new GeluOptionsT();
            gelu.setApproximate(approximate);
            add("GELU " + approximate, k -> k.out(k.op(GELU, gelu, s(11), k.in(-4, 4, 11))));
        }
        for (float beta : new float[] {1, 0.5f}) {
            SoftmaxOptionsT softmax = new SoftmaxOptionsT();
            softmax.setBeta(beta);
            add("SOFTMAX " + beta, k -> k.out(k.op(SOFTMAX, softmax, s(3, 9), k.in(-4, 4, 3, 9))));
        }
        add("L2_NORMALIZATION", k -> k.out(k.op(L2_NORMALIZATION, new L2NormOptionsT(), s(3, 9), k.in(-4, 4, 3, 9))));
        FakeQuantOptionsT fake = new FakeQuantOptionsT();
        fake.setMin(-1.1f);
        fake.setMax(2.3f);
        fake.setNumBits(4);
        add("FAKE_QUANT", k -> k.out(k.op(FAKE_QUANT, fake, s(31), k.in(-2, 3, 31))));
        int[] newer = {163, 165, 166, 181};
        for (int code : newer) {
            add("STABLEHLO " + code, k -> k.out(k.op(code, null, s(3, 5), k.in(-1, 1, 3, 5), k.in(-1, 1, 3, 5))));
        }
        add("BITWISE_XOR", k -> k.out(k.op(BITWISE_XOR, new BitwiseXorOptionsT(), I, s(9), k.ints(-9, 9, 9), k.ints(-9, 9, 9))));
        add("RIGHT_SHIFT", k -> k.out(k.op(RIGHT_SHIFT, new RightShiftOptionsT(), I, s(9), k.ints(-99, 99, 9), k.ints(0, 4, 9))));
        add("BITCAST", k -> k.out(k.op(BITCAST, new BitcastOptionsT(), I, s(9), k.in(-9, 9, 9))));
        add("CAST", k -> k.out(k.op(CAST, null, I, s(9), k.in(-9, 9, 9))));
        for (int code : new int[] {MEAN, SUM, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN}) {
            for (boolean keep : new boolean[] {true, false}) {
                ReducerOptionsT reduce = new ReducerOptionsT();
                reduce.setKeepDims(keep);
                add(name(code) + " " + keep, k -> k.out(k.op(code, reduce, keep ? s(1, 3, 1, 5) : s(3, 5), k.in(-2, 2, 2, 3, 4, 5),
                        k.list(0, -2))));
            }
        }
        for (int code : new int[] {REDUCE_ANY, REDUCE_ALL}) {
            add(name(code), k -> k.out(k.real(k.op(code, new ReducerOptionsT(), B, s(4), k.op(GREATER, null, B, s(4, 3),
                    k.in(-1, 1, 4, 3), k.number(-0.5f)), k.list(1)), B, 4)));
        }
    }

    /** Models with state that outlives a run are not for LiteRT.js, which does not load them. */
    private void recurrences() {
        LSTMOptionsT basic = new LSTMOptionsT();
        basic.setFusedActivationFunction((byte) ActivationFunctionType.TANH);
        basic.setKernelType((byte) LSTMKernelType.BASIC);
        add("LSTM basic", k -> {
            int[] found = {k.mid(F, 2, 4), k.mid(F, 2, 4), k.mid(F, 2, 7), k.mid(F, 2, 16)};
            k.file().op(LSTM, basic, s(k.in(-1, 1, 2, 3), k.in(0, 0, 2, 4), k.weights(-1, 1, 16, 7), k.weights(-1, 1, 16),
                    k.in(0, 0, 2, 4)), found).version(2);
            k.out(found[0], found[1]);
        });
    }

    private void control() {
        add("IF", k -> {
            IfOptionsT options = new IfOptionsT();
            options.setThenSubgraphIndex(1);
            options.setElseSubgraphIndex(2);
            int flag = k.op(GREATER, null, B, s(1), k.in(0.5, 1, 1), k.number(0f));
            k.out(k.op(IF, options, s(3), flag, k.in(-1, 1, 3), k.in(-1, 1, 3)));
            k.end();
            k.graph(2, (a, inner) -> inner.op(ADD, new AddOptionsT(), s(3), a[0], a[1]), 3);
            k.graph(2, (a, inner) -> inner.op(MUL, new MulOptionsT(), s(3), a[0], a[1]), 3);
        });
        add("WHILE", k -> {
            WhileOptionsT options = new WhileOptionsT();
            options.setCondSubgraphIndex(1);
            options.setBodySubgraphIndex(2);
            k.out(k.op(WHILE, options, s(3), k.in(1, 1.5, 3)));
            k.end();
            k.graph(1, (a, inner) -> inner.op(LESS, null, B, s(), inner.op(SUM, new ReducerOptionsT(), s(), a[0], inner.list(0)),
                    inner.number(100f)), 3);
            k.graph(1, (a, inner) -> inner.op(MUL, new MulOptionsT(), s(3), a[0], inner.number(2f)), 3);
        });
    }
}
