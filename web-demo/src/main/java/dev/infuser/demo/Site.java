package dev.infuser.demo;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which file answers which address: folders mounted below prefixes, of which the longest that fits decides.
 *
 * @param mounts a folder by prefix; prefixes begin and end with {@code /}
 */
public record Site(Map<String, Path> mounts) {

    private static final String INDEX = "index.html";

    public Site {
        mounts = new LinkedHashMap<>(mounts);
    }

    /**
     * The pages of the demo at {@code /}, the bundle at {@code /infuser/}, the models at {@code /models/}, samples at
     * {@code /pictures/} and {@code /sounds/}, and what shows a graph at {@code /graph/}.
     */
    public static Site demo(Path bundle, Path models) {
        return new Site(Map.of("/", packaged("/site"), "/infuser/", bundle, "/models/", models,
                "/pictures/", packaged("/dev/infuser/models/pictures"), "/sounds/", packaged("/dev/infuser/models/sounds"),
                "/graph/", packaged("/dev/infuser/view/page")));
    }

    /** This site with one more folder. */
    public Site with(String prefix, Path folder) {
        Map<String, Path> more = new LinkedHashMap<>(mounts);
        more.put(prefix, folder);
        return new Site(more);
    }

    /** A folder of the class path, in a jar or not. */
    public static Path packaged(String name) {
        URL url = Site.class.getResource(name);
        if (url == null) {
            throw new IllegalStateException("the class path has no folder " + name);
        }
        try {
            URI uri = url.toURI();
            if (uri.getScheme().equals("jar")) {
                try {
                    FileSystems.newFileSystem(uri, Map.of());
                } catch (FileSystemAlreadyExistsException e) {
                    return Path.of(uri);
                }
            }
            return Path.of(uri);
        } catch (URISyntaxException | IOException e) {
            throw new IllegalStateException("cannot read " + url, e);
        }
    }

    /**
     * The file at a decoded path, if there is one. Hidden files and whatever lies outside of the mounted folders, be it by
     * way of a link, are not there.
     */
    public Optional<Path> find(String path) throws IOException {
        if (path == null || !path.startsWith("/")) {
            return Optional.empty();
        }
        String prefix = "";
        for (String candidate : mounts.keySet()) {
            if (path.startsWith(candidate) && candidate.length() > prefix.length()) {
                prefix = candidate;
            }
        }
        if (prefix.isEmpty()) {
            return Optional.empty();
        }
        String name = path.substring(prefix.length());
        return below(mounts.get(prefix), name.isEmpty() ? INDEX : name);
    }

    private static Optional<Path> below(Path folder, String name) throws IOException {
        for (String segment : name.split("/", -1)) {
            if (segment.isEmpty() || segment.startsWith(".") || segment.indexOf('\\') >= 0 || segment.indexOf(':') >= 0) {
                return Optional.empty();
            }
        }
        try {
            Path file = folder.resolve(name);
            return Files.isRegularFile(file) && file.toRealPath().startsWith(folder.toRealPath())
                    ? Optional.of(file) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
