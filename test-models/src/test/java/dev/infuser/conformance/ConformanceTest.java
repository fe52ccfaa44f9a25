package dev.infuser.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.infuser.conformance.Result.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ONNX's backend tests on the operators' own definitions. */
class ConformanceTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** The operators of the real models: all their tests must pass. */
    private static final Set<String> PROMISED = Set.of("Add", "AveragePool", "Cast", "Clip", "Concat", "Constant",
            "ConstantOfShape", "Conv", "ConvTranspose", "Div", "Equal", "Erf", "Gather", "GlobalAveragePool",
            "HardSigmoid", "Identity", "MatMul", "MaxPool", "Mul", "Not", "Pad", "Pow", "ReduceMean", "Relu",
            "Reshape", "Shape", "Sigmoid", "Slice", "Softmax", "Sqrt", "Squeeze", "Sub", "Transpose", "Unsqueeze",
            "Where");

    /**
     * Tests that expect what ONNX's text forbids: NaN becomes 6 in float4e2m1 (onnx.ai/onnx/technical/float4.html), as
     * the same tests of opset 23 expect, and not -0.
     */
    private static final Set<String> DISPUTED = Set.of("node/test_cast_FLOAT16_to_FLOAT4E2M1",
            "node/test_cast_FLOAT_to_FLOAT4E2M1", "node/test_cast_FLOAT16_to_FLOAT4E2M1__Cast_24",
            "node/test_cast_FLOAT_to_FLOAT4E2M1__Cast_24");

    @Test
    void promisedOperatorsPassInTheSelection() throws Exception {
        List<Result> results = run(Selection.folder());
        assertEquals(List.of(), broken(results));
    }

    @ParameterizedTest
    @ValueSource(strings = {"onnx-backend-public.tar.xz", "onnx-backend-legacy-public.tar.xz"})
    void everyTestOfAPackHasAResultAndPromisedOperatorsPass(String name) throws Exception {
        Path pack = Selection.shared(name);
        assumeTrue(Files.exists(pack), pack + " is not there: the full conformance packs are not run");
        List<Result> results = run(pack);
        System.out.println(name + ": " + Runner.summary(results));
        assertEquals(Pack.open(pack).stream().map(Case::name).toList(), results.stream().map(Result::test).toList());
        assertEquals(List.of(), broken(results));
    }

    private static List<String> broken(List<Result> results) {
        return results.stream().filter(result -> PROMISED.contains(result.op()) && result.status() != Status.PASSED
                && !DISPUTED.contains(result.test())).map(Result::row).toList();
    }

    private static List<Result> run(Path tests) throws Exception {
        return new Runner(ReferenceBackend::new, LIMIT).run(Pack.open(tests), Runtime.getRuntime().availableProcessors());
    }
}
