package dev.infuser.demo.benchmark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a run depends on. */
final class Machine {

    private static final List<String> VECTORS = List.of("avx512f", "avx2", "avx", "asimd");

    private Machine() {
    }

    /** What there is to say, by what it is about. */
    static Map<String, String> describe(String browser) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("processor", processor());
        facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("load", String.format(Locale.ROOT, "%.2f", load()));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch"));
        facts.put("browser", browser);
        facts.put("reference", "ONNX Runtime " + Reference.version() + " (JVM)");
        return facts;
    }

    /** Processes that compute or wait to, averaged over a minute; negative where the system does not tell. */
    static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private static String processor() {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/cpuinfo"));
            List<String> flags = List.of(field(lines, "flags").split(" "));
            String widest = VECTORS.stream().filter(flags::contains).findFirst().orElse("");
            return (field(lines, "model name") + " " + widest).strip();
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    private static String field(List<String> lines, String name) {
        return lines.stream().filter(line -> line.startsWith(name)).map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst().orElse("");
    }
}
