package dev.infuser.converter;

import dev.infuser.converter.build.ExternalData;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.ResourceException;
import dev.infuser.tensor.UnsupportedModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** External data in the folder of the model and below it; locations that lead out of the folder are refused. */
final class FolderData implements ExternalData {

    private final Path folder;
    private final Map<Path, ByteBuffer> mapped = new HashMap<>();

    FolderData(Path folder) {
        this.folder = folder;
    }

    @Override
    public ByteBuffer slice(String location, long offset, long length) {
        Path file = resolve(location);
        try {
            long size = Files.size(file);
            long count = length < 0 ? size - offset : length;
            if (offset < 0 || offset > size || count > size - offset || count < 0) {
                throw new InvalidModelException("truncated-file", location, "the external data " + location
                        + " ends early: bytes " + offset + " to " + (offset + count) + " are asked for, it has " + size, "",
                        "copy it again beside the model");
            }
            if (count > Integer.MAX_VALUE) {
                throw new UnsupportedModelException("too-large", location, "a tensor in " + location
                        + " takes more than 2 GB", "", "");
            }
            if (size > Integer.MAX_VALUE) {
                return map(file, offset, count);
            }
            ByteBuffer whole = mapped.get(file);
            if (whole == null) {
                whole = map(file, 0, size);
                mapped.put(file, whole);
            }
            return whole.slice((int) offset, (int) count);
        } catch (IOException e) {
            throw new ResourceException("unreadable-file", location, "cannot read " + file, String.valueOf(e.getMessage()),
                    "");
        }
    }

    /** The file behind {@code location}, which must lie in the folder even when links are followed. */
    private Path resolve(String location) {
        try {
            Path relative = Path.of(location);
            boolean climbs = location.isEmpty() || relative.isAbsolute() || location.startsWith("\\")
                    || location.indexOf(':') >= 0;
            for (String part : location.replace('\\', '/').split("/")) {
                climbs |= part.equals("..");
            }
            if (climbs) {
                throw refused(location);
            }
            Path file = folder.resolve(relative);
            if (!Files.isRegularFile(file)) {
                throw new InvalidModelException("missing-external-data", location, "the model's weights are in "
                        + location + ", which is not there", "looked for " + file, "put it beside the model");
            }
            if (!file.toRealPath().startsWith(folder.toRealPath())) {
                throw refused(location);
            }
            return file;
        } catch (InvalidPathException e) {
            throw refused(location);
        } catch (IOException e) {
            throw new ResourceException("unreadable-file", location, "cannot read " + location,
                    String.valueOf(e.getMessage()), "");
        }
    }

    private static InvalidModelException refused(String location) {
        return new InvalidModelException("external-path", location, "the model asks for the external data '" + location
                + "', which is outside its folder", "", "only load models that you trust; put the data beside the model");
    }

    private static ByteBuffer map(Path file, long offset, long length) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, offset, length);
        }
    }
}
