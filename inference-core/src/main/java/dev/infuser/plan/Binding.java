package dev.infuser.plan;

import dev.infuser.graph.Node;
import dev.infuser.op.InferContext;

/** What a kernel call learns about concrete dimensions and addresses while its parameters are filled. */
interface Binding {

    /** The extents of a value. */
    int[] dims(String value);

    /** The address of the memory that holds a value. */
    long address(String value);

    /** Byte strides of a value's axes in the memory that holds it. */
    long[] strides(String value);

    /** Bytes per element of a value. */
    int elementBytes(String value);

    /** The address of the working memory of this call, of the first thread's where there are several. */
    long scratch();

    /** The address of what the step before has prepared for this one. */
    long prepared();

    /** The address of a word that a kernel sets to the address of its parameters when an index is out of range. */
    long errorWord();

    /** The shapes and host values around a node. */
    InferContext context(Node node);
}
