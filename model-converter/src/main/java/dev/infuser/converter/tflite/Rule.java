package dev.infuser.converter.tflite;

/**
 * What an operator becomes.
 *
 * @param numbers how it sees quantised tensors
 * @param writer  writes it
 */
record Rule(Numbers numbers, Writer writer) {

    /** How quantised tensors come into a rule, and how what it gives goes out. */
    enum Numbers {
        /** As the real numbers that they stand for. */
        REAL,
        /** As stored where all are quantised alike, since elements only move; else as real numbers. */
        MOVED,
        /** As stored; the rule itself knows what they stand for. */
        STORED
    }

    /** Writes an operator, and returns its outputs. */
    interface Writer {
        String[] write(Call call);
    }

    /** Writes an operator of one output. */
    interface Single {
        String write(Call call);
    }

    static Rule real(Single single) {
        return new Rule(Numbers.REAL, call -> new String[] {single.write(call)});
    }

    static Rule moved(Single single) {
        return new Rule(Numbers.MOVED, call -> new String[] {single.write(call)});
    }

    static Rule stored(Single single) {
        return new Rule(Numbers.STORED, call -> new String[] {single.write(call)});
    }
}
