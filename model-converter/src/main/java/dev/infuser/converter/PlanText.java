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
import java.util.List;
import java.util.Map;

/** The steps that a model runs as: which kernel computes what, the nodes fused in it, and how much memory they take. */
final class PlanText {

    private PlanText() {
    }

    /** Prints the plan of a graph; with {@code extents} for all of its symbolic dimensions it tells the memory too. */
    static void print(Graph source, Map<String, Long> extents, PrintWriter out) {
        Graph graph = Inference.infer(FixedDims.fix(source, extents));
        Program program = Planner.compile(graph, Target.RELAXED, Planner.packable(graph));
        if (program == null) {
            out.println("no kernels: a value is not a numeric tensor of known rank, so every node is evaluated");
            return;
        }
        out.println(program.steps().size() + " steps, " + program.hostSteps() + " of them evaluated; kernels in "
                + InspectCommand.size(program.module().length));
        for (int i = 0; i < program.steps().size(); i++) {
            Step step = program.steps().get(i);
            out.println(String.format("%5d  %s", i, kernel(step)));
            for (String value : step.writes()) {
                out.println("         " + value + ": " + program.graph().type(value));
            }
            out.println("         = " + step.label());
        }
        memory(program, out);
    }

    private static String kernel(Step step) {
        if (step instanceof Step.KernelStep call) {
            return call.kernel().name();
        }
        return step instanceof Step.HostStep host ? "evaluate " + host.node().qualifiedOp() : "control";
    }

    private static void memory(Program program, PrintWriter out) {
        List<ValueType> arguments = new ArrayList<>();
        for (Value input : program.graph().inputs()) {
            if (!(input.type() instanceof ValueType.OfTensor type) || !type.shape().isConstant()) {
                out.println("memory follows from the extents of " + input.name() + ": " + input.type() + "; give them by --fix");
                return;
            }
            arguments.add(input.type());
        }
        Bound bound = program.bind(arguments, 1);
        out.println(bound == null ? "memory follows from the elements of inputs"
                : "activations in " + InspectCommand.size(bound.arenaBytes()) + ", of which "
                        + InspectCommand.size(bound.lowerBound()) + " are in use at one step");
    }
}
