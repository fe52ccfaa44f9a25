package dev.infuser.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * Places buffers in one arena so that buffers alive at the same time do not overlap: largest first, each at the lowest
 * offset that is free for its whole life (greedy by size, Pisarchyk and Lee 2020).
 */
public final class MemoryPlan {

    private static final int ALIGNMENT = 64;

    /**
     * A buffer.
     *
     * @param bytes its size
     * @param first the step that writes it
     * @param last  the last step that reads it
     */
    public record Buffer(long bytes, int first, int last) {
    }

    private final long[] offsets;
    private final long bytes;
    private final long lowerBound;

    private MemoryPlan(long[] offsets, long bytes, long lowerBound) {
        this.offsets = offsets;
        this.bytes = bytes;
        this.lowerBound = lowerBound;
    }

    /** A plan for {@code buffers}; {@code padding} bytes stay readable behind each of them. */
    public static MemoryPlan of(List<Buffer> buffers, int padding) {
        long[] offsets = new long[buffers.size()];
        List<Integer> bySize = new ArrayList<>();
        for (int i = 0; i < buffers.size(); i++) {
            bySize.add(i);
        }
        bySize.sort((a, b) -> buffers.get(a).bytes() != buffers.get(b).bytes()
                ? Long.compare(buffers.get(b).bytes(), buffers.get(a).bytes()) : a - b);
        List<Integer> placed = new ArrayList<>();
        long end = 0;
        for (int i : bySize) {
            offsets[i] = place(buffers, offsets, placed, i);
            end = Math.max(end, offsets[i] + size(buffers.get(i)));
            int at = placed.size();
            while (at > 0 && offsets[placed.get(at - 1)] > offsets[i]) {
                at--;
            }
            placed.add(at, i);
        }
        return new MemoryPlan(offsets, end + padding, lowerBound(buffers));
    }

    private static long place(List<Buffer> buffers, long[] offsets, List<Integer> placed, int i) {
        Buffer buffer = buffers.get(i);
        long offset = 0;
        for (int other : placed) {
            Buffer b = buffers.get(other);
            boolean together = b.first() <= buffer.last() && buffer.first() <= b.last();
            if (together && offsets[other] < offset + size(buffer)) {
                offset = Math.max(offset, offsets[other] + size(b));
            }
        }
        return offset;
    }

    private static long lowerBound(List<Buffer> buffers) {
        long bound = 0;
        for (Buffer at : buffers) {
            long alive = 0;
            for (Buffer b : buffers) {
                alive += b.first() <= at.first() && at.first() <= b.last() ? size(b) : 0;
            }
            bound = Math.max(bound, alive);
        }
        return bound;
    }

    private static long size(Buffer buffer) {
        return (buffer.bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** The offset of buffer {@code i} from the start of the arena. */
    public long offset(int i) {
        return offsets[i];
    }

    /** The size of the arena. */
    public long bytes() {
        return bytes;
    }

    /** The most bytes alive at one step: no plan for this schedule can be smaller. */
    public long lowerBound() {
        return lowerBound;
    }
}
