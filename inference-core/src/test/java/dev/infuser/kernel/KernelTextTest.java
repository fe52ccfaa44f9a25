package dev.infuser.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.kernel.Gemm.Layout;
import dev.infuser.wasm.WasmText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Generated code is what the golden files say, so that a change in a generator shows as a diff. The actual text is left
 * in {@code target/golden}; where the change is meant, copy it over the golden file.
 */
class KernelTextTest {
    static List<Map.Entry<String, Kernel>> kernels() {
        return List.of(
                Map.entry("gemm_packed_bias", new Gemm(Kernel.DYNAMIC, Gemm.WHOLE, false, Layout.PACKED, 0, List.of(Operand.VECTOR),
                        Expr.of(Fn.ADD, Expr.input(0), Expr.input(1)))),
                Map.entry("elementwise_relu", new Elementwise(1, List.of(Operand.VECTOR), Element.F32,
                        Expr.of(Fn.MAX, Expr.input(0), Expr.constant(0)))),
                Map.entry("softmax", new Softmax(2, List.of(Operand.VECTOR), Expr.input(0), false)),
                Map.entry("gather", new Gather(Element.I64)));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void codeIsAsInTheGoldenFile(Map.Entry<String, Kernel> named) throws IOException {
        KernelModule module = new KernelModule(Target.RELAXED);
        module.add(named.getValue());
        String text = named.getValue().name() + "\n" + WasmText.print(module.build());
        Path actual = Path.of("target", "golden", named.getKey() + ".txt");
        Files.createDirectories(actual.getParent());
        Files.writeString(actual, text);
        try (InputStream golden = KernelTextTest.class.getResourceAsStream(named.getKey() + ".txt")) {
            assertNotNull(golden, () -> "no golden file for " + actual);
            assertEquals(new String(golden.readAllBytes(), StandardCharsets.UTF_8), text);
        }
    }
}
