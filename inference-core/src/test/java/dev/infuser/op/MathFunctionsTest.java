package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class MathFunctionsTest {

    private static final MathContext DIGITS = new MathContext(60);

    @Test
    void erfIsAccurateToUnitsInTheLastPlace() {
        for (double x = -7; x <= 7; x += 0.0137) {
            assertUlps("erf", x, erfSeries(x), MathFunctions.erf(x), 4);
        }
        for (double x : new double[] {1e-300, -1e-20, 1e-8, 0.46875, 0.4687500001, 4, 4.0000001, 5.9, 6, 40}) {
            assertUlps("erf", x, erfSeries(x), MathFunctions.erf(x), 4);
        }
        assertEquals(1, MathFunctions.erf(Double.POSITIVE_INFINITY));
        assertEquals(-1, MathFunctions.erf(Double.NEGATIVE_INFINITY));
        assertTrue(Double.isNaN(MathFunctions.erf(Double.NaN)));
    }

    /** The Maclaurin series, in 60 digits. */
    private static double erfSeries(double x) {
        if (Math.abs(x) > 10) {
            return Math.signum(x);
        }
        BigDecimal square = new BigDecimal(x).pow(2, DIGITS).negate();
        BigDecimal term = new BigDecimal(x);
        BigDecimal sum = BigDecimal.ZERO;
        for (int n = 0; n < 400; n++) {
            sum = sum.add(term.divide(BigDecimal.valueOf(2L * n + 1), DIGITS), DIGITS);
            term = term.multiply(square, DIGITS).divide(BigDecimal.valueOf(n + 1L), DIGITS);
        }
        BigDecimal twoOverSqrtPi = new BigDecimal("1.12837916709551257389615890312154517168810125865799771368817");
        return sum.multiply(twoOverSqrtPi).doubleValue();
    }

    @Test
    void hyperbolicAndNearOneFunctionsAgreeWithTheClassLibrary() {
        for (double x = -30; x <= 30; x += 0.0173) {
            assertUlps("expm1", x, Math.expm1(x), MathFunctions.expm1(x), 4);
            assertUlps("sinh", x, Math.sinh(x), MathFunctions.sinh(x), 6);
            assertUlps("cosh", x, Math.cosh(x), MathFunctions.cosh(x), 4);
            assertUlps("tanh", x, Math.tanh(x), MathFunctions.tanh(x), 6);
        }
        for (double x : new double[] {0, -0.0, 1e-300, -1e-17, 3e-9, 1e-5, -1e-3, 709.5, 800, -800}) {
            assertUlps("expm1", x, Math.expm1(x), MathFunctions.expm1(x), 4);
            assertUlps("log1p", x, Math.log1p(x), MathFunctions.log1p(x), 4);
            assertUlps("sinh", x, Math.sinh(x), MathFunctions.sinh(x), 6);
            assertUlps("cosh", x, Math.cosh(x), MathFunctions.cosh(x), 4);
            assertUlps("tanh", x, Math.tanh(x), MathFunctions.tanh(x), 6);
        }
    }

    @Test
    void inverseHyperbolicFunctionsUndoTheHyperbolicOnes() {
        for (double x = 0.001; x < 20; x += 0.031) {
            assertInverse("asinh", x, MathFunctions::asinh, Math::sinh);
            assertInverse("asinh", -x, MathFunctions::asinh, Math::sinh);
            assertInverse("acosh", x + 0.1, MathFunctions::acosh, Math::cosh);
        }
        for (double x = -3; x < 3; x += 0.031) {
            assertInverse("atanh", x, MathFunctions::atanh, Math::tanh);
        }
        assertEquals(Math.log(2) + 300 * Math.log(10), MathFunctions.asinh(1e300), 1e-12);
        assertEquals(1e-200, MathFunctions.asinh(1e-200));
        assertEquals(0, MathFunctions.acosh(1));
        assertEquals(Double.POSITIVE_INFINITY, MathFunctions.atanh(1));
        assertTrue(Double.isNaN(MathFunctions.acosh(0.5)));
        assertTrue(Double.isNaN(MathFunctions.atanh(-1.5)));
    }

    @Test
    void powersOfOneAndMinusOneAreThoseOfC() {
        assertEquals(1, MathFunctions.pow(1, Double.NaN));
        assertEquals(1, MathFunctions.pow(-1, Double.NEGATIVE_INFINITY));
        assertEquals(-8, MathFunctions.pow(-2, 3));
        assertTrue(Double.isNaN(MathFunctions.pow(-2, 0.5)));
    }

    private static void assertInverse(String name, double x, DoubleUnaryOperator inverse, DoubleUnaryOperator function) {
        assertEquals(x, inverse.applyAsDouble(function.applyAsDouble(x)), 3e-14 * Math.max(1, Math.abs(x)), name + " at " + x);
    }

    private static void assertUlps(String name, double x, double expected, double actual, int ulps) {
        if (!(Double.isNaN(expected) && Double.isNaN(actual)) && expected != actual) {
            assertEquals(expected, actual, ulps * Math.ulp(expected), name + " at " + x);
        }
    }
}
