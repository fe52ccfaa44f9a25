// How each runtime loads a network and runs it: the one place where its settings are, each at its best on the CPU.
//
// open(runtime, workload, threads) answers { settings, run, restart, dispose, profile?, threads? }: run() computes once, from
// arrays of JavaScript to arrays of JavaScript, and answers { name: array }; restart() forgets what one run carries to the next;
// threads() tells how many there are by now, and loading how long that took, where the model may also be its bytes, with what
// compiling took of it.
// A workload is an entry of workloads.json: its `runtimes` tells for each runtime the model and the inputs.

const ARRAYS = { float32: Float32Array, int32: Int32Array, int64: BigInt64Array, uint8: Uint8Array };

const sizeOf = (dims) => dims.reduce((product, dim) => product * dim, 1);

export async function bytesOf(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status} for ${url}`);
  return response.arrayBuffer();
}

/** The array of an input: from a file, from a list of values, or one value throughout. Strings are a list. */
async function arrayOf({ type, dims, url, values, fill }) {
  if (type === 'string') return values;
  const Type = ARRAYS[type];
  if (url) return new Type(await bytesOf(url));
  const convert = type === 'int64' ? BigInt : Number;
  return values ? Type.from(values, convert) : new Type(sizeOf(dims)).fill(convert(fill));
}

const arraysOf = (inputs) => Promise.all(inputs.map(arrayOf));

/** Runs on tensors that keep type, data and dims, with state carried from outputs to inputs. */
function onTensors(Tensor, inputs, arrays, carried, compute) {
  const initial = Object.fromEntries(inputs.map(({ name, type, dims }, i) => [name, new Tensor(type, arrays[i], dims)]));
  let feeds = { ...initial };
  return {
    async run() {
      const outputs = await compute(feeds);
      for (const [output, input] of Object.entries(carried)) feeds[input] = outputs[output];
      return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
    },
    restart() { feeds = { ...initial }; },
    feeds: initial,
  };
}

const started = new Map();

/** Starts what can be started only once in a page, on the same number of threads each time. */
function once(runtime, threads, start) {
  if (!started.has(runtime)) started.set(runtime, { threads, ready: start() });
  const known = started.get(runtime);
  if (known.threads !== threads) throw new Error(`has ${known.threads} threads until the page is loaded again`);
  return known.ready;
}

function script(url) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement('script'), { src: url, onload: resolve });
    element.onerror = () => reject(new Error(`${url} did not load`));
    document.head.append(element);
  });
}

/** What a script for Node exports. */
async function exported(url) {
  globalThis.module = { exports: {} };
  globalThis.exports = module.exports;
  await script(url);
  const { exports: data } = globalThis.module;
  delete globalThis.module;
  delete globalThis.exports;
  return data.default ?? data;
}

/** A model of TensorFlow.js in scripts, as something that it loads. */
const inScript = (url) => ({
  async load() {
    const { modelTopology, weightsManifest } = await exported(url);
    const shards = [];
    for (const path of weightsManifest.flatMap(({ paths }) => paths)) {
      shards.push(Uint8Array.from(atob(await exported(new URL(`${path}.min.js`, new URL(url, location)))), (c) => c.charCodeAt(0)));
    }
    return { modelTopology, weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
      weightData: await new Blob(shards).arrayBuffer() };
  },
});

const runtimes = {
  async infuser({ model: url, inputs }, carried, threads) {
    const { load, probe, Tensor } = await import('/infuser/infuser.js');
    // One thread is this one, as it is for the others. Several need the engine in a worker, since a page must not wait.
    const settings = threads === 1 ? { threads, worker: false } : { threads };
    let compiling = 0;
    const options = { ...settings, onProgress: ({ stage, ms }) => { if (stage === 'compile') compiling = ms; } };
    if (typeof url !== 'string') await probe();
    const begun = performance.now();
    const loaded = load(url, options).then((model) => ({ model, loading: performance.now() - begun }));
    const [{ model, loading }, arrays] = await Promise.all([loaded, arraysOf(inputs)]);
    const runner = onTensors(Tensor, inputs, arrays, carried, (feeds) => model.run(feeds));
    return { settings: JSON.stringify(settings), loading, compiling, ...runner, dispose: () => model.dispose(),
      profile: () => model.profile(runner.feeds), threads: () => model.threads };
  },

  async 'onnxruntime-web'({ model: url, inputs }, carried, threads) {
    const ort = await once('onnxruntime-web', threads, async () => {
      const loaded = await import('/onnxruntime-web/ort.wasm.min.mjs');
      loaded.env.wasm.numThreads = threads;
      loaded.env.wasm.simd = true;
      loaded.env.wasm.wasmPaths = '/onnxruntime-web/';
      return loaded;
    });
    const options = { executionProviders: ['wasm'], graphOptimizationLevel: 'all' };
    const [session, arrays] = await Promise.all([ort.InferenceSession.create(url, options), arraysOf(inputs)]);
    return { settings: JSON.stringify({ numThreads: threads, ...options }), dispose: () => session.release(),
      ...onTensors(ort.Tensor, inputs, arrays, carried, (feeds) => session.run(feeds)) };
  },

  async 'tfjs-wasm'({ model: url, layers, backend = 'wasm', flags = {}, operator, weights, strides, inputs }, carried, threads) {
    const tf = await once('tfjs-wasm', threads, async () => {
      await script('/tfjs-core/tf-core.es2017.min.js');
      if (url) await script(layers ? '/tfjs-layers/tf-layers.es2017.min.js' : '/tfjs-converter/tf-converter.es2017.min.js');
      await script(`/tfjs-backend-${backend}/tf-backend-${backend}.es2017.min.js`);
      const { tf: loaded } = globalThis;
      loaded.env().setFlags(flags);
      if (backend === 'wasm') {
        loaded.wasm.setWasmPaths('/tfjs-backend-wasm/');
        await loaded.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT');
        if (threads === 1) loaded.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
        loaded.wasm.setThreadsCount(threads);
      }
      await loaded.setBackend(backend);
      return loaded;
    });
    const actual = threads === 1 || backend !== 'wasm' ? 1 : tf.wasm.getThreadsCount();
    if (actual !== threads) throw new Error(`TF.js took ${actual} threads instead of ${threads}`);
    const loading = !url ? null : layers ? tf.loadLayersModel(url.endsWith('.js') ? inScript(url) : url) : tf.loadGraphModel(url);
    const [filter, ...arrays] = await arraysOf(url ? [{ type: 'float32', dims: [0], fill: 0 }, ...inputs] : [weights, ...inputs]);
    const model = await loading;
    const constant = model ?? tf.tensor(filter, weights.dims, 'float32');
    const operators = {
      matMul: ({ x }) => [tf.matMul(x, constant)],
      conv2d: ({ x }) => [tf.conv2d(x, constant, strides, 'same')],
      depthwiseConv2d: ({ x }) => [tf.depthwiseConv2d(x, constant, strides, 'same')],
      layers: (feeds) => model.predict(Object.values(feeds)),
      graph: (feeds) => model.execute(feeds),
      // What has extents that follow from elements, or loops, does not run at once.
      dynamic: (feeds) => model.executeAsync(feeds),
    };
    const names = !model ? ['y'] : layers ? model.outputNames : model.outputs.map(({ name }) => name);
    const made = () => Object.fromEntries(inputs.map(({ name, type, dims }, i) => [name, tf.tensor(arrays[i], dims, type)]));
    let way = operator ?? (layers ? 'layers' : 'graph');
    let state = {};
    async function compute(feeds) {
      if (way !== 'graph') return operators[way](feeds);
      try {
        return operators.graph(feeds);
      } catch (error) {
        if (!String(error).includes('executeAsync')) throw error;
        way = 'dynamic';
        return operators.dynamic(feeds);
      }
    }
    return {
      settings: JSON.stringify({ backend: tf.getBackend(), ...(backend === 'wasm'
        ? { simd: await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT') } : {}), threads, ...flags }),
      async run() {
        const feeds = { ...made(), ...state };
        const results = [await compute(feeds)].flat();
        const outputs = Object.fromEntries(results.map((result, i) => [names[i], result.dataSync()]));
        state = Object.fromEntries(Object.entries(carried).map(([output, input]) => [input, results[names.indexOf(output)]]));
        tf.dispose([feeds, results.filter((result) => !Object.values(state).includes(result))]);
        return outputs;
      },
      restart() {
        tf.dispose(state);
        state = {};
      },
      dispose: () => constant.dispose(),
    };
  },

  async litert({ model: url, inputs }, carried, threads) {
    const { loadAndCompile, Tensor } = await once('litert', threads, async () => {
      const map = document.createElement('script');
      map.type = 'importmap';
      map.textContent = '{ "imports": { "@litertjs/wasm-utils": "/litert-wasm-utils/index.js" } }';
      document.head.append(map);
      const loaded = await import('/litert/dist/index.js');
      await loaded.loadLiteRt('/litert/wasm/', { threads: threads > 1 });
      return loaded;
    });
    const options = { accelerator: 'wasm', cpuOptions: { numThreads: threads } };
    const [model, arrays] = await Promise.all([loadAndCompile(url, options), arraysOf(inputs)]);
    const names = model.getOutputDetails().map(({ name }) => name);
    return {
      settings: JSON.stringify({ threads: threads > 1, ...options }),
      async run() {
        const feeds = inputs.map(({ dims }, i) => new Tensor(arrays[i], dims));
        const results = await model.run(feeds);
        const outputs = Object.fromEntries(results.map((result, i) => [names[i], result.toTypedArray().slice()]));
        for (const tensor of [...feeds, ...results]) tensor.delete();
        return outputs;
      },
      restart() {},
      dispose: () => model.delete(),
    };
  },

  /** No runtime, but a loop that shows what the machine can do: so many iterations of a module. */
  async limit({ module: url, pages, iterations }) {
    const memory = new WebAssembly.Memory({ initial: pages });
    // Pages that nobody wrote to are all the same page, which would be read from the cache.
    new Uint8Array(memory.buffer).fill(1);
    const { instance } = await WebAssembly.instantiate(await bytesOf(url), { env: { memory } });
    return { settings: `${iterations} iterations`, run() { instance.exports.run(iterations); return {}; }, restart() {},
      dispose() {} };
  },
};

/** The runtimes for people, ours first. */
export const titles = { infuser: 'Infuser', 'onnxruntime-web': 'onnxruntime-web', 'tfjs-wasm': 'TF.js wasm', litert: 'LiteRT.js' };

/** @throws Error where the workload has no model for the runtime, or the runtime cannot do what is asked */
export function open(runtime, workload, threads) {
  const source = workload.runtimes[runtime];
  if (!source) throw new Error(`${workload.title} is not there for ${runtime}`);
  return runtimes[runtime](source, workload.carried ?? {}, threads);
}

/** Twenty times what clocks of pages tell apart, in milliseconds: https://www.w3.org/TR/hr-time-3/#dfn-coarsen-time. */
const LEGIBLE_MS = 20 * (globalThis.crossOriginIsolated ? 0.005 : 0.1);

/** Runs for at least so many milliseconds, once at least, and answers how long each run took: brief ones together. */
export async function timed(runner, atLeast) {
  const times = [];
  const start = performance.now();
  let now = start;
  do {
    let runs = 0;
    let after;
    do {
      await runner.run();
      after = performance.now();
      runs++;
    } while (after - now < LEGIBLE_MS);
    times.push((after - now) / runs);
    now = after;
  } while (now - start < atLeast);
  return times;
}
