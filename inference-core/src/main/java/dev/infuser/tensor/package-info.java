/**
 * Element types, symbolic shapes and tensors: the values that flow along the edges of a graph.
 * Also the errors that every other package reports with.
 * Nothing here may know what an operator, a file or a kernel is.
 */
package dev.infuser.tensor;
