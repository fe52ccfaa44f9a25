package dev.infuser.runtime;

import java.util.ArrayList;
import java.util.List;

/**
 * Hands out ranges of a host's memory above a fixed start: first fit, 64-byte aligned, neighbours merged when freed. The
 * memory grows by what is missing and no more.
 */
public final class Heap {

    public static final int ALIGNMENT = 64;

    private final Host host;
    private final List<Range> ranges = new ArrayList<>();
    private long end;

    /** Part of the heap; the ranges follow each other without gaps, and no two free ones touch. */
    private static final class Range {
        final long address;
        long length;
        boolean taken;

        Range(long address, long length) {
            this.address = address;
            this.length = length;
        }
    }

    /** A heap from {@code start} up to the end of the host's memory and beyond. */
    public Heap(Host host, long start) {
        this.host = host;
        this.end = align(start);
    }

    public Host host() {
        return host;
    }

    /**
     * The address of {@code bytes} fresh bytes, which are not cleared.
     *
     * @throws dev.infuser.tensor.ResourceException where the memory cannot grow so far
     */
    public long allocate(long bytes) {
        long size = align(Math.max(bytes, 1));
        int at = 0;
        while (at < ranges.size() && (ranges.get(at).taken || ranges.get(at).length < size)) {
            at++;
        }
        if (at == ranges.size()) {
            boolean extend = at > 0 && !ranges.get(at - 1).taken;
            long address = extend ? ranges.get(at - 1).address : end;
            if (address + size > host.size()) {
                host.grow(address + size);
            }
            if (extend) {
                ranges.remove(--at);
            }
            ranges.add(new Range(address, size));
            end = address + size;
        }
        Range range = ranges.get(at);
        if (range.length > size) {
            ranges.add(at + 1, new Range(range.address + size, range.length - size));
            range.length = size;
        }
        range.taken = true;
        return range.address;
    }

    /** Gives back what {@link #allocate} returned. */
    public void release(long address) {
        int at = 0;
        while (at < ranges.size() && ranges.get(at).address != address) {
            at++;
        }
        if (at == ranges.size() || !ranges.get(at).taken) {
            throw new IllegalArgumentException("not allocated");
        }
        ranges.get(at).taken = false;
        join(at);
        join(at - 1);
    }

    /** Makes one of the range at this index and the next one if both are free. */
    private void join(int at) {
        if (at >= 0 && at + 1 < ranges.size() && !ranges.get(at).taken && !ranges.get(at + 1).taken) {
            ranges.get(at).length += ranges.remove(at + 1).length;
        }
    }

    /** Bytes handed out and not given back. */
    public long used() {
        long sum = 0;
        for (Range range : ranges) {
            sum += range.taken ? range.length : 0;
        }
        return sum;
    }

    static long align(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
