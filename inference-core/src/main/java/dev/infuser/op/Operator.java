package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * An operator of the graph language, at {@link dev.infuser.graph.Graph#OPSET}.
 *
 * <p>Implementations are stateless. Adding one touches its own file and one line of {@link Registry}.
 */
public interface Operator {

    /** The operator type, e.g. {@code MatMul}. */
    String name();

    /** "" for {@code ai.onnx}. */
    default String domain() {
        return "";
    }

    /**
     * The types of all outputs. Called only when every present input has a type, and tensors a rank; dimensions may be
     * symbols.
     *
     * @throws dev.infuser.tensor.InvalidModelException where types, ranks or attributes break the specification
     */
    List<ValueType> infer(InferContext context);

    /**
     * What is known of the elements of output 0, a scalar or vector of integers computed from shapes, or null.
     * Called after {@link #infer}, when not all inputs are constants.
     */
    default List<Dim> content(InferContext context) {
        return null;
    }

    /**
     * How the node can run as a kernel, or null when this use of it cannot; {@code evaluate} runs then. Dimensions may be
     * symbols.
     */
    default Lowering lower(InferContext context) {
        return null;
    }

    /**
     * The outputs for the inputs given: the definition of the operator, for every dtype the specification allows.
     *
     * @throws dev.infuser.tensor.InfuserException where input values break the specification
     */
    List<Datum> evaluate(EvalContext context);
}
