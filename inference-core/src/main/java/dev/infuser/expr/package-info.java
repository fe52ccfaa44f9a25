/**
 * Scalar arithmetic as data: what operators say of one element, and what kernels fuse into their loops.
 * Nothing here may know tensors or instructions.
 */
package dev.infuser.expr;
