package dev.infuser.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalsTest {

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "1", "+7.", ".5", "-.25e3", "0.1", "123456789012345678901234567890", "1e22", "1e23",
        "8.98846567431158e307", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "1e309",
        "4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "2.2250738585072014e-308",
        "2.2250738585072011e-308", "9007199254740993", "9007199254740992.5", "9007199254740993.00000000000000000001",
        "1e-400", "1e999999999", "1e-999999999", "0e999999999", "6.631236846766476e-316"})
    void readsAsTheJdkDoes(String text) {
        assertEquals(Double.parseDouble(text), Decimals.parse(text), 0.0, text);
        assertEquals(Double.doubleToRawLongBits(Double.parseDouble(text)),
                Double.doubleToRawLongBits(Decimals.parse(text)), text);
    }

    @Test
    void readsRandomDecimalsAsTheJdkDoes() {
        Random random = new Random(1);
        for (int i = 0; i < 5000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
            for (int n = 1 + random.nextInt(25); n > 0; n--) {
                text.append(random.nextInt(10));
            }
            text.append('.').append(random.nextInt(1000)).append('e').append(random.nextInt(660) - 330);
            assertEquals(Double.parseDouble(text.toString()), Decimals.parse(text.toString()), 0.0, text.toString());
        }
    }

    @Test
    void readsTiesBrokenFarBehindThePoint() {
        String tie = new BigDecimal(1).add(new BigDecimal(Math.ulp(1.0) / 2)).toPlainString();
        assertEquals(1.0, Decimals.parse(tie), 0.0);
        assertEquals(Math.nextUp(1.0), Decimals.parse(tie + "0".repeat(2000) + "1"), 0.0);
        assertEquals(1e10, Decimals.parse("1" + "0".repeat(2000) + "e-1990"), 0.0);
    }

    @Test
    void printsTheShortestThatReadsBack() {
        Random random = new Random(2);
        for (int i = 0; i < 3000; i++) {
            double value = i % 2 == 0 ? Double.longBitsToDouble(random.nextLong()) : random.nextGaussian() * 1000;
            if (value != value || Double.isInfinite(value)) {
                continue;
            }
            String text = Decimals.print(value);
            assertEquals(value, Double.parseDouble(text), 0.0, text);
            assertTrue(significant(text) <= significant(new BigDecimal(Double.toString(value)).toPlainString()), text);
        }
    }

    @Test
    void printsFloatsAsBriefly() {
        assertEquals("0.1", Decimals.print(0.1f));
        assertEquals("16777216.0", Decimals.print(16777216f));
        assertEquals("0.000030517578", Decimals.print(0x1p-15f));
        assertEquals("340282350000000000000000000000000000000.0", Decimals.print(Float.MAX_VALUE));
        Random random = new Random(3);
        for (int i = 0; i < 3000; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            if (value == value && Math.abs(value) <= Float.MAX_VALUE) {
                assertEquals(value, Float.parseFloat(Decimals.print(value)), 0.0f);
            }
        }
    }

    @Test
    void printsPlainly() {
        assertEquals("0.0", Decimals.print(0.0));
        assertEquals("-0.0", Decimals.print(-0.0));
        assertEquals("1.0", Decimals.print(1.0));
        assertEquals("-1234.5", Decimals.print(-1234.5));
        assertEquals("1000000000000000000000.0", Decimals.print(1e21));
        assertEquals("0.00001", Decimals.print(1e-5));
        assertEquals("9.999", Decimals.print(9.999));
        assertEquals("NaN", Decimals.print(Double.NaN));
        assertEquals("-Infinity", Decimals.print(Double.NEGATIVE_INFINITY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", ".", "e5", "1e", "1e+", "1 ", " 1", "1.2.3", "0x1p3", "1f", "NaN", "--1"})
    void refusesWhatIsNoDecimal(String text) {
        assertThrows(NumberFormatException.class, () -> Decimals.parse(text));
    }

    private static int significant(String plain) {
        String digits = plain.replace("-", "").replace(".", "").replaceAll("^0+", "").replaceAll("0+$", "");
        return Math.max(1, digits.length());
    }
}
