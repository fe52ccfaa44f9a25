import { Tensor, load, task } from '/infuser/infuser.js';

const models = {};
const memories = [];

/** Remembers every memory that scripts of this page make, without keeping it alive. */
const Memory = WebAssembly.Memory;
WebAssembly.Memory = new Proxy(Memory, {
  construct(target, [descriptor]) {
    const memory = new target(descriptor);
    memories.push(new WeakRef(memory));
    return memory;
  },
});

const encode = (array) => {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
};

/** Called by the tests with plain data, which is all that travels between the page and them. */
globalThis.test = {
  async open(name, source, options) {
    models[name] = await load(source, options);
  },
  async openTask(name, source) {
    models[name] = await task('text-embedding', source);
  },
  dispose(name) {
    models[name].dispose();
    delete models[name];
  },
  /** Feeds as [name, type, data, dims]; results as { name: { type, dims, bytes } }, the bytes in base64. */
  async run(name, feeds) {
    const outputs = await models[name].run(Object.fromEntries(feeds.map(([input, type, data, dims]) =>
      [input, new Tensor(type, data, dims)])));
    return Object.fromEntries(Object.entries(outputs).map(([output, { type, dims, data }]) =>
      [output, { type, dims: [...dims], bytes: encode(data) }]));
  },
  /** Runs so often, starting the next before the last has ended, and tells whether all results are bit for bit the same. */
  async repeat(name, feeds, count) {
    let first = null;
    for (let done = 0; done < count; done += 100) {
      const runs = await Promise.all(Array.from({ length: Math.min(100, count - done) }, () => this.run(name, feeds)));
      first ??= JSON.stringify(runs[0]);
      if (runs.some((outputs) => JSON.stringify(outputs) !== first)) return false;
    }
    return true;
  },
  threads: (name) => models[name].threads,
  async embed(name, texts) {
    return (await models[name].embed(texts)).map(encode);
  },
  /** The fields of the error that the call ends in, or null. */
  async failure(operation, ...parameters) {
    try {
      await this[operation](...parameters);
      return null;
    } catch ({ name, code, node, message, detail, hint }) {
      return { name, code, node, message, detail, hint };
    }
  },
  /** The bytes of all memories that are still alive. */
  memory: () => memories.reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0),
};
document.documentElement.dataset.state = 'ready';
