package dev.infuser.web;

import dev.infuser.kernel.Target;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.ResourceException;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.function.Consumer;
import org.teavm.interop.Export;

/**
 * What JavaScript calls; one instance of the program holds one model.
 *
 * <p>Arguments and results are numbers; all else crosses as a message, see {@link MessageWriter}. A function that answers
 * returns the length of the message at {@link #message}; where it fails, the message is the error and the result its length
 * inverted. A function that takes a message finds it at {@link #question}.
 */
public final class Exports {

    private static final String VERSION = "0.1.0";
    private static final int RELAXED_MADD = 1;
    private static final int RELAXED_DOT = 2;
    private static final int REFERENCE = 4;

    private static WebHost host;
    private static MessageWriter answer;
    private static Download download;
    private static LoadedModel model;
    private static boolean reference;
    private static int question;

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
        reference = (flags & REFERENCE) != 0;
        host = new WebHost(new Target(madd, dot));
        answer = new MessageWriter(host.heap());
        return attempt(() -> {
            download = new Download(host.heap());
            answer.text(VERSION).word(madd && dot ? 1 : 0);
        });
    }

    /** How many bytes of the file may be written at {@link #address} next; 0 when it is complete. */
    @Export(name = "wanted")
    static int wanted() {
        return download.wanted();
    }

    @Export(name = "address")
    static int address() {
        return (int) download.address();
    }

    /** Bytes of the file have been written. Answers an empty message. */
    @Export(name = "took")
    static int took(int bytes) {
        return attempt(() -> download.took(bytes));
    }

    /** The file has ended after {@code total} bytes. Answers inputs, outputs and metadata. */
    @Export(name = "finish")
    static int finish(double total) {
        return attempt(() -> {
            model = new LoadedModel(download, total, host.heap(), reference);
            model.describe(answer);
            download = null;
        });
    }

    /** Takes feeds and the names of the outputs wanted. Answers outputs. */
    @Export(name = "run")
    static int run() {
        return ask(reader -> model.run(reader, answer));
    }

    /** Takes the same as {@link #run}. Answers where the time went. */
    @Export(name = "profile")
    static int profile() {
        return ask(reader -> model.profile(reader, answer));
    }

    /** Takes texts. Answers one vector for each, as a tensor. */
    @Export(name = "embed")
    static int embed() {
        return ask(reader -> model.embed(reader, answer));
    }

    /** Takes nothing. Answers how the golden vectors fared. */
    @Export(name = "verify")
    static int verify() {
        return ask(reader -> model.verify(answer));
    }

    /** The address of the last answer. */
    @Export(name = "message")
    static int message() {
        return answer.address();
    }

    /** Makes room for a message of {@code bytes} bytes at {@link #question}. Answers an empty message. */
    @Export(name = "reserve")
    static int reserve(int bytes) {
        return attempt(() -> question = (int) host.heap().allocate(bytes));
    }

    @Export(name = "question")
    static int question() {
        return question;
    }

    private static int ask(Consumer<MessageReader> work) {
        try {
            return attempt(() -> work.accept(new MessageReader(question)));
        } finally {
            host.heap().release(question & 0xFFFFFFFFL);
        }
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
