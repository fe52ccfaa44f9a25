/** Reads models of TensorFlow.js: {@code model.json} with its shards of weights, of graphs and of Keras layers. */
package dev.infuser.converter.tfjs;
