package dev.infuser.converter;

import dev.infuser.converter.build.ExternalData;
import dev.infuser.tensor.ResourceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** External data beside a model in an archive, unpacked when it is asked for. */
final class ArchiveData implements ExternalData {

    private final Path archive;
    private final String prefix;
    private final Path folder;
    private final FolderData unpacked;

    /**
     * Data of an archive.
     *
     * @param prefix of the entries beside the model, with the slash at its end
     * @param folder where to unpack them
     */
    ArchiveData(Path archive, String prefix, Path folder) {
        this.archive = archive;
        this.prefix = prefix;
        this.folder = folder;
        this.unpacked = new FolderData(folder);
    }

    @Override
    public ByteBuffer slice(String location, long offset, long length) {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            ZipEntry entry = zip.getEntry(prefix + location);
            Path file = folder.resolve(location).normalize();
            if (entry != null && file.startsWith(folder) && !Files.exists(file)) {
                Files.createDirectories(file.getParent());
                Unpacked.copy(zip, entry, file);
            }
        } catch (IOException e) {
            throw new ResourceException("unreadable-file", location, "cannot unpack " + location + " from " + archive,
                    String.valueOf(e.getMessage()), "");
        }
        return unpacked.slice(location, offset, length);
    }
}
