package dev.infuser.format;

import dev.infuser.graph.Graph;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that a {@code .tea} file holds.
 *
 * @param graph    the computation, weights included
 * @param metadata provenance: source hash, converter version, options, measured error, ...
 * @param assets   tokenizer, labels, pre-processing, ...: bytes by name
 * @param golden   inputs with the outputs that the source framework gave
 */
public record Model(Graph graph, Map<String, String> metadata, Map<String, byte[]> assets, List<Golden> golden) {

    public Model {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        assets = Collections.unmodifiableMap(new LinkedHashMap<>(assets));
        golden = List.copyOf(golden);
    }

    /** A model that is nothing but its graph. */
    public static Model of(Graph graph) {
        return new Model(graph, Map.of(), Map.of(), List.of());
    }
}
