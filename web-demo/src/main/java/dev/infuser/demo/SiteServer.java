package dev.infuser.demo;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;

/**
 * Serves a site to this machine alone, over HTTP, under a content security policy that allows nothing from elsewhere unless
 * told otherwise.
 * Answers GET and HEAD; text and WebAssembly travel compressed where the client takes gzip; unchanged files are answered
 * with 304.
 */
public final class SiteServer implements AutoCloseable {

    /** Scripts and WebAssembly of this origin, and nothing else. */
    public static final String POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; "
            + "style-src 'self'; img-src 'self' data:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'";

    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", "text/html; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("mjs", "text/javascript; charset=utf-8"),
            Map.entry("json", "application/json"),
            Map.entry("webmanifest", "application/manifest+json"),
            Map.entry("wasm", "application/wasm"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("png", "image/png"),
            Map.entry("wav", "audio/wav"),
            Map.entry("txt", "text/plain; charset=utf-8"),
            Map.entry("md", "text/plain; charset=utf-8"));
    private static final String OTHER = "application/octet-stream";
    private static final Set<String> COMPRESSED = Set.of("html", "css", "js", "mjs", "json", "wasm", "svg", "txt", "md");
    private static final int PORTS = 50;
    private static final int THREADS = 8;

    private final Site site;
    private final boolean isolated;
    private final String policy;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final Map<String, byte[]> compressed = new ConcurrentHashMap<>();

    static {
        // Without it an answer's body waits some 40 ms for the browser to acknowledge the headers.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private SiteServer(Site site, boolean isolated, String policy, HttpServer server) {
        this.site = site;
        this.isolated = isolated;
        this.policy = policy;
        this.server = server;
    }

    /**
     * Starts a server.
     *
     * @param port     the first port to try, then the ones after it; 0 for any free one
     * @param isolated whether pages are isolated from other origins, which gives them {@code SharedArrayBuffer}
     * @throws IOException if no port is free
     */
    public static SiteServer start(Site site, int port, boolean isolated) throws IOException {
        return start(site, port, isolated, POLICY);
    }

    /** Starts a server with another content security policy than {@link #POLICY}, for pages of scripts that need one. */
    public static SiteServer start(Site site, int port, boolean isolated, String policy) throws IOException {
        SiteServer started = new SiteServer(site, isolated, policy, bind(port));
        started.server.createContext("/", started::answer);
        started.server.setExecutor(started.threads);
        started.server.start();
        return started;
    }

    private static HttpServer bind(int port) throws IOException {
        for (int tried = port;; tried++) {
            try {
                return HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), tried), 0);
            } catch (BindException e) {
                if (tried >= Math.min(port + PORTS, 65535)) {
                    throw new IOException("no port from " + port + " to " + tried + " is free", e);
                }
            }
        }
    }

    /** The address of the site, ending in {@code /}. */
    public String address() {
        return "http://localhost:" + server.getAddress().getPort() + "/";
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Headers headers = exchange.getResponseHeaders();
            headers.set("Content-Security-Policy", policy);
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("Referrer-Policy", "no-referrer");
            headers.set("Cross-Origin-Resource-Policy", "same-origin");
            if (isolated) {
                headers.set("Cross-Origin-Opener-Policy", "same-origin");
                headers.set("Cross-Origin-Embedder-Policy", "require-corp");
            }
            if (!isLocal(exchange.getRequestHeaders().getFirst("Host"))) {
                say(exchange, 421, "This server answers to localhost only.");
                return;
            }
            String method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                headers.set("Allow", "GET, HEAD");
                say(exchange, 405, "Only GET and HEAD are answered.");
                return;
            }
            Optional<Path> file = site.find(exchange.getRequestURI().getPath());
            if (file.isPresent()) {
                send(exchange, file.get());
            } else {
                say(exchange, 404, "There is nothing at this address.");
            }
        }
    }

    /** Other names in Host mean that a foreign page had its own name resolved to this machine. */
    private static boolean isLocal(String host) {
        return host != null && (host.equals("localhost") || host.equals("127.0.0.1") || host.startsWith("localhost:")
                || host.startsWith("127.0.0.1:"));
    }

    private static void say(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", TYPES.get("txt"));
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private void send(HttpExchange exchange, Path file) throws IOException {
        String extension = extension(file);
        long size = Files.size(file);
        FileTime modified = Files.getLastModifiedTime(file);
        boolean gzip = COMPRESSED.contains(extension) && acceptsGzip(exchange.getRequestHeaders().getFirst("Accept-Encoding"));
        String tag = "\"" + Long.toHexString(size) + "-" + Long.toHexString(modified.toMillis()) + (gzip ? "-gzip" : "") + "\"";
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", TYPES.getOrDefault(extension, OTHER));
        headers.set("Cache-Control", "no-cache");
        headers.set("ETag", tag);
        headers.set("Last-Modified", DateTimeFormatter.RFC_1123_DATE_TIME.format(modified.toInstant().atOffset(ZoneOffset.UTC)));
        headers.set("Vary", "Accept-Encoding");
        if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        byte[] body = gzip ? gzip(file, tag) : null;
        long length = gzip ? body.length : size;
        if (gzip) {
            headers.set("Content-Encoding", "gzip");
        }
        if (exchange.getRequestMethod().equals("HEAD")) {
            headers.set("Content-Length", Long.toString(length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        exchange.sendResponseHeaders(200, length == 0 ? -1 : length);
        try (OutputStream out = exchange.getResponseBody()) {
            if (gzip) {
                out.write(body);
            } else {
                Files.copy(file, out);
            }
        }
    }

    private byte[] gzip(Path file, String tag) throws IOException {
        String key = file + tag;
        byte[] known = compressed.get(key);
        if (known == null) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (OutputStream out = new GZIPOutputStream(bytes); InputStream in = Files.newInputStream(file)) {
                in.transferTo(out);
            }
            known = bytes.toByteArray();
            compressed.put(key, known);
        }
        return known;
    }

    private static boolean acceptsGzip(String header) {
        if (header == null) {
            return false;
        }
        for (String entry : header.toLowerCase(Locale.ROOT).split(",")) {
            String[] parts = entry.replace(" ", "").split(";");
            if (parts[0].equals("gzip")) {
                return parts.length == 1 || !parts[1].matches("q=0(\\.0*)?");
            }
        }
        return false;
    }

    private static String extension(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
