package dev.infuser.conformance;

import java.io.IOException;
import java.util.List;

/**
 * One backend test.
 *
 * @param name   category and test, as in {@code node/test_abs}
 * @param op     the operator under test, or "" where nothing says
 * @param rtol   relative tolerance
 * @param atol   absolute tolerance
 * @param model  the ONNX file
 * @param sets   inputs and expected outputs; a set without inputs feeds each graph input {@code arange(n) / n}
 */
record Case(String name, String op, double rtol, double atol, Content model, List<DataSet> sets) {

    /** ONNX's own runner's tolerances. */
    static final double RTOL = 1e-3;
    static final double ATOL = 1e-7;

    /** Bytes that are read when needed. */
    interface Content {
        byte[] read() throws IOException;
    }

    record DataSet(List<Content> inputs, List<Content> outputs) {
    }
}
