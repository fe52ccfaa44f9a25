package dev.infuser.plan;

import dev.infuser.kernel.Kernel;
import java.util.List;

/** The parameter block of one kernel call while it is being filled. */
final class Slots {

    private final List<String> names;
    private final int[] words;
    /** Behind the slot named last: slots are mostly set in their order. */
    private int next;

    Slots(Kernel kernel) {
        this(kernel.slots());
    }

    Slots(List<String> names) {
        this.names = names;
        this.words = new int[names.size()];
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
        for (int i = 0; i < words.length; i++) {
            int at = next;
            next = at + 1 == words.length ? 0 : at + 1;
            if (names.get(at).equals(name)) {
                return at;
            }
        }
        throw new IllegalArgumentException("no slot " + name);
    }

    int[] words() {
        return words;
    }
}
