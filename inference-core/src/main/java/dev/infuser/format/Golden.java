package dev.infuser.format;

import dev.infuser.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One run of the source framework, to be replayed on any device: {@code |found - expected| <= absolute + relative *
 * |expected|} must hold for every element.
 *
 * @param name     for messages
 * @param inputs   the feeds, by graph input
 * @param outputs  the results, by graph output
 * @param absolute the absolute part of the tolerance, at least 0
 * @param relative the relative part of the tolerance, at least 0
 */
public record Golden(String name, Map<String, Tensor> inputs, Map<String, Tensor> outputs, float absolute,
        float relative) {

    public Golden {
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    }
}
