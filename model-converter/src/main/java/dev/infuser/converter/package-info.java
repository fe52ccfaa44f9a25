/**
 * The converter: a library ({@link dev.infuser.converter.Converter}) and a command line over it, for the JVM only.
 * It reads source models, writes {@code .tea} files and compares both with the source framework.
 * Formats live in packages of their own; nothing here knows how a format stores its weights.
 */
package dev.infuser.converter;
