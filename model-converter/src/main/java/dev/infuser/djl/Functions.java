package dev.infuser.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.Shape;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The part of arrays that DJL keeps from its users but not from translators: one line for each function. What is not in
 * the table is DJL's own default, or else the alternative engine's.
 */
final class Functions {

    private interface Function {
        Object apply(InfuserArray array, Object[] arguments);
    }

    private static final String[] MODES = {"nearest", "linear", "linear", "cubic"};
    private static final Map<String, Function> TABLE = new HashMap<>();

    static {
        TABLE.put("getArray", (x, a) -> x);
        TABLE.put("getIndexer", (x, a) -> Indexer.INSTANCE);
        TABLE.put("stack", (x, a) -> stack(x, (NDList) a[0], (int) a[1]));
        TABLE.put("concat", (x, a) -> x.concat((NDList) a[0], (int) a[1]));
        TABLE.put("where", (x, a) -> where((NDArray) a[0], x, (NDArray) a[1]));
        TABLE.put("resize", (x, a) -> resize(x, (int) a[0], (int) a[1], MODES[(int) a[2]]));
        TABLE.put("linear", (x, a) -> new NDList(linear((NDArray) a[0], (NDArray) a[1], (NDArray) a[2])));
        TABLE.put("layerNorm", (x, a) -> new NDList(layerNorm((InfuserArray) a[0], (Shape) a[1], (NDArray) a[2],
                (NDArray) a[3], (float) a[4])));
        TABLE.put("relu", (x, a) -> x.plain("Relu"));
        TABLE.put("sigmoid", (x, a) -> x.unary("Sigmoid"));
        TABLE.put("tanh", (x, a) -> x.tanh());
        TABLE.put("softPlus", (x, a) -> x.unary("Softplus"));
        TABLE.put("softSign", (x, a) -> x.unary("Softsign"));
        TABLE.put("gelu", (x, a) -> x.unary("Gelu"));
        TABLE.put("selu", (x, a) -> x.unary("Selu"));
        TABLE.put("elu", (x, a) -> x.wrap(TensorArray.apply("Elu", Attributes.of("alpha", a[0]), x.tensor())));
        TABLE.put("leakyRelu", (x, a) -> x.wrap(TensorArray.apply("LeakyRelu", Attributes.of("alpha", a[0]), x.tensor())));
        TABLE.put("globalAvgPool", (x, a) -> x.unary("GlobalAveragePool"));
        TABLE.put("globalMaxPool", (x, a) -> x.unary("GlobalMaxPool"));
        TABLE.put("rdivi", (x, a) -> x.become(((NDArray) a[0]).div(x)));
        TABLE.put("rmodi", (x, a) -> x.become(((NDArray) a[0]).mod(x)));
        TABLE.put("rpowi", (x, a) -> x.become(x.getManager().create((Number) a[0]).toType(x.getDataType(), false).pow(x)));
    }

    private Functions() {
    }

    static NDArrayEx of(InfuserArray array, Supplier<NDArrayEx> alternative) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            Function function = TABLE.get(method.getName());
            boolean missing = function == null || method.isDefault() && !method.getName().equals("getIndexer");
            return !missing ? function.apply(array, arguments)
                    : method.isDefault() ? InvocationHandler.invokeDefault(proxy, method, arguments)
                    : method.invoke(alternative.get(), arguments);
        };
        return (NDArrayEx) Proxy.newProxyInstance(NDArrayEx.class.getClassLoader(), new Class<?>[] {NDArrayEx.class}, handler);
    }

    private static NDArray stack(InfuserArray array, List<NDArray> others, int axis) {
        int at = axis < 0 ? axis + array.getShape().dimension() + 1 : axis;
        NDArray first = array.expandDims(at);
        return ((InfuserArray) first).concat(others.stream().map(other -> other.expandDims(at)).toList(), at);
    }

    private static NDArray where(NDArray condition, InfuserArray array, NDArray other) {
        DType type = ArithmeticArray.promote(array.tensor().dtype(), array.own(other).dtype());
        return array.wrap(TensorArray.apply("Where", Attributes.NONE, TensorArray.cast(array.own(condition), DType.BOOL),
                TensorArray.cast(array.tensor(), type), TensorArray.cast(array.own(other), type)));
    }

    /** An image {@code [height, width, channels]}, or several, of another size. */
    private static NDArray resize(InfuserArray array, int width, int height, String mode) {
        int[] dims = array.tensor().dims().clone();
        dims[dims.length - 3] = height;
        dims[dims.length - 2] = width;
        return array.wrap(TensorArray.apply("Resize", Attributes.of("mode", mode, "coordinate_transformation_mode",
                "half_pixel"), TensorArray.cast(array.tensor(), DType.FLOAT32), null, null,
                Tensor.vector(Elements.shape(dims).getShape())));
    }

    /** {@code input [..., in]} times the transpose of {@code weight [out, in]}, and a bias that may be null. */
    private static NDArray linear(NDArray input, NDArray weight, NDArray bias) {
        NDArray product = input.matMul(weight.transpose());
        return bias == null ? product : product.add(bias);
    }

    private static NDArray layerNorm(InfuserArray input, Shape shape, NDArray gamma, NDArray beta, float epsilon) {
        return input.wrap(TensorArray.apply("LayerNormalization",
                Attributes.of("axis", -shape.dimension(), "epsilon", epsilon), input.tensor(), input.own(gamma),
                beta == null ? null : input.own(beta)));
    }
}
