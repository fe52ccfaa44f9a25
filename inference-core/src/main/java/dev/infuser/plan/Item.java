package dev.infuser.plan;

import dev.infuser.kernel.KernelModule;
import java.util.ArrayList;
import java.util.List;

/** One or several fused nodes on their way to becoming steps. */
abstract class Item {

    /** The value that the item computes, or the first of them. */
    String output;

    /** Labels of the nodes fused so far. */
    final List<String> labels = new ArrayList<>();

    Item(String output, String label) {
        this.output = output;
        labels.add(label);
    }

    final String label() {
        return String.join(" + ", labels);
    }

    /** Adds the steps of this item. */
    abstract void emit(Facts facts, KernelModule module, List<Step> steps);
}
