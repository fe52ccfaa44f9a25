/**
 * Text before and after the model: the tokenizers described by {@code tokenizer.json}, and the JSON reader for it.
 * Everything here gives exactly what Hugging Face's {@code tokenizers} library gives, on the JVM and in the browser,
 * with Unicode tables and regular expressions of its own because the browser's class library has no normalizer and
 * other tables.
 * Nothing here knows tensors, graphs or the page; errors are those of {@code dev.infuser.tensor}.
 */
package dev.infuser.text;
