package dev.infuser.converter.keras;

import java.util.List;

/** What a layer becomes. */
interface Rule {

    /** Writes it, and returns what it gives. */
    List<Masked> apply(Layer layer);

    /** A rule for a layer that gives one value. */
    interface Single {
        String apply(Layer layer);
    }

    /** A layer that says nothing of masks. */
    static Rule one(Single single) {
        return layer -> List.of(new Masked(single.apply(layer)));
    }

    /** A layer that passes on the mask of its first input. */
    static Rule keeping(Single single) {
        return layer -> List.of(new Masked(single.apply(layer), layer.inputs().get(0).mask()));
    }
}
