// One runtime with MiniLM, for the benchmark to drive: ?runtime=infuser|onnxruntime-web&ids=101,2023,…
// The page computes once as soon as it can, and says when in data-first: milliseconds since navigation began.

const parameters = new URLSearchParams(location.search);
const ids = parameters.get('ids').split(',').map(BigInt);
const dims = [1, ids.length];
const inputs = { input_ids: ids, attention_mask: ids.map(() => 1n), token_type_ids: ids.map(() => 0n) };

const feedsOf = (Tensor) => Object.fromEntries(Object.entries(inputs).map(([name, data]) =>
  [name, new Tensor('int64', BigInt64Array.from(data), dims)]));

const runtimes = {
  async infuser() {
    const { load, Tensor } = await import('/infuser/infuser.js');
    const model = await load('/models/minilm.tea');
    const feeds = feedsOf(Tensor);
    return () => model.run(feeds);
  },
  async 'onnxruntime-web'() {
    const ort = await import('/onnxruntime-web/ort.wasm.min.mjs');
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = '/onnxruntime-web/';
    const session = await ort.InferenceSession.create('/source/all-minilm-l6-v2.onnx', { executionProviders: ['wasm'] });
    const feeds = feedsOf(ort.Tensor);
    return () => session.run(feeds);
  },
};

const run = await runtimes[parameters.get('runtime')]();
const { last_hidden_state: first } = await run();
document.documentElement.dataset.first = performance.now();

globalThis.benchmark = {
  /** The elements of the first result. */
  first: () => Array.from(first.data),
  /** The elements of a new result. */
  again: async () => Array.from((await run()).last_hidden_state.data),
  /** Runs for at least so many milliseconds and tells how long each run took. */
  async runs(atLeast) {
    const times = [];
    for (const start = performance.now(); performance.now() - start < atLeast;) {
      const before = performance.now();
      await run();
      times.push(performance.now() - before);
    }
    return times;
  },
};
document.documentElement.dataset.state = 'ready';
