package dev.infuser.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DimTest {

    private static Dim dim(String text) {
        return text.matches("-?\\d+") ? Dim.of(Long.parseLong(text)) : Dim.symbol(text);
    }

    @ParameterizedTest
    @CsvSource({
        "3, +, 4, 7", "n, +, 0, n", "0, +, n, n", "n, +, m, n + m", "n, +, 1, n + 1", "n + m, +, 1, (n + m) + 1",
        "3, -, 4, -1", "n, -, 0, n", "n, -, n, 0", "n, -, m, n - m", "0, -, n, 0 - n", "n, -, m + 1, n - (m + 1)",
        "3, *, 4, 12", "n, *, 1, n", "1, *, n, n", "n, *, 0, 0", "0, *, n, 0", "n, *, m, n * m",
        "n * m, *, k, n * m * k", "n + m, *, k, (n + m) * k", "n, *, m * k, n * (m * k)", "n / 2, *, 2, (n / 2) * 2",
        "7, /, 2, 3", "-7, /, 2, -4", "n, /, 1, n", "0, /, n, 0", "n, /, n, 1", "n, /, 2, n / 2", "n * m, /, m, n",
        "n * m, /, n, m", "n * 4, /, 4, n", "4 * n, /, n, 4", "n * m * k, /, k, n * m",
        "n * m * k, /, n, (n * m * k) / n",
        "(n + m) * k, /, k, (n + m)", "n + 4, /, 4, (n + 4) / 4", "n * 44, /, 4, (n * 44) / 4",
        "n, /, m + 1, n / (m + 1)", "n + 2, -, 2, n", "n - 2, +, 5, n + 3", "n + 2, -, 5, n - 3", "n, +, -3, n - 3",
        "(n + 4) / 2, +, 1, ((n + 4) / 2) + 1", "((n + 4) / 2) + 1, -, 1, (n + 4) / 2", "(n + m) + 1, +, 2, (n + m) + 3",
        "(n / 2) + (m / 2) + 1, -, 1, (n / 2) + (m / 2)", "n + m, -, 2, (n + m) - 2", "n * 2, +, 2, (n * 2) + 2",
        "n + 99999999999999999999, +, 1, (n + 99999999999999999999) + 1",
    })
    void arithmeticOverSymbols(String a, String operator, String b, String expected) {
        Dim x = dim(a);
        Dim y = dim(b);
        Dim result = operator.equals("+") ? x.plus(y) : operator.equals("-") ? x.minus(y)
                : operator.equals("*") ? x.times(y) : x.floorDiv(y);
        assertEquals(dim(expected), result);
        assertEquals(expected, result.toString());
    }

    @Test
    void aConstantIsNoSymbol() {
        assertTrue(Dim.of(3).is(3));
        assertFalse(Dim.symbol("3").is(3));
        assertFalse(Dim.symbol("n").is(0));
    }

    @Test
    void shapes() {
        Shape shape = Shape.of(Dim.symbol("n"), Dim.of(2), Dim.of(3));
        assertEquals("[n,2,3]", shape.toString());
        assertEquals(3, shape.rank());
        assertEquals(Dim.of(3), shape.dim(-1));
        assertEquals(Dim.symbol("n"), shape.dim(-3));
        assertEquals("n * 2 * 3", shape.elements().toString());
        assertFalse(shape.isConstant());
        assertEquals("bad-shape", assertThrows(InvalidModelException.class, shape::toInts).code());
        assertEquals("bad-shape", assertThrows(InvalidModelException.class, () -> Shape.of(1L << 31).toInts()).code());
        assertEquals("bad-shape", assertThrows(InvalidModelException.class, () -> Shape.of(-1L).toInts()).code());
        assertEquals(Dim.of(24), Shape.of(2, 3, 4).elements());
        assertEquals(Dim.ONE, Shape.SCALAR.elements());
        assertEquals(Dim.of(0), Shape.of(Dim.symbol("n"), Dim.of(0)).elements());
        assertEquals(Shape.of(2L, 3L), Shape.of(new int[] {2, 3}));
        assertEquals(0, Shape.SCALAR.toInts().length);
    }
}
