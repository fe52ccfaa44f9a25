package dev.infuser.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlainNumbersTest {

    @ParameterizedTest
    @CsvSource({"0, 0", "-0.0, 0", "7, 7", "-12, -12", "0.5, 5.000000E-1", "-0.1, -1.000000E-1", "3.4028235e38, 3.402823E38",
            "1e-45, 1.000000E-45", "4.9e-324, 4.940656E-324", "1.7976931348623157e308, 1.797693E308", "NaN, NaN",
            "Infinity, Infinity", "-Infinity, -Infinity", "1234.5678, 1.234568E3"})
    void aNumberIsAnIntegerOrHasSevenDigits(double value, String text) {
        assertEquals(text, PlainNumbers.text(value));
    }
}
