package dev.infuser.demo.benchmark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * All that a run found.
 *
 * @param facts        what it depends on
 * @param workloads    the networks
 * @param measurements of each runtime, network and number of threads
 * @param sizes        the bytes of each runtime's own files
 */
record Results(Map<String, String> facts, List<Workload> workloads, List<Measurement> measurements, List<Sizes.Size> sizes) {

    /** The measurement of a runtime with a network, if there is one. */
    Optional<Measurement> find(String runtime, String workload, int threads) {
        return measurements.stream().filter(m -> m.runtime().equals(runtime) && m.workload().equals(workload)
                && m.threads() == threads).findFirst();
    }

    /** The median in milliseconds, or not a number where that was not measured. */
    double median(String runtime, Workload workload, int threads) {
        return find(runtime, workload.name(), threads).map(Measurement::median).orElse(Double.NaN);
    }

    /** How many times longer a runtime takes than Infuser, or not a number. */
    double ratio(String runtime, Workload workload, int threads) {
        return median(runtime, workload, threads) / median(Runtimes.INFUSER, workload, threads);
    }

    /** The numbers of threads, fewest first. */
    List<Integer> threads() {
        return List.copyOf(measurements.stream().map(Measurement::threads).collect(Collectors.toCollection(TreeSet::new)));
    }

    /** The runtimes, in the order that they were measured in. */
    List<String> runtimes() {
        return measurements.stream().map(Measurement::runtime).filter(name -> !name.equals(Runtimes.LIMIT)).distinct().toList();
    }

    /** The greatest work per nanosecond that was found beside a network or as a limit of that name, or not a number. */
    double peak(String name, Limits.Limit limit) {
        return limit.work() / find(Runtimes.LIMIT, name, 1).map(Measurement::median).orElse(Double.NaN) / 1e6;
    }

    /** The greatest resident size of a page without a runtime in bytes, or 0. */
    long barePage() {
        return find(Runtimes.LIMIT, Limits.all().get(0).name(), 1).map(Measurement::peakMemory).orElse(0L);
    }

    /** As JSON has it. */
    Map<String, Object> toMap(List<Goals.Goal> goals) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("facts", facts);
        map.put("networks", workloads.stream().map(workload -> Map.of("name", workload.name(), "title", workload.title(),
                "operations", workload.operations(), "tolerance", workload.tolerance().reason())).toList());
        map.put("measurements", measurements.stream().map(Measurement::toMap).toList());
        map.put("barePageBytes", barePage());
        map.put("runtimeBytes", sizes);
        map.put("goals", goals);
        return map;
    }
}
