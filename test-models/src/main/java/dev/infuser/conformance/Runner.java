package dev.infuser.conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Runs tests in parallel lanes and keeps their order. */
final class Runner {

    private final Supplier<Backend> backends;
    private final Duration limit;

    Runner(Supplier<Backend> backends, Duration limit) {
        this.backends = backends;
        this.limit = limit;
    }

    /** One result per test, in the order of the tests. */
    List<Result> run(List<Case> tests, int lanes) throws InterruptedException {
        Result[] results = new Result[tests.size()];
        AtomicInteger next = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < lanes; i++) {
            Thread thread = new Thread(() -> {
                try (Lane lane = new Lane(backends, limit)) {
                    for (int test = next.getAndIncrement(); test < results.length; test = next.getAndIncrement()) {
                        results[test] = lane.run(tests.get(test));
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return List.of(results);
    }

    /** {@code N passed, N failed, N skipped}; what is unsupported counts as skipped. */
    static String summary(List<Result> results) {
        int[] counts = new int[Result.Status.values().length];
        for (Result result : results) {
            counts[result.status().ordinal()]++;
        }
        return counts[0] + " passed, " + counts[1] + " failed, " + counts[2] + " skipped";
    }
}
