package dev.infuser.tensor;

/**
 * One dimension: a constant, or a symbol such as {@code batch}.
 *
 * <p>Arithmetic over symbols gives symbols whose name is the expression, e.g. {@code (height + 1) / 2}; two dimensions
 * are known to be the same exactly when they are {@link #equals equal}.
 *
 * @param value  the constant, at least 0 for an extent; any number where a shape computation carries it; 0 for a symbol
 * @param symbol the symbol, or null for a constant
 */
public record Dim(long value, String symbol) {

    public static final Dim ONE = new Dim(1, null);

    public static Dim of(long value) {
        return new Dim(value, null);
    }

    public static Dim symbol(String name) {
        return new Dim(0, name);
    }

    public boolean isConstant() {
        return symbol == null;
    }

    public boolean is(long constant) {
        return symbol == null && value == constant;
    }

    public Dim plus(Dim other) {
        if (isConstant() && other.isConstant()) {
            return of(value + other.value);
        }
        return is(0) ? other : isConstant() || !other.isConstant() ? infix(" + ", other) : shift(other.value);
    }

    public Dim minus(Dim other) {
        if (isConstant() && other.isConstant()) {
            return of(value - other.value);
        }
        return other.isConstant() ? shift(-other.value) : equals(other) ? of(0) : infix(" - ", other);
    }

    /** This symbol plus a constant, taken together with one that was added before. */
    private Dim shift(long by) {
        int sign = symbol.lastIndexOf(' ') - 1;
        Dim before = parse(symbol.substring(sign + 2));
        boolean added = sign > 0 && symbol.charAt(sign) == '+';
        if (before.isConstant() && (added || sign > 0 && symbol.charAt(sign) == '-')) {
            return inner(symbol.substring(0, sign - 1)).shift(by + (added ? before.value : -before.value));
        }
        return by == 0 ? this : infix(by > 0 ? " + " : " - ", of(Math.abs(by)));
    }

    /** The symbol that an operand stands for, without the brackets around all of it. */
    private static Dim inner(String operand) {
        int depth = 0;
        for (int i = 0; i < operand.length() - 1; i++) {
            char c = operand.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth == 0) {
                return symbol(operand);
            }
        }
        return symbol(operand.startsWith("(") ? operand.substring(1, operand.length() - 1) : operand);
    }

    public Dim times(Dim other) {
        if (isConstant() && other.isConstant()) {
            return of(value * other.value);
        }
        if (is(0) || other.is(0)) {
            return of(0);
        }
        return is(1) ? other : other.is(1) ? this : infix(" * ", other);
    }

    /** Quotient rounded towards negative infinity; {@code divisor} must not be the constant 0. */
    public Dim floorDiv(Dim divisor) {
        if (isConstant() && divisor.isConstant()) {
            return of(Math.floorDiv(value, divisor.value));
        }
        if (divisor.is(1) || is(0)) {
            return this;
        }
        if (equals(divisor)) {
            return ONE;
        }
        String suffix = " * " + divisor.operand();
        String prefix = divisor.operand() + " * ";
        if (symbol != null && symbol.endsWith(suffix)) {
            return parse(symbol.substring(0, symbol.length() - suffix.length()));
        }
        if (symbol != null && symbol.startsWith(prefix) && symbol.indexOf(' ', prefix.length()) < 0) {
            return parse(symbol.substring(prefix.length()));
        }
        return infix(" / ", divisor);
    }

    private static Dim parse(String text) {
        boolean digits = !text.isEmpty() && text.length() < 19;
        for (int i = 0; i < text.length(); i++) {
            digits &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        return digits ? of(Long.parseLong(text)) : symbol(text);
    }

    private Dim infix(String operator, Dim other) {
        return symbol(product(operator) + operator + other.operand());
    }

    private String product(String operator) {
        boolean chain = operator.equals(" * ") && symbol != null && symbol.indexOf('+') < 0 && symbol.indexOf('-') < 0
                && symbol.indexOf('/') < 0;
        return chain ? symbol : operand();
    }

    private String operand() {
        return symbol == null ? Long.toString(value) : symbol.indexOf(' ') < 0 ? symbol : "(" + symbol + ")";
    }

    @Override
    public String toString() {
        return symbol == null ? Long.toString(value) : symbol;
    }
}
