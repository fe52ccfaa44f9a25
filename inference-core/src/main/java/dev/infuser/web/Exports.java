package dev.infuser.web;

import dev.infuser.kernel.Target;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.ResourceException;
import dev.infuser.tensor.UnsupportedModelException;
import org.teavm.interop.Export;

/**
 * What JavaScript calls; one instance of the program holds one model.
 *
 * <p>Arguments and results are numbers; all else crosses as a message, see {@link MessageWriter}. A function that answers
 * a message returns its length; where it fails, the message is the error and the result its length inverted.
 */
public final class Exports {

    private static final String VERSION = "0.1.0";
    private static final int RELAXED_MADD = 1;
    private static final int RELAXED_DOT = 2;

    private static WebHost host;
    private static MessageWriter answer;
    private static long question;

    private Exports() {
    }

    /** Required by the compiler; does nothing. */
    public static void main(String[] args) {
    }

    /** Begins; {@code flags} tells what the engine offers. Answers the version and whether relaxed SIMD is used. */
    @Export(name = "start")
    static int start(int flags) {
        boolean madd = (flags & RELAXED_MADD) != 0;
        boolean dot = (flags & RELAXED_DOT) != 0;
        host = new WebHost(new Target(madd, dot));
        answer = new MessageWriter(host.heap());
        return attempt(() -> answer.text(VERSION).word(madd && dot ? 1 : 0));
    }

    /** The address of the last answer. */
    @Export(name = "message")
    static int message() {
        return answer.address();
    }

    /** The address where JavaScript may write a message of {@code bytes} bytes, or -1. */
    @Export(name = "reserve")
    static int reserve(int bytes) {
        return attempt(() -> question = host.heap().allocate(bytes)) < 0 ? -1 : (int) question;
    }

    private static int attempt(Runnable work) {
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

    private static int fail(int kind, String code, String node, String message, String detail, String hint) {
        answer.clear();
        answer.word(kind).text(code).text(node).text(message).text(detail).text(hint);
        return ~answer.length();
    }
}
