/**
 * The {@code .tea} file, whose bytes are the memory image of a model: its reader, its writer, and what they exchange.
 * The format itself is specified in {@code FORMAT.md}.
 * Nothing here may know kernels or hosts, and nothing read is believed before it is checked.
 */
package dev.infuser.format;
