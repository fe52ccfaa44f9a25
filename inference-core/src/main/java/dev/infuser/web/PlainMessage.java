package dev.infuser.web;

import dev.infuser.task.PlainWriter;
import dev.infuser.tensor.Tensor;

/** Writes plain data into a message: the kind of each value, and what makes it up. */
final class PlainMessage implements PlainWriter {

    private static final int NOTHING = 0;
    private static final int LIST = 1;
    private static final int OBJECT = 2;
    private static final int TEXT = 3;
    private static final int NUMBER = 4;
    private static final int FALSE = 5;
    private static final int TRUE = 6;
    private static final int ELEMENTS = 7;

    private final MessageWriter out;

    PlainMessage(MessageWriter out) {
        this.out = out;
    }

    @Override
    public PlainWriter list(int count) {
        out.word(LIST).word(count);
        return this;
    }

    @Override
    public PlainWriter object(int count) {
        out.word(OBJECT).word(count);
        return this;
    }

    @Override
    public PlainWriter name(String name) {
        out.text(name);
        return this;
    }

    @Override
    public PlainWriter text(String text) {
        out.word(TEXT).text(text);
        return this;
    }

    @Override
    public PlainWriter number(double number) {
        out.word(NUMBER).number(number);
        return this;
    }

    @Override
    public PlainWriter flag(boolean flag) {
        out.word(flag ? TRUE : FALSE);
        return this;
    }

    @Override
    public PlainWriter nothing() {
        out.word(NOTHING);
        return this;
    }

    @Override
    public PlainWriter elements(Tensor tensor) {
        out.word(ELEMENTS).datum(tensor);
        return this;
    }
}
