/**
 * Runs ONNX's backend tests: reads a folder or packed archive of them, imports each model, runs it on a backend and
 * compares with the expected outputs. Every test is isolated, so a hang or crash is one failed test. Nothing here is
 * used by the library itself.
 */
package dev.infuser.conformance;
