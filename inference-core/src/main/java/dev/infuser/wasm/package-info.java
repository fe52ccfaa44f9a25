/**
 * A small WebAssembly assembler: modules, functions and instructions become the bytes of the binary format.
 * It covers what generated kernels need: one memory, one table, SIMD128, relaxed SIMD and bulk memory.
 * It knows nothing of models, tensors or kernels, and checks structure (labels, local indices) but not operand types.
 */
package dev.infuser.wasm;
