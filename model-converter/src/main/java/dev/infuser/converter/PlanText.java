package dev.infuser.converter;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.kernel.Target;
import dev.infuser.op.Inference;
import dev.infuser.plan.Bound;
import dev.infuser.plan.Planner;
import dev.infuser.plan.Program;
import dev.infuser.plan.Step;
import dev.infuser.tensor.ValueType;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The steps that a model runs as: which kernel computes what, the nodes fused in it, how much work that is and how much memory
 * it takes.
 */
final class PlanText {

    private PlanText() {
    }

    /** Prints the plan of a graph; with {@code extents} for all of its symbolic dimensions it tells work and memory too. */
    static void print(Graph source, Map<String, Long> extents, PrintWriter out) {
        Graph graph = Inference.infer(FixedDims.fix(source, extents));
        Program program = Planner.compile(graph, Target.RELAXED, Planner.packable(graph));
        if (program == null) {
            out.println("no kernels: a value is not a numeric tensor of known rank, so every node is evaluated");
            return;
        }
        out.println(program.steps().size() + " steps, " + program.hostSteps() + " of them evaluated; kernels in "
                + InspectCommand.size(program.module().length));
        List<ValueType> arguments = new ArrayList<>();
        String open = open(program, arguments);
        Bound bound = open.isEmpty() ? program.bind(arguments, 1) : null;
        if (bound != null) {
            bound.place(0, 0, constant -> 0);
        }
        long[] sums = new long[2];
        Set<String> all = new LinkedHashSet<>();
        for (int i = 0; i < program.steps().size(); i++) {
            Step step = program.steps().get(i);
            Set<String> weights = weights(program, step);
            all.addAll(weights);
            String size = "";
            if (bound != null && !(step instanceof Step.Control)) {
                long[] work = bound.work(step);
                sums[0] += work[0];
                sums[1] += work[1];
                size = ": " + work(work);
            }
            out.println(String.format("%5d  %s%s%s", i, kernel(step), size, parameters(program, weights)));
            for (String value : step.writes()) {
                out.println("         " + value + ": " + program.graph().type(value));
            }
            out.println("         = " + step.label());
        }
        if (bound == null) {
            out.println("work and memory follow from " + (open.isEmpty() ? "the elements of inputs" : open));
            return;
        }
        boolean loops = program.steps().stream().anyMatch(step -> step instanceof Step.Control);
        out.println("in all " + work(sums) + parameters(program, all) + (loops ? ", each branch and each loop counted once" : ""));
        out.println("activations in " + InspectCommand.size(bound.arenaBytes()) + ", of which "
                + InspectCommand.size(bound.lowerBound()) + " are in use at one step");
    }

    private static String kernel(Step step) {
        if (step instanceof Step.KernelStep call) {
            return call.kernel().name();
        }
        return step instanceof Step.HostStep host ? "evaluate " + host.node().qualifiedOp() : "control";
    }

    private static String work(long[] work) {
        return count(work[0]) + " operations, " + InspectCommand.size(work[1]) + " read and written";
    }

    /** A number in the unit that suits it. */
    private static String count(long number) {
        return number < 10_000 ? Long.toString(number) : number < 10_000_000 ? String.format(Locale.ROOT, "%.0f K", number / 1e3)
                : String.format(Locale.ROOT, "%.0f M", number / 1e6);
    }

    /** The constants that a step reads. */
    private static Set<String> weights(Program program, Step step) {
        Set<String> found = new LinkedHashSet<>();
        for (String value : step.reads()) {
            found.add(program.root(value));
        }
        found.retainAll(program.graph().constants().keySet());
        return found;
    }

    private static String parameters(Program program, Set<String> weights) {
        long elements = 0;
        for (String weight : weights) {
            elements += program.graph().constants().get(weight).size();
        }
        return elements == 0 ? "" : ", " + count(elements) + " parameters";
    }

    /** Collects the types of the inputs and says which of them is not known yet, or "". */
    private static String open(Program program, List<ValueType> arguments) {
        for (Value input : program.graph().inputs()) {
            if (!(input.type() instanceof ValueType.OfTensor type) || !type.shape().isConstant()) {
                return "the extents of " + input.name() + ": " + input.type() + "; give them by --fix";
            }
            arguments.add(input.type());
        }
        return "";
    }
}
