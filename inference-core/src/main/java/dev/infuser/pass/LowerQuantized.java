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
 * Spells products and convolutions of quantised tensors as those of integers, whose result is scaled and quantised again:
 * QLinearMatMul, QLinearConv, and those of what DequantizeLinear gives. Convolutions with few filters per group, or with
 * weights that are not constant, become convolutions of whole float32 numbers, which are exact where sums stay below 2^24.
 * Weights of products and convolutions of integers become int8, and zero points of 0 are left out.
 */
final class LowerQuantized implements Pass {

    @Override
    public String name() {
        return "lower-quantized";
    }

    @Override
    public String description() {
        return "products and convolutions of quantised tensors become those of integers";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            switch (node.qualifiedOp()) {
                case "QLinearMatMul" -> new Rule(graph, editor, node).linearMatMul();
                case "MatMul", "Gemm" -> new Rule(graph, editor, node).dequantizedProduct();
                case "Conv" -> new Rule(graph, editor, node).dequantizedConv();
                case "MatMulInteger" -> new Rule(graph, editor, node).matMulInteger();
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
            String output = editor.fresh(node.output(0) + "/" + op + nodes.size());
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

        void matMulInteger() {
            List<String> in = signedWeights(node.input(0), node.input(1), node.input(2), node.input(3));
            if (in != null && !in.equals(node.inputs())) {
                last("MatMulInteger", Attributes.NONE, in.toArray(new String[0]));
                done();
            }
        }

        /** The inputs of a product or convolution of integers, less a zero point of B that is 0, or null: B is no int8 constant. */
        private List<String> signedWeights(String a, String b, String zeroA, String zeroB) {
            Tensor weights = editor.constant(b);
            boolean unsigned = weights != null && weights.dtype() == DType.UINT8;
            Tensor zeros = zeroB.isEmpty() ? Tensor.of(unsigned ? DType.UINT8 : DType.INT8, new int[0], new byte[1])
                    : editor.constant(zeroB);
            if (weights == null || zeros == null) {
                return null;
            }
            Tensor shifted = unsigned ? signed(zeros) : zeros;
            boolean none = true;
            for (long zero : shifted.toLongs()) {
                none &= zero == 0;
            }
            List<String> in = new ArrayList<>(List.of(a, unsigned ? editor.constantOf(b + "/signed", signed(weights)) : b));
            if (!none || !zeroA.isEmpty()) {
                in.add(zeroA);
            }
            if (!none) {
                in.add(unsigned ? editor.constantOf(b + "/zero", shifted) : zeroB);
            }
            return in;
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

        /** The inputs of the convolution of integers that there is a kernel for, or null. */
        private List<String> integers(String x, String zeroX, String w, String zeroW) {
            Tensor weights = editor.constant(w);
            long group = node.attributes().integer("group", 1);
            if (weights == null || !isByte(x) || !isByte(w) || !isOne(zeroX) || type(x).shape().rank() > 5 || weights.size() == 0
                    || group < 1 || weights.dim(0) % (group == 1 ? 1 : 8 * group) != 0 || weights.dim(0) < 4
                    || group > 1 && !isOne(zeroW)) {
                return null;
            }
            return signedWeights(x, w, zeroX, zeroW);
        }

        private String convInteger(List<String> in) {
            return real(add("ConvInteger", node.attributes(), in.toArray(new String[0])));
        }

        void linearConv() {
            List<String> in = node.inputs();
            if (isByte(in.get(0)) && isByte(in.get(3)) && isByte(in.get(7)) && isOne(in.get(1)) && isOne(in.get(2))
                    && isOne(in.get(6)) && isOne(in.get(7))) {
                int rank = type(in.get(0)).shape().rank();
                List<String> integers = integers(in.get(0), in.get(2), in.get(3), in.get(5));
                String whole;
                if (integers == null) {
                    whole = wholeConv(in.get(0), in.get(2), in.get(3), in.get(5), node.input(8));
                } else {
                    whole = convInteger(integers);
                    whole = node.input(8).isEmpty() ? whole : add("Add", whole, perFilter(real(node.input(8)), rank - 1));
                }
                String scale = perFilter(add("Mul", in.get(1), in.get(4)), rank - 1);
                last("QuantizeLinear", Attributes.NONE, add("Mul", whole, scale), in.get(6), in.get(7));
                done();
            }
        }

        void dequantizedConv() {
            Node x = editor.producer(node.input(0), "DequantizeLinear");
            Node w = editor.producer(node.input(1), "DequantizeLinear");
            if (x == null || w == null || !isFloat(node.output(0)) || !isFloat(w.input(1)) || !isOne(x.input(1))
                    || !isOne(w.input(1)) && w.attributes().integer("axis", 1) != 0
                    || w.attributes().integer("block_size", 0) != 0) {
                return;
            }
            List<String> integers = integers(x.input(0), x.input(2), w.input(0), w.input(2));
            if (integers == null) {
                return;
            }
            int rank = type(x.input(0)).shape().rank();
            String[] scaled = {convInteger(integers), perFilter(add("Mul", x.input(1), w.input(1)), rank - 1)};
            if (node.input(2).isEmpty()) {
                last("Mul", Attributes.NONE, scaled);
            } else {
                last("Add", Attributes.NONE, add("Mul", scaled), perFilter(node.input(2), rank - 1));
            }
            done();
        }

        void convInteger() {
            List<String> in = integers(node.input(0), node.input(2), node.input(1), node.input(3));
            if (in != null) {
                if (!in.equals(node.inputs())) {
                    last("ConvInteger", node.attributes(), in.toArray(new String[0]));
                    done();
                }
                return;
            }
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
