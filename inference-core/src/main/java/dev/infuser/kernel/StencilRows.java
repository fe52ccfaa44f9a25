package dev.infuser.kernel;

import dev.infuser.expr.StencilProgram.Code;
import dev.infuser.expr.StencilProgram.Place;
import dev.infuser.expr.StencilProgram.Plane;
import dev.infuser.expr.StencilProgram.Stage;
import dev.infuser.expr.StencilProgram.Term;

/**
 * When each row of a {@link Stencil} is computed and where it lies. While the outputs are at row {@code y}, a stage is
 * {@code lead} rows ahead of them; its plane keeps a ring of rows, with margins for what lies beyond the ends, and one more
 * row for what lies above and below where that is a number.
 */
final class StencilRows {

    private static final int ALIGN = 64;

    /** By plane: how many rows it is ahead, and which of its rows around those of the outputs are needed. */
    final int[] lead;
    final int[] above;
    final int[] below;
    /** By plane in working memory: rows of the ring, a power of 2; elements of the margins; bytes of a row. */
    final int[] ring;
    final int[] left;
    final int[] right;
    final int[] pitch;
    /** By plane in working memory: where it begins. */
    final int[] start;
    private final int bytes;

    StencilRows(Stencil stencil) {
        int count = stencil.planes().size();
        lead = new int[count];
        above = new int[count];
        below = new int[count];
        ring = new int[count];
        left = new int[count];
        right = new int[count];
        pitch = new int[count];
        start = new int[count];
        int[] oldest = new int[count];
        for (int s = stencil.stages().size() - 1; s >= 0; s--) {
            Stage stage = stencil.stages().get(s);
            int own = stage.plane();
            for (Term term : stage.terms()) {
                if (term.code() == Code.LOAD) {
                    int plane = term.a();
                    lead[plane] = Math.max(lead[plane], lead[own] + Math.max(term.b(), 0));
                    oldest[plane] = Math.min(oldest[plane], lead[own] + term.b());
                    above[plane] = Math.min(above[plane], above[own] + term.b());
                    below[plane] = Math.max(below[plane], below[own] + term.b());
                    left[plane] = Math.max(left[plane], -term.c());
                    right[plane] = Math.max(right[plane], term.c());
                }
            }
        }
        int at = 0;
        for (int p = 0; p < count; p++) {
            Plane plane = stencil.planes().get(p);
            if (plane.place() == Place.ROWS) {
                ring[p] = Integer.highestOneBit(2 * (lead[p] - oldest[p]) + 1);
                int row = (left[p] + stencil.width() + right[p]) * plane.bits() / Byte.SIZE;
                pitch[p] = (row + Kernel.PADDING + ALIGN - 1) / ALIGN * ALIGN;
                start[p] = at;
                at += pitch[p] * (ring[p] + (plane.edge() ? 0 : 1));
            }
        }
        bytes = at;
    }

    int bytes() {
        return bytes;
    }
}
