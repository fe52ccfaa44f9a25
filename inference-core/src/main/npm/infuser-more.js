// Infuser: what few pages need. The API is described in infuser.d.ts.

import { Engine, FRESH, MessageReader, TYPES, TYPE_NAMES, Tensor, compileRuntime, engineFlags,
  runAlone } from './infuser-engine.js';
import { internals } from './infuser.js';

const { download, lengthOf, openDownload, versionOf } = internals;

// ------------------------------------------------------------------------------------------------------------------- cache

const CACHE = 'infuser';
const KEPT_HEADERS = ['etag', 'last-modified', 'content-type', 'cache-control'];
const AHEAD = 1 << 24; // bytes

/**
 * Whether the server has the file that was kept: by its validators, unless it said that it would never change. Where no server
 * answers, what was kept will do.
 */
async function isCurrent(kept, url, signal) {
  if (/immutable/.test(kept.headers.get('cache-control'))) return true;
  try {
    const head = await fetch(url, { method: 'HEAD', cache: 'no-cache', signal });
    return head.status >= 500 || (head.ok && versionOf(head).length > 1 && versionOf(head) === versionOf(kept));
  } catch {
    signal?.throwIfAborted();
    return true;
  }
}

/** As openDownload, by way of the Cache Storage: a file is kept once it has proved to be a model, and dropped if it is none. */
export async function openCached(url, signal) {
  const store = await caches.open(CACHE).catch(() => null);
  const kept = await store?.match(url);
  const drop = (error) => { if (error?.name === 'InvalidModelError') store.delete(url); };
  if (kept && await isCurrent(kept, url, signal)) {
    return { total: lengthOf(kept), chunks: download(kept, signal), settle: drop };
  }
  const opened = await openDownload(url, signal);
  return store ? keep(store, url, opened) : opened;
}

function keep(store, url, { total, chunks, response }) {
  const { readable, writable } = new TransformStream({}, new ByteLengthQueuingStrategy({ highWaterMark: AHEAD }));
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  const headers = new Headers(total ? { 'content-length': total } : {});
  for (const name of KEPT_HEADERS) if (response.headers.has(name)) headers.set(name, response.headers.get(name));
  store.put(url, new Response(readable, { headers })).catch(() => readable.cancel().catch(() => {}));
  async function* both() {
    for await (const bytes of chunks) {
      // Where there is no room for the file, it is not kept.
      await writer.ready.then(() => { writer.write(bytes.slice()).catch(() => {}); }, () => {});
      yield bytes;
    }
  }
  return { total, chunks: both(), settle: (error) => (error ? writer.abort(error) : writer.close()).catch(() => {}) };
}

// ------------------------------------------------------------------------------------------------------------------ models

/**
 * Runs kernels as the last run did, without the engine, which has bound the same extents and does nothing meanwhile: in its own
 * thread, or in memory shared with a worker what takes less time than that worker's answer.
 */
export class Direct {
  #memory;
  #kernels;
  #steps;
  #count;
  #fault;
  #inputs;
  #outputs;

  constructor({ message, memory, module }) {
    const reader = new MessageReader({ message });
    reader.word();
    [this.#steps, this.#count, this.#fault] = [reader.word(), reader.word(), reader.word() >>> 2];
    this.#inputs = reader.list(() => ({ name: reader.text(), address: reader.word() >>> 0, decisive: reader.datum() }));
    this.#outputs = reader.list(() => ({ name: reader.text(), type: TYPE_NAMES[reader.word()], address: reader.word() >>> 0,
      dims: reader.list(() => reader.word()) }));
    this.#memory = memory;
    this.#kernels = { ...new WebAssembly.Instance(module, { env: { memory } }).exports, fresh: FRESH };
  }

  /** The outputs, or null where the engine has to see to it. */
  run(feeds, names) {
    const wanted = names.length ? this.#outputs.filter(({ name }) => names.includes(name)) : this.#outputs;
    if (wanted.length < names.length
      || !this.#inputs.every(({ name, decisive }) => decisive?.data.every((x, i) => x === feeds[name].data[i]) ?? true)) return null;
    const bytes = new Uint8Array(this.#memory.buffer), words = new Int32Array(this.#memory.buffer);
    for (const { name, address } of this.#inputs) {
      const { buffer, byteOffset, byteLength } = feeds[name].data;
      if (address) bytes.set(new Uint8Array(buffer, byteOffset, byteLength), address);
    }
    words[this.#fault] = 0;
    try {
      runAlone(this.#kernels, this.#steps, this.#count);
    } catch {
      return null;
    }
    return words[this.#fault] ? null : Object.fromEntries(wanted.map(({ name, type, dims, address }) => {
      const Elements = TYPES[type][1];
      const size = dims.reduce((product, dim) => product * dim, Elements.BYTES_PER_ELEMENT);
      return [name, new Tensor(type, new Elements(bytes.slice(address, address + size).buffer), dims)];
    }));
  }
}

/** See `probe` in infuser.d.ts. */
export async function probe(runtime, options) {
  const engine = new Engine();
  const reader = new MessageReader(await engine.start({ module: await compileRuntime(runtime), flags: engineFlags(options) }));
  return { version: reader.text(), relaxedSimd: reader.word() === 1 };
}

/** The answer to `profile`. */
export const readProfile = (reader) => reader.list(() => ({ node: reader.text(), op: reader.text(), kernel: reader.text(),
  ms: reader.number(), operations: reader.number(), bytes: reader.number(), peak: reader.number() })).map((step) => {
  const gflops = step.ms && step.operations / step.ms / 1e6;
  return { ...step, gflops, share: gflops && gflops / step.peak };
});

/** The answer to `verify`. */
export function readReport(reader) {
  const vectors = reader.list(() => ({ name: reader.text(), passed: reader.word() === 1, maxAbsoluteError: reader.number(),
    maxRelativeError: reader.number() }));
  return { passed: vectors.every((vector) => vector.passed), vectors };
}
