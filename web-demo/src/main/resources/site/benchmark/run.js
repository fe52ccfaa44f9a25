// One runtime with one network, driven by the benchmark: ?workloads=…&workload=…&runtime=…&threads=…
// The page computes once as soon as it can. It answers the host through answer(turn, json), which the host puts here.

import { open, timed } from './runtimes.js';

const parameters = new URLSearchParams(location.search);

function encode(array) {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

const encoded = (outputs) => Object.fromEntries(Object.entries(outputs).map(([name, array]) => [name, encode(array)]));

/** The outputs after so many steps from the initial state. */
async function after(runner, steps) {
  runner.restart();
  let outputs;
  for (let step = 0; step < steps; step++) outputs = await runner.run();
  return encoded(outputs);
}

async function start() {
  const [{ workloads }] = await Promise.all([(await fetch(parameters.get('workloads'))).json()]);
  const workload = workloads.find(({ name }) => name === parameters.get('workload'));
  const runner = await open(parameters.get('runtime'), workload, Number(parameters.get('threads')));
  await runner.run();
  const first = performance.now();
  const operations = {
    check: () => after(runner, workload.steps ?? 1),
    times: (atLeast) => timed(runner, atLeast),
    profile: async () => runner.profile?.() ?? [],
    threads: async () => runner.threads?.() ?? 0,
  };
  globalThis.perform = (turn, operation, argument) => {
    operations[operation](argument).then((result) => answer(turn, { result }), (error) => answer(turn, { error: String(error) }));
  };
  return { first, settings: runner.settings, isolated: crossOriginIsolated };
}

start().then((result) => answer(0, { result }), (error) => answer(0, { error: String(error?.message ?? error) }));
