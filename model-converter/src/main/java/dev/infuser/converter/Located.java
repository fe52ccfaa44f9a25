package dev.infuser.converter;

import ai.djl.repository.Artifact;
import ai.djl.repository.FilenameUtils;
import ai.djl.repository.MRL;
import ai.djl.repository.Repository;
import ai.djl.util.Utils;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.ResourceException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The model that a location of DJL means: what {@code Criteria.optModelUrls} takes, which are {@code djl://}, {@code jar://},
 * {@code file:}, {@code http://} and {@code https://} addresses, and what {@code optModelPath} takes, which are folders and
 * archives. Addresses are resolved and kept by DJL's repositories, in its cache.
 *
 * @param model     a file, or an entry of an archive
 * @param temporary a folder to delete after use, or null
 */
record Located(String model, Path temporary) {

    private static final String PROPERTIES = "serving.properties";

    /** Whether {@code location} needs to be resolved: it is an address, a folder, or an archive named as a whole. */
    static boolean concerns(String location) {
        if (isAddress(location)) {
            return true;
        }
        return !location.contains("!/") && (Files.isDirectory(Path.of(location)) || isArchive(location));
    }

    static boolean isAddress(String location) {
        int colon = location.indexOf(':');
        for (int i = 0; i < colon; i++) {
            if (!Character.isLetterOrDigit(location.charAt(i)) && location.charAt(i) != '+') {
                return false;
            }
        }
        return colon > 1 && location.startsWith("/", colon + 1);
    }

    private static boolean isArchive(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        return Untar.isTar(name) || name.endsWith(".zip") || name.endsWith(".jar");
    }

    /**
     * Resolves a location.
     *
     * @throws InvalidInputException {@code no-such-file}, {@code no-models} or {@code several-models}, and {@code bad-address}
     *                               for what DJL cannot resolve
     * @throws ResourceException     {@code offline} where something would have to be fetched and must not, or cannot
     */
    static Located of(String location) throws IOException {
        if (!isAddress(location)) {
            return inPath(Path.of(location));
        }
        URI uri = uri(location);
        if (uri.getScheme().equals("file") && uri.getQuery() == null) {
            return inPath(Path.of(uri.getPath()));
        }
        return new Located(inFolder(fetched(location, uri), location), null);
    }

    private static URI uri(String location) {
        try {
            return new URI(location);
        } catch (URISyntaxException e) {
            throw new InvalidInputException("bad-address", location, location + " is no address", e.getMessage(), "");
        }
    }

    private static Path fetched(String location, URI uri) throws IOException {
        boolean remote = !uri.getScheme().equals("jar") && !uri.getScheme().equals("file");
        if (remote && Utils.isOfflineMode()) {
            throw new ResourceException("offline", location, location + " would have to be fetched, and DJL is offline", "",
                    "unset DJL_OFFLINE, or fetch it yourself and name the file");
        }
        if (uri.getScheme().startsWith("http") && !FilenameUtils.isArchiveFile(uri.getPath())) {
            throw new InvalidInputException("bad-address", location, location + " is no archive", "",
                    "DJL fetches models as .zip, .tar or .tar.gz; download other files and name them");
        }
        try {
            Repository repository = Repository.newInstance("infuser", location);
            List<MRL> resources = repository.getResources();
            Artifact artifact = resources.isEmpty() ? null : repository.resolve(resources.get(0), Map.of());
            if (artifact == null) {
                throw remote ? unfetched(location, "DJL did not reach it, or has no such model")
                        : new InvalidInputException("no-models", location, "there is no model at " + location, "", "");
            }
            repository.prepare(artifact);
            return repository.getResourceDirectory(artifact);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("bad-address", location, "DJL cannot resolve " + location,
                    String.valueOf(e.getMessage()), "for djl:// its model zoo must be on the class path");
        } catch (IOException e) {
            throw unfetched(location, String.valueOf(e.getMessage()));
        }
    }

    private static ResourceException unfetched(String location, String why) {
        return new ResourceException("offline", location, "cannot fetch " + location, why,
                "check the address and the network; DJL takes addresses of private networks only with"
                        + " DJL_ALLOW_INSECURE_URL=true");
    }

    private static Located inPath(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return new Located(inFolder(path, path.toString()), null);
        }
        if (!Files.isRegularFile(path)) {
            throw new InvalidInputException("no-such-file", path.toString(), "there is no file " + path, "", "check the path");
        }
        String name = path.getFileName().toString();
        if (!isArchive(name)) {
            return new Located(path.toString(), null);
        }
        boolean tar = Untar.isTar(name.toLowerCase(Locale.ROOT));
        List<String> models = tar ? List.of() : Archives.models(path);
        if (!models.isEmpty()) {
            return new Located(path + "!/" + only(models, path.toString()), null);
        }
        Path folder = Files.createTempDirectory("infuser");
        try {
            if (tar) {
                Untar.untar(path, folder);
            } else {
                Unpacked.all(path, folder);
            }
            return new Located(inFolder(folder, path.toString()), folder);
        } catch (IOException | RuntimeException e) {
            Source.delete(folder);
            throw e;
        }
    }

    /** The model of a folder, which is there for {@code place}: the one that {@code serving.properties} names, or the only one. */
    private static String inFolder(Path folder, String place) throws IOException {
        Path root = Utils.getNestedModelDir(folder);
        String wanted = modelName(root.resolve(PROPERTIES));
        List<Path> models = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                if (SourceFormat.isModel(file)) {
                    models.add(file);
                }
            }
        }
        if (wanted != null) {
            models.removeIf(file -> !file.getFileName().toString().equals(wanted)
                    && !file.getFileName().toString().startsWith(wanted + "."));
        }
        return folder.resolve(only(models.stream().map(file -> folder.relativize(file).toString()).toList(), place)).toString();
    }

    /** The only one of several models. */
    static String only(List<String> models, String place) {
        if (models.isEmpty()) {
            throw new InvalidInputException("no-models", place, "there is no model in " + place, "",
                    "models are .onnx and .tflite files, model.json files of TensorFlow.js and scripts with these");
        }
        if (models.size() > 1) {
            throw new InvalidInputException("several-models", place, "there are " + models.size() + " models in " + place,
                    String.join(", ", models), "name one of them, in an archive as " + (isArchive(place) ? place : "archive.zip")
                            + "!/entry");
        }
        return models.get(0);
    }

    private static String modelName(Path properties) throws IOException {
        if (!Files.isRegularFile(properties)) {
            return null;
        }
        Properties all = new Properties();
        try (InputStream in = Files.newInputStream(properties)) {
            all.load(in);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("bad-properties", properties.toString(), properties + " is damaged",
                    String.valueOf(e.getMessage()), "");
        }
        return all.getProperty("option.modelName", all.getProperty("option.model_name"));
    }
}
