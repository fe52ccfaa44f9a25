package dev.infuser.web;

import dev.infuser.task.Tasks;
import dev.infuser.task.VoiceActivity;
import java.util.List;
import org.teavm.interop.Export;

/** What JavaScript calls for tasks on sound: {@link TaskExports} with these. */
public final class AudioExports {

    private AudioExports() {
    }

    /** Required by the compiler; makes it find the other exports. */
    public static void main(String[] args) {
        TaskExports.load();
    }

    /** Adds the tasks; called once, before all else. */
    @Export(name = "extend")
    static void extend() {
        Tasks.add(List.of(
                Tasks.Row.of(VoiceActivity.NAME, Tasks.Input.SOUND, VoiceActivity::new)));
    }
}
