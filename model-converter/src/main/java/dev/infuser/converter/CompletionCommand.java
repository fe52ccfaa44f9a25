package dev.infuser.converter;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code completion}. */
@Command(name = "completion", mixinStandardHelpOptions = true,
        description = {"Prints a script that completes commands, options and files of infuser in a shell.", "",
            "The shell completes the command infuser: an alias, or a script of that name on the path."},
        footer = {"  alias infuser='java -jar infuser.jar'", "  source <(infuser completion bash)",
            "  source <(infuser completion zsh)"})
final class CompletionCommand implements Callable<Integer> {

    private enum Shell { bash, zsh }

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}; one script serves both")
    private Shell shell;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(AutoComplete.bash("infuser", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
        return Main.DONE;
    }
}
