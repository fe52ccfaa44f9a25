package dev.infuser.converter;

import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. Exit status: 0 done, 1 the model is invalid or unsupported, 2 wrong usage. */
@Command(name = "infuser", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        description = {"Turns pretrained models into .tea files and checks them.", "",
            "A first model: convert it, look at it, run it.",
            "  infuser convert model.onnx -o model.tea", "  infuser inspect model.tea", "  infuser run model.tea", "",
            "infuser COMMAND --help tells more, with examples."},
        synopsisSubcommandLabel = "COMMAND", optionListHeading = "%n", commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:done", "1:the model is invalid, unsupported or differs", "2:wrong usage"},
        subcommands = {ConvertCommand.class, InspectCommand.class, RunCommand.class, VerifyCommand.class,
            CompileCommand.class, PassesCommand.class, CompletionCommand.class})
public final class Main implements Runnable {

    private static final int WIDTH = 120;

    static final int DONE = 0;
    static final int WRONG_MODEL = 1;
    static final int WRONG_USAGE = 2;

    @Spec
    private CommandSpec spec;

    Main() {
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Runs one command and ends the process with its status. */
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        System.exit(commandLine().execute(args));
    }

    /** The command line, for {@code execute(String...)}. */
    public static CommandLine commandLine() {
        CommandLine commands = new CommandLine(new Main());
        commands.setUsageHelpWidth(WIDTH);
        for (CommandLine command : commands.getSubcommands().values()) {
            command.getCommandSpec().usageMessage().parameterListHeading("%n").optionListHeading("%n")
                    .footerHeading("%nExamples:%n");
        }
        commands.setCaseInsensitiveEnumValuesAllowed(true);
        commands.setExecutionExceptionHandler((error, command, parsed) -> {
            if (error instanceof ParameterException) {
                throw error;
            }
            if (command.getParseResult().hasMatchedOption("--json")) {
                command.getOut().println(JsonText.of(errorMap(error)));
                command.getOut().flush();
            }
            command.getErr().println("infuser: " + line(error));
            command.getErr().flush();
            return error instanceof InvalidInputException ? WRONG_USAGE : WRONG_MODEL;
        });
        return commands;
    }

    /** An error in one line: what, the details, what to do. */
    static String line(Throwable error) {
        if (error instanceof InfuserException e) {
            String node = e.node().isEmpty() || e.getMessage().contains(e.node()) ? "" : e.node() + ": ";
            String detail = e.detail().isEmpty() || e.getMessage().contains(e.detail()) ? "" : " (" + e.detail() + ")";
            return oneLine(node + e.getMessage() + detail + (e.hint().isEmpty() ? "" : "; " + e.hint()));
        }
        if (error instanceof NoSuchFileException) {
            return "there is no file " + error.getMessage();
        }
        return oneLine(error instanceof IOException && error.getMessage() != null ? error.getMessage()
                : error instanceof OutOfMemoryError ? "not enough memory; give Java more with -Xmx"
                : "internal error: " + error);
    }

    /** An error for programs, as {@code error}. */
    static Map<String, Object> errorMap(Throwable error) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (error instanceof InfuserException e) {
            map.put("code", e.code());
            map.put("node", e.node());
            map.put("message", e.getMessage());
            map.put("detail", e.detail());
            map.put("hint", e.hint());
        } else {
            map.put("code", error instanceof IOException ? "input-output" : "internal");
            map.put("message", line(error));
        }
        return Map.of("error", map);
    }

    private static String oneLine(String text) {
        return text.replace('\r', ' ').replace('\n', ' ');
    }

    /** Reads the version from the manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"infuser " + Converter.version()};
        }
    }
}
