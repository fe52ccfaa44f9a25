package dev.infuser.web;

import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.ResourceException;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.function.Consumer;

/** Where JavaScript and Java meet: one question and one answer at a time, both in memory. */
final class Counter {

    private final WebHost host;
    private final MessageWriter answer;
    /** The address, or 0 where there is none. */
    private int question;

    Counter(WebHost host) {
        this.host = host;
        this.answer = new MessageWriter(host.heap());
    }

    MessageWriter answer() {
        return answer;
    }

    int question() {
        return question;
    }

    /** Makes room for a question of {@code bytes} bytes, in place of one that was not asked. */
    int reserve(int bytes) {
        forget();
        return attempt(() -> question = (int) host.heap().allocate(bytes));
    }

    private void forget() {
        if (question != 0) {
            host.heap().release(question & 0xFFFFFFFFL);
            question = 0;
        }
    }

    /** Does {@code work} on the question, which is then gone. */
    int ask(Consumer<MessageReader> work) {
        try {
            return attempt(() -> work.accept(new MessageReader(question)));
        } finally {
            forget();
        }
    }

    /** Does {@code work} and returns the length of the answer; where it fails, the error is the answer. */
    int attempt(Runnable work) {
        answer.clear();
        try {
            work.run();
            return answer.length();
        } catch (InfuserException e) {
            int kind = e instanceof InvalidModelException ? 1 : e instanceof UnsupportedModelException ? 2
                    : e instanceof InvalidInputException ? 3 : e instanceof ResourceException ? 4 : 0;
            return fail(kind, e.code(), e.node(), e.getMessage(), e.detail(), e.hint());
        } catch (RuntimeException e) {
            return fail(0, "internal-error", "", "the engine failed: " + e, "", "please report it together with the model");
        }
    }

    private int fail(int kind, String code, String node, String message, String detail, String hint) {
        answer.clear();
        answer.word(kind).text(code).text(node).text(message).text(detail).text(hint);
        return ~answer.length();
    }
}
