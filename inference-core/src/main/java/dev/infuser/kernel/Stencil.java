package dev.infuser.kernel;

import dev.infuser.expr.StencilProgram;
import dev.infuser.expr.StencilProgram.Place;
import dev.infuser.expr.StencilProgram.Stage;
import dev.infuser.expr.StencilProgram.Term;
import dev.infuser.wasm.FunctionBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link StencilProgram} over planes of known extents, whose stages advance row by row together: between stages only the rows that
 * are still read lie in working memory.
 *
 * <p>Slots: for each plane that is not {@link Place#ROWS} its address, then {@code scratch}. A unit of work is a row; a share
 * computes the rows around it that it needs once more.
 *
 * @param height rows of a plane
 * @param width  elements of a row, at least {@link #MIN_WIDTH}
 */
public record Stencil(int height, int width, StencilProgram program) implements Kernel {

    /** Elements that are computed together. */
    public static final int MIN_WIDTH = 32;

    /** Checks the width. */
    public Stencil {
        if (width < MIN_WIDTH) {
            throw new IllegalArgumentException("rows of " + width);
        }
    }

    List<StencilProgram.Plane> planes() {
        return program.planes();
    }

    List<Stage> stages() {
        return program.stages();
    }

    /** Bytes of working memory for each thread. */
    public int scratchBytes() {
        return new StencilRows(this).bytes();
    }

    /** The name of a plane's slot. */
    public static String slot(int plane) {
        return "plane_" + plane;
    }

    @Override
    public String name() {
        return "stencil_" + height + "x" + width + "_" + stages().size();
    }

    @Override
    public List<String> slots() {
        List<String> slots = new ArrayList<>();
        for (int i = 0; i < planes().size(); i++) {
            if (planes().get(i).place() != Place.ROWS) {
                slots.add(slot(i));
            }
        }
        slots.add("scratch");
        return slots;
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        for (Stage stage : stages()) {
            for (Term term : stage.terms()) {
                work[0] += term.code().isUnary() ? (long) height * width : 0;
            }
        }
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        new StencilCode(f, this).emit();
    }
}
