package dev.infuser.demo.benchmark;

import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** onnxruntime-node in a process of its own, which {@code native.mjs} runs in. */
final class NodeLane implements Lane {

    private static final Gson GSON = new Gson();

    private final Process process;
    private final Writer questions;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final int timeoutMillis;
    private final double first;
    private final String settings;

    /**
     * Starts it and waits for the first result.
     *
     * @param node    the program
     * @param modules the folder {@code node_modules} with onnxruntime-node
     * @param task    what {@code native.mjs} is told
     * @throws BrokenException if it does not get that far
     */
    NodeLane(Path node, Path modules, Map<String, Object> task, int timeoutMillis) throws IOException {
        this.timeoutMillis = timeoutMillis;
        Path script = Files.createTempFile("native", ".mjs");
        script.toFile().deleteOnExit();
        try (InputStream in = NodeLane.class.getResourceAsStream("native.mjs")) {
            Files.write(script, in.readAllBytes());
        }
        process = new ProcessBuilder(node.toString(), script.toString(), modules.resolveSibling("package.json").toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        questions = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "native");
        reader.setDaemon(true);
        reader.start();
        try {
            Map<?, ?> result = (Map<?, ?>) ask("open", task);
            first = ((Number) result.get("first")).doubleValue();
            settings = (String) result.get("settings");
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                answers.add(line);
            }
        } catch (IOException e) {
            answers.add("{\"error\": \"its output cannot be read\"}");
        }
        answers.add("{\"error\": \"the process ended\"}");
    }

    private Object ask(String operation, Object argument) {
        try {
            questions.write(GSON.toJson(List.of(operation, argument)) + "\n");
            questions.flush();
            String line = answers.poll(timeoutMillis, TimeUnit.MILLISECONDS);
            if (line == null) {
                throw new BrokenException("no answer within " + timeoutMillis / 1000 + " s");
            }
            Map<?, ?> answer = GSON.fromJson(line, Map.class);
            if (answer.get("error") != null) {
                throw new BrokenException(answer.get("error").toString());
            }
            return answer.get("result");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokenException("interrupted");
        }
    }

    @Override
    public double first() {
        return first;
    }

    @Override
    public String settings() {
        return settings;
    }

    @Override
    public Map<String, float[]> check() {
        return PageLane.floats((Map<?, ?>) ask("check", 0));
    }

    @Override
    public List<Double> times(int millis) {
        return ((List<?>) ask("times", millis)).stream().map(number -> ((Number) number).doubleValue()).toList();
    }

    @Override
    public List<Map<String, Object>> profile() {
        return List.of();
    }

    @Override
    public int threads() {
        return 0;
    }

    @Override
    public OptionalLong peakMemory() {
        return RendererMemory.peak(process.pid());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
