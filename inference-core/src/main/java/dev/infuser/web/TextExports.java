package dev.infuser.web;

import dev.infuser.kernel.Target;
import dev.infuser.task.TextEncoding;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.teavm.interop.Export;

/**
 * What JavaScript calls for text, in a program of its own that only pages with text download. The conventions are those of
 * {@link Exports}.
 */
public final class TextExports {

    private static Counter counter;
    private static TextEncoding encoding;
    private static TextEncoding.Work work;

    private TextExports() {
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

    /** Takes what {@link Exports#text} answers. Answers an empty message. */
    @Export(name = "prepare")
    static int prepare() {
        return counter.ask(reader -> {
            List<String> inputs = texts(reader);
            Map<String, String> metadata = new LinkedHashMap<>();
            for (int n = reader.word(); n > 0; n--) {
                String key = reader.text();
                metadata.put(key, reader.text());
            }
            encoding = new TextEncoding(reader.datum() instanceof Tensor json ? json.bytes() : null, inputs, metadata);
        });
    }

    /** Takes texts. Answers how often the model has to run. */
    @Export(name = "encode")
    static int encode() {
        return counter.ask(reader -> {
            work = encoding.encode(texts(reader));
            counter.answer().word(work.batches());
        });
    }

    /** Answers what {@link Exports#run} takes for batch {@code i}. */
    @Export(name = "feeds")
    static int feeds(int i) {
        return counter.attempt(() -> {
            MessageWriter out = counter.answer();
            Map<String, Tensor> feeds = work.feeds(i);
            out.word(feeds.size());
            for (Map.Entry<String, Tensor> feed : feeds.entrySet()) {
                out.text(feed.getKey()).datum(feed.getValue());
            }
            out.word(0);
        });
    }

    /** Takes the number of a batch and what {@link Exports#run} answered for it. Answers an empty message. */
    @Export(name = "pool")
    static int pool() {
        return counter.ask(reader -> {
            int batch = reader.word();
            reader.word();
            if (reader.word() < 1) {
                throw new UnsupportedModelException("not-an-embedding-model", "the model has no outputs");
            }
            reader.text();
            if (!(reader.datum() instanceof Tensor states)) {
                throw new UnsupportedModelException("not-an-embedding-model", "the model gives no tensor");
            }
            work.pool(batch, states);
        });
    }

    /** Answers the vectors of all texts, as a tensor {@code [texts, size]}. */
    @Export(name = "vectors")
    static int vectors() {
        return counter.attempt(() -> {
            float[][] vectors = work.vectors();
            int size = vectors.length == 0 ? 0 : vectors[0].length;
            float[] all = new float[vectors.length * size];
            for (int i = 0; i < vectors.length; i++) {
                System.arraycopy(vectors[i], 0, all, i * size, size);
            }
            work = null;
            counter.answer().datum(Tensor.floats(new int[] {vectors.length, size}, all));
        });
    }

    private static List<String> texts(MessageReader reader) {
        List<String> texts = new ArrayList<>();
        for (int n = reader.word(); n > 0; n--) {
            texts.add(reader.text());
        }
        return texts;
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
