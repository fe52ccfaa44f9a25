package dev.infuser.web;

import java.util.List;
import org.teavm.model.ClassHolder;
import org.teavm.model.ClassHolderTransformer;
import org.teavm.model.ClassHolderTransformerContext;
import org.teavm.model.ElementModifier;
import org.teavm.model.MethodDescriptor;
import org.teavm.model.MethodHolder;

/**
 * Leaves out of the bundle, while it is compiled, what the Java compiler gives records and nothing there asks for: to print
 * themselves, and to be compared where they are not of a package whose records are. A method that the source spells out
 * stays.
 */
public final class PlainRecords implements ClassHolderTransformer {

    private static final MethodDescriptor TO_STRING = new MethodDescriptor("toString", String.class);
    private static final MethodDescriptor EQUALS = new MethodDescriptor("equals", Object.class, boolean.class);
    private static final MethodDescriptor HASH_CODE = new MethodDescriptor("hashCode", int.class);

    /** The packages of records that are keys, or are looked for. */
    private static final List<String> COMPARED = List.of("dev.infuser.kernel.", "dev.infuser.expr.", "dev.infuser.tensor.");

    @Override
    public void transformClass(ClassHolder type, ClassHolderTransformerContext context) {
        if (!"java.lang.Record".equals(type.getParent())) {
            return;
        }
        remove(type, TO_STRING);
        if (COMPARED.stream().noneMatch(type.getName()::startsWith)) {
            remove(type, EQUALS);
            remove(type, HASH_CODE);
        }
    }

    /** Removes a method that the Java compiler made: those are final. */
    private static void remove(ClassHolder type, MethodDescriptor descriptor) {
        MethodHolder method = type.getMethod(descriptor);
        if (method != null && method.hasModifier(ElementModifier.FINAL)) {
            type.removeMethod(method);
        }
    }
}
