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

    /**
     * Unpacks all entries into a folder.
     *
     * @throws InvalidModelException {@code archive-bomb} as above, {@code archive-path} when an entry leads out of the folder
     */
    static void all(Path archive, Path folder) throws IOException {
        long left = Math.max(ALWAYS, RATIO * Files.size(archive));
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                Path file = Untar.resolve(folder, entry.getName());
                Files.createDirectories(entry.isDirectory() ? file : file.getParent());
                if (!entry.isDirectory()) {
                    copy(zip, entry, file);
                    left -= Files.size(file);
                }
                if (left < 0) {
                    throw bomb(archive.toString(), Files.size(archive), Math.max(ALWAYS, RATIO * Files.size(archive)));
                }
            }
        }
    }

    private static InvalidModelException bomb(String name, long packed, long limit) {
        return new InvalidModelException("archive-bomb", name, name + " takes " + packed
                + " bytes and unpacks to more than " + limit, "", "if you trust the archive, unpack it and convert the file");
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
                    throw bomb(entry.getName(), entry.getCompressedSize(), limit);
                }
                out.write(chunk, 0, count);
            }
        }
    }
}
