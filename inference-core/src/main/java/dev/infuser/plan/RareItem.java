package dev.infuser.plan;

import dev.infuser.expr.StencilProgram;
import dev.infuser.expr.StencilProgram.Place;
import dev.infuser.graph.Node;
import dev.infuser.kernel.ArgReduce;
import dev.infuser.kernel.Cumulate;
import dev.infuser.kernel.Element;
import dev.infuser.kernel.IndexedElements;
import dev.infuser.kernel.IndexedSlices;
import dev.infuser.kernel.Kernel;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.Reconstruct;
import dev.infuser.kernel.Stencil;
import dev.infuser.kernel.StridedCopy;
import dev.infuser.kernel.TopK;
import dev.infuser.op.Lowering;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Layout;
import java.util.List;

/** A rare operator with a kernel of its own. */
final class RareItem extends Item {

    private final Node node;
    private final Kernel kernel;
    private final Step.Scratch scratch;
    private final Step.Filler filler;
    /** How many inputs the kernel reads. */
    private final int inputs;
    /** Whether the kernel writes to a copy of input 0. */
    private final boolean onCopy;

    private RareItem(Node node, Kernel kernel, Step.Scratch scratch, Step.Filler filler, boolean onCopy) {
        super(node.output(0), node.label());
        this.node = node;
        this.kernel = kernel;
        this.scratch = scratch;
        this.filler = filler;
        this.inputs = kernel instanceof Stencil || kernel instanceof Reconstruct ? node.inputs().size()
                : kernel instanceof IndexedElements || kernel instanceof IndexedSlices ? 2 : 1;
        this.onCopy = onCopy;
    }

    /** The item of a node, or null where there is no kernel for its types. */
    static Item of(Facts facts, Node node, Lowering.Rare lowering, Layout weights) {
        if (lowering instanceof Lowering.ConvInteger conv) {
            QuantizedConvItem item = new QuantizedConvItem(node, conv.conv(), weights);
            return item.fits(facts) ? item : null;
        }
        if (lowering instanceof Lowering.Resample resample) {
            ResampleItem item = new ResampleItem(node, resample);
            return item.fits(facts) ? item : null;
        }
        if (lowering instanceof Lowering.Stencil || lowering instanceof Lowering.Reconstruct) {
            return planes(facts, node, lowering);
        }
        DType dtype = facts.dtype(node.input(0));
        Element element = Element.of(dtype);
        boolean real = element == Element.F32;
        if (lowering instanceof Lowering.ArgReduce arg) {
            return simple(node, new ArgReduce(arg.max(), arg.last()), (binding, slots) -> {
                columns(binding, slots, node, arg.axis());
                if (slots.get("axis") == 0 && (slots.get("outer") & slots.get("inner")) != 0) {
                    throw binding.context(node).fail("axis " + arg.axis() + " is empty");
                }
            });
        }
        if (lowering instanceof Lowering.Cumulate sum) {
            return !real && element != Element.I32 && element != Element.I64 ? null
                    : simple(node, new Cumulate(element, sum.sum(), sum.exclusive(), sum.reverse()),
                            (binding, slots) -> columns(binding, slots, node, sum.axis()));
        }
        if (lowering instanceof Lowering.TopK top) {
            boolean fits = (real || element == Element.I32) && node.outputs().size() == 2 && !node.output(1).isEmpty()
                    && !node.output(0).isEmpty();
            return !fits ? null : new RareItem(node, new TopK(element, top.largest()),
                    binding -> Long.BYTES * binding.dims(node.output(0))[top.axis()],
                    (binding, slots) -> topK(binding, slots, node, top.axis()), false);
        }
        Lowering.Indexed indexed = (Lowering.Indexed) lowering;
        Element index = Element.of(facts.dtype(node.input(1)));
        int bytes = dtype.bytes();
        if (index != Element.I32 && index != Element.I64 || bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) {
            return null;
        }
        Kernel kernel = indexed.axis() >= 0
                ? new IndexedElements(bytes, index, indexed.scatter(), indexed.combine())
                : new IndexedSlices(index, (int) facts.shape(node.input(1)).dim(-1).value(), indexed.scatter(), indexed.combine());
        return new RareItem(node, kernel, binding -> 0, (binding, slots) -> indexed(binding, slots, node, indexed),
                indexed.scatter());
    }

    private static Item planes(Facts facts, Node node, Lowering.Rare lowering) {
        int height = (int) facts.shape(node.input(0)).dim(0).value();
        int width = (int) facts.shape(node.input(0)).dim(1).value();
        if (lowering instanceof Lowering.Reconstruct) {
            Reconstruct kernel = new Reconstruct(height, width);
            return height * width < Stencil.MIN_WIDTH ? null : new RareItem(node, kernel, binding -> kernel.scratchBytes(),
                    (binding, slots) -> slots.set("out", binding.address(node.output(0))).set("marker", binding.address(node.input(0)))
                            .set("mask", binding.address(node.input(1))).set("scratch", binding.scratch()), false);
        }
        StencilProgram program = ((Lowering.Stencil) lowering).program();
        if (width < Stencil.MIN_WIDTH || height == 0) {
            return null;
        }
        Stencil kernel = new Stencil(height, width, program);
        return new RareItem(node, kernel, binding -> kernel.scratchBytes(), (binding, slots) -> {
            slots.set("scratch", binding.scratch());
            for (Place place : new Place[] {Place.INPUT, Place.OUTPUT}) {
                List<String> values = place == Place.INPUT ? node.inputs() : node.outputs();
                for (int i = 0; i < values.size(); i++) {
                    slots.set(Stencil.slot(program.planes(place).get(i)), binding.address(values.get(i)));
                }
            }
        }, false);
    }

    private static Item simple(Node node, Kernel kernel, Step.Filler filler) {
        return new RareItem(node, kernel, binding -> 0, filler, false);
    }

    private static Slots around(Slots slots, int[] dims, int axis) {
        return slots.set("outer", ReduceItem.product(dims, 0, axis)).set("axis", dims[axis])
                .set("inner", ReduceItem.product(dims, axis + 1, dims.length));
    }

    private static void columns(Binding binding, Slots slots, Node node, int axis) {
        around(slots, binding.dims(node.input(0)), axis).set("out", binding.address(node.output(0)))
                .set("in", binding.address(node.input(0)));
    }

    private static void topK(Binding binding, Slots slots, Node node, int axis) {
        int k = binding.dims(node.output(0))[axis];
        int[] dims = binding.dims(node.input(0));
        if (k > dims[axis]) {
            throw binding.context(node).fail("the top " + k + " of " + dims[axis]);
        }
        around(slots, dims, axis).set("values", binding.address(node.output(0))).set("indices", binding.address(node.output(1)))
                .set("in", binding.address(node.input(0))).set("scratch", binding.scratch()).set("k", k);
    }

    private static void indexed(Binding binding, Slots slots, Node node, Lowering.Indexed indexed) {
        int[] data = binding.dims(node.input(0));
        int[] indices = binding.dims(node.input(1));
        int axis = indexed.axis();
        slots.set("data", binding.address(indexed.scatter() ? node.output(0) : node.input(0)))
                .set("indices", binding.address(node.input(1)))
                .set("other", binding.address(indexed.scatter() ? node.input(2) : node.output(0)))
                .set("error", binding.errorWord());
        long updates = indexed.scatter() ? count(binding.dims(node.input(2))) : 0;
        if (axis >= 0) {
            around(slots, data, axis).set("count", indices[axis]);
            check(binding, node, !indexed.scatter() || updates == count(indices));
            return;
        }
        int depth = indices[indices.length - 1];
        int from = indexed.batch() + depth;
        long rows = ReduceItem.product(indices, 0, indices.length - 1);
        long batches = ReduceItem.product(indices, 0, indexed.batch());
        check(binding, node, from <= data.length && batches == ReduceItem.product(data, 0, indexed.batch()));
        long block = ReduceItem.product(data, from, data.length);
        check(binding, node, !indexed.scatter() || updates == rows * block);
        slots.set("rows", rows).set("per", Math.max(1, rows / Math.max(1, batches)))
                .set("block", block * binding.elementBytes(node.input(0)));
        for (int d = 0; d < depth; d++) {
            slots.set("dim_" + d, data[indexed.batch() + d]);
        }
    }

    private static long count(int[] dims) {
        return ReduceItem.product(dims, 0, dims.length);
    }

    private static void check(Binding binding, Node node, boolean fits) {
        if (!fits) {
            throw binding.context(node).fail("extents of its inputs do not fit");
        }
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        List<String> reads = node.inputs().subList(onCopy ? 1 : 0, onCopy ? 3 : inputs);
        if (onCopy) {
            StridedCopy copy = new StridedCopy(facts.dtype(output).bytes(), 1, StridedCopy.Inner.CONTIGUOUS);
            steps.add(new Step.KernelStep(label(), List.of(node.input(0)), List.of(output), copy, module.add(copy), binding -> 0,
                    (binding, slots) -> slots.set("out", binding.address(output)).set("in", binding.address(node.input(0)))
                            .set("dim_0", binding.address(output) == binding.address(node.input(0)) ? 0
                                    : count(binding.dims(output)))
                            .set("out_0", binding.elementBytes(output)).set("in_0", binding.elementBytes(output)),
                    facts.alike(List.of(node.input(0)), output)));
        }
        int replaced = kernel instanceof Stencil stencil ? stencil.program().replaced() : -1;
        List<String> dying = replaced < 0 ? List.of() : facts.alike(List.of(node.input(
                ((Stencil) kernel).program().planes(Place.INPUT).indexOf(replaced))), output);
        steps.add(new Step.KernelStep(label(), reads, onCopy ? List.of(output) : node.outputs(), kernel, module.add(kernel), scratch,
                filler, dying));
    }
}
