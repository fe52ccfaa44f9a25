package dev.infuser.demo.benchmark;

import com.google.gson.GsonBuilder;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.infuser.demo.Chrome;
import dev.infuser.demo.Site;
import dev.infuser.demo.SiteServer;
import dev.infuser.study.Edges;
import dev.infuser.study.ModelInput;
import dev.infuser.study.Modules;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The implementations of the image study side by side, in a fresh page of one Chromium for each pipeline and size. The page compares
 * their outputs before and after timing; what JavaScript answers is compared with the Java on the JVM. Prints Markdown and writes it
 * with all numbers as JSON.
 */
@Command(name = "study", mixinStandardHelpOptions = true, sortOptions = false)
final class Study implements Callable<Integer> {

    private static final String MEASURE = """
            async (options) => {
              const { measure } = await import('/study/measure.js'), { implementations } = await import('/study/implementations.js');
              const names = implementations.map(({ name }) => name);
              return measure({ ...options, names: names.filter((name) => !options.only.length || options.only.includes(name)) });
            }""";
    private static final String EVIDENCE = """
            async ({ pipeline, width, height }) => (await import('/study/measure.js')).evidence('script', pipeline, width, height)""";
    private static final int PAGE_TIMEOUT = 600_000;

    @Spec
    private CommandSpec command;

    @Option(names = "--bundle", paramLabel = "DIR", defaultValue = "inference-core/target/npm")
    private Path bundle;

    @Option(names = "--output", paramLabel = "DIR", defaultValue = "web-demo/target", description = "where the report goes")
    private Path output;

    @Option(names = "--pipelines", split = ",", paramLabel = "NAME", defaultValue = "edges,input", description = "default: ${DEFAULT-VALUE}")
    private List<String> pipelines;

    @Option(names = "--sizes", split = ",", paramLabel = "WxH", defaultValue = "1280x720,1920x1080,3840x2160",
            description = "default: ${DEFAULT-VALUE}")
    private List<String> sizes;

    @Option(names = "--implementations", split = ",", paramLabel = "NAME", description = "default: all")
    private List<String> implementations = List.of();

    @Option(names = "--rounds", defaultValue = "9", description = "rounds of each implementation (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--round", paramLabel = "MS", defaultValue = "1000", description = "length of one (default: ${DEFAULT-VALUE})")
    private int roundMillis;

    @Option(names = "--warm-up", paramLabel = "MS", defaultValue = "2000", description = "default: ${DEFAULT-VALUE}")
    private int warmUpMillis;

    @Option(names = "--quick", description = "a small picture, briefly, to see that all of it works")
    private boolean quick;

    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        System.exit(new CommandLine(new Study()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        if (quick) {
            sizes = List.of("321x181");
            rounds = 2;
            roundMillis = 50;
            warmUpMillis = 50;
        }
        List<Map<?, ?>> results = new ArrayList<>();
        Map<String, String> facts;
        Path modules = output.resolve("study-modules");
        Modules.write(modules, sizes);
        try (SiteServer server = SiteServer.start(Site.demo(bundle, output).with("/study/infuser/", modules), 0, true); Chrome chrome = new Chrome()) {
            facts = Machine.describe("Chromium " + chrome.browser().version());
            facts.remove("reference");
            facts.put("pace", rounds + " rounds of " + roundMillis + " ms after " + warmUpMillis + " ms of warming up");
            for (String pipeline : pipelines) {
                for (String size : sizes) {
                    say(pipeline + " " + size);
                    String[] extents = size.split("x");
                    Map<String, Object> course = new LinkedHashMap<>(Map.of("pipeline", pipeline, "width",
                            Integer.parseInt(extents[0]), "height", Integer.parseInt(extents[1]), "rounds", rounds, "round",
                            roundMillis, "warmUp", warmUpMillis, "only", implementations));
                    results.add(measure(chrome, server.address() + "benchmark/run.html", course));
                }
            }
        }
        facts.put("load at the end", String.format(Locale.ROOT, "%.2f", Machine.load()));
        String markdown = StudyReport.markdown(facts, results);
        Files.writeString(output.resolve("study.md"), markdown);
        Files.writeString(output.resolve("study.json"), new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create()
                .toJson(Map.of("facts", facts, "results", results)) + "\n");
        command.commandLine().getOut().print(markdown);
        command.commandLine().getOut().flush();
        return 0;
    }

    private void say(String line) {
        command.commandLine().getErr().println(line);
    }

    /** One pipeline at one size, in pages of their own. */
    private static Map<?, ?> measure(Chrome chrome, String address, Map<String, Object> course) {
        try (BrowserContext context = chrome.browser().newContext()) {
            checkReference(open(context, address), course);
        }
        try (BrowserContext context = chrome.browser().newContext()) {
            return (Map<?, ?>) open(context, address).evaluate(MEASURE, course);
        }
    }

    private static Page open(BrowserContext context, String address) {
        Page page = context.newPage();
        page.setDefaultTimeout(PAGE_TIMEOUT);
        page.navigate(address);
        return page;
    }

    /** @throws IllegalStateException if JavaScript and the JVM disagree */
    private static void checkReference(Page page, Map<String, Object> course) {
        Map<?, ?> evidence = (Map<?, ?>) page.evaluate(EVIDENCE, course);
        int width = (int) course.get("width");
        int height = (int) course.get("height");
        int[] picture = new int[width * height];
        decode(evidence.get("picture")).asIntBuffer().get(picture);
        ByteBuffer answer = decode(evidence.get("answer"));
        boolean same;
        if (course.get("pipeline").equals("edges")) {
            int[] painted = new int[picture.length];
            new Edges(width, height).run(picture, painted);
            same = IntBuffer.wrap(painted).equals(answer.asIntBuffer());
        } else {
            float[] tensor = new float[3 * ModelInput.SIZE * ModelInput.SIZE];
            new ModelInput(width, height).run(picture, tensor);
            same = FloatBuffer.wrap(tensor).equals(answer.asFloatBuffer());
        }
        if (!same) {
            throw new IllegalStateException("JavaScript and the JVM differ on " + course);
        }
    }

    private static ByteBuffer decode(Object base64) {
        return ByteBuffer.wrap(Base64.getDecoder().decode((String) base64)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
