package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.op.Branches;
import dev.infuser.op.Inference;

/** Puts the branch that is taken in place of an If whose condition follows from constants and declared shapes. */
final class ChooseBranches implements Pass {

    @Override
    public String name() {
        return "choose-branches";
    }

    @Override
    public String description() {
        return "an If with a known condition becomes the branch that is taken";
    }

    @Override
    public Graph run(Graph graph) {
        Graph chosen = Branches.choose(graph);
        return chosen == graph ? graph : Inference.infer(chosen);
    }
}
