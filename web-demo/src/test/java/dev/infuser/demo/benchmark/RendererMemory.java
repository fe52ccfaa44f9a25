package dev.infuser.demo.benchmark;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** How large the process that renders a page has been. */
public final class RendererMemory {

    private static final String COMPUTE = "() => { const end = performance.now() + 300; while (performance.now() < end); }";

    private RendererMemory() {
    }

    /**
     * The greatest resident size in bytes of the page's process. Which one that is the browser does not tell, but how long
     * the page's process and each process have computed: before and after the page computes, one of them fits.
     */
    public static OptionalLong peak(Page page) {
        Browser browser = page.context().browser();
        CDPSession session = page.context().newCDPSession(page);
        try {
            session.send("Performance.enable");
            Map<Long, Double> before = renderers(browser);
            double ownBefore = ownSeconds(session);
            page.evaluate(COMPUTE);
            Map<Long, Double> after = renderers(browser);
            double ownAfter = ownSeconds(session);
            long found = -1;
            double least = Double.POSITIVE_INFINITY;
            for (Map.Entry<Long, Double> renderer : after.entrySet()) {
                double distance = Math.abs(renderer.getValue() - ownAfter)
                        + Math.abs(before.getOrDefault(renderer.getKey(), 0.0) - ownBefore);
                if (distance < least) {
                    least = distance;
                    found = renderer.getKey();
                }
            }
            return peak(found);
        } finally {
            session.detach();
        }
    }

    private static double ownSeconds(CDPSession session) {
        for (JsonElement element : session.send("Performance.getMetrics").getAsJsonArray("metrics")) {
            JsonObject metric = element.getAsJsonObject();
            if (metric.get("name").getAsString().equals("ProcessTime")) {
                return metric.get("value").getAsDouble();
            }
        }
        throw new IllegalStateException("the browser does not tell how long a page's process has computed");
    }

    private static Map<Long, Double> renderers(Browser browser) {
        CDPSession session = browser.newBrowserCDPSession();
        try {
            Map<Long, Double> seconds = new HashMap<>();
            for (JsonElement element : session.send("SystemInfo.getProcessInfo").getAsJsonArray("processInfo")) {
                JsonObject process = element.getAsJsonObject();
                if (process.get("type").getAsString().equals("renderer")) {
                    seconds.put(process.get("id").getAsLong(), process.get("cpuTime").getAsDouble());
                }
            }
            return seconds;
        } finally {
            session.detach();
        }
    }

    /** The greatest resident size of a process in bytes, where {@code /proc} tells. */
    static OptionalLong peak(long process) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process), "status"))) {
                if (line.startsWith("VmHWM:")) {
                    return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")) * 1024);
                }
            }
        } catch (IOException e) {
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }
}
