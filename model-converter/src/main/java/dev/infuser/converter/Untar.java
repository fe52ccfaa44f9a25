package dev.infuser.converter;

import dev.infuser.tensor.InvalidModelException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Unpacks tar files, compressed or not: plain files and folders only, inside the folder given, and no bombs. */
final class Untar {

    private static final long RATIO = 100;
    private static final long ALWAYS = 64L << 20;
    private static final int MAX_ENTRIES = 100_000;

    private Untar() {
    }

    static boolean isTar(String name) {
        return name.endsWith(".tar") || name.endsWith(".tar.gz") || name.endsWith(".tgz");
    }

    /**
     * Unpacks {@code archive} into {@code folder}; links and devices are left out.
     *
     * @throws InvalidModelException {@code bad-archive} when it is damaged, {@code archive-path} when an entry leads out of the
     *                               folder, {@code archive-bomb} when it grows out of proportion
     */
    static void untar(Path archive, Path folder) throws IOException {
        long left = Math.max(ALWAYS, RATIO * Files.size(archive));
        int entries = 0;
        byte[] chunk = new byte[1 << 16];
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(archive));
                TarArchiveInputStream in = new TarArchiveInputStream(archive.toString().endsWith(".tar") ? raw
                        : new GZIPInputStream(raw))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (++entries > MAX_ENTRIES) {
                    throw bomb(archive);
                }
                Path file = resolve(folder, entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else if (entry.isFile()) {
                    Files.createDirectories(file.getParent());
                    try (OutputStream out = Files.newOutputStream(file)) {
                        for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                            left -= count;
                            if (left < 0) {
                                throw bomb(archive);
                            }
                            out.write(chunk, 0, count);
                        }
                    }
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidModelException("bad-archive", archive.toString(), archive + " is a damaged tar file",
                    String.valueOf(e.getMessage()), "copy it again");
        }
    }

    /** The file of an entry, which must lie in the folder. */
    static Path resolve(Path folder, String name) {
        try {
            Path file = folder.resolve(name.replace('\\', '/')).normalize();
            boolean climbs = false;
            for (String part : name.replace('\\', '/').split("/")) {
                climbs |= part.equals("..");
            }
            if (climbs || !file.startsWith(folder) || file.equals(folder) && !name.equals("./") && !name.equals(".")) {
                throw new InvalidModelException("archive-path", name, "the archive's entry '" + name
                        + "' leads out of its folder", "", "only unpack archives that you trust");
            }
            return file;
        } catch (InvalidPathException e) {
            throw new InvalidModelException("archive-path", name, "the archive has an entry of a strange name", e.getMessage(), "");
        }
    }

    private static InvalidModelException bomb(Path archive) {
        return new InvalidModelException("archive-bomb", archive.toString(), archive + " unpacks to more than " + RATIO
                + " times its size, or to more than " + MAX_ENTRIES + " files", "",
                "if you trust the archive, unpack it and convert the file");
    }
}
