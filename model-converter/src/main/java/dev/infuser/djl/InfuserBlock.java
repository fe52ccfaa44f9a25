package dev.infuser.djl;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractSymbolBlock;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.infuser.graph.Value;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A session as a block: arrays by name where they have names, else in the order of the model's inputs. */
final class InfuserBlock extends AbstractSymbolBlock {

    private final Session session;

    InfuserBlock(Session session) {
        this.session = session;
    }

    /**
     * Runs the model; may be called from several threads.
     *
     * @throws IllegalArgumentException when names or the number of arrays do not fit the inputs
     * @throws EngineException          when the model does not accept them
     */
    @Override
    protected NDList forwardInternal(ParameterStore parameters, NDList inputs, boolean training,
            PairList<String, Object> options) {
        Map<String, Tensor> feeds = feeds(inputs);
        Map<String, Datum> outputs;
        try {
            outputs = session.runAny(feeds);
        } catch (InfuserException e) {
            throw new EngineException(e.getMessage() + (e.hint().isEmpty() ? "" : "; " + e.hint()), e);
        }
        NDManager target = inputs.isEmpty() ? InfuserManager.system() : inputs.head().getManager();
        InfuserManager manager = target instanceof InfuserManager own ? own : InfuserManager.system();
        NDList results = new NDList();
        outputs.forEach((name, value) -> add(results, manager, name, value));
        if (manager != target) {
            results.attach(target);
        }
        return results;
    }

    private Map<String, Tensor> feeds(NDList inputs) {
        List<Value> wanted = session.inputs();
        if (inputs.size() != wanted.size()) {
            throw new IllegalArgumentException("the model takes " + wanted.size() + " inputs, " + names() + ", and "
                    + inputs.size() + " were given");
        }
        boolean named = !inputs.isEmpty() && inputs.get(0).getName() != null;
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        for (int i = 0; i < wanted.size(); i++) {
            NDArray array = inputs.get(i);
            if (named && array.getName() == null) {
                throw new IllegalArgumentException("either all arrays have names or none has");
            }
            feeds.put(named ? array.getName() : wanted.get(i).name(), InfuserManager.tensor(array));
        }
        return feeds;
    }

    private List<String> names() {
        return session.inputs().stream().map(Value::name).toList();
    }

    private static void add(NDList results, InfuserManager manager, String name, Datum value) {
        if (value instanceof Tensor tensor) {
            NDArray array = manager.wrap(tensor);
            array.setName(name);
            results.add(array);
        } else if (value instanceof Datum.Sequence sequence) {
            sequence.elements().forEach(element -> add(results, manager, name, element));
        } else if (value instanceof Datum.Optional optional && optional.value() != null) {
            add(results, manager, name, optional.value());
        }
    }

    @Override
    public PairList<String, Shape> describeInput() {
        return describe(session.inputs());
    }

    @Override
    public PairList<String, Shape> describeOutput() {
        return describe(session.outputs());
    }

    private static PairList<String, Shape> describe(List<Value> values) {
        PairList<String, Shape> list = new PairList<>();
        for (Value value : values) {
            list.add(value.name(), value.type() instanceof ValueType.OfTensor type && type.shape() != null
                    ? shape(type.shape()) : new Shape());
        }
        return list;
    }

    /** A shape whose symbols are unknown, which is -1. */
    private static Shape shape(dev.infuser.tensor.Shape shape) {
        long[] extents = new long[shape.rank()];
        for (int axis = 0; axis < extents.length; axis++) {
            Dim dim = shape.dim(axis);
            extents[axis] = dim.isConstant() ? dim.value() : -1;
        }
        return new Shape(extents);
    }

    @Override
    public Map<String, String> getCustomMetadata() {
        return session.metadata();
    }

    @Override
    public void removeLastBlock() {
        throw new UnsupportedOperationException("a compiled model has no blocks to remove");
    }

    @Override
    public ParameterList getDirectParameters() {
        throw new UnsupportedOperationException("a .tea file cannot be trained: its parameters are not to be had");
    }
}
