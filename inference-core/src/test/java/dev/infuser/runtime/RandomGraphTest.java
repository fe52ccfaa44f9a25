package dev.infuser.runtime;

import dev.infuser.tensor.Datum;
import dev.infuser.testing.Engines;
import dev.infuser.testing.GraphSketch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RandomGraphTest {

    private static final int GRAPHS = 400;

    /**
     * Values stay below 60; an error of 1e-6 may grow over a dozen nodes, each of which multiplies by at most a few.
     */
    private static final double TOLERANCE = 1e-4;

    @Test
    void randomGraphsComputeWhatEvaluationDoes() {
        try (Engines engines = new Engines()) {
            for (int seed = 0; seed < GRAPHS; seed++) {
                String text = RandomGraph.sketch(seed);
                GraphSketch sketch = GraphSketch.parse(text);
                List<List<Datum>> runs = new ArrayList<>();
                for (String extents : RandomGraph.RUNS) {
                    runs.add(sketch.feeds(extents, runs.size()));
                }
                try {
                    engines.check(sketch.graph(), TOLERANCE, runs);
                } catch (RuntimeException | AssertionError e) {
                    throw new AssertionError("graph " + seed + ":\n" + text, e);
                }
            }
        }
    }
}
