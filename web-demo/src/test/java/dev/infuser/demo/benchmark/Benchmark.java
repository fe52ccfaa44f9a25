package dev.infuser.demo.benchmark;

import ai.onnxruntime.OrtException;
import com.google.gson.GsonBuilder;
import dev.infuser.demo.Chrome;
import dev.infuser.demo.SiteServer;
import dev.infuser.models.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Infuser beside other runtimes in one Chromium. Each (runtime, network, threads) has a fresh page in a profile of its own,
 * outputs are checked against native ONNX Runtime before and after timing, and rounds alternate between the runtimes in an
 * order that rotates. Prints Markdown and writes it with all numbers as JSON.
 */
@Command(name = "benchmark", mixinStandardHelpOptions = true, sortOptions = false)
final class Benchmark implements Callable<Integer> {

    /** What scripts of other runtimes need besides: import maps, and workers made of blobs. */
    private static final String POLICY = SiteServer.POLICY.replace("script-src", "script-src 'unsafe-inline' blob:")
            .replace("worker-src", "worker-src blob:").replace("connect-src", "connect-src blob:");

    private static final int BEST_QUALITY = 11;
    private static final int QUICK_QUALITY = 4;

    @Spec
    private CommandSpec command;

    @Option(names = "--bundle", paramLabel = "DIR", defaultValue = "inference-core/target/npm")
    private Path bundle;

    @Option(names = "--output", paramLabel = "DIR", defaultValue = "web-demo/target", description = "where the report goes")
    private Path output;

    @Option(names = "--networks", split = ",", paramLabel = "PREFIX", description = "networks whose names begin so, also those that"
            + " are not measured where none is named; all: every network")
    private List<String> networks = List.of();

    @Option(names = "--runtimes", split = ",", paramLabel = "NAME", description = "default: ${DEFAULT-VALUE}",
            defaultValue = "infuser,onnxruntime-web,tfjs-wasm,litert,onnxruntime-node")
    private List<String> runtimes;

    @Option(names = "--threads", split = ",", defaultValue = "1,2", description = "default: ${DEFAULT-VALUE}")
    private List<Integer> threads;

    @Option(names = "--rounds", defaultValue = "7", description = "rounds of each runtime (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--round", paramLabel = "MS", defaultValue = "1000", description = "length of one (default: ${DEFAULT-VALUE})")
    private int roundMillis;

    @Option(names = "--warm-up", paramLabel = "MS", defaultValue = "2000", description = "default: ${DEFAULT-VALUE}")
    private int warmUpMillis;

    @Option(names = "--starts", defaultValue = "5", description = "fresh starts of each runtime (default: ${DEFAULT-VALUE})")
    private int starts;

    @Option(names = "--timeout", paramLabel = "S", defaultValue = "180",
            description = "after which a page is given up (default: ${DEFAULT-VALUE})")
    private int timeoutSeconds;

    @Option(names = "--quick", description = "one model and one operator, briefly, to see that all of it works")
    private boolean quick;

    @Option(names = "--serve", description = "measures nothing, and serves the page where visitors measure, with all runtimes")
    private boolean serve;

    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        System.exit(new CommandLine(new Benchmark()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        if (!Files.exists(bundle.resolve("infuser.js"))) {
            say("benchmark: there is no bundle in " + bundle + "; build it with: ./mvnw -DskipTests package");
            return 2;
        }
        if (quick) {
            networks = List.of("silero-vad", "matmul-1x");
            runtimes = List.of(Runtimes.INFUSER, Runtimes.ONNXRUNTIME_WEB);
            threads = List.of(1);
            rounds = 2;
            roundMillis = 100;
            warmUpMillis = 100;
            starts = 1;
        }
        Path data = Files.createDirectories(output.resolve("benchmark-data"));
        List<Workload> workloads = workloads(data);
        if (workloads.isEmpty()) {
            say("benchmark: there is no network " + String.join(", ", networks));
            return 2;
        }
        Course course = Course.prepare(workloads, new TreeSet<>(runtimes), bundle, data);
        try (SiteServer server = SiteServer.start(course.site(), 0, true, POLICY)) {
            if (serve) {
                System.out.println(server.address() + "benchmark/index.html?workloads=" + Course.LIST + " (stop with Ctrl+C)");
                Thread.currentThread().join();
            }
            report(measure(course, server));
        }
        return 0;
    }

    private void say(String line) {
        command.commandLine().getErr().println(line);
    }

    private List<Workload> workloads(Path data) throws IOException, OrtException {
        List<Workload> workloads = new ArrayList<>();
        for (Networks.Offer offer : Networks.all()) {
            if (wanted(offer.name(), offer.standard())) {
                try {
                    workloads.add(offer.maker().make());
                } catch (UnavailableException e) {
                    say("benchmark: without " + offer.title() + ": " + e.getMessage());
                }
            }
        }
        for (Workload operator : Operators.write(data)) {
            if (wanted(operator.name(), true)) {
                workloads.add(operator);
            }
        }
        return workloads;
    }

    private boolean wanted(String network, boolean standard) {
        return networks.isEmpty() ? standard : networks.contains("all") || networks.stream().anyMatch(network::startsWith);
    }

    private Results measure(Course course, SiteServer server) throws IOException, OrtException {
        Race.Pace pace = new Race.Pace(rounds, roundMillis, warmUpMillis, starts, timeoutSeconds * 1000);
        try (Chrome chrome = new Chrome()) {
            Map<String, String> facts = Machine.describe("Chromium " + chrome.browser().version());
            facts.put("pace", rounds + " rounds of " + roundMillis + " ms after " + warmUpMillis + " ms of warming up, " + starts
                    + " fresh starts");
            Race race = new Race(chrome.browser(), server, course, pace, this::say);
            race.limits();
            for (Workload workload : course.workloads()) {
                for (int count : threads) {
                    race.run(workload, runtimes, count);
                }
                race.start(workload, runtimes);
            }
            facts.put("load at the end", String.format(Locale.ROOT, "%.2f", Machine.load()));
            int quality = quick ? QUICK_QUALITY : BEST_QUALITY;
            facts.put("brotli", "quality " + quality);
            List<Sizes.Size> sizes = Sizes.of(race.measurements(), course.site(), server.address(), quality);
            return new Results(facts, course.workloads(), race.measurements(), sizes);
        }
    }

    private void report(Results results) throws IOException {
        List<Goals.Goal> goals = Goals.of(results);
        String markdown = Report.markdown(results, goals);
        Files.writeString(output.resolve("benchmark.md"), markdown);
        Files.writeString(output.resolve("benchmark.json"), new GsonBuilder().setPrettyPrinting().disableHtmlEscaping()
                .serializeSpecialFloatingPointValues().create().toJson(results.toMap(goals)) + "\n");
        command.commandLine().getOut().print(markdown);
        command.commandLine().getOut().flush();
    }
}
