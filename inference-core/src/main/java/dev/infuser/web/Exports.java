package dev.infuser.web;

import dev.infuser.kernel.Target;
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
    private static final int DOT_SHIFT = 4;
    private static final int MANY_REGISTERS = 2;
    private static final int REFERENCE = 4;
    private static final int THREADS_SHIFT = 8;

    private static WebHost host;
    private static Counter counter;
    private static Download download;
    private static LoadedModel model;
    private static boolean reference;

    private Exports() {
    }

    /** Required by the compiler; does nothing. */
    public static void main(String[] args) {
    }

    static WebHost host() {
        return host;
    }

    /** Begins; {@code flags} tells what the engine offers and how many threads. Answers the version and whether relaxed SIMD is used. */
    @Export(name = "start")
    static int start(int flags) {
        boolean madd = (flags & RELAXED_MADD) != 0;
        Target.Dot dot = Target.Dot.values()[flags >> DOT_SHIFT & 7];
        reference = (flags & REFERENCE) != 0;
        host = new WebHost(madd, dot, (flags & MANY_REGISTERS) != 0, flags >> THREADS_SHIFT);
        counter = new Counter(host);
        return counter.attempt(() -> {
            download = new Download(host.heap());
            counter.answer().text(VERSION).word(madd && dot != Target.Dot.NONE ? 1 : 0);
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

    /** Bytes of the file have been written. Answers a message that is empty until the graph has been accepted. */
    @Export(name = "took")
    static int took(int bytes) {
        return counter.attempt(() -> {
            if (download.took(bytes)) {
                model = new LoadedModel(download, host.heap(), reference);
                counter.answer().word(1);
            }
        });
    }

    /** The file has ended after {@code total} bytes. Answers inputs, outputs and metadata. */
    @Export(name = "finish")
    static int finish(double total) {
        return counter.attempt(() -> {
            download.checkHead();
            model.complete(total);
            model.describe(counter.answer());
            download = null;
        });
    }

    /**
     * Looks at what {@link #run} or {@link #profile} will take, but for elements that are apart. Answers the addresses where
     * these belong, or nothing where they have to follow the question.
     */
    @Export(name = "place")
    static int place() {
        return counter.attempt(() -> model.place(new MessageReader(counter.question()), counter.answer()));
    }

    /** Takes feeds and the names of the outputs wanted. Answers outputs. */
    @Export(name = "run")
    static int run() {
        return counter.ask(reader -> model.run(reader, counter.answer()));
    }

    /** Answers what it takes to run again what ran last without asking, see {@link LoadedModel#direct}. */
    @Export(name = "direct")
    static int direct() {
        return counter.attempt(() -> model.direct(counter.answer()));
    }

    /** Takes the same as {@link #run}. Answers where the time went. */
    @Export(name = "profile")
    static int profile() {
        return counter.ask(reader -> model.profile(reader, counter.answer()));
    }

    /** Takes nothing. Answers the assets of the file, as bytes by name. */
    @Export(name = "assets")
    static int assets() {
        return counter.ask(reader -> model.assets(counter.answer()));
    }

    /** Takes nothing. Answers how the golden vectors fared. */
    @Export(name = "verify")
    static int verify() {
        return counter.ask(reader -> model.verify(counter.answer()));
    }

    /** The address of the last answer. */
    @Export(name = "message")
    static int message() {
        return counter.answer().address();
    }

    /** Where in the last answer an address of elements is that have to be fetched, see {@link MessageWriter}; 0 where nowhere. */
    @Export(name = "apart")
    static int apart() {
        return counter.answer().apart();
    }

    /** Makes room for a message of {@code bytes} bytes at {@link #question}. Answers an empty message. */
    @Export(name = "reserve")
    static int reserve(int bytes) {
        return counter.reserve(bytes);
    }

    @Export(name = "question")
    static int question() {
        return counter.question();
    }
}
