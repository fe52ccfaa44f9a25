package dev.infuser.web;

import dev.infuser.task.LanguageDetection;
import dev.infuser.task.Tasks;
import dev.infuser.task.TextEmbedding;
import java.util.List;
import org.teavm.interop.Export;

/** What JavaScript calls for tasks on texts: {@link TaskExports} with these. */
public final class TextExports {

    private TextExports() {
    }

    /** Required by the compiler; makes it find the other exports. */
    public static void main(String[] args) {
        TaskExports.load();
    }

    /** Adds the tasks; called once, before all else. */
    @Export(name = "extend")
    static void extend() {
        Tasks.add(List.of(
                Tasks.Row.of("text-embedding", Tasks.Input.TEXTS, TextEmbedding::new),
                Tasks.Row.of(LanguageDetection.NAME, Tasks.Input.TEXTS, LanguageDetection::new)));
    }
}
