package dev.infuser.djl;

import ai.djl.ndarray.NDArray;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;

/** Functions of each element of an array; those of real numbers make floats of integers. */
abstract class FunctionArray extends ArithmeticArray {

    FunctionArray(InfuserManager manager, Tensor tensor) {
        super(manager, tensor);
    }

    /** One operator on one array of a float type. */
    NDArray unary(String op) {
        return wrap(apply(op, Attributes.NONE, cast(tensor(), floating(tensor().dtype()))));
    }

    /** One operator on one array of any type. */
    NDArray plain(String op) {
        return wrap(apply(op, Attributes.NONE, tensor()));
    }

    private NDArray same(String op) {
        return tensor().dtype().isFloat() ? plain(op) : duplicate();
    }

    private NDArray logical(String op, NDArray other) {
        return wrap(apply(op, Attributes.NONE, cast(tensor(), DType.BOOL), cast(own(other), DType.BOOL)));
    }

    @Override
    public NDArray logicalAnd(NDArray other) {
        return logical("And", other);
    }

    @Override
    public NDArray logicalOr(NDArray other) {
        return logical("Or", other);
    }

    @Override
    public NDArray logicalXor(NDArray other) {
        return logical("Xor", other);
    }

    @Override
    public NDArray logicalNot() {
        return wrap(apply("Not", Attributes.NONE, cast(tensor(), DType.BOOL)));
    }

    @Override
    public NDArray neg() {
        return plain("Neg");
    }

    @Override
    public NDArray abs() {
        return plain("Abs");
    }

    @Override
    public NDArray sign() {
        return plain("Sign");
    }

    @Override
    public NDArray negi() {
        return become(neg());
    }

    @Override
    public NDArray signi() {
        return become(sign());
    }

    @Override
    public NDArray square() {
        return mul(this);
    }

    @Override
    public NDArray sqrt() {
        return unary("Sqrt");
    }

    @Override
    public NDArray exp() {
        return unary("Exp");
    }

    @Override
    public NDArray log() {
        return unary("Log");
    }

    @Override
    public NDArray sin() {
        return unary("Sin");
    }

    @Override
    public NDArray cos() {
        return unary("Cos");
    }

    @Override
    public NDArray tan() {
        return unary("Tan");
    }

    @Override
    public NDArray asin() {
        return unary("Asin");
    }

    @Override
    public NDArray acos() {
        return unary("Acos");
    }

    @Override
    public NDArray atan() {
        return unary("Atan");
    }

    @Override
    public NDArray sinh() {
        return unary("Sinh");
    }

    @Override
    public NDArray cosh() {
        return unary("Cosh");
    }

    @Override
    public NDArray tanh() {
        return unary("Tanh");
    }

    @Override
    public NDArray asinh() {
        return unary("Asinh");
    }

    @Override
    public NDArray acosh() {
        return unary("Acosh");
    }

    @Override
    public NDArray atanh() {
        return unary("Atanh");
    }

    @Override
    public NDArray erf() {
        return unary("Erf");
    }

    @Override
    public NDArray floor() {
        return same("Floor");
    }

    @Override
    public NDArray ceil() {
        return same("Ceil");
    }

    @Override
    public NDArray round() {
        return same("Round");
    }

    @Override
    public NDArray trunc() {
        return sign().mul(abs().floor());
    }

    @Override
    public NDArray log10() {
        return log().mul(1 / Math.log(10));
    }

    @Override
    public NDArray log2() {
        return log().mul(1 / Math.log(2));
    }

    @Override
    public NDArray toDegrees() {
        return unary("Identity").mul(180 / Math.PI);
    }

    @Override
    public NDArray toRadians() {
        return unary("Identity").mul(Math.PI / 180);
    }

    @Override
    public NDArray isNaN() {
        return unary("IsNaN");
    }

    @Override
    public NDArray isInfinite() {
        return unary("IsInf");
    }

    @Override
    public NDArray clip(Number min, Number max) {
        return maximum(min).minimum(max);
    }
}
