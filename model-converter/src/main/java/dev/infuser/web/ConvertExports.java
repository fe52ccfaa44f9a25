package dev.infuser.web;

import dev.infuser.converter.Stored;
import dev.infuser.converter.build.ImportedModel;
import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.op.Registry;
import dev.infuser.plan.Planner;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.teavm.interop.Export;

/** What JavaScript calls to convert ONNX models, in a program of its own. The conventions are those of {@link Exports}. */
public final class ConvertExports {

    private static WebHost host;
    private static Counter counter;

    private ConvertExports() {
    }

    /** Required by the compiler; does nothing. */
    public static void main(String[] args) {
    }

    /** Adds the rare operators; called once, before all else. */
    @Export(name = "extend")
    static void extend() {
        Registry.extend();
        Planner.extend();
    }

    /** Begins. Answers an empty message. */
    @Export(name = "start")
    static int start(int flags) {
        host = new WebHost(false, Target.Dot.NONE, false, 1);
        counter = new Counter(host);
        return counter.attempt(() -> { });
    }

    /**
     * Takes an ONNX file, and entries for the metadata. Answers the {@code .tea} file that the command line writes with its defaults,
     * without what it learns from other files and from running the model.
     */
    @Export(name = "convert")
    static int convert() {
        return counter.ask(reader -> {
            ByteBuffer file = ByteBuffer.wrap(((Tensor) reader.datum()).bytes());
            ImportedModel imported = OnnxImporter.importModel(file, null);
            Map<String, String> metadata = new LinkedHashMap<>(imported.metadata());
            for (int n = reader.word(); n > 0; n--) {
                String key = reader.text();
                metadata.put(key, reader.text());
            }
            Graph graph = Stored.exact(Stored.optimize(imported.graph(), Set.of()));
            MemoryStream out = new MemoryStream(host.heap(), file.limit());
            try {
                Stored.write(new Model(graph, metadata, Map.of(), List.of()), out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            counter.answer().datum(Memory.view(out.address(), DType.UINT8, new int[] {out.length()}));
        });
    }

    /** The address of the last answer. */
    @Export(name = "message")
    static int message() {
        return counter.answer().address();
    }

    /** See {@link Exports#apart}. */
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
