package dev.infuser.djl;

import ai.djl.ndarray.NDArray;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;

/**
 * What an array computes of itself and another, or a number, element by element. Types are promoted as in PyTorch: floats over integers over bool, wide over
 * narrow, and a number takes the type of the array unless it has a fraction and the array does not; quotients of integers
 * are floats.
 */
abstract class ArithmeticArray extends TensorArray {

    ArithmeticArray(InfuserManager manager, Tensor tensor) {
        super(manager, tensor);
    }

    /** The type that holds elements of both. */
    static DType promote(DType a, DType b) {
        if (a == b || b == DType.BOOL) {
            return a;
        }
        if (a == DType.BOOL || b.isFloat() && !a.isFloat()) {
            return b;
        }
        if (a.isFloat() && b.isFloat()) {
            return a.bits() > b.bits() ? a : a.bits() < b.bits() ? b : DType.FLOAT32;
        }
        if (a.isFloat()) {
            return a;
        }
        if (a.isSigned() == b.isSigned()) {
            return a.bits() > b.bits() ? a : b;
        }
        DType signed = a.isSigned() ? a : b;
        int unsigned = (a.isSigned() ? b : a).bits();
        return signed.bits() > unsigned ? signed : unsigned == 8 ? DType.INT16 : unsigned == 16 ? DType.INT32 : DType.INT64;
    }

    static DType floating(DType type) {
        return type.isFloat() ? type : DType.FLOAT32;
    }

    private Tensor number(Number value) {
        DType type = tensor().dtype();
        boolean fraction = value instanceof Float || value instanceof Double;
        return type == DType.BOOL || fraction && !type.isFloat()
                ? Tensor.ofDoubles(fraction ? DType.FLOAT32 : DType.INT64, new int[0], new double[] {value.doubleValue()})
                : type.isFloat() ? Tensor.ofDoubles(type, new int[0], new double[] {value.doubleValue()})
                : Tensor.ofLongs(type, new int[0], new long[] {value.longValue()});
    }

    private NDArray binary(String op, Tensor other) {
        DType type = promote(tensor().dtype(), other.dtype());
        return binary(op, other, type == DType.BOOL ? DType.INT64 : type);
    }

    private NDArray binary(String op, Tensor other, DType type) {
        return wrap(apply(op, Attributes.NONE, cast(tensor(), type), cast(other, type)));
    }

    /** The remainder with the sign of the divisor. */
    private NDArray remainder(Tensor other) {
        DType type = promote(tensor().dtype(), other.dtype());
        if (!type.isFloat()) {
            return binary("Mod", other);
        }
        Attributes truncated = Attributes.of("fmod", 1);
        Tensor divisor = cast(other, type);
        Tensor rest = apply("Mod", truncated, cast(tensor(), type), divisor);
        return wrap(apply("Mod", truncated, apply("Add", Attributes.NONE, rest, divisor), divisor));
    }

    private NDArray compare(String op, Tensor other) {
        return binary(op, other, promote(tensor().dtype(), other.dtype()));
    }

    @Override
    public NDArray add(Number n) {
        return binary("Add", number(n));
    }

    @Override
    public NDArray add(NDArray other) {
        return binary("Add", own(other));
    }

    @Override
    public NDArray sub(Number n) {
        return binary("Sub", number(n));
    }

    @Override
    public NDArray sub(NDArray other) {
        return binary("Sub", own(other));
    }

    @Override
    public NDArray mul(Number n) {
        return binary("Mul", number(n));
    }

    @Override
    public NDArray mul(NDArray other) {
        return binary("Mul", own(other));
    }

    @Override
    public NDArray pow(Number n) {
        return binary("Pow", number(n));
    }

    @Override
    public NDArray pow(NDArray other) {
        return binary("Pow", own(other));
    }

    @Override
    public NDArray maximum(Number n) {
        return binary("Max", number(n));
    }

    @Override
    public NDArray maximum(NDArray other) {
        return binary("Max", own(other));
    }

    @Override
    public NDArray minimum(Number n) {
        return binary("Min", number(n));
    }

    @Override
    public NDArray minimum(NDArray other) {
        return binary("Min", own(other));
    }

    @Override
    public NDArray mod(Number n) {
        return remainder(number(n));
    }

    @Override
    public NDArray mod(NDArray other) {
        return remainder(own(other));
    }

    @Override
    public NDArray div(Number n) {
        return binary("Div", number(n), floating(promote(tensor().dtype(), number(n).dtype())));
    }

    @Override
    public NDArray div(NDArray other) {
        return binary("Div", own(other), floating(promote(tensor().dtype(), own(other).dtype())));
    }

    @Override
    public NDArray addi(Number n) {
        return become(add(n));
    }

    @Override
    public NDArray addi(NDArray other) {
        return become(add(other));
    }

    @Override
    public NDArray subi(Number n) {
        return become(sub(n));
    }

    @Override
    public NDArray subi(NDArray other) {
        return become(sub(other));
    }

    @Override
    public NDArray muli(Number n) {
        return become(mul(n));
    }

    @Override
    public NDArray muli(NDArray other) {
        return become(mul(other));
    }

    @Override
    public NDArray divi(Number n) {
        return become(div(n));
    }

    @Override
    public NDArray divi(NDArray other) {
        return become(div(other));
    }

    @Override
    public NDArray modi(Number n) {
        return become(mod(n));
    }

    @Override
    public NDArray modi(NDArray other) {
        return become(mod(other));
    }

    @Override
    public NDArray powi(Number n) {
        return become(pow(n));
    }

    @Override
    public NDArray powi(NDArray other) {
        return become(pow(other));
    }

    @Override
    public NDArray eq(Number n) {
        return compare("Equal", number(n));
    }

    @Override
    public NDArray eq(NDArray other) {
        return compare("Equal", own(other));
    }

    @Override
    public NDArray gt(Number n) {
        return compare("Greater", number(n));
    }

    @Override
    public NDArray gt(NDArray other) {
        return compare("Greater", own(other));
    }

    @Override
    public NDArray gte(Number n) {
        return compare("GreaterOrEqual", number(n));
    }

    @Override
    public NDArray gte(NDArray other) {
        return compare("GreaterOrEqual", own(other));
    }

    @Override
    public NDArray lt(Number n) {
        return compare("Less", number(n));
    }

    @Override
    public NDArray lt(NDArray other) {
        return compare("Less", own(other));
    }

    @Override
    public NDArray lte(Number n) {
        return compare("LessOrEqual", number(n));
    }

    @Override
    public NDArray lte(NDArray other) {
        return compare("LessOrEqual", own(other));
    }

    @Override
    public NDArray neq(Number n) {
        return eq(n).logicalNot();
    }

    @Override
    public NDArray neq(NDArray other) {
        return eq(other).logicalNot();
    }
}
