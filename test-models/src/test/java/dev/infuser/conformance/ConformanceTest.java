package dev.infuser.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.infuser.conformance.Result.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ONNX's backend tests: all on the operators' own definitions, a few on every backend. */
class ConformanceTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** The operators of the real models: all their tests must pass. */
    private static final Set<String> PROMISED = Set.of("Add", "AveragePool", "BatchNormalization", "Cast", "Clip",
            "Concat", "Constant", "ConstantOfShape", "Conv", "ConvTranspose", "DequantizeLinear", "Div",
            "DynamicQuantizeLinear", "Equal", "Erf", "Gather", "GlobalAveragePool", "HardSigmoid", "Identity", "If",
            "LSTM", "MatMul", "MatMulInteger", "MaxPool", "Mul", "Not", "Pad", "Pow", "ReduceMean", "Relu", "Reshape",
            "Resize", "Shape", "Sigmoid", "Size", "Slice", "Softmax", "Sqrt", "Squeeze", "Sub", "Transpose",
            "Unsqueeze");

    @ParameterizedTest
    @ValueSource(strings = {"reference", "wasm", "chromium"})
    void everyTestOfTheSelectionPasses(String backend) throws Exception {
        try {
            Conformance.BACKENDS.get(backend).get().close();
        } catch (IllegalStateException e) {
            abort("The tests do not run in " + backend + ": " + e.getMessage());
        }
        List<Result> results = run(backend, Selection.folder());
        assertEquals("16 passed, 0 failed, 0 skipped", Runner.summary(results));
    }

    @ParameterizedTest
    @ValueSource(strings = {"onnx-backend-public.tar.xz", "onnx-backend-legacy-public.tar.xz"})
    void everyTestOfAPackHasAResultAndNoSupportedOneFails(String name) throws Exception {
        Path pack = Selection.shared(name);
        assumeTrue(Files.exists(pack), pack + " is not there: the full conformance packs are not run");
        List<Result> results = run("reference", pack);
        System.out.println(name + ": " + Runner.summary(results));
        assertEquals(Pack.open(pack).stream().map(Case::name).toList(), results.stream().map(Result::test).toList());
        assertEquals(List.of(), broken(results));
    }

    /** Failed tests, and tests of promised operators that did not pass. */
    private static List<String> broken(List<Result> results) {
        return results.stream().filter(result -> result.status() == Status.FAILED
                || result.status() == Status.UNSUPPORTED && PROMISED.contains(result.op())).map(Result::row).toList();
    }

    private static List<Result> run(String backend, Path tests) throws Exception {
        return new Runner(Conformance.BACKENDS.get(backend), LIMIT).run(Pack.open(tests), Conformance.lanes(backend));
    }
}
