package dev.infuser.converter;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that is being written, beside the one that it will be: hidden, named after the process, and gone when that ends. What
 * processes left behind that were killed goes with the next one.
 */
final class PartFile {

    private static final String END = ".part";

    private PartFile() {
    }

    /** Makes the folder of {@code target}, and an empty file there. */
    static Path create(Path target) throws IOException {
        Path folder = target.getParent();
        Files.createDirectories(folder);
        String start = "." + target.getFileName() + ".";
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, file -> isOf(file, start))) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String process = name.substring(start.length(), name.length() - END.length());
                if (process.chars().allMatch(c -> c >= '0' && c <= '9') && !process.isEmpty() && process.length() < 18
                        && ProcessHandle.of(Long.parseLong(process)).isEmpty()) {
                    Files.deleteIfExists(file);
                }
            }
        }
        Path part = folder.resolve(start + ProcessHandle.current().pid() + END);
        part.toFile().deleteOnExit();
        Files.write(part, new byte[0]);
        return part;
    }

    private static boolean isOf(Path file, String start) {
        String name = file.getFileName().toString();
        return name.startsWith(start) && name.endsWith(END) && name.length() > start.length() + END.length();
    }
}
