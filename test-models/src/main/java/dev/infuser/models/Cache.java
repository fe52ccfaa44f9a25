package dev.infuser.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Files of known content under {@code $INFUSER_CACHE}, or {@code ~/.cache/infuser} where that is not set. */
final class Cache {

    /** Opens the original of a file, or returns null when it is not there. */
    interface Source {
        InputStream open() throws IOException;
    }

    private Cache() {
    }

    static Path root() {
        String configured = System.getenv("INFUSER_CACHE");
        return configured == null || configured.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache", "infuser") : Path.of(configured);
    }

    /**
     * {@code target}, copied from {@code source} unless a copy with this hash is there already.
     *
     * @throws UnavailableException if the source is missing or holds something else
     */
    static Path file(Path target, String sha256, Source source, String origin) {
        try {
            if (Files.exists(target) && sha256(target).equals(sha256)) {
                return target;
            }
            Files.createDirectories(target.getParent());
            Path partial = Files.createTempFile(target.getParent(), "partial", null);
            try {
                copy(source, partial, origin);
                check(partial, sha256, origin);
                Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(partial);
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + target, e);
        }
    }

    private static void copy(Source source, Path target, String origin) throws IOException {
        try (InputStream in = source.open()) {
            if (in == null) {
                throw new UnavailableException(origin + " is not on the class path");
            }
            Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    static void check(Path file, String sha256, String origin) throws IOException {
        String found = sha256(file);
        if (!found.equals(sha256)) {
            throw new UnavailableException(origin + " is not the file expected: sha256 " + sha256 + " wanted, " + found
                    + " found in " + Files.size(file) + " bytes");
        }
    }

    static String sha256(Path file) throws IOException {
        MessageDigest digest = digest();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest().digest(bytes));
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
