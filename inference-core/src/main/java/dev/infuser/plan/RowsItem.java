package dev.infuser.plan;

import dev.infuser.expr.Expr;
import dev.infuser.kernel.Element;
import dev.infuser.kernel.Elementwise;
import dev.infuser.kernel.Kernel;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.LayerNorm;
import dev.infuser.kernel.Operand;
import dev.infuser.kernel.Softmax;
import dev.infuser.op.Lowering;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Loops over rows of broadcast inputs: elementwise chains, softmax and layer normalisation with what precedes them. */
final class RowsItem extends Item {

    private static final int MAX_RANK = 6;
    private static final int MAX_INPUTS = 8;
    private static final int MAX_SIZE = 48;

    private final Lowering kind;
    private final List<String> inputs = new ArrayList<>();
    /** Over inputs; what softmax and normalisation then work on. */
    private Expr before;
    /** Scale and bias of a normalisation, behind the other inputs. */
    private final List<String> affine;
    /** What the arithmetic is given when it is called. */
    private final List<Float> numbers = new ArrayList<>();
    /** The inputs of the nodes fused so far, but for what they make for each other. */
    private final List<String> reads;

    private RowsItem(String output, String label, Lowering kind, List<String> inputs, Expr before, List<String> affine) {
        super(output, label);
        this.kind = kind;
        this.affine = affine;
        this.reads = new ArrayList<>(inputs);
        List<Expr> arguments = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            arguments.add(Exprs.reads(before, i) ? Expr.input(slot(inputs.get(i))) : null);
        }
        this.before = Exprs.substitute(before, arguments);
    }

    static RowsItem elementwise(String output, String label, List<String> inputs, Lowering.Elementwise lowering) {
        return new RowsItem(output, label, lowering, inputs, lowering.body(), List.of());
    }

    static RowsItem softmax(String output, String label, String input, Lowering.Softmax lowering) {
        return new RowsItem(output, label, lowering, List.of(input), Expr.input(0), List.of());
    }

    static RowsItem layerNorm(String output, String label, List<String> inputs, Lowering.LayerNorm lowering) {
        List<String> affine = new ArrayList<>(inputs.subList(1, inputs.size()));
        affine.removeIf(String::isEmpty);
        return new RowsItem(output, label, lowering, inputs.subList(0, 1), Expr.input(0), affine);
    }

    private int slot(String input) {
        if (!inputs.contains(input)) {
            inputs.add(input);
        }
        return inputs.indexOf(input);
    }

    /** Whether it is a softmax of something, and not the logarithm. */
    boolean isSoftmax() {
        return kind instanceof Lowering.Softmax softmax && !softmax.log();
    }

    boolean isElementwise() {
        return kind instanceof Lowering.Elementwise;
    }

    /** Whether it is arithmetic of int32. */
    boolean isInteger() {
        return kind instanceof Lowering.Elementwise elementwise && elementwise.integers();
    }

    /** Whether storing the result changes nothing of it. */
    private boolean isWhole(Facts facts) {
        DType type = facts.dtype(output);
        return type == (isInteger() ? DType.INT32 : DType.FLOAT32) || type == DType.BOOL && Exprs.isTruth(before);
    }

    Expr expression() {
        return before;
    }

    List<String> inputs() {
        return inputs;
    }

    /** How often the fused nodes read an input. */
    int uses(String input) {
        return Collections.frequency(reads, input);
    }

    /** Replaces constants of one element by their value. */
    void inlineScalars(Facts facts) {
        List<Expr> arguments = new ArrayList<>();
        List<String> old = new ArrayList<>(inputs);
        inputs.clear();
        for (String input : old) {
            Float scalar = facts.scalar(input);
            boolean inline = scalar != null && facts.shape(input).rank() <= facts.shape(output).rank();
            arguments.add(inline ? Expr.constant(scalar) : Expr.input(slot(input)));
        }
        before = Exprs.substitute(before, arguments);
    }

    /** Whether it is one operation, to be done for each element of {@code shape} rather than before the broadcast. */
    boolean isCheap(Facts facts, Shape shape) {
        Shape own = facts.shape(output);
        boolean broadcasts = Expr.operations(before) <= 1 && own.rank() <= shape.rank() && !own.equals(shape);
        for (int axis = 0; axis < shape.rank() && broadcasts; axis++) {
            Dim dim = facts.aligned(output, shape, axis);
            broadcasts = dim.is(1) || dim.equals(shape.dim(axis));
        }
        return broadcasts;
    }

    /** Takes over the arithmetic of the item that makes one of the inputs, for nobody else, of the same shape or cheap. */
    boolean absorb(Facts facts, RowsItem producer) {
        if (!producer.isElementwise() || !facts.usedOnce(producer.output) || !inputs.contains(producer.output)
                || producer.isInteger() != isInteger() || !producer.isWhole(facts) || affine.contains(producer.output)
                || !facts.shape(producer.output).equals(facts.shape(output)) && !producer.isCheap(facts, facts.shape(output))
                || !isElementwise() && !producer.isLastKnown(facts, facts.shape(output))
                || inputs.size() + producer.inputs.size() + affine.size() > MAX_INPUTS
                || Expr.operations(before) + Expr.operations(producer.before) > MAX_SIZE) {
            return false;
        }
        List<String> old = new ArrayList<>(inputs);
        Expr alone = before;
        inputs.clear();
        List<Expr> arguments = new ArrayList<>();
        for (String input : old) {
            if (input.equals(producer.output)) {
                List<Expr> inner = new ArrayList<>();
                for (String from : producer.inputs) {
                    inner.add(Expr.input(slot(from)));
                }
                arguments.add(Exprs.substitute(producer.before, inner));
            } else {
                arguments.add(Expr.input(slot(input)));
            }
        }
        before = Exprs.substitute(before, arguments);
        if (!fits(facts)) {
            inputs.clear();
            inputs.addAll(old);
            before = alone;
            return false;
        }
        labels.addAll(0, producer.labels);
        reads.remove(producer.output);
        reads.addAll(producer.reads);
        return true;
    }

    /** Whether kernels know all element types, and the rank is one they can walk. */
    boolean fits(Facts facts) {
        for (String input : inputs) {
            if (Element.of(facts.dtype(input)) == null) {
                return false;
            }
        }
        if (!isElementwise() && !isLastKnown(facts, facts.shape(output))) {
            return false;
        }
        Element stored = Element.of(facts.dtype(output));
        return stored != null && stored != Element.F16 && groups(facts).size() <= MAX_RANK
                && all().size() <= MAX_INPUTS;
    }

    private List<String> all() {
        List<String> all = new ArrayList<>(inputs);
        all.addAll(affine);
        return all;
    }

    /**
     * The axes of the output in groups that can be walked as one dimension; an empty last group is a dimension of one
     * element, where it cannot be told yet how an input lies along the last axis.
     */
    private List<int[]> groups(Facts facts) {
        Shape shape = facts.shape(output);
        List<int[]> groups = new ArrayList<>();
        int start = 0;
        for (int axis = 1; axis <= shape.rank(); axis++) {
            boolean last = axis == shape.rank() - 1;
            if (axis == shape.rank() || last && !isElementwise() || !mergeable(facts, shape, start, axis)) {
                groups.add(new int[] {start, axis});
                start = axis;
            }
        }
        if (shape.rank() == 0 || !isLastKnown(facts, shape)) {
            groups.add(new int[] {shape.rank(), shape.rank()});
        }
        return groups;
    }

    /** Whether every input is broadcast along all axes from {@code start} to {@code end}, or along none of them. */
    private boolean mergeable(Facts facts, Shape shape, int start, int end) {
        for (String input : all()) {
            boolean full = true;
            boolean one = true;
            for (int axis = start; axis <= end; axis++) {
                Dim dim = facts.aligned(input, shape, axis);
                full &= dim.equals(shape.dim(axis));
                one &= dim.is(1);
            }
            if (!full && !one) {
                return false;
            }
        }
        return true;
    }

    private boolean isLastKnown(Facts facts, Shape shape) {
        for (String input : all()) {
            Dim last = facts.aligned(input, shape, shape.rank() - 1);
            if (!last.is(1) && !last.equals(shape.dim(-1))) {
                return false;
            }
        }
        return true;
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        List<int[]> groups = groups(facts);
        Shape shape = facts.shape(output);
        int[] inner = groups.get(groups.size() - 1);
        List<Operand> operands = new ArrayList<>();
        for (String input : all()) {
            boolean scalar = true;
            for (int axis = inner[0]; axis < inner[1]; axis++) {
                scalar &= facts.aligned(input, shape, axis).is(1);
            }
            operands.add(new Operand(Element.of(facts.dtype(input)), scalar));
        }
        Kernel kernel = kernel(groups.size(), operands, Element.of(facts.dtype(output)));
        steps.add(new Step.KernelStep(label(), all(), List.of(output), kernel, module.add(kernel), binding -> 0,
                (binding, slots) -> fill(binding, slots, groups), facts.alike(inputs, output)));
    }

    private Kernel kernel(int rank, List<Operand> operands, Element element) {
        if (kind instanceof Lowering.Softmax softmax) {
            return new Softmax(rank, operands, before, softmax.log());
        }
        if (kind instanceof Lowering.LayerNorm norm) {
            return new LayerNorm(rank, operands, before, Lowerings.affine(inputs.size(), affine.size()), norm.epsilon(),
                    norm.centred());
        }
        return new Elementwise(rank, operands, element, isInteger() ? before : Exprs.lift(before, numbers), isInteger());
    }

    private void fill(Binding binding, Slots slots, List<int[]> groups) {
        int[] dims = binding.dims(output);
        Exprs.fill(slots, numbers);
        slots.set("out", binding.address(output));
        for (int d = 0; d < groups.size(); d++) {
            long extent = 1;
            for (int axis = groups.get(d)[0]; axis < groups.get(d)[1]; axis++) {
                extent *= dims[axis];
            }
            slots.set("dim_" + d, extent);
        }
        List<String> all = all();
        for (int i = 0; i < all.size(); i++) {
            int[] own = binding.dims(all.get(i));
            long[] strides = binding.strides(all.get(i));
            slots.set("in_" + i, binding.address(all.get(i)));
            for (int d = 0; d < groups.size() - 1; d++) {
                slots.set("in_" + i + "_" + d, Lowerings.stride(own, strides, dims.length, groups.get(d)));
            }
        }
    }
}
