package dev.infuser.format;

import dev.infuser.tensor.ResourceException;
import java.io.IOException;
import java.io.RandomAccessFile;

/** The bytes of a file, open until closed. Reads may come from several threads. */
public final class FileSource implements ByteSource, AutoCloseable {

    private final String path;
    private final RandomAccessFile file;
    private final long length;

    /**
     * Opens a file for reading.
     *
     * @throws ResourceException {@code unreadable-file} when it cannot be opened
     */
    public FileSource(String path) {
        this.path = path;
        try {
            file = new RandomAccessFile(path, "r");
            length = file.length();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public synchronized void read(long offset, byte[] into, int at, int count) {
        ByteSource.check(this, offset, count);
        try {
            file.seek(offset);
            file.readFully(into, at, count);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public synchronized void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private ResourceException unreadable(IOException e) {
        return new ResourceException("unreadable-file", "", "cannot read " + path, String.valueOf(e.getMessage()), "");
    }
}
