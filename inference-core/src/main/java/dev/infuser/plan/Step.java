package dev.infuser.plan;

import dev.infuser.graph.Node;
import dev.infuser.kernel.Kernel;
import java.util.List;

/** One step of a program: it reads stored values and writes others. */
public sealed interface Step {

    /** The nodes that the step computes, for people. */
    String label();

    /** The values whose memory the step reads. */
    List<String> reads();

    /** The values whose memory the step writes. */
    List<String> writes();

    /**
     * A call of a generated kernel. One that writes no value prepares its working memory for the step behind it, all threads the
     * same.
     *
     * @param kernel  the template with its constants
     * @param index   the number of the kernel in the module
     * @param scratch tells the bytes of working memory it needs for each thread
     * @param filler  tells its parameters
     * @param dying   values read in whose memory it may write, where they have its dims and nobody reads them later
     */
    record KernelStep(String label, List<String> reads, List<String> writes, Kernel kernel, int index, Scratch scratch,
            Filler filler, List<String> dying) implements Step {

        KernelStep(String label, List<String> reads, List<String> writes, Kernel kernel, int index, Scratch scratch,
                Filler filler) {
            this(label, reads, writes, kernel, index, scratch, filler, List.of());
        }
    }

    /**
     * A node that has no kernel: the host evaluates it.
     *
     * @param captured values that its subgraphs take from around them
     */
    record HostStep(Node node, List<String> captured, List<String> reads, List<String> writes) implements Step {
        @Override
        public String label() {
            return node.label();
        }
    }

    /** A place among the steps. */
    final class Label {
        int step;
    }

    /** What a {@link Control} does. */
    enum Flow {
        /** Goes to the target unless the value read, if any, is true. */
        JUMP,
        /** Begins a loop: writes -1 as the number of the iteration, and the value read, or true, as its condition. */
        START,
        /** Begins the next iteration, or goes to the target; reads iteration and condition, and the count if there is one. */
        NEXT
    }

    /** A step that decides which one is next. */
    record Control(Flow flow, String label, List<String> reads, List<String> writes, Label target) implements Step {
    }

    /** Tells the parameters of a kernel. */
    interface Filler {
        /** Sets every slot by {@link Slots#set}. */
        void fill(Binding binding, Slots slots);

        /** The words that follow the slots. */
        default int[] table(Binding binding) {
            return new int[0];
        }
    }

    /** Tells the bytes of working memory that a kernel needs for each thread. */
    interface Scratch {
        int bytes(Binding binding);
    }
}
