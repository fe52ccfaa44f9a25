package dev.infuser.converter;

import dev.infuser.tensor.InvalidModelException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Entries of archives, which unpack to so many times what they take in the archive and no more. */
final class Unpacked {

    /** Weights hardly get smaller in archives; what unpacks to more than this was made to fill disks. */
    private static final long RATIO = 100;
    private static final long ALWAYS = 64L << 20;

    private Unpacked() {
    }

    /**
     * Unpacks an entry to a file that is not there yet.
     *
     * @throws InvalidModelException {@code archive-bomb} when it grows out of proportion
     */
    static void copy(ZipFile zip, ZipEntry entry, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            copy(zip, entry, out);
        }
    }

    /** The bytes of a small entry. */
    static byte[] bytes(ZipFile zip, ZipEntry entry) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        copy(zip, entry, out);
        return out.toByteArray();
    }

    private static void copy(ZipFile zip, ZipEntry entry, OutputStream out) throws IOException {
        long limit = Math.max(ALWAYS, RATIO * Math.max(0, entry.getCompressedSize()));
        byte[] chunk = new byte[1 << 16];
        long sum = 0;
        try (InputStream in = zip.getInputStream(entry)) {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                sum += count;
                if (sum > limit) {
                    throw new InvalidModelException("archive-bomb", entry.getName(), entry.getName() + " takes "
                            + entry.getCompressedSize() + " bytes in the archive and unpacks to more than " + limit, "",
                            "if you trust the archive, unpack it and convert the file");
                }
                out.write(chunk, 0, count);
            }
        }
    }
}
