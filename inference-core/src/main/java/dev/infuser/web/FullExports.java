package dev.infuser.web;

import dev.infuser.op.Registry;
import dev.infuser.plan.Planner;
import org.teavm.interop.Export;

/** What JavaScript calls for models with rare operators: {@link Exports} with every operator. */
public final class FullExports {

    private FullExports() {
    }

    /** Required by the compiler; does nothing. */
    public static void main(String[] args) {
        Exports.main(args);
    }

    /** Adds the rare operators; called once, before all else. */
    @Export(name = "extend")
    static void extend() {
        Registry.extend();
        Planner.extend();
    }
}
