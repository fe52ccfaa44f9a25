package dev.infuser.plan;

import dev.infuser.kernel.Kernel;
import java.util.List;

/** The parameter block of one kernel call while it is being filled. */
final class Slots {

    private final List<String> names;
    private final int[] words;

    Slots(Kernel kernel) {
        names = kernel.slots();
        words = new int[names.size()];
    }

    /** Sets a slot by name; addresses are unsigned. */
    Slots set(String name, long value) {
        words[at(name)] = (int) value;
        return this;
    }

    int get(String name) {
        return words[at(name)];
    }

    private int at(String name) {
        int at = names.indexOf(name);
        if (at < 0) {
            throw new IllegalArgumentException("no slot " + name);
        }
        return at;
    }

    int[] words() {
        return words;
    }
}
