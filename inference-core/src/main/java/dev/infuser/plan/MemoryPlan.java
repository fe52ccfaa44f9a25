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
        int count = buffers.size();
        long[] offsets = new long[count];
        List<Integer> bySize = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (buffers.get(i).bytes() > 0) {
                bySize.add(i);
            }
        }
        bySize.sort((a, b) -> buffers.get(a).bytes() != buffers.get(b).bytes()
                ? Long.compare(buffers.get(b).bytes(), buffers.get(a).bytes()) : a - b);
        Buffer[] placed = new Buffer[count];
        long[] places = new long[count];
        int size = 0;
        long end = 0;
        for (int i : bySize) {
            Buffer buffer = buffers.get(i);
            long offset = place(buffer, placed, places, size);
            offsets[i] = offset;
            end = Math.max(end, offset + size(buffer));
            int at = size++;
            while (at > 0 && places[at - 1] > offset) {
                at--;
            }
            System.arraycopy(placed, at, placed, at + 1, size - 1 - at);
            System.arraycopy(places, at, places, at + 1, size - 1 - at);
            placed[at] = buffer;
            places[at] = offset;
        }
        return new MemoryPlan(offsets, end + padding, lowerBound(buffers));
    }

    /** The least offset for a buffer among the {@code count} placed before, in the order of their own. */
    private static long place(Buffer buffer, Buffer[] placed, long[] places, int count) {
        long size = size(buffer);
        int first = buffer.first();
        int last = buffer.last();
        long offset = 0;
        for (int i = 0; i < count && places[i] < offset + size; i++) {
            Buffer other = placed[i];
            if (other.first() <= last && first <= other.last()) {
                offset = Math.max(offset, places[i] + size(other));
            }
        }
        return offset;
    }

    private static long lowerBound(List<Buffer> buffers) {
        int first = 0;
        int last = 0;
        for (Buffer buffer : buffers) {
            first = Math.min(first, buffer.first());
            last = Math.max(last, buffer.last());
        }
        long[] change = new long[last - first + 2];
        for (Buffer buffer : buffers) {
            change[buffer.first() - first] += size(buffer);
            change[buffer.last() - first + 1] -= size(buffer);
        }
        long bound = 0;
        long alive = 0;
        for (long step : change) {
            alive += step;
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
