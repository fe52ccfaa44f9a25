package dev.infuser.conformance;

/** What became of one test; {@code message} says why it did not pass. */
record Result(String test, String op, Status status, String message) {

    enum Status {
        PASSED, FAILED, UNSUPPORTED;

        String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** One line of tab-separated values. */
    String row() {
        return test + '\t' + op + '\t' + status.label() + '\t' + message.replaceAll("[\\s]+", " ").trim();
    }
}
