package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Operators of TensorFlow Lite in the browser beside LiteRT.js, each as a model of its own. */
@ExtendWith(Harness.Shared.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TfliteOperatorTest {

    private static final double TOLERANCE = 2e-6;

    @Test
    void computesWhatLiteRtDoes(Harness harness, @TempDir Path folder) throws IOException {
        Map<String, TfliteCases.Case> cases = new LinkedHashMap<>();
        for (TfliteCases some : List.of(new TfliteElementCases(), new TfliteProductCases(), new TfliteArrayCases(),
                new TfliteCustomCases())) {
            cases.putAll(some.all());
        }
        StringBuilder wrong = new StringBuilder();
        try (LiteRt page = LiteRt.open(harness, folder)) {
            int number = 0;
            for (Map.Entry<String, TfliteCases.Case> entry : cases.entrySet()) {
                TfliteSketch sketch = new TfliteSketch(entry.getKey().hashCode());
                entry.getValue().sketch().accept(sketch);
                String name = "case" + number++;
                try {
                    page.put(name, sketch.bytes());
                    for (LiteRt.Output output : page.compare(name, List.of(-1.0, 1.0), 1, sketch.feeds())) {
                        double allowed = entry.getValue().step() + TOLERANCE * Math.max(1, output.largest());
                        if (!(output.error() <= allowed)) {
                            wrong.append(entry.getKey()).append(": ").append(output).append('\n');
                        }
                    }
                } catch (RuntimeException e) {
                    wrong.append(entry.getKey()).append(": ").append(String.valueOf(e.getMessage()).lines().limit(4).toList()).append('\n');
                }
            }
        }
        assertTrue(wrong.isEmpty(), wrong::toString);
    }
}
