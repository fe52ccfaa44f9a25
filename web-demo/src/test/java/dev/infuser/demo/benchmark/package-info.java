/**
 * The benchmark: networks in Infuser and in other runtimes, side by side in one Chromium, checked against ONNX Runtime, with
 * what the machine can do at best measured in the same run. {@link dev.infuser.demo.benchmark.Benchmark} is the command.
 * Nothing here is part of the site; the pages that it drives are in {@code site/benchmark}.
 */
package dev.infuser.demo.benchmark;
