package dev.infuser.plan;

import dev.infuser.expr.Expr;
import dev.infuser.graph.Node;
import dev.infuser.kernel.Element;
import dev.infuser.kernel.Gemm;
import dev.infuser.kernel.Kernel;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.QuantizedGemm;
import dev.infuser.kernel.QuantizedGemm.Right;
import dev.infuser.kernel.QuantizedGemm.Rows;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Layout;
import java.util.ArrayList;
import java.util.List;

/** An int32 product of 8-bit matrices less their zero points, with what follows it element by element. */
class QuantizedGemmItem extends ProductItem {

    final String a;
    final String b;
    private final String zeroA;
    private final String zeroB;
    final Layout layout;

    /**
     * @param node   whose inputs are A, B and, if not absent, their zero points
     * @param layout how B is packed, or null
     */
    QuantizedGemmItem(Node node, Layout layout) {
        super(node.output(0), node.label(), Expr.input(0));
        this.a = node.input(0);
        this.b = node.input(1);
        this.zeroA = node.input(2);
        this.zeroB = node.input(3);
        this.layout = layout;
    }

    int batchRank(Facts facts) {
        return perm == null && facts.shape(b).rank() == 2 && extrasFollowRows(facts) ? 0 : facts.shape(product).rank() - 2;
    }

    @Override
    boolean fits(Facts facts) {
        return batchRank(facts) <= GemmItem.MAX_BATCH && isOne(facts, zeroA) && (isOne(facts, zeroB)
                || facts.shape(zeroB).rank() == 1 && facts.shape(zeroB).dim(0).equals(facts.shape(product).dim(-1)));
    }

    private static boolean isOne(Facts facts, String value) {
        return value.isEmpty() || facts.shape(value).elements().is(1);
    }

    @Override
    boolean stores(DType dtype) {
        return dtype == DType.FLOAT32 || dtype == DType.INT8 || dtype == DType.UINT8;
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        int batchRank = batchRank(facts);
        Dim n = facts.shape(product).dim(-1);
        QuantizedGemm gemm = kernel(facts, n.isConstant() ? Gemm.known((int) n.value()) : Kernel.DYNAMIC, Rows.ADJACENT);
        add(gemm, module, steps, binding -> gemm.scratchBytes(rows(binding, batchRank), depth(binding)),
                (binding, slots) -> fill(binding, slots, batchRank));
    }

    final void add(QuantizedGemm gemm, KernelModule module, List<Step> steps, Step.Scratch scratch,
            Step.Filler fill) {
        List<String> reads = new ArrayList<>(List.of(a, b, zeroA, zeroB));
        reads.removeIf(String::isEmpty);
        reads.addAll(extras);
        steps.add(new Step.KernelStep(label(), reads, List.of(output), gemm, module.add(gemm), scratch, fill));
    }

    /** The kernel, for what it should know of N. */
    final QuantizedGemm kernel(Facts facts, int n, Rows rows) {
        Right right = layout == Layout.NARROW8 ? Right.NARROW : layout != null ? Right.PACKED
                : facts.dtype(b) == DType.INT8 ? Right.SIGNED : Right.UNSIGNED;
        return new QuantizedGemm(Kernel.DYNAMIC, n, facts.dtype(a) == DType.UINT8, right, !zeroA.isEmpty(), !zeroB.isEmpty(),
                batchRank(facts), operands(facts), lifted(), Element.of(facts.dtype(output)), rows);
    }

    private int depth(Binding binding) {
        int[] dims = binding.dims(a);
        return dims[dims.length - 1];
    }

    private int rows(Binding binding, int batchRank) {
        int[] dims = binding.dims(product);
        return (int) ReduceItem.product(dims, batchRank, dims.length - 1);
    }

    private void fill(Binding binding, Slots slots, int batchRank) {
        int[] c = binding.dims(product);
        int rank = c.length;
        int[] dimsA = binding.dims(a);
        int[] dimsB = binding.dims(b);
        long[] stridesA = binding.strides(a);
        long[] stridesB = binding.strides(b);
        long[] stridesC = productStrides(binding);
        int m = rows(binding, batchRank);
        int k = depth(binding);
        slots.set("a", binding.address(a)).set("b", binding.address(b)).set("c", binding.address(output))
                .set("m", m).set("n", c[rank - 1]).set("k", k).set("rows", QuantizedGemm.blockRows(m, k))
                .set("lda", k).set("ldb", c[rank - 1]).set("ldc", stridesC[rank - 2]).set("scratch", binding.scratch());
        fillZeros(binding, slots);
        for (int d = 0; d < batchRank; d++) {
            slots.set("batch_" + d, c[d]).set("a_" + d, batchStride(dimsA, stridesA, rank, d))
                    .set("b_" + d, batchStride(dimsB, stridesB, rank, d)).set("c_" + d, stridesC[d]);
        }
        fillExtras(binding, slots, batchRank);
    }

    final void fillZeros(Binding binding, Slots slots) {
        if (!zeroA.isEmpty()) {
            slots.set("zero_a", binding.address(zeroA));
        }
        if (!zeroB.isEmpty()) {
            int[] zero = binding.dims(zeroB);
            slots.set("zero_b", binding.address(zeroB)).set("zero_b_step", zero.length == 1 && zero[0] > 1 ? 1 : 0);
        }
    }
}
