package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Spells products of quantised tensors as a product of integers, whose result is scaled and quantised again: QLinearMatMul,
 * and products of what DequantizeLinear gives. Convolutions of integers become convolutions of whole float32 numbers, which
 * are exact where sums stay below 2^24. Weights of MatMulInteger become int8, and zero points of 0 are left out.
 */
final class LowerQuantized implements Pass {

    @Override
    public String name() {
        return "lower-quantized";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            switch (node.qualifiedOp()) {
                case "QLinearMatMul" -> new Rule(graph, editor, node).linearMatMul();
                case "MatMul", "Gemm" -> new Rule(graph, editor, node).dequantizedProduct();
                case "MatMulInteger" -> new Rule(graph, editor, node).signedWeights();
                case "QLinearConv" -> new Rule(graph, editor, node).linearConv();
                case "ConvInteger" -> new Rule(graph, editor, node).convInteger();
                default -> { }
            }
        }
        return editor.build();
    }

    /** One node and what takes its place. */
    private record Rule(Graph graph, Editor editor, Node node, List<Node> nodes) {

        Rule(Graph graph, Editor editor, Node node) {
            this(graph, editor, node, new ArrayList<>());
        }

        private void done() {
            editor.replace(node, nodes.toArray(new Node[0]));
        }

        private String add(String op, Attributes attributes, String... inputs) {
            String output = editor.fresh(node.output(0) + "/" + op.toLowerCase() + nodes.size());
            nodes.add(new Node("", "", op, List.of(inputs), List.of(output), attributes));
            return output;
        }

        private String add(String op, String... inputs) {
            return add(op, Attributes.NONE, inputs);
        }

        private void last(String op, Attributes attributes, String... inputs) {
            nodes.add(new Node(node.name(), "", op, List.of(inputs), node.outputs(), attributes));
        }

        private String real(String value) {
            return add("Cast", Attributes.of("to", DType.FLOAT32.number()), value);
        }

        private ValueType.OfTensor type(String value) {
            return graph.type(value) instanceof ValueType.OfTensor type && type.shape() != null ? type : null;
        }

        private boolean isByte(String value) {
            return type(value) != null && type(value).dtype().isInteger() && type(value).dtype().bits() == 8;
        }

        private boolean isOne(String value) {
            return value.isEmpty() || type(value) != null && type(value).shape().elements().is(1);
        }

        private boolean isFloat(String value) {
            return type(value) != null && type(value).dtype() == DType.FLOAT32;
        }

        /** (A - zeroA) (B - zeroB) as float32 times both scales. */
        private String product(String a, String zeroA, String b, String zeroB, String scaleA, String scaleB) {
            String whole = zeroB.isEmpty() ? zeroA.isEmpty() ? add("MatMulInteger", a, b) : add("MatMulInteger", a, b, zeroA)
                    : add("MatMulInteger", a, b, zeroA, zeroB);
            return add("Mul", real(whole), add("Mul", scaleA, scaleB));
        }

        void linearMatMul() {
            List<String> in = node.inputs();
            if (isByte(in.get(0)) && isByte(in.get(3)) && isByte(in.get(7)) && isOne(in.get(1)) && isOne(in.get(2))
                    && isOne(in.get(6)) && isOne(in.get(7)) && isFloat(in.get(1)) && isFloat(in.get(4)) && isFloat(in.get(6))
                    && type(in.get(0)).shape().rank() > 1 && type(in.get(3)).shape().rank() > 1
                    && type(in.get(4)).shape().rank() <= 1) {
                last("QuantizeLinear", Attributes.NONE, product(in.get(0), in.get(2), in.get(3), in.get(5), in.get(1),
                        in.get(4)), in.get(6), in.get(7));
                done();
            }
        }

        void dequantizedProduct() {
            Node a = editor.producer(node.input(0), "DequantizeLinear");
            Node b = editor.producer(node.input(1), "DequantizeLinear");
            boolean gemm = node.is("Gemm");
            boolean transposed = node.attributes().flag("transB", false);
            if (a == null || b == null || !isByte(a.input(0)) || !isByte(b.input(0)) || !isFloat(node.output(0))
                    || !isFloat(b.input(1)) || !isOne(a.input(1)) || !isOne(a.input(2)) || type(a.input(0)).shape().rank() < 2
                    || node.attributes().flag("transA", false) || gemm && (node.attributes().real("alpha", 1) != 1
                    || node.attributes().real("beta", 1) != 1)) {
                return;
            }
            int rank = type(b.input(0)).shape().rank();
            long axis = b.attributes().integer("axis", 1);
            boolean columns = rank == 2 && type(b.input(1)).shape().rank() == 1 && (axis + 2) % 2 == (transposed ? 0 : 1);
            if (rank < 2 || !isOne(b.input(1)) && !columns || b.attributes().integer("block_size", 0) != 0) {
                return;
            }
            String right = transposed ? add("Transpose", b.input(0)) : b.input(0);
            String bias = gemm ? node.input(2) : "";
            if (bias.isEmpty()) {
                product(a.input(0), a.input(2), right, b.input(2), a.input(1), b.input(1));
                Node scaled = nodes.remove(nodes.size() - 1);
                last(scaled.op(), Attributes.NONE, scaled.inputs().toArray(new String[0]));
            } else {
                last("Add", Attributes.NONE, product(a.input(0), a.input(2), right, b.input(2), a.input(1), b.input(1)), bias);
            }
            done();
        }

        void signedWeights() {
            Tensor weights = editor.constant(node.input(1));
            boolean unsigned = weights != null && weights.dtype() == DType.UINT8;
            Tensor zeros = node.input(3).isEmpty() ? unsigned ? Tensor.of(DType.UINT8, new int[0], new byte[1]) : null
                    : editor.constant(node.input(3));
            if (weights == null || zeros == null) {
                return;
            }
            Tensor shifted = unsigned ? signed(zeros) : zeros;
            boolean none = true;
            for (long zero : shifted.toLongs()) {
                none &= zero == 0;
            }
            if (unsigned || none) {
                String b = unsigned ? editor.constantOf(node.input(1) + "/signed", signed(weights)) : node.input(1);
                String zeroB = none ? "" : editor.constantOf(node.input(1) + "/zero", shifted);
                if (none) {
                    last("MatMulInteger", Attributes.NONE, node.input(2).isEmpty() ? new String[] {node.input(0), b}
                            : new String[] {node.input(0), b, node.input(2)});
                } else {
                    last("MatMulInteger", Attributes.NONE, node.input(0), b, node.input(2), zeroB);
                }
                done();
            }
        }

        /** uint8 numbers less 128. */
        private static Tensor signed(Tensor unsigned) {
            byte[] out = ((byte[]) unsigned.array()).clone();
            for (int i = 0; i < out.length; i++) {
                out[i] ^= (byte) 128;
            }
            return Tensor.of(DType.INT8, unsigned.dims(), out);
        }

        /** The convolution of X less its zero point with W less its own, in float32. */
        private String wholeConv(String x, String zeroX, String w, String zeroW, String bias) {
            String left = zeroX.isEmpty() ? real(x) : add("Sub", real(x), real(zeroX));
            String right = zeroW.isEmpty() ? real(w) : add("Sub", real(w), perFilter(real(zeroW), type(w).shape().rank()));
            return bias.isEmpty() ? add("Conv", node.attributes(), left, right)
                    : add("Conv", node.attributes(), left, right, real(bias));
        }

        /** One number, or one for each filter, as [M, 1, ...] of {@code rank} axes. */
        private String perFilter(String value, int rank) {
            long[] dims = new long[rank];
            Arrays.fill(dims, 1);
            dims[0] = -1;
            return add("Reshape", value, editor.constantOf(node.output(0) + "/dims", Tensor.vector(dims)));
        }

        void linearConv() {
            List<String> in = node.inputs();
            if (isByte(in.get(0)) && isByte(in.get(3)) && isByte(in.get(7)) && isOne(in.get(1)) && isOne(in.get(2))
                    && isOne(in.get(6)) && isOne(in.get(7))) {
                int rank = type(in.get(0)).shape().rank();
                String whole = wholeConv(in.get(0), in.get(2), in.get(3), in.get(5), node.input(8));
                String scale = perFilter(add("Mul", in.get(1), in.get(4)), rank - 1);
                last("QuantizeLinear", Attributes.NONE, add("Mul", whole, scale), in.get(6), in.get(7));
                done();
            }
        }

        void convInteger() {
            if (!isByte(node.input(0)) || !isByte(node.input(1)) || !isOne(node.input(2))) {
                return;
            }
            String whole = wholeConv(node.input(0), node.input(2), node.input(1), node.input(3), "");
            last("Cast", Attributes.of("to", DType.INT32.number()), whole);
            for (Node other : graph.nodes()) {
                if (other.is("Cast") && other.input(0).equals(node.output(0)) && isFloat(other.output(0))
                        && !editor.isOutput(other.output(0))) {
                    editor.rename(other.output(0), whole);
                }
            }
            done();
        }
    }
}
