package dev.infuser.tensor;

/**
 * Doubles to and from decimals, exactly: the nearest double of a decimal, and the shortest decimal that reads back as the
 * same number. Plain long division over big integers (Steele and White 1990), without the tables of faster methods, which
 * would weigh more than all of this package.
 */
public final class Decimals {

    private static final int MAX_DIGITS = 800;
    private static final int MAX_EXPONENT = 400;
    private static final int PRECISION = 53;
    private static final int LOWEST = -1074;
    private static final int SHORTEST_MAX = 17;

    private Decimals() {
    }

    /**
     * The double nearest to {@code text}: {@code [+-]digits[.digits][e[+-]digits]}, with digits on one side of the point at
     * least.
     *
     * @throws NumberFormatException where it is of another form
     */
    public static double parse(String text) {
        int at = 0;
        int length = text.length();
        boolean negative = length > 0 && text.charAt(0) == '-';
        if (length > 0 && (negative || text.charAt(0) == '+')) {
            at++;
        }
        StringBuilder digits = new StringBuilder();
        int exponent = 0;
        boolean any = false;
        boolean point = false;
        for (; at < length; at++) {
            char c = text.charAt(at);
            if (c == '.' && !point) {
                point = true;
            } else if (c >= '0' && c <= '9') {
                any = true;
                if (digits.length() < MAX_DIGITS) {
                    if (c != '0' || digits.length() > 0) {
                        digits.append(c);
                    }
                    exponent -= point ? 1 : 0;
                } else {
                    // What follows 800 digits matters only by being there.
                    if (c != '0') {
                        digits.setCharAt(MAX_DIGITS - 1, '1');
                    }
                    exponent += point ? 0 : 1;
                }
            } else {
                break;
            }
        }
        if (at < length && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            exponent += exponent(text, at + 1);
            at = length;
        }
        if (!any || at < length) {
            throw new NumberFormatException(text);
        }
        double magnitude = value(digits.toString(), exponent);
        return negative ? -magnitude : magnitude;
    }

    private static int exponent(String text, int from) {
        int at = from;
        boolean negative = at < text.length() && text.charAt(at) == '-';
        if (at < text.length() && (negative || text.charAt(at) == '+')) {
            at++;
        }
        if (at == text.length()) {
            throw new NumberFormatException(text);
        }
        int value = 0;
        for (; at < text.length(); at++) {
            int digit = text.charAt(at) - '0';
            if (digit < 0 || digit > 9) {
                throw new NumberFormatException(text);
            }
            value = Math.min(value * 10 + digit, 1 << 24);
        }
        return negative ? -value : value;
    }

    /** {@code digits · 10^exponent}, rounded to nearest, ties to even. */
    private static double value(String digits, int exponent) {
        int magnitude = digits.length() + exponent;
        if (digits.isEmpty() || magnitude < -MAX_EXPONENT) {
            return 0;
        }
        if (magnitude > MAX_EXPONENT) {
            return Double.POSITIVE_INFINITY;
        }
        for (int scale = Integer.MIN_VALUE;; scale++) {
            Natural numerator = new Natural(digits).timesPowerOfTen(exponent);
            Natural denominator = new Natural("1").timesPowerOfTen(-exponent);
            if (scale == Integer.MIN_VALUE) {
                scale = Math.max(numerator.bits() - denominator.bits() - PRECISION, LOWEST);
            }
            long quotient = numerator.shift(-scale).divide(denominator.shift(scale), PRECISION + 1);
            if (quotient >>> PRECISION == 0) {
                int half = numerator.shift(1).compare(denominator);
                quotient += half > 0 || half == 0 && (quotient & 1) != 0 ? 1 : 0;
                return quotient * power(scale / 2) * power(scale - scale / 2);
            }
        }
    }

    /** 2 to the power of {@code exponent}, which must lie in [-1022, 1023]. */
    private static double power(int exponent) {
        return Double.longBitsToDouble((long) (exponent + 1023) << 52);
    }

    /** The shortest decimal without exponent that {@link #parse} reads as {@code value}: {@code 1.0}, {@code -0.25}. */
    public static String print(double value) {
        return print(value, false);
    }

    /** The shortest decimal without exponent that reads as {@code value} once rounded to a float. */
    public static String print(float value) {
        return print(value, true);
    }

    private static String print(double value, boolean single) {
        if (!(Math.abs(value) <= Double.MAX_VALUE)) {
            return value != value ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        }
        String sign = Double.doubleToRawLongBits(value) < 0 ? "-" : "";
        double magnitude = Math.abs(value);
        if (magnitude == 0) {
            return sign + "0.0";
        }
        char[] all = new char[SHORTEST_MAX + 1];
        int point = digits(magnitude, all);
        for (int count = 1;; count++) {
            String digits = round(all, count);
            int exponent = point - count + (digits.length() - count);
            String kept = digits.substring(0, count);
            double back = value(kept, exponent);
            if (count == SHORTEST_MAX || (single ? (float) back == (float) magnitude : back == magnitude)) {
                return sign + plain(kept, exponent);
            }
        }
    }

    /** The first digits of {@code value}, the last one marked up when more follow; the power of ten of the point. */
    private static int digits(double value, char[] digits) {
        long bits = Double.doubleToRawLongBits(value);
        int exponent = Math.max((int) (bits >>> 52), 1) + LOWEST - 1;
        long mantissa = bits & (1L << 52) - 1 | (bits >>> 52 == 0 ? 0 : 1L << 52);
        int point = 0;
        Natural numerator = new Natural(Long.toString(mantissa)).shift(exponent);
        Natural denominator = new Natural("1").shift(-exponent);
        while (numerator.compare(denominator) >= 0) {
            denominator.timesPowerOfTen(1);
            point++;
        }
        numerator.timesPowerOfTen(1);
        while (numerator.compare(denominator) < 0) {
            numerator.timesPowerOfTen(1);
            point--;
        }
        for (int i = 0; i < digits.length; i++) {
            digits[i] = (char) ('0' + numerator.divide(denominator, 4));
            numerator.timesPowerOfTen(1);
        }
        if (!numerator.isZero() && (digits[digits.length - 1] == '0' || digits[digits.length - 1] == '5')) {
            digits[digits.length - 1]++;
        }
        return point;
    }

    /** The first {@code count} digits rounded to nearest, ties to even; one digit longer where that carries over. */
    private static String round(char[] digits, int count) {
        boolean more = false;
        for (int i = count + 1; i < digits.length; i++) {
            more |= digits[i] != '0';
        }
        boolean odd = (digits[count - 1] & 1) != 0;
        char[] out = new char[count];
        System.arraycopy(digits, 0, out, 0, count);
        int at = count - 1;
        if (digits[count] > '5' || digits[count] == '5' && (more || odd)) {
            while (at >= 0 && out[at] == '9') {
                out[at--] = '0';
            }
            if (at < 0) {
                return "1" + new String(out);
            }
            out[at]++;
        }
        return new String(out);
    }

    private static String plain(String digits, int exponent) {
        int end = digits.length();
        while (end > 1 && digits.charAt(end - 1) == '0') {
            end--;
        }
        int point = digits.length() + exponent;
        StringBuilder out = new StringBuilder();
        for (int i = Math.min(point - 1, 0); i < Math.max(end, point + 1); i++) {
            out.append(i == point ? "." : "").append(i < 0 || i >= end ? '0' : digits.charAt(i));
        }
        return out.toString();
    }

    /** A natural number of limited size that is changed in place. */
    private static final class Natural {

        private static final int WORDS = 320;
        private static final long WORD = 0xFFFFFFFFL;

        /** Little endian. */
        private final int[] words = new int[WORDS];
        private int size;

        Natural(String digits) {
            for (int i = 0; i < digits.length(); i++) {
                times(10, digits.charAt(i) - '0');
            }
        }

        private void times(long factor, long addend) {
            long carry = addend;
            for (int i = 0; i < size; i++) {
                carry += (words[i] & WORD) * factor;
                words[i] = (int) carry;
                carry >>>= 32;
            }
            if (carry != 0) {
                words[size++] = (int) carry;
            }
        }

        Natural timesPowerOfTen(int exponent) {
            for (int i = 0; i < exponent; i++) {
                times(10, 0);
            }
            return this;
        }

        /** Multiplies by 2 to the power of {@code bits}, where that is positive. */
        Natural shift(int bits) {
            int left = bits;
            for (; left >= 31; left -= 31) {
                times(1L << 31, 0);
            }
            if (left > 0) {
                times(1L << left, 0);
            }
            return this;
        }

        int bits() {
            return size == 0 ? 0 : 32 * size - Integer.numberOfLeadingZeros(words[size - 1]);
        }

        boolean isZero() {
            return size == 0;
        }

        int compare(Natural other) {
            if (size != other.size) {
                return size - other.size;
            }
            for (int i = size - 1; i >= 0; i--) {
                if (words[i] != other.words[i]) {
                    return (words[i] & WORD) < (other.words[i] & WORD) ? -1 : 1;
                }
            }
            return 0;
        }

        /** The quotient, which must be below 2 to the power of {@code bits}; the remainder stays. */
        long divide(Natural divisor, int bits) {
            Natural shifted = new Natural("");
            System.arraycopy(divisor.words, 0, shifted.words, 0, divisor.size);
            shifted.size = divisor.size;
            shifted.shift(bits);
            long quotient = 0;
            for (int i = 0; i < bits; i++) {
                shifted.halve();
                quotient <<= 1;
                if (compare(shifted) >= 0) {
                    subtract(shifted);
                    quotient |= 1;
                }
            }
            return quotient;
        }

        private void halve() {
            for (int i = 0; i < size; i++) {
                words[i] = words[i] >>> 1 | (i + 1 < size ? words[i + 1] << 31 : 0);
            }
            trim();
        }

        private void subtract(Natural other) {
            long borrow = 0;
            for (int i = 0; i < size; i++) {
                long difference = (words[i] & WORD) - (i < other.size ? other.words[i] & WORD : 0) - borrow;
                words[i] = (int) difference;
                borrow = difference < 0 ? 1 : 0;
            }
            trim();
        }

        private void trim() {
            while (size > 0 && words[size - 1] == 0) {
                size--;
            }
        }
    }
}
