package dev.infuser.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ComparisonTest {

    private static final int[] ONE = {1};

    @ParameterizedTest
    @MethodSource("pairs")
    void tellsWhatDiffers(Datum want, Datum got, String difference) {
        assertEquals(difference, new Comparison(1e-3, 1e-7).difference(List.of(want), List.of(got)));
    }

    static Stream<Arguments> pairs() {
        float inf = Float.POSITIVE_INFINITY;
        Tensor one = Tensor.floats(ONE, 1);
        return Stream.of(
                Arguments.of(one, Tensor.floats(ONE, 1.0009f), ""),
                Arguments.of(one, Tensor.floats(ONE, 1.25f),
                        "float32[1]: 1 of 1 elements differ, first at 0: want 1.0, got 1.25"),
                Arguments.of(Tensor.floats(ONE, Float.NaN), Tensor.floats(ONE, Float.NaN), ""),
                Arguments.of(Tensor.floats(ONE, inf), Tensor.floats(ONE, inf), ""),
                Arguments.of(Tensor.floats(ONE, inf), Tensor.floats(ONE, Float.MAX_VALUE),
                        "float32[1]: 1 of 1 elements differ, first at 0: want Infinity, got 3.4028234663852886E38"),
                Arguments.of(one, Tensor.floats(new int[] {1, 1}, 1), "want float32[1], got float32[1,1]"),
                Arguments.of(one, Tensor.of(DType.FLOAT64, ONE, new double[] {1}), "want float32[1], got float64[1]"),
                Arguments.of(Tensor.longs(ONE, Long.MAX_VALUE), Tensor.longs(ONE, Long.MAX_VALUE), ""),
                Arguments.of(Tensor.strings(ONE, "a"), Tensor.strings(ONE, "b"),
                        "string[1]: 1 of 1 elements differ, first at 0: want \"a\", got \"b\""),
                Arguments.of(new Datum.Sequence(List.of(one)), new Datum.Sequence(List.of(one)), ""),
                Arguments.of(new Datum.Sequence(List.of(one)), new Datum.Sequence(List.of()), "1 values wanted, got 0"),
                Arguments.of(Datum.Optional.ABSENT, Datum.Optional.ABSENT, ""),
                Arguments.of(new Datum.Optional(one), Datum.Optional.ABSENT,
                        "want an optional, got an absent optional"),
                Arguments.of(one, new Datum.Sequence(List.of(one)), "want float32[1], got a sequence of 1"));
    }
}
