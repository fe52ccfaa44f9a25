package dev.infuser.demo.benchmark;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder;
import dev.infuser.demo.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The bytes of the runtimes' own files that pages asked for. */
final class Sizes {

    /**
     * What a runtime made pages fetch.
     *
     * @param networks whose pages fetched just these files
     * @param raw      the bytes of the files
     * @param brotli   the same compressed with brotli
     */
    record Size(String runtime, TreeSet<String> files, List<String> networks, long raw, long brotli) {
    }

    private final Site site;
    private final String origin;
    private final int quality;
    private final Map<String, Long> compressed = new HashMap<>();

    private Sizes(Site site, String origin, int quality) {
        this.site = site;
        this.quality = quality;
        this.origin = origin;
    }

    /**
     * One entry for each runtime and set of files, at one thread.
     *
     * @param address of the server, ending in {@code /}
     * @param quality of the compression
     */
    static List<Size> of(List<Measurement> measurements, Site site, String address, int quality) throws IOException {
        Brotli4jLoader.ensureAvailability();
        Sizes sizes = new Sizes(site, address.substring(0, address.length() - 1), quality);
        Map<String, Size> found = new LinkedHashMap<>();
        for (Measurement measurement : measurements) {
            if (measurement.threads() == 1 && Runtimes.IN_PAGES.contains(measurement.runtime())) {
                TreeSet<String> files = sizes.files(measurement);
                String key = measurement.runtime() + files;
                if (!found.containsKey(key) && !files.isEmpty()) {
                    found.put(key, sizes.measure(measurement.runtime(), files));
                }
                if (!files.isEmpty()) {
                    found.get(key).networks().add(measurement.workload());
                }
            }
        }
        Map<Integer, List<Size>> inOrder = new TreeMap<>();
        found.values().forEach(size -> inOrder.computeIfAbsent(Runtimes.IN_PAGES.indexOf(size.runtime()),
                key -> new ArrayList<>()).add(size));
        return inOrder.values().stream().flatMap(List::stream).toList();
    }

    private TreeSet<String> files(Measurement measurement) {
        TreeSet<String> files = new TreeSet<>();
        for (String url : measurement.requests()) {
            String path = url.startsWith(origin) ? url.substring(origin.length()).replaceFirst("[?#].*", "") : "";
            if (Runtimes.prefixes(measurement.runtime()).stream().anyMatch(path::startsWith)) {
                files.add(path);
            }
        }
        return files;
    }

    private Size measure(String runtime, TreeSet<String> files) throws IOException {
        long raw = 0;
        long brotli = 0;
        for (String path : files) {
            byte[] data = Files.readAllBytes(site.find(path).orElseThrow());
            raw += data.length;
            if (!compressed.containsKey(path)) {
                Encoder.Parameters parameters = new Encoder.Parameters().setQuality(quality).setWindow(24);
                compressed.put(path, (long) Encoder.compress(data, parameters).length);
            }
            brotli += compressed.get(path);
        }
        return new Size(runtime, files, new ArrayList<>(), raw, brotli);
    }
}
