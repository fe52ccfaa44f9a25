package dev.infuser.web;

import dev.infuser.format.Golden;
import dev.infuser.format.TeaReader;
import dev.infuser.graph.Value;
import dev.infuser.plan.Bound;
import dev.infuser.runtime.CompiledModel;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.runtime.StepTime;
import dev.infuser.runtime.Verification;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.ResourceException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The model that the page has loaded, as messages see it. */
final class LoadedModel {

    private final TeaReader file;
    private final Download download;
    private final Heap heap;
    private Session session;

    /**
     * Compiles a file of which the head has arrived, as far as that goes without the weights.
     *
     * @param reference to evaluate in plain Java
     */
    LoadedModel(Download download, Heap heap, boolean reference) {
        this.file = download.file();
        this.download = download;
        this.heap = heap;
        try {
            session = reference ? Session.of(file) : Session.compile(file, heap, download.weightsAddress());
        } catch (ResourceException e) {
            if (!e.code().equals(Download.NOT_ARRIVED)) {
                throw e;
            }
        }
    }

    /** All of the file has arrived, {@code total} bytes. */
    void complete(double total) {
        download.finish((long) total);
        if (session == null) {
            session = Session.compile(file, heap, download.weightsAddress());
        }
    }

    /** Writes inputs, outputs and metadata. */
    void describe(MessageWriter out) {
        values(session.inputs(), out);
        values(session.outputs(), out);
        out.word(file.metadata().size());
        for (Map.Entry<String, String> entry : file.metadata().entrySet()) {
            out.text(entry.getKey()).text(entry.getValue());
        }
    }

    private static void values(List<Value> values, MessageWriter out) {
        out.word(values.size());
        for (Value value : values) {
            value(value.name(), value.type(), out);
        }
    }

    private static void value(String name, ValueType type, MessageWriter out) {
        boolean known = type instanceof ValueType.OfTensor tensor && tensor.shape() != null;
        String label = type == null ? "" : type instanceof ValueType.OfTensor tensor ? tensor.dtype().label() : type.toString();
        List<Dim> dims = known ? ((ValueType.OfTensor) type).shape().dims() : List.of();
        out.text(name).text(label).word(dims.size());
        for (Dim dim : dims) {
            out.text(dim.toString());
        }
    }

    /** Reads feeds and the names of outputs, none for all; writes the outputs. */
    void run(MessageReader in, MessageWriter out) {
        Map<String, Datum> feeds = feeds(in);
        List<String> outputs = session.graph().outputs();
        List<String> wanted = new ArrayList<>();
        for (int n = in.word(); n > 0; n--) {
            String name = in.text();
            if (!outputs.contains(name)) {
                throw new InvalidInputException("unknown-output", name, "the model has no output named '" + name + "'",
                        "its outputs: " + String.join(", ", outputs), "check the names in outputs");
            }
            wanted.add(name);
        }
        Map<String, Datum> results = session.runAny(feeds);
        if (wanted.isEmpty()) {
            wanted = outputs;
        }
        out.word(wanted.size());
        for (String name : wanted) {
            out.text(name).datum(results.get(name));
        }
    }

    /** Reads feeds; writes where elements that are apart belong, in their order, or nothing where that cannot be told. */
    void place(MessageReader in, MessageWriter out) {
        Map<String, Datum> feeds = feeds(in);
        if (session.prepare(feeds)) {
            for (Map.Entry<String, Datum> feed : feeds.entrySet()) {
                if (Memory.addressOf((Tensor) feed.getValue()) == 0) {
                    out.word((int) session.compiled().address(feed.getKey()));
                }
            }
        }
    }

    /**
     * Writes how to run again what ran last without asking: the number of the kernels, address and count of their steps, the
     * address of the word that tells errors; of each input its name, address or 0, and the elements it must have, if any; of each
     * output its name, type, address and dims. Nothing where a run is more than kernels.
     */
    void direct(MessageWriter out) {
        CompiledModel compiled = session.compiled();
        Bound.Kernels kernels = compiled == null ? null : compiled.onlyKernels();
        if (kernels == null) {
            return;
        }
        out.word(compiled.module()).word((int) kernels.address()).word(kernels.count()).word((int) compiled.errorWord());
        out.word(session.inputs().size());
        for (Value input : session.inputs()) {
            String name = input.name();
            Tensor elements = compiled.decisive(name);
            out.text(name).word(compiled.isRead(name) ? (int) compiled.address(name) : 0)
                    .datum(elements == null ? Datum.Optional.ABSENT : elements);
        }
        out.word(session.outputs().size());
        for (Value output : session.outputs()) {
            String name = output.name();
            out.text(name).word(compiled.dtype(name).number()).word((int) compiled.address(name)).word(compiled.dims(name).length);
            for (int dim : compiled.dims(name)) {
                out.word(dim);
            }
        }
    }

    private static Map<String, Datum> feeds(MessageReader in) {
        Map<String, Datum> feeds = new LinkedHashMap<>();
        for (int n = in.word(); n > 0; n--) {
            String name = in.text();
            feeds.put(name, in.datum());
        }
        return feeds;
    }

    /** Reads feeds; writes where the time of one run went. */
    void profile(MessageReader in, MessageWriter out) {
        List<StepTime> times = session.profile(feeds(in), Engine::now);
        out.word(times.size());
        for (StepTime time : times) {
            out.text(time.node()).text(time.op()).text(time.kernel()).number(time.millis())
                    .number(time.operations()).number(time.bytes()).number(time.peak());
        }
    }

    /** Writes the assets of the file, as bytes by name. */
    void assets(MessageWriter out) {
        out.word(file.assets().size());
        for (Map.Entry<String, byte[]> asset : file.assets().entrySet()) {
            out.text(asset.getKey()).datum(Tensor.of(DType.UINT8, new int[] {asset.getValue().length}, asset.getValue()));
        }
    }

    /** Writes how the golden vectors of the file compare with what this engine computes. */
    void verify(MessageWriter out) {
        List<Golden> vectors = file.golden();
        out.word(vectors.size());
        for (Golden vector : vectors) {
            Verification found = Verification.of(vector, session.runAny(vector.inputs()));
            out.text(found.name()).word(found.passed() ? 1 : 0).number(found.absolute()).number(found.relative());
        }
    }
}
