package dev.infuser.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.plan.MemoryPlan.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {

    private static long round(long bytes) {
        return (bytes + 63) / 64 * 64;
    }

    @Test
    void buffersWithoutCommonLifeShareMemory() {
        MemoryPlan plan = MemoryPlan.of(List.of(new Buffer(100, 0, 1), new Buffer(128, 2, 3), new Buffer(50, 1, 2)), 0);
        assertEquals(0, plan.offset(0));
        assertEquals(0, plan.offset(1));
        assertEquals(128, plan.offset(2));
        assertEquals(192, plan.bytes());
        assertEquals(192, plan.lowerBound());
    }

    @Test
    void whatAStepReadsAndWhatItWritesAreApart() {
        MemoryPlan plan = MemoryPlan.of(List.of(new Buffer(64, 0, 1), new Buffer(64, 1, 2)), 0);
        assertEquals(64, plan.offset(1));
    }

    @Test
    void paddingFollowsTheLastBuffer() {
        assertEquals(64 + 64, MemoryPlan.of(List.of(new Buffer(1, 0, 0)), 64).bytes());
        assertEquals(64, MemoryPlan.of(List.of(), 64).bytes());
        assertEquals(0, MemoryPlan.of(List.of(), 0).lowerBound());
    }

    @Test
    void equalBuffersAreTakenInOrder() {
        MemoryPlan plan = MemoryPlan.of(List.of(new Buffer(64, 0, 5), new Buffer(64, 0, 5), new Buffer(128, 0, 5)), 0);
        assertEquals(128, plan.offset(0));
        assertEquals(192, plan.offset(1));
        assertEquals(0, plan.offset(2));
    }

    @Test
    void aHoleBetweenLivingBuffersIsUsed() {
        MemoryPlan plan = MemoryPlan.of(
                List.of(new Buffer(512, 0, 9), new Buffer(256, 0, 3), new Buffer(128, 0, 9), new Buffer(64, 4, 9)), 0);
        assertEquals(512, plan.offset(3));
        assertEquals(plan.lowerBound(), plan.bytes());
    }

    @Test
    void randomBuffersNeverOverlapWhileBothLive() {
        Random random = new Random(11);
        long planned = 0;
        long bound = 0;
        for (int round = 0; round < 200; round++) {
            List<Buffer> buffers = new ArrayList<>();
            int steps = 1 + random.nextInt(40);
            for (int i = random.nextInt(60); i >= 0; i--) {
                int first = random.nextInt(steps);
                int last = Math.min(steps, first + random.nextInt(5) * random.nextInt(4));
                buffers.add(new Buffer(random.nextInt(8) == 0 ? 0 : random.nextInt(5000), first, last));
            }
            MemoryPlan plan = MemoryPlan.of(buffers, 0);
            for (int i = 0; i < buffers.size(); i++) {
                Buffer a = buffers.get(i);
                assertEquals(0, plan.offset(i) % 64);
                assertTrue(plan.offset(i) + a.bytes() <= plan.bytes());
                for (int j = 0; j < i; j++) {
                    Buffer b = buffers.get(j);
                    assertTrue(a.last() < b.first() || b.last() < a.first()
                            || plan.offset(i) + a.bytes() <= plan.offset(j)
                            || plan.offset(j) + b.bytes() <= plan.offset(i), a + " overlaps " + b);
                }
            }
            long most = 0;
            for (int step = 0; step <= steps; step++) {
                long alive = 0;
                for (Buffer buffer : buffers) {
                    alive += buffer.first() <= step && step <= buffer.last() ? round(buffer.bytes()) : 0;
                }
                most = Math.max(most, alive);
            }
            assertEquals(most, plan.lowerBound());
            assertTrue(plan.bytes() >= most);
            planned += plan.bytes();
            bound += most;
        }
        assertTrue(planned <= bound * 1.1, planned + " bytes planned where " + bound + " are alive");
    }

    @Test
    void aChainOfLayersNeedsTwoBuffers() {
        List<Buffer> buffers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            buffers.add(new Buffer(1000, i, i + 1));
        }
        assertEquals(2 * 1024, MemoryPlan.of(buffers, 0).bytes());
    }
}
