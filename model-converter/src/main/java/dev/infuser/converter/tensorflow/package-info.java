/** What the operators of TensorFlow mean in ONNX's, shared by its formats: TensorFlow.js's two and TFLite. */
package dev.infuser.converter.tensorflow;
