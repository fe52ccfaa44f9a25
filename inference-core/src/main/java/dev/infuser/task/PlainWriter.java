package dev.infuser.task;

import dev.infuser.tensor.Tensor;
import java.util.List;

/** Takes plain data in the order of JSON: the count of a list or an object comes first, then as many values or names and values. */
public interface PlainWriter {

    PlainWriter list(int count);

    PlainWriter object(int count);

    /** The name of the value of an object that comes next. */
    PlainWriter name(String name);

    PlainWriter text(String text);

    PlainWriter number(double number);

    PlainWriter flag(boolean flag);

    PlainWriter nothing();

    /** The elements of a tensor, as an array of its type. */
    PlainWriter elements(Tensor tensor);

    /** A list of answers. */
    default PlainWriter list(List<? extends Answer> answers) {
        list(answers.size());
        for (Answer answer : answers) {
            answer.writeTo(this);
        }
        return this;
    }
}
