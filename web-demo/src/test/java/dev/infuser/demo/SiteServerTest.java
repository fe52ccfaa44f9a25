package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SiteServerTest {

    private static final String TEXT = "export const answer = 42;\n".repeat(100);

    private final HttpClient client = HttpClient.newHttpClient();
    private SiteServer server;

    @BeforeEach
    void start(@TempDir Path parent) throws IOException {
        Files.writeString(parent.resolve("secret.txt"), "secret");
        Path bundle = Files.createDirectories(parent.resolve("bundle"));
        Files.writeString(bundle.resolve("infuser.js"), TEXT);
        Files.write(bundle.resolve("infuser.wasm"), new byte[] {0, 'a', 's', 'm'});
        Files.writeString(bundle.resolve(".hidden"), "hidden");
        Files.createSymbolicLink(bundle.resolve("link.txt"), parent.resolve("secret.txt"));
        Path models = Files.createDirectories(parent.resolve("models"));
        Files.write(models.resolve("empty.tea"), new byte[0]);
        Files.write(models.resolve("some.tea"), new byte[] {1, 2, 3});
        server = SiteServer.start(Site.demo(bundle, models), 0, true);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"'',text/html; charset=utf-8", "style.css,text/css; charset=utf-8", "gallery.js,text/javascript; charset=utf-8",
            "search/moby-dick.json,application/json", "manifest.webmanifest,application/manifest+json", "icon.svg,image/svg+xml",
            "pictures/dog.jpg,image/jpeg", "sounds/go-forward.wav,audio/wav", "infuser/infuser.js,text/javascript; charset=utf-8",
            "infuser/infuser.wasm,application/wasm", "models/some.tea,application/octet-stream",
            "models/empty.tea,application/octet-stream"})
    void servesFilesUnderTheirTypes(String path, String type) throws Exception {
        HttpResponse<byte[]> response = get(path);
        assertEquals(200, response.statusCode());
        assertEquals(type, header(response, "Content-Type"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing.html", "infuser", "infuser/", "infuser/.hidden", "infuser/link.txt", "models/../secret.txt",
            "infuser/../../secret.txt", "infuser/..%2f..%2fsecret.txt", "infuser/%2e%2e/secret.txt", "infuser//infuser.js",
            "infuser/..%5c..%5csecret.txt", "infuser/x%00.js", "..%2fsecret.txt"})
    void servesNothingElse(String path) throws Exception {
        assertEquals("HTTP/1.1 404", raw("GET /" + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    }

    @Test
    void setsTheHeadersOfAStrictPage() throws Exception {
        HttpResponse<byte[]> response = get("");
        assertEquals(SiteServer.POLICY, header(response, "Content-Security-Policy"));
        assertEquals("nosniff", header(response, "X-Content-Type-Options"));
        assertEquals("no-referrer", header(response, "Referrer-Policy"));
        assertEquals("same-origin", header(response, "Cross-Origin-Opener-Policy"));
        assertEquals("require-corp", header(response, "Cross-Origin-Embedder-Policy"));
    }

    @Test
    void answersHeadWithTheLengthAlone() throws Exception {
        HttpResponse<byte[]> response = client.send(request("models/some.tea").method("HEAD",
                HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertEquals("3", header(response, "Content-Length"));
        assertEquals(0, response.body().length);
    }

    @Test
    void compressesTextForClientsThatTakeIt() throws Exception {
        assertArrayEquals(TEXT.getBytes(StandardCharsets.UTF_8), get("infuser/infuser.js").body());
        HttpResponse<byte[]> response = get("infuser/infuser.js", "Accept-Encoding", "br, gzip;q=0.8");
        assertEquals("gzip", header(response, "Content-Encoding"));
        assertTrue(response.body().length < TEXT.length());
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
            assertEquals(TEXT, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        assertEquals("", header(get("infuser/infuser.js", "Accept-Encoding", "gzip;q=0"), "Content-Encoding"));
        assertEquals("", header(get("models/some.tea", "Accept-Encoding", "gzip"), "Content-Encoding"));
    }

    @Test
    void answersThatAFileIsUnchanged() throws Exception {
        String tag = header(get("infuser/infuser.js"), "ETag");
        assertEquals(304, get("infuser/infuser.js", "If-None-Match", tag).statusCode());
        assertEquals(200, get("infuser/infuser.js", "If-None-Match", "\"other\"").statusCode());
    }

    @Test
    void refusesOtherMethodsAndForeignNames() throws Exception {
        assertEquals("HTTP/1.1 405", raw("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        assertEquals("HTTP/1.1 421", raw("GET / HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n"));
    }

    @Test
    void takesTheNextPortWhenOneIsTaken() throws Exception {
        int taken = URI.create(server.address()).getPort();
        try (SiteServer other = SiteServer.start(Site.demo(Path.of("."), Path.of(".")), taken, false)) {
            assertTrue(URI.create(other.address()).getPort() > taken);
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server.address() + path));
    }

    private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = request(path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<byte[]> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** Sends a request as it is, without a client that tidies the path, and returns version and status. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), URI.create(server.address()).getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
        }
    }
}
