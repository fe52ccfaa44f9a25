package dev.infuser.runtime;

import java.util.Map;
import java.util.TreeMap;

/**
 * Hands out ranges of a host's memory above a fixed start: first fit, 64-byte aligned, neighbours merged when freed. The
 * memory grows by what is missing and no more.
 */
public final class Heap {

    public static final int ALIGNMENT = 64;

    private final Host host;
    private final TreeMap<Long, Long> free = new TreeMap<>();
    private final TreeMap<Long, Long> used = new TreeMap<>();
    private long end;

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
        for (Map.Entry<Long, Long> range : free.entrySet()) {
            if (range.getValue() >= size) {
                long address = range.getKey();
                long rest = range.getValue() - size;
                free.remove(address);
                if (rest > 0) {
                    free.put(address + size, rest);
                }
                used.put(address, size);
                return address;
            }
        }
        Map.Entry<Long, Long> last = free.lastEntry();
        boolean extend = last != null && last.getKey() + last.getValue() == end;
        long address = extend ? last.getKey() : end;
        if (address + size > host.size()) {
            host.grow(address + size);
        }
        if (extend) {
            free.remove(address);
        }
        end = address + size;
        used.put(address, size);
        return address;
    }

    /** Gives back what {@link #allocate} returned. */
    public void release(long address) {
        Long size = used.remove(address);
        if (size == null) {
            throw new IllegalArgumentException("not allocated");
        }
        long start = address;
        long length = size;
        Map.Entry<Long, Long> before = free.lowerEntry(address);
        if (before != null && before.getKey() + before.getValue() == address) {
            start = before.getKey();
            length += before.getValue();
        }
        Long after = free.remove(address + size);
        free.put(start, after == null ? length : length + after);
    }

    /** Bytes handed out and not given back. */
    public long used() {
        long sum = 0;
        for (long size : used.values()) {
            sum += size;
        }
        return sum;
    }

    static long align(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
