package dev.infuser.text;

/** The symbols of one word on their way through its merges, the earliest first and of equals the leftmost. */
final class MergeQueue {
    private final Merges merges;
    private final int[] ids;
    private final int[] starts;
    private final int[] ends;
    private final int[] previous;
    private final int[] next;
    private int count;

    /** Rank and place of each merge that may be done, as a binary heap. */
    private long[] heap;
    private int size;

    MergeQueue(Merges merges, int capacity) {
        this.merges = merges;
        ids = new int[capacity];
        starts = new int[capacity];
        ends = new int[capacity];
        previous = new int[capacity];
        next = new int[capacity];
        heap = new long[capacity + 8];
    }

    /** Adds a symbol that stands for the characters {@code start} to {@code end}. */
    void add(int id, int start, int end) {
        ids[count] = id;
        starts[count] = start;
        ends[count++] = end;
    }

    /** Merges what merges and gives the number of symbols that are left. */
    int merge() {
        for (int i = 0; i < count; i++) {
            previous[i] = i - 1;
            next[i] = i + 1;
            if (i > 0) {
                offer(i - 1, i);
            }
        }
        int left = count;
        while (size > 0) {
            long top = poll();
            int at = (int) top;
            int right = next[at];
            if (right < 0 || right >= count) {
                continue;
            }
            int result = merges.result((int) (top >>> 32));
            int rank = merges.rank(ids[at], ids[right]);
            if (rank < 0 || merges.result(rank) != result) {
                continue;
            }
            ids[at] = result;
            ends[at] = ends[right];
            next[at] = next[right];
            if (next[right] < count) {
                previous[next[right]] = at;
            }
            next[right] = -1;
            left--;
            if (previous[at] >= 0) {
                offer(previous[at], at);
            }
            if (next[at] < count) {
                offer(at, next[at]);
            }
        }
        return left;
    }

    /** Copies the symbols that are left. */
    void copy(int[] toIds, int[] toStarts, int[] toEnds) {
        int n = 0;
        for (int i = 0; i < count; i = next[i]) {
            toIds[n] = ids[i];
            toStarts[n] = starts[i];
            toEnds[n++] = ends[i];
        }
    }

    private void offer(int left, int right) {
        int rank = merges.rank(ids[left], ids[right]);
        if (rank < 0) {
            return;
        }
        if (size == heap.length) {
            long[] larger = new long[size * 2];
            System.arraycopy(heap, 0, larger, 0, size);
            heap = larger;
        }
        long key = (long) rank << 32 | left;
        int at = size++;
        while (at > 0 && heap[at - 1 >> 1] > key) {
            heap[at] = heap[at - 1 >> 1];
            at = at - 1 >> 1;
        }
        heap[at] = key;
    }

    private long poll() {
        long top = heap[0];
        long last = heap[--size];
        int at = 0;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= last) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = last;
        return top;
    }
}
