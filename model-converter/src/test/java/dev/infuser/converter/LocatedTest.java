package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.infuser.converter.onnx.OnnxWriter;
import dev.infuser.tensor.InfuserException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a {@code Criteria} can name is a source. */
class LocatedTest {

    private static final byte[] LABELS = "cat\ndog\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    @BeforeEach
    void keepDownloadsHere() {
        System.setProperty("DJL_CACHE_DIR", folder.resolve("cache").toString());
    }

    @AfterEach
    void forget() {
        System.clearProperty("DJL_CACHE_DIR");
        System.clearProperty("ai.djl.offline");
        System.clearProperty("ai.djl.allow_insecure_url");
    }

    private static Map<String, byte[]> files() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("perceptron/perceptron.onnx", OnnxWriter.perceptron());
        files.put("perceptron/synset.txt", LABELS);
        files.put("perceptron/serving.properties", "engine=OnnxRuntime\n".getBytes(StandardCharsets.UTF_8));
        return files;
    }

    private Path zip(String name) throws IOException {
        return zip(name, files());
    }

    private Path zip(String name, Map<String, byte[]> files) throws IOException {
        Path file = folder.resolve(name);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> entry : files.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
        return file;
    }

    private Path tar(String name, Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            entry(bytes, file.getKey(), '0', file.getValue());
        }
        entry(bytes, "link", '2', new byte[0]);
        bytes.writeBytes(new byte[1024]);
        Path file = folder.resolve(name);
        try (OutputStream out = name.endsWith("gz") ? new GZIPOutputStream(Files.newOutputStream(file))
                : Files.newOutputStream(file)) {
            bytes.writeTo(out);
        }
        return file;
    }

    /** An entry in the format of POSIX 1003.1-1988: a block of 512 bytes that describes it, and its bytes in such blocks. */
    static void entry(ByteArrayOutputStream out, String name, char type, byte[] content) {
        byte[] head = new byte[512];
        put(head, 0, name);
        put(head, 100, "0000644");
        put(head, 124, String.format("%011o", content.length));
        put(head, 136, "00000000000");
        put(head, 148, "        ");
        head[156] = (byte) type;
        put(head, 157, type == '2' ? "/etc/passwd" : "");
        put(head, 257, "ustar");
        put(head, 263, "00");
        int sum = 0;
        for (byte b : head) {
            sum += b & 0xFF;
        }
        put(head, 148, String.format("%06o\0 ", sum));
        out.writeBytes(head);
        out.writeBytes(content);
        out.writeBytes(new byte[(512 - content.length % 512) % 512]);
    }

    private static void put(byte[] head, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, head, at, bytes.length);
    }

    private Path unpacked() throws IOException {
        Path models = folder.resolve("models");
        for (Map.Entry<String, byte[]> file : files().entrySet()) {
            Path path = models.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        return models;
    }

    private static void assertPerceptron(String location) throws IOException {
        try (Source source = Source.open(location)) {
            assertEquals("perceptron.onnx", source.name(), location);
            assertArrayEquals(LABELS, source.assets().get("synset.txt"), location);
            assertTrue(source.assets().containsKey("serving.properties"), location);
            assertEquals(3, SourceFormat.of(source).read(source).graph().nodes().size(), location);
        }
    }

    private static String code(String location) {
        return assertThrows(InfuserException.class, () -> Source.open(location).close(), location).code();
    }

    @Test
    void foldersFilesAndArchivesAreSources() throws IOException {
        Path models = unpacked();
        assertPerceptron(models.toString());
        assertPerceptron(models.resolve("perceptron").toString());
        assertPerceptron(models.toUri().toString());
        assertPerceptron(models.resolve("perceptron/perceptron.onnx").toUri().toString());
        assertPerceptron(zip("a.zip").toString());
        assertPerceptron(zip("a.zip") + "!/perceptron/perceptron.onnx");
        assertPerceptron(tar("a.tar", files()).toString());
        assertPerceptron(tar("a.tar.gz", files()).toUri().toString());
        assertPerceptron(tar("a.tgz", files()) + "!/perceptron/perceptron.onnx");
        assertEquals("no-such-file", code(folder.resolve("a.tgz") + "!/other.onnx"));
        assertEquals("archive-path", code(folder.resolve("a.tgz") + "!/../other.onnx"));
        assertEquals("bad-archive", code(models.resolve("perceptron/synset.txt") + "!/other.onnx"));
    }

    @Test
    void addressesAreFetchedByDjl() throws IOException {
        byte[] zip = Files.readAllBytes(zip("perceptron.zip"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/perceptron.zip", exchange -> {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(200, head ? -1 : zip.length);
            if (!head) {
                exchange.getResponseBody().write(zip);
            }
            exchange.close();
        });
        server.start();
        assertEquals("offline", code("http://localhost:" + server.getAddress().getPort() + "/perceptron.zip"));
        System.setProperty("ai.djl.allow_insecure_url", "true");
        String address = "http://localhost:" + server.getAddress().getPort() + "/";
        try {
            assertPerceptron(address + "perceptron.zip");
            assertEquals("offline", code(address + "none.zip"));
            assertEquals("bad-address", code(address + "model.onnx"));
            System.setProperty("ai.djl.offline", "true");
            assertEquals("offline", code(address + "perceptron.zip"));
        } finally {
            server.stop(0);
        }
        assertEquals("offline", code("djl://ai.djl.onnxruntime/resnet18"));
        System.clearProperty("ai.djl.offline");
        assertEquals("bad-address", code("djl://no.such.zoo/model"));
    }

    @Test
    void resourcesOfTheClassPathAreSources() throws IOException {
        zip("resource.zip");
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            Thread.currentThread().setContextClassLoader(loader);
            assertPerceptron("jar:///resource.zip");
            assertEquals("bad-address", code("jar:///none.zip"));
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Test
    void oneModelMustBeMeant() throws IOException {
        Path models = unpacked().resolve("perceptron");
        Files.copy(models.resolve("perceptron.onnx"), models.resolve("other.onnx"));
        assertEquals("several-models", code(models.toString()));
        Files.writeString(models.resolve("serving.properties"), "option.modelName=perceptron\n");
        assertPerceptron(models.toString());
        assertEquals("no-such-file", code(folder.resolve("none").toString()));
        assertEquals("no-models", code(Files.createDirectory(folder.resolve("empty")).toString()));
    }

    @Test
    void modelsInScriptAreFoundInArchives() throws IOException {
        String model = "{\"modelTopology\":{\"class_name\":\"Sequential\",\"config\":{\"layers\":[{\"class_name\":\"Dense\","
                + "\"config\":{\"name\":\"d\",\"units\":1,\"use_bias\":false,\"batch_input_shape\":[null,1]}}]}},\"weightsManifest\":"
                + "[{\"paths\":[\"w\"],\"weights\":[{\"name\":\"d/kernel\",\"shape\":[1,1],\"dtype\":\"float32\"}]}]}";
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("package/package.json", "{\"name\":\"nsfwjs\"}".getBytes(StandardCharsets.UTF_8));
        files.put("package/dist/models/m/model.min.js", ("module.exports=" + model).getBytes(StandardCharsets.UTF_8));
        files.put("package/dist/models/m/w.min.js", "module.exports='AACAPw=='".getBytes(StandardCharsets.UTF_8));
        for (String location : new String[] {tar("s.tgz", files).toString(), folder.resolve("s.tgz") + "!/package/dist/models/m/model.min.js",
            zip("s.zip", files).toString(), folder.resolve("s.zip") + "!/package/dist/models/m/model.min.js"}) {
            try (Source source = Source.open(location)) {
                assertEquals(1, SourceFormat.of(source).read(source).graph().inputs().size(), location);
                assertEquals(location.contains(".zip!") ? 0 : 5, source.statements().labels().size(), location);
            }
        }
    }

    @Test
    void archivesThatClimbOrGrowAreRefused() throws IOException {
        assertEquals("archive-path", code(tar("up.tar", Map.of("../evil.onnx", new byte[1])).toString()));
        assertEquals("archive-path", code(tar("root.tar", Map.of("/evil/model.onnx", new byte[1])).toString()));
        assertFalse(Files.exists(folder.resolve("evil.onnx")));
        assertEquals("archive-bomb", code(tar("bomb.tar.gz", Map.of("model.onnx", new byte[65 << 20])).toString()));
        Path broken = folder.resolve("broken.tgz");
        Files.write(broken, new byte[100]);
        assertEquals("bad-archive", code(broken.toString()));
        Path zip = zip("cut.zip");
        Files.write(zip, java.util.Arrays.copyOf(Files.readAllBytes(zip), 100));
        assertEquals("bad-archive", code(zip.toString()));
    }
}
