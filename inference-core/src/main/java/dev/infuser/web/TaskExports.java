package dev.infuser.web;

import dev.infuser.audio.Sound;
import dev.infuser.kernel.Target;
import dev.infuser.task.Answer;
import dev.infuser.task.ModelInfo;
import dev.infuser.task.Options;
import dev.infuser.task.Runs;
import dev.infuser.task.Task;
import dev.infuser.task.Tasks;
import dev.infuser.tensor.Tensor;
import dev.infuser.vision.Picture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.teavm.interop.Export;

/**
 * What JavaScript calls for a task, in programs of their own that only pages with such tasks download; one instance holds one
 * task. The conventions are those of {@link Exports}.
 */
final class TaskExports {

    private static final int ANSWERED = -1;
    private static final int NUMBER = 0;
    private static final int TEXT = 1;

    private static Counter counter;
    private static Tasks.Row row;
    private static Task<?, ?> task;
    /** The models' names, by the numbers that messages have for them. */
    private static List<String> models;
    private static Runs runs;
    private static Supplier<? extends Answer> answer;

    private TaskExports() {
    }

    /** Does nothing, but lets the compiler find this class. */
    static void load() {
    }

    /** Begins. Answers an empty message. */
    @Export(name = "start")
    static int start(int flags) {
        counter = new Counter(new WebHost(false, Target.Dot.NONE, false, 1));
        return counter.attempt(() -> { });
    }

    /**
     * Takes the name of a task and its models: the name that the task gives it, inputs and outputs (name, type and extents, -1
     * where open), metadata, and assets. Answers an empty message.
     */
    @Export(name = "prepare")
    static int prepare() {
        return counter.ask(reader -> {
            row = Tasks.row(reader.text());
            Map<String, ModelInfo> infos = new LinkedHashMap<>();
            for (int n = reader.word(); n > 0; n--) {
                infos.put(reader.text(), model(reader));
            }
            models = new ArrayList<>(infos.keySet());
            task = Tasks.make(row, infos);
        });
    }

    private static ModelInfo model(MessageReader reader) {
        List<ModelInfo.Port> inputs = ports(reader);
        List<ModelInfo.Port> outputs = ports(reader);
        Map<String, String> metadata = new LinkedHashMap<>();
        for (int n = reader.word(); n > 0; n--) {
            String key = reader.text();
            metadata.put(key, reader.text());
        }
        Map<String, byte[]> assets = new LinkedHashMap<>();
        for (int n = reader.word(); n > 0; n--) {
            String name = reader.text();
            assets.put(name, ((Tensor) reader.datum()).bytes());
        }
        return new ModelInfo(inputs, outputs, metadata, assets);
    }

    private static List<ModelInfo.Port> ports(MessageReader reader) {
        List<ModelInfo.Port> ports = new ArrayList<>();
        for (int n = reader.word(); n > 0; n--) {
            String name = reader.text();
            String type = reader.text();
            int[] dims = new int[reader.word()];
            for (int i = 0; i < dims.length; i++) {
                dims[i] = reader.word();
            }
            ports.add(new ModelInfo.Port(name, type, dims));
        }
        return ports;
    }

    /**
     * Takes an input and options: width, height and pixels; or texts; or samples a second and samples; then names with the kind
     * of value and the value. Answers as {@link #took} does.
     */
    @Export(name = "begin")
    static int begin() {
        return counter.ask(reader -> {
            runs = new Runs();
            switch (row.input()) {
                case PICTURE -> {
                    int width = reader.word();
                    int height = reader.word();
                    begin(new Picture(width, height, ((Tensor) reader.datum()).bytes()), reader);
                }
                case TEXTS -> {
                    List<String> texts = new ArrayList<>();
                    for (int n = reader.word(); n > 0; n--) {
                        texts.add(reader.text());
                    }
                    begin(texts, reader);
                }
                default -> {
                    double rate = ((Tensor) reader.datum()).doubles()[0];
                    begin(new Sound(((Tensor) reader.datum()).floats(), rate), reader);
                }
            }
        });
    }

    @SuppressWarnings("unchecked")
    private static <I> void begin(I input, MessageReader reader) {
        Map<String, Object> options = new LinkedHashMap<>();
        for (int n = reader.word(); n > 0; n--) {
            String name = reader.text();
            int kind = reader.word();
            options.put(name, kind == NUMBER ? (Object) ((Tensor) reader.datum()).doubles()[0] : kind == TEXT ? reader.text() : reader.word() != 0);
        }
        answer = ((Task<I, ?>) task).begin(input, new Options(options), runs);
        proceed();
    }

    /**
     * Takes the outputs of the run that was asked for. Answers the number of a model, and feeds and names of outputs as
     * {@link Exports#run} takes them; or -1 and the answer in plain data.
     */
    @Export(name = "took")
    static int took() {
        return counter.ask(reader -> {
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            for (int n = reader.word(); n > 0; n--) {
                String name = reader.text();
                if (reader.datum() instanceof Tensor tensor) {
                    outputs.put(name, tensor);
                }
            }
            runs.took(outputs);
            proceed();
        });
    }

    private static void proceed() {
        Runs.Run run = runs.next();
        MessageWriter out = counter.answer();
        if (run == null) {
            answer.get().writeTo(new PlainMessage(out.word(ANSWERED)));
            answer = null;
            return;
        }
        out.word(models.indexOf(run.model())).word(run.feeds().size());
        for (Map.Entry<String, Tensor> feed : run.feeds().entrySet()) {
            out.text(feed.getKey()).datum(feed.getValue());
        }
        out.word(run.outputs().size());
        for (String output : run.outputs()) {
            out.text(output);
        }
    }

    /** Takes nothing. Forgets what came before. Answers an empty message. */
    @Export(name = "reset")
    static int reset() {
        return counter.ask(reader -> task.reset());
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
