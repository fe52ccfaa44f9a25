package dev.infuser.converter.keras;

/**
 * What a layer gives.
 *
 * @param value a value of the graph
 * @param mask  bool {@code [batch, time]}: the steps of it that count; or null where all do
 */
record Masked(String value, String mask) {

    Masked(String value) {
        this(value, null);
    }
}
