package dev.infuser.op;

/**
 * Functions of one real that class libraries lack or round differently in the browser; accurate to a few units in the last
 * place of a double.
 *
 * <p>Sources: W. J. Cody, "Rational Chebyshev approximations for the error function", 1969; W. Kahan's compensated
 * {@code expm1} and {@code log1p}, as given in the HP-15C Advanced Functions Handbook.
 */
public final class MathFunctions {

    private static final double LN2 = 0.6931471805599453;
    private static final double INVERSE_SQRT_PI = 0.5641895835477563;

    private static final double[] ERF_SMALL_P = {1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2,
        3.77485237685302021e2, 3.20937758913846947e3};
    private static final double[] ERF_SMALL_Q = {1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
        2.84423683343917062e3};
    private static final double[] ERFC_P = {2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594,
        6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3,
        2.05107837782607147e3, 1.23033935479799725e3};
    private static final double[] ERFC_Q = {1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
        1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3,
        1.23033935480374942e3};
    private static final double[] ERFC_TAIL_P = {1.63153871373020978e-2, 3.05326634961232344e-1,
        3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4};
    private static final double[] ERFC_TAIL_Q = {1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1,
        6.05183413124413191e-2, 2.33520497626869185e-3};

    private MathFunctions() {
    }

    /** The error function. */
    public static double erf(double x) {
        double y = Math.abs(x);
        if (y <= 0.46875) {
            return x * polynomial(ERF_SMALL_P, y * y) / polynomial(ERF_SMALL_Q, y * y);
        }
        if (y != y) {
            return x;
        }
        double complement = 0;
        if (y <= 4) {
            complement = expOfMinusSquare(y) * polynomial(ERFC_P, y) / polynomial(ERFC_Q, y);
        } else if (y < 6) {
            double z = 1 / (y * y);
            complement = expOfMinusSquare(y) / y
                    * (INVERSE_SQRT_PI - z * polynomial(ERFC_TAIL_P, z) / polynomial(ERFC_TAIL_Q, z));
        }
        return x < 0 ? complement - 1 : 1 - complement;
    }

    private static double expOfMinusSquare(double y) {
        double head = Math.floor(y * 16) / 16;
        return Math.exp(-head * head) * Math.exp(-(y - head) * (y + head));
    }

    private static double polynomial(double[] coefficients, double x) {
        double sum = 0;
        for (double coefficient : coefficients) {
            sum = sum * x + coefficient;
        }
        return sum;
    }

    /** {@code e^x - 1}. */
    public static double expm1(double x) {
        double u = Math.exp(x);
        if (u == 1) {
            return x;
        }
        double d = u - 1;
        return d == -1 || u == Double.POSITIVE_INFINITY || Math.abs(x) > 1 ? d : d * x / Math.log(u);
    }

    /** {@code log(1 + x)}. */
    public static double log1p(double x) {
        double u = 1 + x;
        return u == 1 ? x : u == Double.POSITIVE_INFINITY ? u : Math.log(u) * x / (u - 1);
    }

    public static double sinh(double x) {
        double y = Math.abs(x);
        if (y > 709) {
            double half = Math.exp(y / 2);
            return Math.signum(x) * (half / 2 * half);
        }
        double e = expm1(y);
        return y == 0 || x != x ? x : Math.signum(x) * (e + e / (e + 1)) / 2;
    }

    public static double cosh(double x) {
        double half = Math.exp(Math.abs(x) / 2);
        return Math.abs(x) > 709 ? half / 2 * half : (Math.exp(x) + Math.exp(-x)) / 2;
    }

    public static double tanh(double x) {
        double y = Math.abs(x);
        if (y == 0 || x != x) {
            return x;
        }
        double e = expm1(2 * y);
        return Math.signum(x) * (y > 22 ? 1 : e / (e + 2));
    }

    public static double asinh(double x) {
        double y = Math.abs(x);
        if (y == 0 || x != x) {
            return x;
        }
        return Math.signum(x) * (y > 0x1p28 ? Math.log(y) + LN2 : log1p(y + y * y / (1 + Math.sqrt(y * y + 1))));
    }

    public static double acosh(double x) {
        double t = x - 1;
        return x > 0x1p28 ? Math.log(x) + LN2 : log1p(t + Math.sqrt(2 * t + t * t));
    }

    public static double atanh(double x) {
        double y = Math.abs(x);
        if (y == 0 || x != x) {
            return x;
        }
        return Math.signum(x) * log1p(2 * y / (1 - y)) / 2;
    }

    /** {@code x} to the power {@code y}, with C's results where Java and JavaScript give NaN. */
    public static double pow(double x, double y) {
        return x == 1 || x == -1 && Math.abs(y) == Double.POSITIVE_INFINITY ? 1 : Math.pow(x, y);
    }

    /** The logistic function. */
    public static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** {@code log(1 + e^x)}. */
    public static double softplus(double x) {
        return (x > 0 ? x : 0) + log1p(Math.exp(-Math.abs(x)));
    }
}
