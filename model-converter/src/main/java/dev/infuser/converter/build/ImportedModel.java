package dev.infuser.converter.build;

import dev.infuser.graph.Graph;
import java.util.Map;

/**
 * A model in the graph language.
 *
 * @param graph    verified, at {@link Graph#OPSET}, with inferred types
 * @param metadata what the file says of itself: {@code format}, {@code producer}, {@code opset}, {@code doc} and the
 *                 producer's own entries
 */
public record ImportedModel(Graph graph, Map<String, String> metadata) {
}
