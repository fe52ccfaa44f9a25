// One runtime with one network, driven by the benchmark: ?workloads=…&workload=…&runtime=…&threads=…[&memory]
// With memory the bytes of the model are there before it is loaded.
// The page computes once as soon as it can. It answers the host through answer(turn, json), which the host puts here.

import { bytesOf, open, timed } from './runtimes.js';

const parameters = new URLSearchParams(location.search);

function encode(array) {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  // Without what pieces would leave to collect, which counts as memory of the runtime.
  if (bytes.toBase64) return bytes.toBase64();
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** Any elements as numbers of float32, strings as the numbers of their characters. */
function numbers(array) {
  if (array instanceof Float32Array) return array;
  return Float32Array.from(Array.isArray(array) ? array.join('\n') : array, Array.isArray(array) ? (c) => c.codePointAt(0) : Number);
}

const encoded = (outputs) => Object.fromEntries(Object.entries(outputs).map(([name, array]) => [name, encode(numbers(array))]));

/** The outputs after so many steps from the initial state. */
async function after(runner, steps) {
  runner.restart();
  let outputs;
  for (let step = 0; step < steps; step++) outputs = await runner.run();
  return encoded(outputs);
}

/** The steps of a run with the median time of each, and the median of the peaks beside them. */
async function profile(runner) {
  if (!runner.profile) return [];
  const runs = [];
  for (const begun = performance.now(); runs.length < 5 || (performance.now() - begun < 500 && runs.length < 99);) {
    runs.push(await runner.profile());
  }
  return runs[0].map((step, i) => {
    const median = (name) => runs.map((run) => run[i][name]).sort((a, b) => a - b)[runs.length >> 1];
    const [ms, peak] = [median('ms'), median('peak')];
    const gflops = ms && step.operations / ms / 1e6;
    return { ...step, ms, peak, gflops, share: gflops && gflops / peak };
  });
}

async function start() {
  const { workloads } = await (await fetch(parameters.get('workloads'))).json();
  const workload = workloads.find(({ name }) => name === parameters.get('workload'));
  const runtime = parameters.get('runtime');
  const source = workload.runtimes[runtime];
  if (source && parameters.has('memory')) source.model = await bytesOf(source.model);
  const began = performance.now();
  const runner = await open(runtime, workload, Number(parameters.get('threads')));
  const opened = performance.now();
  await runner.run();
  const first = performance.now();
  const operations = {
    check: () => after(runner, workload.steps ?? 1),
    times: (atLeast) => timed(runner, atLeast),
    profile: () => profile(runner),
    threads: async () => runner.threads?.() ?? 0,
  };
  globalThis.perform = (turn, operation, argument) => {
    operations[operation](argument).then((result) => answer(turn, { result }), (error) => answer(turn, { error: String(error) }));
  };
  return { began, first, loading: runner.loading ?? 0, compiling: runner.compiling ?? 0, running: first - opened, settings: runner.settings };
}

start().then((result) => answer(0, { result }), (error) => answer(0, { error: String(error?.message ?? error) }));
