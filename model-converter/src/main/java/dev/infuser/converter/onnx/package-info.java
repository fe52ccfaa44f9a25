/**
 * ONNX in: a protobuf wire reader, the model as records, and the importer that turns it into the graph language.
 * Pure Java that TeaVM compiles too: no files, no reflection, no regular expressions.
 * Everything read is checked before it is believed; nothing here computes tensors or knows the {@code .tea} format.
 */
package dev.infuser.converter.onnx;
