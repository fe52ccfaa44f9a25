package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.tensor.ResourceException;
import dev.infuser.testing.EndiveHost;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeapTest {

    private static final int PAGE = 1 << 16;

    private final EndiveHost host = new EndiveHost(8);
    private final Heap heap = new Heap(host, 100);

    @Test
    void addressesAreAlignedAndAboveTheStart() {
        assertEquals(128, heap.allocate(1));
        assertEquals(192, heap.allocate(65));
        assertEquals(320, heap.allocate(0));
        assertEquals(64 + 128 + 64, heap.used());
    }

    @Test
    void freedNeighboursBecomeOneRange() {
        long a = heap.allocate(64);
        long b = heap.allocate(64);
        long c = heap.allocate(64);
        long d = heap.allocate(64);
        heap.release(a);
        heap.release(c);
        heap.release(b);
        assertEquals(a, heap.allocate(192));
        assertEquals(d + 64, heap.allocate(64));
    }

    @Test
    void theFirstRangeThatFitsIsTaken() {
        long a = heap.allocate(128);
        heap.allocate(64);
        long c = heap.allocate(64);
        heap.allocate(64);
        heap.release(a);
        heap.release(c);
        assertEquals(a, heap.allocate(64));
        assertEquals(a + 64, heap.allocate(64));
        assertEquals(c, heap.allocate(64));
    }

    @Test
    void memoryGrowsByWhatIsMissing() {
        heap.allocate(PAGE - 128);
        assertEquals(PAGE, host.size());
        long last = heap.allocate(64);
        assertEquals(2 * PAGE, host.size());
        heap.release(last);
        assertEquals(last, heap.allocate(2 * PAGE), "a free range at the end is extended");
        assertEquals(3 * PAGE, host.size());
    }

    @Test
    void refusedGrowthChangesNothing() {
        long a = heap.allocate(64);
        assertEquals("out-of-memory", assertThrows(ResourceException.class, () -> heap.allocate(8L * PAGE)).code());
        assertThrows(ResourceException.class, () -> heap.allocate(1L << 40));
        assertEquals(64, heap.used());
        assertEquals(a + 64, heap.allocate(64));
        heap.release(a);
        assertThrows(ResourceException.class, () -> heap.allocate(8L * PAGE));
        assertEquals(a, heap.allocate(64));
    }

    @Test
    void onlyWhatWasAllocatedIsReleased() {
        long a = heap.allocate(128);
        assertThrows(IllegalArgumentException.class, () -> heap.release(a + 64));
        heap.release(a);
        assertThrows(IllegalArgumentException.class, () -> heap.release(a));
    }

    @Test
    void rangesNeverOverlapAndAllSpaceComesBack() {
        Random random = new Random(7);
        Map<Long, Long> live = new HashMap<>();
        for (int i = 0; i < 3000; i++) {
            if (live.size() > 40 || !live.isEmpty() && random.nextInt(3) == 0) {
                List<Long> addresses = new ArrayList<>(live.keySet());
                long address = addresses.get(random.nextInt(addresses.size()));
                heap.release(address);
                live.remove(address);
            } else {
                long bytes = 1 + random.nextInt(2000);
                long address = heap.allocate(bytes);
                assertTrue(address % Heap.ALIGNMENT == 0 && address + bytes <= host.size());
                live.forEach((at, size) -> assertTrue(address + bytes <= at || at + size <= address, "overlap"));
                live.put(address, bytes);
            }
        }
        List.copyOf(live.keySet()).forEach(heap::release);
        assertEquals(0, heap.used());
        assertEquals(128, heap.allocate(PAGE), "one range is left");
    }
}
