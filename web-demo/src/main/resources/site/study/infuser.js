// The pipelines as graphs that the engine compiles: ahead of time to a module, or in the page by the package, from one file.

const FOLDER = new URL('infuser/', import.meta.url);

async function list() {
  const response = await fetch(new URL('modules.json', FOLDER));
  if (!response.ok) throw new Error(`the server answered ${response.status} for the list of modules`);
  return response.json();
}

let failure = null;
const entries = await list().catch((error) => {
  failure = error;
  return [];
});

/** Whether a pipeline is there in some size, or it cannot be told. */
export const offers = (name) => failure !== null || entries.some(({ pipeline }) => pipeline === name);

function entryOf(pipeline, width, height) {
  if (failure) throw failure;
  const found = entries.find((entry) => entry.pipeline === pipeline && entry.width === width && entry.height === height);
  if (!found) throw new Error(`Infuser's graph was not made for ${width} × ${height}`);
  return found;
}

/** What pixels are fed as. */
const PIXELS = { uint8: Uint8Array, uint32: Uint32Array };

/** Results are bytes of pixels, or float32. */
const resultOf = (pipeline, buffer, offset, bytes) =>
  (pipeline === 'edges' ? new Uint8Array(buffer, offset, bytes) : new Float32Array(buffer, offset, bytes / 4));

/** The module that was compiled ahead of time: it imports nothing, and exports its memory and `run`. */
export async function openModule(pipeline, width, height) {
  const { name, input, output } = entryOf(pipeline, width, height);
  const { instance } = await WebAssembly.instantiateStreaming(fetch(new URL(`${name}.wasm`, FOLDER)));
  const { memory: { buffer }, run } = instance.exports;
  const place = new Int32Array(buffer, input.address, input.bytes / 4), result = resultOf(pipeline, buffer, output.address, output.bytes);
  return {
    put: (picture) => place.set(picture),
    run() {
      if (run()) throw new Error('the module failed');
    },
    result: () => result,
    dispose() {},
  };
}

/** What the package compiles in the page. Its run() copies the picture in and the result out. */
export async function openModel(pipeline, width, height, threads) {
  const { name, input, output } = entryOf(pipeline, width, height);
  const { load, Tensor } = await import('../infuser/infuser.js');
  // One thread is the page's, as it is for the others. Several need the engine in a worker, since a page must not wait.
  const options = threads === 1 ? { threads, worker: false } : { threads };
  const model = await load(new URL(`${name}.tea`, FOLDER), { simd: 'strict', ...options });
  let feeds, results;
  return {
    put(picture) {
      feeds = { [input.name]: new Tensor(input.type, new PIXELS[input.type](picture.buffer), input.dims) };
    },
    async run() {
      results = await model.run(feeds);
    },
    result() {
      const { buffer, byteOffset, byteLength } = results[output.name].data;
      return resultOf(pipeline, buffer, byteOffset, byteLength);
    },
    dispose: () => model.dispose(),
  };
}
