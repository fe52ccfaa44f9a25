import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/**
 * Makes scripts of what infuser-inline.js has instead of files beside it: WebAssembly as base64, and the scripts of workers as
 * texts. Run as {@code java InlineBundle.java SCRIPTS NPM}: the folder of the scripts, and that of the modules and the result.
 */
public final class InlineBundle {

    private static final List<String> MODULES = List.of("full", "text", "vision", "audio");
    private static final List<String> SCRIPTS = List.of("engine", "threads", "tasks-worker");

    private InlineBundle() {
    }

    public static void main(String[] args) throws IOException {
        Path npm = Path.of(args[1]);
        for (String module : MODULES) {
            byte[] bytes = Files.readAllBytes(npm.resolve("infuser-" + module + ".wasm"));
            write(npm, module, quoted(Base64.getEncoder().encodeToString(bytes)));
        }
        StringBuilder scripts = new StringBuilder("{");
        for (String script : SCRIPTS) {
            String text = Files.readString(Path.of(args[0], "infuser-" + script + ".js")).replaceAll("\n//# sourceMappingURL=.*", "");
            scripts.append(quoted(script)).append(':').append(quoted(text)).append(',');
        }
        write(npm, "scripts", scripts.append('}').toString());
    }

    private static void write(Path npm, String name, String value) throws IOException {
        Files.writeString(npm.resolve("infuser-inline-" + name + ".js"), "export default " + value + ";\n");
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\r", "\\r") + '"';
    }
}
