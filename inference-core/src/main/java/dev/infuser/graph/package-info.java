/**
 * The graph language: ONNX operators at one fixed opset ({@link dev.infuser.graph.Graph#OPSET}), as immutable data in SSA
 * form. Values are names, nodes are listed in an order in which they can run, subgraphs see the values around them.
 * Nothing here may know how anything is computed.
 */
package dev.infuser.graph;
