// Infuser: an engine that shares its work with other workers. The script is that of its worker and of theirs; see
// infuser-engine.js for the engine that works alone.

import { CONTROL, Engine, InfuserError, PAGE, WINDOW, announce, ownName, runAlone, serve, threadsOfNode } from './infuser-engine.js';

const WORKER_NAME = 'infuser-threads';
const MAX_PAGES = 65536;
const TURNS = 256, TRIALS = 8, LONG = 2; // runs, runs, milliseconds; see Team
// Words at the end of the window at which threads meet. The first three are those of KernelModule's barrier; COMMANDS counts
// what follows, and READY the kernel modules that threads have instantiated.
const FINISHED = 16, FAILED = 17, COMMANDS = 32, READY = 33, KERNEL = 34, STEPS = 35, COUNT = 36;

/** A shared memory; what it may become must be said beforehand, and is room for addresses, not memory. */
function sharedMemory(bytes) {
  for (let maximum = Math.min(MAX_PAGES, MAX_PAGES / 4 + Math.ceil(2 * bytes / PAGE)); ; maximum = maximum / 2 | 0) {
    try {
      return new WebAssembly.Memory({ initial: WINDOW / PAGE, maximum, shared: true });
    } catch (error) {
      if (maximum < MAX_PAGES / 64) throw error;
    }
  }
}

/** Workers that take their share of steps. They sleep until COMMANDS changes, save while they get a module. */
export class Team {
  #workers;
  #words;
  #commands = 0;
  #modules = 0;
  #times = new Map();

  /** Of so many threads, for a model of so many bytes; `start` gives a worker of this script. */
  constructor(threads, bytes, start = startItself) {
    const memory = this.memory = sharedMemory(bytes);
    this.#words = new Int32Array(memory.buffer, CONTROL);
    this.#workers = Array.from({ length: threads - 1 }, (_, i) => {
      const worker = start();
      const failed = ({ message = 'it did not start' }) => console.warn(`infuser: a thread failed: ${message}`);
      if (threadsOfNode) worker.on('error', failed).unref();
      else worker.onerror = failed;
      worker.postMessage({ memory, thread: i + 1, threads });
      return worker;
    });
  }

  add(module, kernel) {
    this.#modules++;
    this.#command(-1, 0, 0);
    for (const worker of this.#workers) worker.postMessage({ module, kernel, commands: this.#commands });
  }

  /**
   * Runs steps on all threads once these have started, or, where that takes less than LONG and is not faster as a rule, on this
   * one alone: of every TURNS runs the first TRIALS are tried either way, and the medians decide.
   */
  run(exports, kernel, steps, count, shared) {
    if (Atomics.load(this.#words, FAILED)) throw threadFailed();
    if (Atomics.load(this.#words, READY) < this.#modules * this.#workers.length) {
      runAlone(exports, steps, count);
      return;
    }
    const key = steps + count * 2 ** 32;
    let time = this.#times.get(key);
    if (!(time?.turn < TURNS)) {
      if (this.#times.size > 999) this.#times.clear();
      this.#times.set(key, time = { turn: 0, all: [], one: [] });
    }
    const turn = time.turn++;
    if (turn === TRIALS) time.alone = time.all[0] < LONG && median(time.one) < median(time.all);
    const alone = turn < TRIALS ? turn % 2 && time.all[0] < LONG : time.alone;
    const start = performance.now();
    if (alone) runAlone(exports, steps, count);
    else this.#share(exports.share, kernel, steps, count, shared);
    if (turn < TRIALS) (alone ? time.one : time.all).push(performance.now() - start);
  }

  #share(share, kernel, steps, count, shared) {
    const words = this.#words;
    this.#command(kernel, steps, shared);
    try {
      share(steps, count, 0, this.#workers.length + 1);
    } catch (error) {
      const other = Atomics.load(words, FAILED);
      fail(words);
      throw other ? threadFailed() : error;
    }
    if (Atomics.load(words, FAILED)) throw threadFailed();
  }

  close() {
    for (const worker of this.#workers) worker.terminate();
  }

  #command(kernel, steps, count) {
    const words = this.#words;
    [words[KERNEL], words[STEPS], words[COUNT]] = [kernel, steps, count];
    Atomics.store(words, COMMANDS, ++this.#commands | 0);
    Atomics.notify(words, COMMANDS);
  }
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

const threadFailed = () => new InfuserError({ code: 'thread-failed', message: 'a thread of the engine failed',
  hint: 'load the model again, with threads: 1 if that repeats' });

/** Lets nobody wait for a thread that will not come. */
function fail(words) {
  Atomics.store(words, FAILED, 1);
  Atomics.add(words, FINISHED, 1);
  Atomics.notify(words, FINISHED);
}

/** The worker's side of Team: a function that takes its messages. */
function thread() {
  const shares = [];
  let memory, words, thread, threads;
  return ({ data }) => {
    if (data.memory) {
      ({ memory, thread, threads } = data);
      words = new Int32Array(memory.buffer, CONTROL);
      return;
    }
    let { module, kernel, commands } = data;
    shares[kernel] = new WebAssembly.Instance(module, { env: { memory } }).exports.share;
    Atomics.add(words, READY, 1);
    for (;;) {
      Atomics.wait(words, COMMANDS, commands | 0);
      commands = Atomics.load(words, COMMANDS);
      if (words[KERNEL] < 0) return;
      try {
        shares[words[KERNEL]](words[STEPS], words[COUNT], thread, threads);
      } catch (error) {
        fail(words);
        throw error;
      }
    }
  };
}

if (ownName === WORKER_NAME) {
  if (threadsOfNode) {
    const take = thread();
    threadsOfNode.parentPort.on('message', (data) => take({ data }));
  } else {
    globalThis.onmessage = (event) => {
      if (event.data.memory) globalThis.onmessage = thread();
      else serve(new Engine((threads, bytes) => new Team(threads, bytes)));
      globalThis.onmessage(event);
    };
    announce();
  }
}

/** Another worker of this script, by its own address; a script that is not a module, as bundlers make them, may import others. */
function startItself() {
  if (threadsOfNode) return new threadsOfNode.Worker(new URL(import.meta.url), { workerData: WORKER_NAME });
  let type;
  try {
    globalThis.importScripts();
  } catch {
    type = 'module';
  }
  return new Worker(globalThis.location.href, { type, name: WORKER_NAME });
}
