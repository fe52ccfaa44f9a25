package dev.infuser.demo.benchmark;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.TimeoutError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** A runtime in a page of its own, in a profile of its own and so in a process of its own. */
final class PageLane implements Lane {

    private final BrowserContext context;
    private final Page page;
    private final int timeoutMillis;
    private final Set<String> requests = new ConcurrentSkipListSet<>();
    private final Map<Integer, Map<?, ?>> answers = new HashMap<>();
    private final double began;
    private final double first;
    private final double loading;
    private final double compiling;
    private final double running;
    private final String settings;
    private int turn;

    /**
     * Opens {@code run.html} and waits for the first result.
     *
     * @param address       where that is, with what it is asked for
     * @param cores         what the page takes the machine to have, or 0 for the truth
     * @param timeoutMillis how long any answer may take
     * @throws BrokenException if the runtime does not get that far
     */
    PageLane(Browser browser, String address, int cores, int timeoutMillis) {
        this.timeoutMillis = timeoutMillis;
        context = browser.newContext();
        try {
            page = context.newPage();
            context.onRequest(request -> requests.add(request.url()));
            page.onCrash(crashed -> answers.put(turn, Map.of("error", "the page crashed")));
            page.exposeFunction("answer", arguments -> answers.put(((Number) arguments[0]).intValue(), (Map<?, ?>) arguments[1]));
            if (cores > 0) {
                page.addInitScript("Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { value: " + cores + " });");
            }
            page.navigate(address);
            Map<?, ?> result = (Map<?, ?>) await();
            began = number(result, "began");
            first = number(result, "first");
            loading = number(result, "loading");
            compiling = number(result, "compiling");
            running = number(result, "running");
            settings = (String) result.get("settings");
        } catch (RuntimeException e) {
            close();
            throw e instanceof PlaywrightException failure ? broken(failure) : e;
        }
    }

    private static double number(Map<?, ?> result, String name) {
        return ((Number) result.get(name)).doubleValue();
    }

    private static BrokenException broken(PlaywrightException e) {
        return new BrokenException("the page broke: " + e.getMessage().replaceAll("\\s+", " "));
    }

    private Object await() {
        try {
            page.waitForCondition(() -> answers.containsKey(turn), new Page.WaitForConditionOptions().setTimeout(timeoutMillis));
        } catch (TimeoutError e) {
            throw new BrokenException("no answer within " + timeoutMillis / 1000 + " s");
        }
        Map<?, ?> answer = answers.remove(turn);
        if (answer.get("error") != null) {
            throw new BrokenException(answer.get("error").toString());
        }
        return answer.get("result");
    }

    private Object perform(String operation, Object argument) {
        turn++;
        try {
            page.bringToFront();
            page.evaluate("([turn, operation, argument]) => perform(turn, operation, argument)",
                    List.of(turn, operation, argument));
            return await();
        } catch (PlaywrightException e) {
            throw broken(e);
        }
    }

    @Override
    public double first() {
        return first;
    }

    /** Milliseconds from the start of navigation until the page asks for the runtime. */
    double began() {
        return began;
    }

    /** Milliseconds of {@link #loading} that planning and generating took, or 0 where the runtime does not tell. */
    double compiling() {
        return compiling;
    }

    /** Milliseconds that the runtime took to load the model, or 0 where it does not tell. */
    double loading() {
        return loading;
    }

    /** Milliseconds of the first run. */
    double running() {
        return running;
    }

    @Override
    public String settings() {
        return settings;
    }

    /** The addresses that the page asked for. */
    Set<String> requests() {
        return new TreeSet<>(requests);
    }

    @Override
    public Map<String, float[]> check() {
        return floats((Map<?, ?>) perform("check", 0));
    }

    /** Float arrays by name from their bytes in base64. */
    static Map<String, float[]> floats(Map<?, ?> encoded) {
        Map<String, float[]> outputs = new HashMap<>();
        encoded.forEach((name, text) -> {
            byte[] bytes = Base64.getDecoder().decode((String) text);
            float[] values = new float[bytes.length / Float.BYTES];
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
            outputs.put((String) name, values);
        });
        return outputs;
    }

    @Override
    public List<Double> times(int millis) {
        return ((List<?>) perform("times", millis)).stream().map(number -> ((Number) number).doubleValue()).toList();
    }

    @Override
    @SuppressWarnings("unchecked")
    public List<Map<String, Object>> profile() {
        return (List<Map<String, Object>>) perform("profile", 0);
    }

    @Override
    public int threads() {
        return ((Number) perform("threads", 0)).intValue();
    }

    @Override
    public OptionalLong peakMemory() {
        try {
            return RendererMemory.peak(page);
        } catch (PlaywrightException e) {
            throw broken(e);
        }
    }

    @Override
    public void close() {
        try {
            context.close();
        } catch (PlaywrightException e) {
            throw new IllegalStateException("the browser does not close a page", e);
        }
    }
}
