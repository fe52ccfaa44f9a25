/**
 * Kernel templates: GEMM, elementwise chains, softmax, normalisation, reductions, gather and strided copy, each a record
 * that writes one WebAssembly function with the assembler. A kernel computes in f32 lanes on buffers whose addresses,
 * dimensions and strides it reads from a parameter block, so one compiled kernel serves every shape of its kind.
 * It knows nothing of graphs or operators; scalar arithmetic fused into a kernel is an {@link dev.infuser.expr.Expr}.
 */
package dev.infuser.kernel;
