package dev.infuser.converter;

import java.io.PrintStream;

/** One line on a terminal that says what is going on; silent where there is no terminal. */
public final class Progress {

    /** Says nothing. */
    public static final Progress SILENT = new Progress(null);

    private final PrintStream out;

    private Progress(PrintStream out) {
        this.out = out;
    }

    /** Progress on the terminal, if the process has one. */
    static Progress onTerminal() {
        return System.console() == null ? SILENT : new Progress(System.err);
    }

    /** Replaces the line. */
    public void say(String stage) {
        if (out != null) {
            out.print("\r\u001B[K" + stage);
            out.flush();
        }
    }

    /** Removes the line. */
    public void clear() {
        say("");
    }
}
