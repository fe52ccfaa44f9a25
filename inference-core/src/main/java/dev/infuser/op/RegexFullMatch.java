package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** {@code RegexFullMatch}: which strings the regular expression {@code pattern}, in the syntax of RE2, matches from end to end. */
final class RegexFullMatch implements Operator {

    @Override
    public String name() {
        return "RegexFullMatch";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.require(c, 0, c.dtype(0) == DType.STRING);
        compiled(c.attributes().string("pattern", ""), c.fail("the pattern is no regular expression"));
        return List.of(ValueType.tensor(DType.BOOL, c.shape(0)));
    }

    private static Automaton compiled(String pattern, InvalidModelException wrong) {
        try {
            return new Automaton(pattern);
        } catch (IllegalArgumentException e) {
            throw new InvalidModelException(wrong.code(), wrong.node(), wrong.getMessage() + ": " + e.getMessage(), pattern, "");
        }
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Automaton automaton = compiled(c.attributes().string("pattern", ""), c.fail("the pattern is no regular expression"));
        byte[] out = new byte[c.tensor(0).size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) (automaton.matches(c.tensor(0).strings()[i]) ? 1 : 0);
        }
        return List.of(Tensor.of(DType.BOOL, c.tensor(0).dims(), out));
    }
}
