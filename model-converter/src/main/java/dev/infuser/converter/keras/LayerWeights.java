package dev.infuser.converter.keras;

import dev.infuser.converter.build.Emitter;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of all layers. Files call them {@code layer/weight}, with the names of models and wrappers around the layer
 * before that, or some of them, and with the name of a cell before the weight.
 */
final class LayerWeights {

    private final Map<String, Tensor> tensors;
    private final Emitter out;
    private final Map<String, String> values = new HashMap<>();

    LayerWeights(Map<String, Tensor> tensors, Emitter out) {
        this.tensors = tensors;
        this.out = out;
    }

    /**
     * The value of a weight, the same at each call.
     *
     * @param scopes the models and wrappers around the layer, then the layer
     */
    String value(List<String> scopes, String weight) {
        String name = find(scopes, weight);
        if (name == null) {
            String layer = String.join("/", scopes);
            throw new InvalidModelException("missing-weights", layer, "layer '" + layer + "' has no weight '" + weight
                    + "' in the manifest", "", "the file is damaged: export it again");
        }
        return values.computeIfAbsent(name, key -> out.constant(key, tensors.get(key)));
    }

    private String find(List<String> scopes, String weight) {
        for (int from = 0; from < scopes.size(); from++) {
            String name = String.join("/", scopes.subList(from, scopes.size())) + "/" + weight;
            if (tensors.containsKey(name)) {
                return name;
            }
        }
        List<String> best = new ArrayList<>();
        int most = 0;
        for (String name : tensors.keySet()) {
            List<String> parts = Arrays.asList(name.split("/"));
            if (!parts.get(parts.size() - 1).equals(weight) || !parts.contains(scopes.get(scopes.size() - 1))) {
                continue;
            }
            int shared = (int) scopes.stream().filter(parts::contains).count();
            if (shared > most) {
                best.clear();
                most = shared;
            }
            if (shared == most) {
                best.add(name);
            }
        }
        return best.size() == 1 ? best.get(0) : null;
    }
}
