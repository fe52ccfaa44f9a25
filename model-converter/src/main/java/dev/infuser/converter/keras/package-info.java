/** What the layers of Keras, as TensorFlow.js saves and runs them, mean in ONNX's operators. */
package dev.infuser.converter.keras;
