// Infuser: pretrained models in the page. The API is described in infuser.d.ts.
//
// This half runs where the caller is; infuser-engine.js, the other one, says how they talk. What few pages need is in scripts of
// its own, imported when it is: tasks in infuser-tasks.js, the rest in infuser-more.js.

import { ERRORS, Engine, InfuserError, InvalidInputError, InvalidModelError, MessageReader, MessageWriter, ResourceError,
  Tensor, UnsupportedModelError, asBytes, asInfuserError, buffersOf, checkResponse, compileRuntime, downloadFailed,
  engineFlags, get, isBytes, localFile, threadsOfNode } from './infuser-engine.js';

export { InfuserError, InvalidInputError, InvalidModelError, ResourceError, Tensor, UnsupportedModelError };

// The program with the operators that most models keep to, and the one with all.
const HERE = new URL('./infuser.wasm', import.meta.url);
/** Where a file of this package is that is not beside this script: Vite's development server moves scripts, and only these. */
const MODULES = /(.*)\/\.vite\/deps\//.exec(HERE)?.[1];
const moved = (name) => MODULES && `${MODULES}/infuser/${name}`;
const COMMON = moved('infuser.wasm') ?? HERE;
const FULL = moved('infuser-full.wasm') ?? new URL('./infuser-full.wasm', import.meta.url);

const MAX_THREADS = 4;
const BRIEF = 1; // milliseconds; see Direct
const TRIES = 5, PAUSE = 250; // times, milliseconds; see download

// --------------------------------------------------------------------------------------------------------------- channels

/** Workers with an engine that works alone, and with one that shares; the options are literal, since bundlers read them. */
const startEngine = (url = moved('infuser-engine.js')) => (url ? new Worker(url, { type: 'module', name: 'infuser-engine' })
  : new Worker(new URL('./infuser-engine.js', import.meta.url), { type: 'module', name: 'infuser-engine' }));
const startThreads = (url = moved('infuser-threads.js')) => (url ? new Worker(url, { type: 'module', name: 'infuser-threads' })
  : new Worker(new URL('./infuser-threads.js', import.meta.url), { type: 'module', name: 'infuser-threads' }));

const workerLost = (detail = '') => new ResourceError({ code: 'worker-lost', message: 'the worker of the engine has ended',
  detail, hint: 'it may have been too much for the memory of the machine; load the model again' });

/** An engine in a worker of its own. */
class WorkerChannel {
  #worker;
  #waiting = new Map();
  #next = 0;
  #closed = null;

  static open(worker) {
    return new Promise((resolve, reject) => {
      worker.onmessage = () => resolve(new WorkerChannel(worker));
      worker.onerror = (event) => {
        event.preventDefault?.();
        worker.terminate();
        reject(new ResourceError({ code: 'no-worker', message: 'the worker of the engine did not start',
          detail: event.message ?? '', hint: 'let worker-src allow infuser-engine.js, or load with worker: false' }));
      };
    });
  }

  constructor(worker) {
    this.#worker = worker;
    worker.onmessage = ({ data: { id, result, error, held } }) => {
      if (held) {
        navigator.locks.request(held, () => this.close(workerLost())).catch(() => {});
        return;
      }
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(new ERRORS[error.kind](error));
      else resolve(result);
    };
    worker.onerror = (event) => this.close(workerLost(event.message));
  }

  call(operation, argument, transfer = []) {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw this.#closed;
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, operation, argument }, transfer);
    });
  }

  /** Ends the worker, which frees all memory of the model at once; calls are rejected for the reason. */
  close(reason) {
    this.#closed ??= reason;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}

/** Ends the engines of models that nobody holds any more. */
const forgotten = new FinalizationRegistry((channel) => channel.close());

/** Calls functions one after the other, and at once where none is under way. */
class Turns {
  #pending = 0;
  #last;
  get idle() {
    return this.#pending === 0;
  }
  take(work) {
    const call = async () => {
      try {
        return await work();
      } finally {
        this.#pending--;
      }
    };
    const answer = this.#pending++ === 0 ? call() : this.#last.then(call);
    this.#last = answer.catch(() => {});
    return answer;
  }
}

/** An engine in this thread. */
class LocalChannel {
  #engine;
  #turns = new Turns();
  constructor(engine) {
    this.#engine = engine;
  }
  /** Whether a call would read its argument before it returns. */
  get idle() {
    return this.#turns.idle;
  }
  call(operation, argument) {
    return this.#turns.take(() => this.#engine[operation](argument)).catch((error) => { throw asInfuserError(error); });
  }
  close() {
    this.#engine?.close();
    this.#engine = null;
  }
}

/** The engines that those workers have, for this thread. */
const makeEngine = () => new Engine();
async function makeThreads() {
  const { Team } = await import('./infuser-threads.js');
  return new Engine((threads, bytes) => new Team(threads, bytes, threadsOfNode ? undefined : startThreads));
}

/** An engine where the option `worker` wants it: `start` makes a worker for one, `make` one for this thread. */
async function connect(worker, start, make) {
  if (worker !== false && (worker !== 'auto' || (typeof document !== 'undefined' && typeof Worker === 'function'))) {
    try {
      return await WorkerChannel.open(start(typeof worker === 'boolean' || worker === 'auto' ? undefined : worker));
    } catch (error) {
      if (worker !== 'auto') throw error;
    }
  }
  return new LocalChannel(await make());
}

// --------------------------------------------------------------------------------------------------------------- sources

/**
 * The source as { total, chunks, lent, settle }: the length or 0 where it is unknown, an async iterable of Uint8Arrays, whether
 * these are the caller's, and what is called with the error or without one once the bytes were a model or not.
 */
async function open(source, { signal, cache }) {
  if (typeof source === 'string' || source instanceof URL) {
    const file = await localFile(source);
    if (!file) return cache && globalThis.caches ? (await more()).openCached(source, signal) : openDownload(source, signal);
    source = file;
  }
  if (source instanceof Response) return { total: lengthOf(checkResponse(source)), chunks: download(source, signal) };
  if (source instanceof Blob) return { total: source.size, chunks: download(new Response(source), signal) };
  if (isBytes(source)) return { total: source.byteLength, chunks: split(asBytes(source)), lent: true };
  throw new InvalidInputError({ code: 'bad-source', message: 'a model is loaded from an address, a Response, a Blob or bytes',
    detail: `found ${source?.constructor?.name ?? source}` });
}

async function openDownload(url, signal) {
  const response = checkResponse(await get(url, { signal }));
  return { total: lengthOf(response), chunks: download(response, signal, url), response };
}

const encoded = ({ headers }) => headers.has('content-encoding');
const lengthOf = (response) => (encoded(response) ? 0 : Number(response.headers.get('content-length')));
/** What changes with the file, of what the server says. */
const versionOf = ({ headers }) => ['etag', 'last-modified'].map((name) => headers.get(name) ?? '').join(' ');

async function* read(stream, signal) {
  const reader = stream?.getReader();
  try {
    for (;;) {
      const { done, value } = await unlessAborted(reader?.read() ?? Promise.resolve({ done: true }), signal);
      if (done) return;
      yield value;
    }
  } finally {
    reader?.cancel().catch(() => {});
  }
}

/** The bytes of a response; those of an address go on where they broke off, while the file there is the same. */
async function* download(response, signal, url) {
  const total = lengthOf(response), version = versionOf(response), whole = encoded(response);
  let at = 0, skip = 0;
  for (let tries = 0; ;) {
    try {
      if (!response) {
        response = checkResponse(await get(url, { signal, cache: 'no-store', headers: whole ? {} : { range: `bytes=${at}-` } }));
        if (versionOf(response) !== version) {
          tries = TRIES;
          throw new Error('the file has changed meanwhile');
        }
        skip = response.status === 206 ? 0 : at;
      }
      for await (const bytes of read(response.body, signal)) {
        const fresh = bytes.subarray(skip);
        skip -= bytes.length - fresh.length;
        if (fresh.length) {
          at += fresh.length;
          tries = 0;
          yield fresh;
        }
      }
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!url || tries >= TRIES) {
        throw downloadFailed(`the download of the model broke off after ${at}${total ? ` of ${total}` : ''} bytes`, error);
      }
      response = null;
    }
    await unlessAborted(new Promise((resolve) => { setTimeout(resolve, PAUSE << tries++); }), signal);
  }
}

function* split(bytes) {
  for (let at = 0; at < bytes.length; at += 1 << 22) yield bytes.subarray(at, at + (1 << 22));
}

// ----------------------------------------------------------------------------------------------------------------- models

const dimension = (text) => (/^\d+$/.test(text) ? Number(text) : text);
const described = (reader) => reader.list(() => ({ name: reader.text(), type: reader.text(),
  dims: reader.list(() => dimension(reader.text())) }));

/** Settles as the promise does, or rejects as soon as the signal is aborted. */
function unlessAborted(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

const disposed = () => new InvalidInputError({ code: 'disposed', message: 'the model was disposed of' });

/** What feeds have in common that may take the same way, or null where they may take none; see Direct. */
function wayOf(feeds) {
  let key = '';
  for (const name in feeds) {
    const { type, data, dims, size } = feeds[name] ?? {};
    if (!(feeds[name] instanceof Tensor) || size !== data.length) return null;
    key += `${name} ${type} ${dims};`;
  }
  return key;
}

class Model {
  #channel;
  #turns = new Turns();
  #spare = [];
  /** The way of the last run, unless something else came after it; and its Direct, null where none was asked for. */
  #bound = null;
  #direct = null;

  constructor(channel, description, threads) {
    const reader = new MessageReader(description);
    this.#channel = channel;
    this.threads = threads;
    this.inputs = described(reader);
    this.outputs = described(reader);
    this.metadata = reader.entries(() => reader.text());
  }

  async run(feeds, { signal, outputs = [] } = {}) {
    const most = this.threads > 1 ? BRIEF : this.#channel instanceof LocalChannel ? Infinity : 0;
    const key = most && wayOf(feeds);
    const again = key && key === this.#bound;
    if (again && this.#direct && this.#turns.idle && !signal?.aborted) {
      const results = this.#direct.run(feeds, outputs);
      if (results) return results;
    }
    const begun = performance.now();
    const answer = await this.#ask('run', this.#message(feeds, outputs), signal, key);
    if (again && this.#direct === null && performance.now() - begun < most) this.#shorten();
    return answer.entries((reader) => reader.datum());
  }

  /** Lets runs like the last one take the short way, if there is one. */
  #shorten() {
    this.#direct = false;
    this.#turns.take(async () => {
      const found = await this.#channel?.call('direct');
      if (found) this.#direct = new (await more()).Direct(found);
    }).catch(() => {});
  }

  async assets() {
    return (await this.#ask('assets', { message: new ArrayBuffer(0) })).entries((reader) => reader.datum().data);
  }

  async profile(feeds, { signal } = {}) {
    const [answer, { readProfile }] = await Promise.all([this.#ask('profile', this.#message(feeds, []), signal), more()]);
    return readProfile(answer);
  }

  async verify({ signal } = {}) {
    const [answer, { readReport }] = await Promise.all([this.#ask('verify', { message: new ArrayBuffer(0) }, signal), more()]);
    return readReport(answer);
  }

  dispose() {
    forgotten.unregister(this);
    this.#channel?.close(disposed());
    [this.#channel, this.#bound, this.#direct] = [null, null, null];
  }

  #message(feeds, outputs) {
    const writer = new MessageWriter(this.#turns.idle && this.#channel?.idle ? null : this.#spare);
    const names = Object.keys(feeds ?? {});
    writer.word(names.length);
    for (const name of names) writer.text(name).datum(feeds[name], name);
    writer.word(outputs.length);
    for (const name of outputs) writer.text(name);
    return writer.finish();
  }

  /** One question at a time; those whose signal is aborted before their turn are never asked. */
  #ask(name, question, signal, key) {
    const answer = this.#turns.take(async () => {
      signal?.throwIfAborted();
      const channel = this.#channel;
      if (!channel) throw disposed();
      if (!key || key !== this.#bound) [this.#bound, this.#direct] = [key, null];
      const result = await channel.call('ask', { name, ...question }, buffersOf(question));
      if (channel instanceof WorkerChannel) this.#spare = result.spare ?? [];
      return new MessageReader(result);
    });
    return unlessAborted(answer, signal);
  }
}

let toldWhy = false;

/** How many threads the options get here. */
function threadCount({ threads = 'auto', runtime, fullRuntime, backend }, channel) {
  const wanted = threads === 'auto' ? Math.min(MAX_THREADS, globalThis.navigator?.hardwareConcurrency ?? 1) : threads;
  if (!(Number.isInteger(wanted) && wanted > 0)) {
    throw new InvalidInputError({ code: 'bad-threads', message: `${threads} is not a number of threads`,
      hint: `use 'auto' or a whole number from 1` });
  }
  if (wanted === 1 || backend === 'reference') return 1;
  const why = !(globalThis.crossOriginIsolated ?? typeof SharedArrayBuffer === 'function')
    ? 'the page is not cross-origin isolated (see infuser.d.ts)'
    : [runtime, fullRuntime].some((given) => given instanceof WebAssembly.Module) ? 'the runtime given is a module already'
      : (channel instanceof LocalChannel && typeof document !== 'undefined')
        || (typeof Worker !== 'function' && !threadsOfNode) ? 'there are no workers' : '';
  if (!why) return Math.min(wanted, 64);
  if (!toldWhy) console.info(`infuser: runs on one thread, since ${why}`);
  toldWhy = true;
  return 1;
}

/** A source of WebAssembly as a worker can take and find it. */
const absolute = (source) => (source instanceof URL ? source.href
  : typeof source === 'string' && globalThis.document ? new URL(source, document.baseURI).href : source);

async function loadFrom(source, options) {
  const { signal, onProgress = () => {}, fullRuntime = FULL, worker = 'auto' } = options;
  signal?.throwIfAborted();
  const runtime = options.backend === 'reference' ? fullRuntime : options.runtime ?? COMMON;
  const share = threadCount(options) > 1;
  const compiling = compileRuntime(runtime, share);
  const connecting = share ? connect(worker, startThreads, makeThreads) : connect(worker, startEngine, makeEngine);
  const opening = open(source, options);
  opening.catch(() => {});
  const close = (error) => connecting.then((channel) => channel.close(error), () => {});
  const abort = () => close(signal.reason);
  signal?.addEventListener('abort', abort);
  try {
    const [channel] = await Promise.all([connecting, compiling]);
    const threads = threadCount(options, channel);
    const { total: most } = threads > 1 ? await opening : {};
    await channel.call('start', { module: await compileRuntime(runtime, threads > 1), flags: engineFlags(options), threads,
      total: most, full: absolute(fullRuntime) });
    const { total, chunks, lent, settle } = await opening;
    let loaded = 0;
    let last = null;
    for await (const bytes of chunks) {
      const keep = channel instanceof LocalChannel || (!lent && bytes.byteLength === bytes.buffer.byteLength);
      const chunk = keep ? bytes : bytes.slice();
      loaded += chunk.byteLength;
      const next = channel.call('feed', { chunk }, [chunk.buffer]);
      next.catch(() => {});
      await last;
      last = next;
      onProgress({ stage: 'download', loaded, total: Math.max(total, loaded) });
    }
    await last;
    onProgress({ stage: 'prepare', loaded, total: loaded });
    const description = await channel.call('finish');
    settle?.();
    signal?.throwIfAborted();
    onProgress({ stage: 'compile', loaded, total: loaded, ms: description.ms });
    onProgress({ stage: 'ready', loaded, total: loaded });
    const model = new Model(channel, description, threads);
    forgotten.register(model, channel, model);
    return model;
  } catch (error) {
    close(error);
    opening.then(({ settle }) => settle?.(error), () => {});
    throw error instanceof RangeError ? asInfuserError(error) : error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** Loads a model. */
export const load = async (source, options = {}) => unlessAborted(loadFrom(source, options), options.signal);

/** What this engine offers: starts it without a model. */
export const probe = async (options = {}) => (await more()).probe(options.runtime ?? COMMON, options);

/** Loads models for a task. */
export const task = async (name, source, options) => (await import('./infuser-tasks.js')).open(name, source, options);

const more = () => import('./infuser-more.js');

/** What scripts of this package share, and nobody else may rely on. */
export const internals = { Turns, connect, download, forgotten, lengthOf, moved, openDownload, unlessAborted, versionOf };
