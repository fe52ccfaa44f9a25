// The pipelines as graphs that the engine compiles: ahead of time to a module, or in the page by the package, from one file.

const FOLDER = new URL('infuser/', import.meta.url);

async function list() {
  const response = await fetch(new URL('modules.json', FOLDER));
  if (!response.ok) throw new Error(`the server answered ${response.status} for the list of modules`);
  return response.json();
}

const entries = await list();

/** Names of pipelines that are there in some size. */
export const pipelines = new Set(entries.map(({ pipeline }) => pipeline));

function entryOf(pipeline, width, height) {
  const found = entries.find((entry) => entry.pipeline === pipeline && entry.width === width && entry.height === height);
  if (!found) throw new Error(`Infuser's graph was not made for ${width} × ${height}`);
  return found;
}

const arrayOf = (pipeline, buffer, offset, bytes) =>
  (pipeline === 'edges' ? new Uint8Array(buffer, offset, bytes) : new Float32Array(buffer, offset, bytes / 4));

/** The module that was compiled ahead of time: it imports nothing, and exports its memory and `run`. */
export async function openModule(pipeline, width, height) {
  const { name, input, output } = entryOf(pipeline, width, height);
  const { instance } = await WebAssembly.instantiateStreaming(fetch(new URL(`${name}.wasm`, FOLDER)));
  const { memory: { buffer }, run } = instance.exports;
  const place = new Int32Array(buffer, input.address, input.bytes / 4), result = arrayOf(pipeline, buffer, output.address, output.bytes);
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
  const { load, Tensor } = await import('/infuser/infuser.js');
  // One thread is the page's, as it is for the others. Several need the engine in a worker, since a page must not wait.
  const options = threads === 1 ? { threads, worker: false } : { threads };
  const model = await load(new URL(`${name}.tea`, FOLDER), { simd: 'strict', ...options });
  let feeds, results;
  return {
    put(picture) {
      feeds = { [input.name]: new Tensor('uint8', new Uint8Array(picture.buffer), [height, width, 4]) };
    },
    async run() {
      results = await model.run(feeds);
    },
    result: () => results[output.name].data,
    dispose: () => model.dispose(),
  };
}
