/**
 * Reads TensorFlow Lite: {@code .tflite} files by their published FlatBuffers schema, with quantised, float16 and sparse weights,
 * and what MediaPipe packs them into. What operators mean is in {@code tensorflow} where it is shared with other formats.
 */
package dev.infuser.converter.tflite;
