package dev.infuser.plan;

import dev.infuser.expr.Expr;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.graph.Value;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.Target;
import dev.infuser.op.InferContext;
import dev.infuser.op.Inference;
import dev.infuser.op.Lowering;
import dev.infuser.op.Operator;
import dev.infuser.op.Registry;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Layout;
import dev.infuser.tensor.Panels;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Chooses kernels for the nodes of a graph and fuses neighbours. */
public final class Planner {

    /** Makes the items of rare operators. */
    interface Rare {
        /** The item of a node whose weights, if any, are packed, or null where there is no kernel for it. */
        Item item(Facts facts, Node node, Lowering.Rare lowering, Layout weights);
    }

    private static Rare rare = Registry.isPage() ? null : RareItem::of;

    private final Facts facts;
    private final Inference inference;
    private final Map<String, Layout> packed;
    private final List<Item> items = new ArrayList<>();
    private final Map<String, Item> producers = new HashMap<>();
    private final Map<String, String> roots = new HashMap<>();
    private final Map<String, View> views = new HashMap<>();
    /** For each float32 value that only products read, converted from a packed constant: what that is. */
    private final Map<String, Weights> narrow = new HashMap<>();

    private Planner(Graph graph, Inference inference, Map<String, Layout> packed) {
        this.facts = new Facts(graph, packed.keySet());
        this.packed = packed;
        this.inference = inference;
    }

    /**
     * Compiles a graph.
     *
     * @param graph  with types inferred
     * @param packed constants whose bytes are packed in panels, and in which
     * @return null where a value is not a numeric tensor of known rank: then nothing but {@code evaluate} can run it
     */
    public static Program compile(Graph graph, Target target, Map<String, Layout> packed) {
        return compile(graph, Inference.of(graph), target, packed);
    }

    /** Compiles a graph for whose values {@code inference} follows from the types that its inputs declare. */
    public static Program compile(Graph graph, Inference inference, Target target, Map<String, Layout> packed) {
        Graph distinct = Subgraphs.distinct(graph);
        Planner planner = new Planner(distinct, distinct == graph ? inference : Inference.of(distinct), packed);
        if (!planner.plan()) {
            return null;
        }
        KernelModule module = new KernelModule(target);
        List<Step> steps = new ArrayList<>();
        for (Item item : planner.items) {
            item.emit(planner.facts, module, steps);
        }
        return new Program(distinct, steps, module, planner.facts.host(), planner.roots, planner.views,
                planner.inference);
    }

    /** Adds the kernels of rare operators, in a program that has them. */
    public static void extend() {
        rare = RareItem::of;
    }

    /** Chooses the items; false where a value is not a numeric tensor of known rank. */
    private boolean plan() {
        for (Node node : facts.graph.nodes()) {
            for (String output : node.outputs()) {
                if (!output.isEmpty() && !facts.isTensor(output)) {
                    return false;
                }
            }
        }
        for (Value input : facts.graph.inputs()) {
            if (!facts.isTensor(input.name())) {
                return false;
            }
        }
        for (Node node : facts.graph.nodes()) {
            if (!facts.isHost(node)) {
                add(node);
            }
        }
        return true;
    }

    private boolean control(Node node) {
        if (!node.is("If") && !node.is("Loop")) {
            return false;
        }
        List<ControlItem.Inner> inner = new ArrayList<>();
        List<Planner> planners = new ArrayList<>();
        Map<String, String> inside = new HashMap<>();
        for (String name : node.is("If") ? new String[] {"then_branch", "else_branch"} : new String[] {"body"}) {
            Graph graph = node.attributes().graph(name);
            Graph closed = Subgraphs.close(graph, facts.graph);
            Planner planner = new Planner(closed, Inference.of(closed), packed);
            if (!graph.constants().isEmpty() || !planner.plan()) {
                return false;
            }
            planners.add(planner);
            inside.putAll(planner.roots);
            inner.add(new ControlItem.Inner(graph, planner.facts, planner.items));
        }
        ControlItem item = new ControlItem(node, inner);
        if (!item.fits(inside)) {
            return false;
        }
        roots.putAll(inside);
        for (Planner planner : planners) {
            views.putAll(planner.views);
            facts.host().addAll(planner.facts.host());
        }
        return put(item);
    }

    /** Whether a node makes a float32 matrix of a constant one of 4 bits that kernels read. */
    private static boolean isNibbles(Graph graph, Node node) {
        if (!node.is("DequantizeLinear") || node.inputs().size() != 2) {
            return false;
        }
        Tensor numbers = graph.constants().get(node.input(0));
        Tensor scales = graph.constants().get(node.input(1));
        return numbers != null && scales != null && numbers.dtype() == DType.INT4 && numbers.rank() == 2
                && scales.dtype() == DType.FLOAT16 && scales.rank() == 2
                && node.attributes().integer("block_size", 0) == Panels.BLOCK
                && (node.attributes().integer("axis", 1) + 2) % 2 == 0
                && node.attributes().integer("output_dtype", 0) == DType.FLOAT32.number();
    }

    /**
     * The weights that nothing but products reads as their right operand, perhaps converted, and the panels for them and their
     * scales.
     */
    public static Map<String, Layout> packable(Graph graph) {
        Map<String, Layout> found = new HashMap<>();
        Set<String> other = new HashSet<>(graph.outputs());
        Map<String, String> casts = new HashMap<>();
        packable(graph, graph, found, other, casts);
        for (String read : other) {
            found.remove(casts.getOrDefault(read, read));
        }
        for (Node node : graph.nodes()) {
            if (isNibbles(graph, node) && found.containsKey(node.input(0))) {
                found.put(node.input(1), Layout.PANEL8);
            }
        }
        return found;
    }

    private static void packable(Graph graph, Graph scope, Map<String, Layout> found, Set<String> other,
            Map<String, String> casts) {
        for (Node node : scope.nodes()) {
            boolean dot = node.op().endsWith("Integer");
            boolean product = (node.is("MatMulInteger") || node.is("MatMul"))
                    && !(scope.type(node.input(0)) instanceof ValueType.OfTensor type && type.shape() != null
                    && type.shape().rank() < 2);
            boolean conv = node.domain().equals("infuser") && node.op().startsWith("Conv");
            long group = dot ? node.attributes().integer("group", 1) : 1;
            Tensor cast = node.is("Cast") && node.attributes().integer("to", 0) == DType.FLOAT32.number()
                    ? graph.constants().get(node.input(0)) : null;
            if (cast != null && cast.rank() > 1 && (cast.dtype() == DType.FLOAT16 || cast.dtype() == DType.INT8)
                    || isNibbles(graph, node)) {
                casts.put(node.output(0), node.input(0));
                continue;
            }
            if (node.is("Reshape") && casts.containsKey(node.input(0))
                    && graph.constants().get(casts.get(node.input(0))).dtype() == DType.INT4) {
                casts.put(node.output(0), casts.get(node.input(0)));
                continue;
            }
            for (int i = 0; i < node.inputs().size(); i++) {
                String read = casts.getOrDefault(node.input(i), node.input(i));
                Tensor constant = graph.constants().get(read);
                boolean converted = !read.equals(node.input(i));
                boolean right = i == 1 && constant != null && (converted ? !dot
                        : constant.dtype() == (dot ? DType.INT8 : DType.FLOAT32))
                        && (product && constant.rank() == 2 || conv && (constant.rank() > 2 || constant.dtype() == DType.INT4)
                        && constant.dim(-1) > 1 && (group == 1 || constant.dim(-1) % (8 * group) == 0));
                if (right) {
                    found.put(read, dot ? Layout.DOT8 : constant.dtype() == DType.INT4 ? Layout.NIBBLE8
                            : product ? Layout.PANEL8 : Layout.FLAT8);
                } else {
                    other.add(node.input(i));
                }
            }
            for (Graph inner : Subgraphs.of(node)) {
                packable(graph, inner, found, other, casts);
                other.addAll(inner.outputs());
            }
        }
    }

    private void add(Node node) {
        if (node.attributes().hasGraph() && control(node)) {
            return;
        }
        if (isNibbles(facts.graph, node) && packed.get(node.input(0)) == Layout.NIBBLE8
                && packed.get(node.input(1)) == Layout.PANEL8) {
            narrow.put(node.output(0), new Weights(node.input(0), node.input(1), true));
            return;
        }
        Operator operator = Registry.require(node);
        InferContext context = inference.context(node);
        Lowering lowering = operator.lower(context);
        if (lowering == null || !lower(node, lowering)) {
            evaluate(node);
        }
    }

    private boolean lower(Node node, Lowering lowering) {
        String out = node.output(0);
        if (lowering instanceof Lowering.Alias) {
            if (narrow.containsKey(node.input(0))) {
                narrow.put(out, narrow.get(node.input(0)));
            } else {
                roots.put(out, node.input(0));
            }
            return true;
        }
        if (lowering instanceof Lowering.Elementwise elementwise) {
            if (node.is("Cast") && packed.containsKey(node.input(0))) {
                narrow.put(out, new Weights(node.input(0), "", true));
                return true;
            }
            return elementwise(node, elementwise);
        }
        if (lowering instanceof Lowering.Permute permute) {
            return permute(node, permute.perm());
        }
        if (lowering instanceof Lowering.MatMul product) {
            return matMul(node, product);
        }
        if (lowering instanceof Lowering.Conv conv) {
            return product(node, new ConvItem(node, conv, weights(node.input(1))), 1);
        }
        if (lowering instanceof Lowering.MatMulInteger) {
            QuantizedGemmItem item = new QuantizedGemmItem(node, packed.get(node.input(1)));
            return item.fits(facts) && put(item);
        }
        if (lowering instanceof Lowering.DynamicQuantize) {
            return put(new DynamicQuantizeItem(node));
        }
        if (lowering instanceof Lowering.Softmax softmax) {
            return rows(RowsItem.softmax(out, node.label(), node.input(0), softmax));
        }
        if (lowering instanceof Lowering.LayerNorm norm) {
            return rows(RowsItem.layerNorm(out, node.label(), node.inputs(), norm));
        }
        if (lowering instanceof Lowering.Reduce reduce) {
            return put(new ReduceItem(out, node.label(), node.input(0), reduce));
        }
        if (lowering instanceof Lowering.Gather gather) {
            GatherItem item = new GatherItem(out, node.label(), node.input(0), node.input(1), gather.axis());
            return item.fits(facts) && put(item);
        }
        if (lowering instanceof Lowering.Recurrent recurrent) {
            RecurrentItem item = new RecurrentItem(node, recurrent);
            return item.fits(facts) && put(item);
        }
        if (lowering instanceof Lowering.Taps taps) {
            TapsItem item = new TapsItem(node, taps);
            return item.fits(facts) && put(item);
        }
        if (lowering instanceof Lowering.Rare special) {
            Item item = rare.item(facts, node, special, packed.get(node.input(1)));
            return item != null && put(item);
        }
        CopyItem item = new CopyItem(node, (Lowering.Copy) lowering);
        return item.fits(facts) && put(item);
    }

    private void evaluate(Node node) {
        Registry.requireDefined(node);
        List<String> captured = Subgraphs.captured(node);
        List<String> reads = new ArrayList<>();
        for (String input : node.inputs()) {
            if (!input.isEmpty()) {
                reads.add(input);
            }
        }
        reads.addAll(captured);
        List<String> writes = new ArrayList<>(node.outputs());
        writes.removeIf(String::isEmpty);
        put(new Item(writes.isEmpty() ? "" : writes.get(0), node.label()) {
            @Override
            void emit(Facts all, KernelModule module, List<Step> steps) {
                steps.add(new Step.HostStep(node, captured, reads, writes));
            }
        });
    }

    private boolean put(Item item) {
        items.add(item);
        producers.put(item.output, item);
        return true;
    }

    private boolean matMul(Node node, Lowering.MatMul product) {
        String a = node.input(0);
        String b = node.input(1);
        GemmItem item = node.is("MatMul") ? attention(node, product) : null;
        if (item == null) {
            item = new GemmItem(node.output(0), node.label(), a, b, product, weights(b), views.get(a),
                    views.get(b));
        }
        return product(node, item, product.beta());
    }

    private Weights weights(String value) {
        Weights weights = narrow.get(value);
        return weights != null ? weights : new Weights(value, "", packed.containsKey(value));
    }

    private boolean product(Node node, ProductItem item, float beta) {
        String bias = node.input(2);
        return item.fits(facts) && (bias.isEmpty() || item.fuse(facts, Lowerings.plus(beta),
                List.of(node.output(0), bias), node.output(0), List.of("bias"))) && put(item);
    }

    /** The product with everything that makes its left operand, if that is the softmax of another product, or null. */
    private GemmItem attention(Node node, Lowering.MatMul product) {
        String a = node.input(0);
        if (!(producers.get(a) instanceof RowsItem softmax) || !facts.usedOnce(a)) {
            return null;
        }
        for (String input : softmax.inputs()) {
            if (producers.get(input) instanceof GemmItem scores && facts.usedOnly(input, softmax.uses(input))) {
                AttentionItem item = new AttentionItem(node, product, views.get(node.input(1)), scores, softmax);
                if (item.fits(facts)) {
                    items.remove(scores);
                    items.remove(softmax);
                    return item;
                }
            }
        }
        return null;
    }

    private boolean rows(RowsItem item) {
        item.inlineScalars(facts);
        absorb(item, false);
        return item.fits(facts) && put(item);
    }

    /** Takes the elementwise items that nobody else reads into {@code item}, all of them or only cheap ones. */
    private void absorb(RowsItem item, boolean cheap) {
        boolean absorbed = true;
        while (absorbed) {
            absorbed = false;
            for (String input : List.copyOf(item.inputs())) {
                if (producers.get(input) instanceof RowsItem producer
                        && (!cheap || producer.isCheap(facts, facts.shape(item.output))) && item.absorb(facts, producer)) {
                    items.remove(producer);
                    producers.remove(input);
                    absorbed = true;
                }
            }
        }
    }

    private boolean elementwise(Node node, Lowering.Elementwise lowering) {
        RowsItem item = RowsItem.elementwise(node.output(0), node.label(), node.inputs(), lowering);
        item.inlineScalars(facts);
        absorb(item, true);
        if (store(item)) {
            return true;
        }
        absorb(item, false);
        return store(item) || item.fits(facts) && put(item);
    }

    /** Leaves the arithmetic of {@code item} to the product that makes one of its inputs for nobody else. */
    private boolean store(RowsItem item) {
        for (String input : item.inputs()) {
            if (!item.isInteger() && producers.get(input) instanceof ProductItem product && facts.usedOnly(input, item.uses(input))
                    && product.fuse(facts, item.expression(), item.inputs(), item.output, item.labels)) {
                items.remove(product);
                producers.remove(input);
                return put(product);
            }
        }
        return false;
    }

    private boolean permute(Node node, int[] perm) {
        String in = node.input(0);
        String out = node.output(0);
        if (producers.get(in) instanceof ProductItem product && facts.usedOnce(in)
                && product.permute(facts, perm, out, node.label())) {
            items.remove(product);
            producers.remove(in);
            return put(product);
        }
        View view = new View(in, perm);
        if (facts.isInner(out) && (view.keepsLast() || view.swapsLast()) && readInPlace(out)) {
            views.put(out, view);
            return true;
        }
        PermuteItem item = new PermuteItem(out, node.label(), in, perm);
        if (!item.fits(facts)) {
            return false;
        }
        put(item);
        return true;
    }

    /** Whether only matrix products read {@code value}, in a way that they can through a permutation. */
    private boolean readInPlace(String value) {
        for (Node node : facts.consumers(value)) {
            if (!node.is("MatMul") || facts.dtype(value) != DType.FLOAT32
                    || !(Registry.require(node).lower(inference.context(node)) instanceof Lowering.MatMul)
                    || facts.shape(node.output(0)).rank() > GemmItem.MAX_BATCH + 2) {
                return false;
            }
        }
        return !facts.consumers(value).isEmpty();
    }
}
