package dev.infuser.web;

import dev.infuser.format.ByteSource;
import dev.infuser.format.TeaReader;
import dev.infuser.kernel.Target;
import dev.infuser.tensor.Tensor;
import dev.infuser.view.GraphView;
import org.teavm.interop.Export;

/** What JavaScript calls to draw a model, in a program of its own. The conventions are those of {@link Exports}. */
public final class ViewExports {

    private static Counter counter;

    private ViewExports() {
    }

    /** Required by the compiler; does nothing. */
    public static void main(String[] args) {
    }

    /** Begins. Answers an empty message. */
    @Export(name = "start")
    static int start(int flags) {
        counter = new Counter(new WebHost(false, Target.Dot.NONE, false, 1));
        return counter.attempt(() -> { });
    }

    /** Takes the beginning of a file, {@link TeaReader#HEADER_BYTES} bytes or the whole file. Answers how many bytes {@link #view} takes. */
    @Export(name = "head")
    static int head() {
        return counter.ask(reader -> {
            byte[] prefix = ((Tensor) reader.datum()).bytes();
            counter.answer().word(TeaReader.headLength(prefix, prefix.length));
        });
    }

    /** Takes what is before the weights of a file. Answers the drawing, as SVG, and what to tell of it, as JSON. */
    @Export(name = "view")
    static int view() {
        return counter.ask(reader -> {
            TeaReader file = TeaReader.parse(((Tensor) reader.datum()).bytes(), ByteSource.of(new byte[0]));
            GraphView view = GraphView.of(file.graph(), file.metadata(), file.assets(), false);
            counter.answer().text(view.svg()).text(view.data());
        });
    }

    /** The address of the last answer. */
    @Export(name = "message")
    static int message() {
        return counter.answer().address();
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
