package dev.infuser.op;

import dev.infuser.tensor.DType;

/** The groups of element types in which the specification states what operators take. */
final class Types {

    private Types() {
    }

    /** Whether {@code type} is float16, bfloat16, float32 or float64. */
    static boolean isReal(DType type) {
        return type.isFloat() && type.bits() >= 16;
    }

    /** Whether {@code type} is an integer of 8 bits or more. */
    static boolean isInteger(DType type) {
        return type.isInteger() && type.bits() >= 8;
    }

    /** Whether {@code type} is real or an integer of 8 bits or more. */
    static boolean isNumber(DType type) {
        return isReal(type) || isInteger(type);
    }

    /** The type of an input that must be real. */
    static DType real(InferContext c, int input) {
        return require(c, input, isReal(c.dtype(input)));
    }

    /** The type of an input that must be a number. */
    static DType number(InferContext c, int input) {
        return require(c, input, isNumber(c.dtype(input)));
    }

    /** The type of an input, which {@code allowed} says is one that the operator takes. */
    static DType require(InferContext c, int input, boolean allowed) {
        if (!allowed) {
            throw c.fail("input " + input + " must not be " + c.dtype(input).label());
        }
        return c.dtype(input);
    }

    /** The number type that an attribute names, float32 where it is missing. */
    static DType declared(InferContext c, String attribute) {
        long number = c.attributes().integer(attribute, DType.FLOAT32.number());
        DType type = DType.ofNumber((int) number);
        if (type == null || !isNumber(type)) {
            throw c.fail(attribute + " is " + number + ", which is no number type");
        }
        return type;
    }

    /** The type of input 0, which all the inputs must have. */
    static DType same(InferContext c) {
        for (int i = 1; i < c.inputs(); i++) {
            same(c, i);
        }
        return c.dtype(0);
    }

    /** Fails unless {@code input} is absent or has the type of input 0. */
    static void same(InferContext c, int input) {
        if (c.has(input) && c.dtype(input) != c.dtype(0)) {
            throw c.fail("inputs differ in type: " + c.type(0) + " and " + c.type(input));
        }
    }
}
