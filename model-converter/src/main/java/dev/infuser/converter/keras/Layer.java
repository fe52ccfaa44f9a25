package dev.infuser.converter.keras;

import dev.infuser.converter.tensorflow.Ops;
import java.util.ArrayList;
import java.util.List;

/**
 * One call of a layer.
 *
 * @param kind   its class
 * @param scopes the names of models and wrappers around it, then its own
 * @param inputs what it is called with
 * @param models translates the model that it may be, or have inside
 */
record Layer(String kind, Config config, List<String> scopes, List<Masked> inputs, Ops ops, LayerWeights weights,
        ModelTranslator models) {

    String in() {
        return in(0);
    }

    String in(int i) {
        if (i >= inputs.size()) {
            throw ops.unsupported("has " + inputs.size() + " inputs");
        }
        return inputs.get(i).value();
    }

    /** The values that it is called with. */
    List<String> values() {
        return inputs.stream().map(Masked::value).toList();
    }

    int rank() {
        return ops.rank(in());
    }

    String weight(String name) {
        return weights.value(scopes, name);
    }

    /** {@code x} with the bias where there is one, and the activation behind it. */
    String finish(String x) {
        String biased = config.flag("use_bias", true) ? ops.op("Add", x, weight("bias")) : x;
        return Activations.apply(ops, config.get("activation"), biased);
    }

    boolean isChannelsFirst() {
        return config.choice("data_format", "channels_last").equals("channelsfirst");
    }

    /** {@code x} with its channels last, whatever the layer says of its inputs. */
    String channelsLast(String x) {
        if (!isChannelsFirst()) {
            return x;
        }
        int rank = ops.rank(x);
        long[] perm = new long[rank];
        for (int i = 1; i < rank - 1; i++) {
            perm[i] = i + 1;
        }
        perm[rank - 1] = 1;
        return ops.transpose(x, perm);
    }

    /** What has channels last as the layer gives it. */
    String asStated(String x) {
        if (!isChannelsFirst()) {
            return x;
        }
        int rank = ops.rank(x);
        long[] perm = new long[rank];
        perm[1] = rank - 1;
        for (int i = 2; i < rank; i++) {
            perm[i] = i - 1;
        }
        return ops.transpose(x, perm);
    }

    /** A layer that this one has inside, called with {@code from}. */
    Layer inside(Config spec, List<String> names, List<Masked> from) {
        return new Layer(spec.text("class_name", ""), spec.object("config"), names, from, ops, weights, models);
    }

    /** {@link #scopes} and one more. */
    List<String> below(String name) {
        List<String> names = new ArrayList<>(scopes);
        names.add(name);
        return names;
    }
}
