package dev.infuser.demo.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is found of one runtime with one network on so many threads, while it is found. */
final class Measurement {

    private final String runtime;
    private final String workload;
    private final int threads;
    private final List<Double> times = new ArrayList<>();
    private final List<Double> rounds = new ArrayList<>();
    private final List<Double> firsts = new ArrayList<>();
    private final List<Double> loadings = new ArrayList<>();
    private final List<Double> begun = new ArrayList<>();
    private final List<Double> compilings = new ArrayList<>();
    private final List<Double> firstRuns = new ArrayList<>();
    private final List<String> findings = new ArrayList<>();
    private List<Map<String, Object>> profile = List.of();
    private Set<String> requests = Set.of();
    private String settings = "";
    private String failure = "";
    private long peakMemory;

    Measurement(String runtime, String workload, int threads) {
        this.runtime = runtime;
        this.workload = workload;
        this.threads = threads;
    }

    String runtime() {
        return runtime;
    }

    String workload() {
        return workload;
    }

    int threads() {
        return threads;
    }

    /** Why there are no times, or "". */
    String failure() {
        return failure;
    }

    void fail(String reason) {
        failure = reason.isEmpty() ? "failed" : reason;
        times.clear();
        rounds.clear();
    }

    void addRound(List<Double> millis) {
        times.addAll(millis);
        rounds.add(Statistics.median(millis));
    }

    /** Notes how long a fresh start took from navigation to the first result, and the page's own part of that. */
    void addFirst(double millis, double own) {
        firsts.add(millis);
        begun.add(own);
    }

    /** Notes how long loading from memory took in a fresh page, compiling as a part of that, and the first run after it. */
    void addLoading(double millis, double compiling, double firstRun) {
        loadings.add(millis);
        compilings.add(compiling);
        firstRuns.add(firstRun);
    }

    void addFinding(String finding) {
        findings.add(finding);
    }

    void setProfile(List<Map<String, Object>> steps) {
        profile = steps;
    }

    /** The addresses that the page asked for until its first result. */
    Set<String> requests() {
        return requests;
    }

    void setRequests(Set<String> addresses) {
        requests = addresses;
    }

    void setSettings(String text) {
        settings = text;
    }

    void setPeakMemory(long bytes) {
        peakMemory = bytes;
    }

    /** The median of all runs in milliseconds, or not a number. */
    double median() {
        return Statistics.median(times);
    }

    double quantile(double share) {
        return Statistics.quantile(times, share);
    }

    /** The median from navigation to the first result in milliseconds, or not a number. */
    double first() {
        return Statistics.median(firsts);
    }

    /** The median from navigation until the page asks for the runtime in milliseconds, or not a number. */
    double began() {
        return Statistics.median(begun);
    }

    /** The median from asking for the runtime to the first result in milliseconds, or not a number. */
    double firstBeyondPage() {
        return first() - began();
    }

    /** The median of planning and generating in a fresh page in milliseconds, or not a number. */
    double compiling() {
        return Statistics.median(compilings);
    }

    /** The median of loading from memory in a fresh page in milliseconds, or not a number. */
    double loading() {
        return Statistics.median(loadings);
    }

    /** The median of the first run in a fresh page in milliseconds, or not a number. */
    double firstRun() {
        return Statistics.median(firstRuns);
    }

    /** The steps of a run with the milliseconds of each, where the runtime tells. */
    List<Map<String, Object>> profile() {
        return profile;
    }

    /** In bytes, or 0. */
    long peakMemory() {
        return peakMemory;
    }

    /** The milliseconds of the longest step of a run, or not a number. */
    double longestStep() {
        return profile.stream().mapToDouble(step -> ((Number) step.get("ms")).doubleValue()).max().orElse(Double.NaN);
    }

    /** As JSON has it. */
    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("runtime", runtime);
        map.put("workload", workload);
        map.put("threads", threads);
        map.put("settings", settings);
        if (!failure.isEmpty()) {
            map.put("failure", failure);
        }
        map.put("checks", findings);
        if (!times.isEmpty()) {
            map.put("medianMs", median());
            map.put("p10Ms", quantile(0.1));
            map.put("p90Ms", quantile(0.9));
            map.put("bestMs", quantile(0));
            map.put("runs", times.size());
            map.put("roundMediansMs", rounds);
        }
        if (!firsts.isEmpty()) {
            map.put("firstResultMs", firsts);
            map.put("pageMs", begun);
        }
        if (!loadings.isEmpty()) {
            map.put("loadingMs", loadings);
            map.put("compilingMs", compilings);
            map.put("firstRunMs", firstRuns);
        }
        if (peakMemory > 0) {
            map.put("peakMemoryBytes", peakMemory);
        }
        if (!profile.isEmpty()) {
            map.put("profile", profile);
        }
        return map;
    }
}
