package dev.infuser.task;

import dev.infuser.runtime.Session;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A task with its models, here and now.
 *
 * <pre>
 * try (Session session = Session.open(Path.of("minilm.tea"))) {
 *     float[][] vectors = Pipeline.of(TextEmbedding::new, session).run(List.of("A text.")).vectors();
 * }
 * </pre>
 */
public final class Pipeline<I, A extends Answer> {

    private final Task<I, A> task;
    private final Map<String, Session> models;

    private Pipeline(Task<I, A> task, Map<String, Session> models) {
        this.task = task;
        this.models = models;
    }

    /**
     * Joins a task and its one model. Sessions stay the caller's.
     *
     * @throws dev.infuser.tensor.UnsupportedModelException where the model does not fit
     */
    public static <I, A extends Answer> Pipeline<I, A> of(Function<ModelInfo, Task<I, A>> task, Session model) {
        return new Pipeline<>(task.apply(ModelInfo.of(model)), Map.of(Runs.MODEL, model));
    }

    /** Joins a task and its models, by the names that it gives them. */
    public static <I, A extends Answer> Pipeline<I, A> of(Function<Map<String, ModelInfo>, Task<I, A>> task,
            Map<String, Session> models) {
        Map<String, ModelInfo> infos = new LinkedHashMap<>();
        models.forEach((name, session) -> infos.put(name, ModelInfo.of(session)));
        return new Pipeline<>(task.apply(infos), models);
    }

    public A run(I input) {
        return run(input, Options.NONE);
    }

    public A run(I input, Options options) {
        Runs runs = new Runs();
        Supplier<A> answer = task.begin(input, options, runs);
        for (Runs.Run run = runs.next(); run != null; run = runs.next()) {
            runs.took(models.get(run.model()).run(run.feeds()));
        }
        return answer.get();
    }

    /** Forgets what came before, where inputs are parts of a stream. */
    public void reset() {
        task.reset();
    }
}
