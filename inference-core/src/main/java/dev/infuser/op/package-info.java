/**
 * Operators: what each means ({@code evaluate}, plain Java, the definition), which types it gives ({@code infer}, with
 * symbolic dimensions) and how it maps to kernels ({@code lower}), all in the operator's own file.
 * {@link dev.infuser.op.Registry} lists them; {@link dev.infuser.op.Inference} and {@link dev.infuser.op.Evaluator}
 * apply them to whole graphs. Nothing here may know a backend.
 */
package dev.infuser.op;
