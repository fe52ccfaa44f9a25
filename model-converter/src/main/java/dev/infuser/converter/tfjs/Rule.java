package dev.infuser.converter.tfjs;

/** What an operator becomes. */
interface Rule {

    /** Writes it, and returns its outputs. */
    String[] apply(Call call);

    /** A rule for an operator of one output. */
    interface Single {
        String apply(Call call);
    }

    static Rule one(Single single) {
        return call -> new String[] {single.apply(call)};
    }
}
