/**
 * Infuser as an engine of DJL: {@code Criteria…optEngine("Infuser")} runs a {@code .tea} file with any {@code Translator}.
 * Arrays are Infuser's tensors, and what translators compute with them is evaluated by Infuser's operators, so no other
 * engine is needed; operations that ONNX has no operator for go to PyTorch where that is on the class path.
 */
package dev.infuser.djl;
