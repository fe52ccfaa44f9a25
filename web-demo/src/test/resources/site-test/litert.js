import { Tensor, load } from '/infuser/infuser.js';
import { Tensor as Peer, loadAndCompile, loadLiteRt } from '/litert/dist/index.js';

await loadLiteRt('/litert/wasm/', { threads: false });

const ARRAYS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array, int8: Int8Array, int64: BigInt64Array };

/** Numbers of [0, 1) that a seed gives, the same everywhere. */
const random = (seed) => () => {
  seed = (seed + 0x6D2B79F5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

/** What a model is fed with: what the test gives, or smooth noise between two bounds, as images are. */
const feed = (input, bounds, seed, given) => {
  const dims = input.dims.map((dim) => (typeof dim === 'number' ? dim : 1));
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (given) return new Tensor(input.type, ARRAYS[input.type].from(given, input.type === 'int64' ? BigInt : undefined), dims);
  const next = random(seed);
  const phases = Array.from({ length: 6 }, () => 6.283 * next());
  const width = dims.length === 4 ? dims[2] * dims[3] : size;
  const data = Float32Array.from({ length: size }, (_, i) => {
    const x = (i % width) / width;
    const y = Math.floor(i / width) / (size / width);
    const wave = Math.sin(9 * x + phases[0] + i % 3) * Math.cos(7 * y + phases[1]) + Math.sin(31 * x * y + phases[2]);
    const part = 0.5 + 0.2 * wave + 0.1 * (next() - 0.5);
    return bounds[0] + (bounds[1] - bounds[0]) * Math.min(1, Math.max(0, part));
  });
  return new Tensor('float32', data, dims);
};

/** Runs LiteRT.js once on fresh state. */
const reference = async (bytes, feeds) => {
  const model = await loadAndCompile(bytes, { accelerator: 'wasm', cpuOptions: { numThreads: 1 } });
  const inputs = feeds.map(({ data, dims }) => new Peer(data, [...dims]));
  try {
    const outputs = await model.run(inputs);
    const arrays = outputs.map((output) => Array.from(output.toTypedArray(), Number));
    outputs.forEach((output) => output.delete());
    return arrays;
  } finally {
    inputs.forEach((input) => input.delete());
    model.delete();
  }
};

const bytesOf = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};

/** Called by the tests with plain data. */
globalThis.test = {
  /** Both runtimes on the same inputs: by output its name, the largest difference and the largest number. */
  async compare(name, bounds, seed, given) {
    const model = await load(`/models/${name}.tea`, { threads: 1 });
    try {
      const feeds = model.inputs.map((input, i) => feed(input, bounds, seed + i, given?.[i]));
      const expected = await reference(await bytesOf(`/models/${name}.tflite`), feeds);
      const found = await model.run(Object.fromEntries(model.inputs.map(({ name }, i) => [name, feeds[i]])));
      const outputs = model.outputs.map(({ name }, i) => {
        const actual = found[name].data;
        let error = actual.length === expected[i].length ? 0 : Infinity;
        let largest = 0;
        for (let j = 0; j < actual.length; j++) {
          const value = Number(actual[j]);
          if (!Object.is(value, expected[i][j]) && !(value === expected[i][j])) {
            const difference = Math.abs(value - expected[i][j]);
            error = Number.isNaN(difference) ? Infinity : Math.max(error, difference);
          }
          largest = Math.max(largest, Math.abs(expected[i][j]));
        }
        return { name, error, largest, dims: [...found[name].dims], actual: Array.from(actual.slice(0, 24), Number),
          expected: expected[i].slice(0, 24) };
      });
      return { outputs };
    } finally {
      model.dispose();
    }
  },
  /** What LiteRT.js computes of float32 numbers. */
  peer: async (name, feeds, dims) => reference(await bytesOf(`/models/${name}.tflite`),
    feeds.map((data, i) => ({ data: Float32Array.from(data), dims: dims[i] }))),
  /** What Infuser computes of float32 numbers. */
  async own(name, feeds) {
    const model = await load(`/models/${name}.tea`, { threads: 1 });
    try {
      const found = await model.run(Object.fromEntries(model.inputs.map(({ name, dims }, i) => [name, new Tensor('float32',
        Float32Array.from(feeds[i]), dims)])));
      return model.outputs.map(({ name }) => Array.from(found[name].data));
    } finally {
      model.dispose();
    }
  },
  /** The operators that run outside of generated kernels. */
  async evaluated(name) {
    const model = await load(`/models/${name}.tea`, { threads: 1 });
    try {
      const feeds = Object.fromEntries(model.inputs.map((input) => [input.name, feed(input, [0, 1], 1)]));
      return (await model.profile(feeds)).filter(({ kernel }) => kernel === 'evaluate').map(({ op }) => op);
    } finally {
      model.dispose();
    }
  },
};
document.documentElement.dataset.state = 'ready';
