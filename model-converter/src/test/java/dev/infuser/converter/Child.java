package dev.infuser.converter;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line in a process of its own. */
final class Child {

    private Child() {
    }

    /** Starts a command; what it says goes to a file that {@link #output} reads. */
    static Process infuser(Path folder, String heap, String... arguments) throws IOException {
        return start(folder, command(heap, arguments));
    }

    static List<String> command(String heap, String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), heap,
                "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    static Process start(Path folder, List<String> command) throws IOException {
        File log = folder.resolve("log").toFile();
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
    }

    static String output(Path folder) {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
