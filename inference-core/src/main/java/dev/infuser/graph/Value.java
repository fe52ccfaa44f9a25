package dev.infuser.graph;

import dev.infuser.tensor.ValueType;

/** A named and typed value: an input of a graph. */
public record Value(String name, ValueType type) {
}
