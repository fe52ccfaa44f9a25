package dev.infuser.web;

import org.teavm.model.ClassHolder;
import org.teavm.model.ClassHolderTransformer;
import org.teavm.model.ClassHolderTransformerContext;
import org.teavm.model.MethodDescriptor;
import org.teavm.model.MethodHolder;
import org.teavm.model.emit.ProgramEmitter;

/**
 * Lets boxed floating-point numbers of the bundle print themselves by {@link #text}, whose seven digits are enough for a
 * message: the class library's shortest digits bring tables of some 10 KB. Texts that are data come from
 * {@link dev.infuser.tensor.Decimals}.
 */
public final class PlainNumbers implements ClassHolderTransformer {

    private static final double SCALE = 1e6;

    @Override
    public void transformClass(ClassHolder type, ClassHolderTransformerContext context) {
        switch (type.getName()) {
            case "java.lang.Double" -> replace(type, double.class, context);
            case "java.lang.Float" -> replace(type, float.class, context);
            default -> {
            }
        }
    }

    private static void replace(ClassHolder type, Class<?> primitive, ClassHolderTransformerContext context) {
        MethodHolder method = type.getMethod(new MethodDescriptor("toString", primitive, String.class));
        ProgramEmitter emitter = ProgramEmitter.create(method, context.getHierarchy());
        emitter.invoke(PlainNumbers.class, "text", String.class, emitter.var(1, primitive).cast(double.class)).returnValue();
    }

    /** The number as an integer where it is one, and else in scientific notation of seven digits. */
    public static String text(double value) {
        if (!(Math.abs(value) <= Double.MAX_VALUE)) {
            return value > 0 ? "Infinity" : value < 0 ? "-Infinity" : "NaN";
        }
        if (value == (int) value) {
            return Integer.toString((int) value);
        }
        int exponent = 0;
        double digits = Math.abs(value);
        for (; digits >= 10; digits /= 10) {
            exponent++;
        }
        for (; digits < 1; digits *= 10) {
            exponent--;
        }
        int scaled = (int) (digits * SCALE + 0.5);
        String fraction = Integer.toString((int) SCALE + scaled % (int) SCALE).substring(1);
        return (value < 0 ? "-" : "") + scaled / (int) SCALE + "." + fraction + "E" + exponent;
    }
}
