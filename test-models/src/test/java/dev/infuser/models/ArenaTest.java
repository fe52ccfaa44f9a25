package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.kernel.Target;
import dev.infuser.pass.Passes;
import dev.infuser.plan.Bound;
import dev.infuser.plan.Planner;
import dev.infuser.plan.Program;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.ValueType;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The memory that real models get for their values, against what lives at once in the best case. */
class ArenaTest {

    /** Greedy placement leaves holes; these models have next to none. */
    private static final double OVER_BOUND = 1.05;

    /** A change that lets these grow should be a choice. */
    @ParameterizedTest
    @CsvSource({"MiniLM, 1x128, 1.1", "detector, 1x3x640x640, 35", "recogniser, 1x3x48x320, 2.1"})
    void theArenaIsHardlyLargerThanWhatLivesAtOnce(String name, String dims, double megabytes) throws Exception {
        Graph graph = Passes.optimize(OnnxImporter.importModel(ByteBuffer.wrap(Files.readAllBytes(model(name))), null).graph());
        Program program = Planner.compile(graph, Target.RELAXED, Planner.packable(graph));
        List<ValueType> types = new ArrayList<>();
        for (Value input : graph.inputs()) {
            List<Dim> extents = new ArrayList<>();
            for (String extent : dims.split("x")) {
                extents.add(Dim.of(Long.parseLong(extent)));
            }
            types.add(ValueType.tensor(((ValueType.OfTensor) input.type()).dtype(), new Shape(extents)));
        }
        Bound bound = program.bind(types, 1);
        System.out.printf("%s %s: arena %.2f MB, lower bound of the schedule %.2f MB%n", name, dims,
                bound.arenaBytes() / 1e6, bound.lowerBound() / 1e6);
        assertTrue(bound.arenaBytes() <= OVER_BOUND * bound.lowerBound());
        assertTrue(bound.arenaBytes() <= megabytes * 1e6);
    }

    private static Path model(String name) {
        try {
            return switch (name) {
                case "MiniLM" -> Models.miniLm();
                case "detector" -> Models.ocrDetection();
                default -> Models.ocrRecognition();
            };
        } catch (UnavailableException e) {
            return abort(name + " is not there: " + e.getMessage());
        }
    }
}
