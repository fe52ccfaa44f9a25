package dev.infuser.converter;

import dev.infuser.format.Golden;
import dev.infuser.format.Sample;
import dev.infuser.format.Seeded;
import dev.infuser.graph.Graph;
import dev.infuser.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Golden vectors that are small beside their model: inputs as seeds, and as much of the outputs as there is room for. */
final class GoldenVectors {

    private static final int PARTS = 512;
    private static final int MIN_BYTES = 256;
    private static final int MAX_BYTES = 1 << 16;
    private static final int MAX_WHOLE_INPUT = 1 << 12;

    private GoldenVectors() {
    }

    /** The bytes that outputs may take beside the weights of a graph. */
    static long budget(Graph graph) {
        long bytes = 0;
        for (Tensor constant : graph.constants().values()) {
            bytes += (long) constant.size() * constant.dtype().bits() / 8;
        }
        return Math.max(MIN_BYTES, Math.min(MAX_BYTES, bytes / PARTS));
    }

    /**
     * A golden vector, or null when an input is neither small nor a seed.
     *
     * @param feeds as drawn, before anything has asked for their elements
     * @param bytes what outputs may take
     */
    static Golden of(Map<String, Tensor> feeds, Map<String, Tensor> outputs, float absolute, float relative, long bytes) {
        for (Tensor feed : feeds.values()) {
            if (!Seeded.is(feed) && feed.size() > MAX_WHOLE_INPUT) {
                return null;
            }
        }
        Map<String, Tensor> kept = new LinkedHashMap<>();
        outputs.forEach((name, tensor) -> kept.put(name, Sample.of(tensor,
                (int) Math.max(1, bytes / outputs.size() / Math.max(1, tensor.dtype().bytes())))));
        return new Golden("generated", feeds, kept, absolute, relative);
    }
}
