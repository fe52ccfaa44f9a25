// Infuser: pretrained models in the page. The API is described in infuser.d.ts.
//
// The file has two halves. The outer one (Tensor, load, Model) runs where the caller is. The inner one (Engine) owns the
// memory of one model and the WebAssembly that works on it; it lives in a worker started from this same file, or in the
// caller's thread where there are no workers. Between them go numbers and messages, { message, parts }: an ArrayBuffer in the
// layout that dev.infuser.web.MessageWriter documents, and the elements of large tensors as { word, data }: where in the
// message their address belongs, and an ArrayBuffer of their own.

// The program with the operators that most models keep to, and the one with all.
const COMMON = new URL('./infuser.wasm', import.meta.url);
const FULL = new URL('./infuser-full.wasm', import.meta.url);

const WORKER_NAME = 'infuser-engine', THREAD_NAME = 'infuser-thread';
const PAGE = 65536, MAX_PAGES = 65536, MAX_THREADS = 4;
const FRESH = 8, PARTS = 16; // calls; see runAlone
const TURNS = 256, TRIALS = 8, LONG = 2; // runs, runs, milliseconds; see Team
const BRIEF = 1; // milliseconds; see Direct
const DATA = 2 * PAGE, WINDOW = 3 * PAGE; // as in FinishBundle.java and WebHost.java
const BUILTINS = { builtins: ['js-string'] };
// Words at the end of the window at which threads meet. The first three are those of KernelModule's barrier; COMMANDS counts
// what follows, and READY the kernel modules that threads have instantiated.
const CONTROL = WINDOW - 256, FINISHED = 16, FAILED = 17, COMMANDS = 32, READY = 33, KERNEL = 34, STEPS = 35, COUNT = 36;

// ---------------------------------------------------------------------------------------------------------------- errors

/** Base of all errors of this package. */
export class InfuserError extends Error {
  constructor({ code, node = '', message, detail = '', hint = '' }, options) {
    super(message, options);
    Object.assign(this, { code, node, detail, hint });
  }
  get name() {
    return this.constructor.kind;
  }
  static kind = 'InfuserError';
}
export class InvalidModelError extends InfuserError { static kind = 'InvalidModelError'; }
export class UnsupportedModelError extends InfuserError { static kind = 'UnsupportedModelError'; }
export class InvalidInputError extends InfuserError { static kind = 'InvalidInputError'; }
export class ResourceError extends InfuserError { static kind = 'ResourceError'; }

const ERRORS = [InfuserError, InvalidModelError, UnsupportedModelError, InvalidInputError, ResourceError];

const errorFields = ({ code, node, message, detail, hint }) => ({ code, node, message, detail, hint });

/** Anything thrown inside the engine as an InfuserError. */
function asInfuserError(error) {
  if (error instanceof InfuserError) return error;
  const message = `${error?.name ?? 'Error'}: ${error?.message ?? error}`;
  return /out of memory|allocation failed|array is too large|Array buffer allocation/i.test(message)
    ? new ResourceError({ code: 'out-of-memory', message: 'the browser ran out of memory', detail: message,
      hint: 'use a smaller or more compressed model, or dispose of others' }, { cause: error })
    : new InfuserError({ code: 'internal-error', message: `the engine failed: ${message}`,
      hint: 'please report it together with the model' }, { cause: error });
}

// --------------------------------------------------------------------------------------------------------------- tensors

const TYPES = {
  float32: [1, Float32Array], uint8: [2, Uint8Array], int8: [3, Int8Array], uint16: [4, Uint16Array],
  int16: [5, Int16Array], int32: [6, Int32Array], int64: [7, BigInt64Array], string: [8, Array], bool: [9, Uint8Array],
  float16: [10, Uint16Array], float64: [11, Float64Array], uint32: [12, Uint32Array], uint64: [13, BigUint64Array],
  bfloat16: [16, Uint16Array], float8e4m3fn: [17, Uint8Array], float8e4m3fnuz: [18, Uint8Array],
  float8e5m2: [19, Uint8Array], float8e5m2fnuz: [20, Uint8Array], uint4: [21, Uint8Array], int4: [22, Int8Array],
  float4e2m1: [23, Uint8Array], float8e8m0: [24, Uint8Array], uint2: [25, Uint8Array], int2: [26, Int8Array],
};
const TYPE_NAMES = Object.fromEntries(Object.entries(TYPES).map(([name, [number]]) => [number, name]));
const INFERRED = { Float32Array: 'float32', Float64Array: 'float64', Int8Array: 'int8', Uint8Array: 'uint8',
  Uint8ClampedArray: 'uint8', Int16Array: 'int16', Uint16Array: 'uint16', Int32Array: 'int32', Uint32Array: 'uint32',
  BigInt64Array: 'int64', BigUint64Array: 'uint64', Float16Array: 'float16' };

const badTensor = (message, detail = '') => new InvalidInputError({ code: 'bad-tensor', message, detail,
  hint: 'see the table of element types in infuser.d.ts' });

function toElements(type, data) {
  const [, Elements] = TYPES[type] ?? (() => { throw badTensor(`there is no element type '${type}'`); })();
  if (type === 'string') {
    if (Array.isArray(data) && data.every((text) => typeof text === 'string')) return data;
    throw badTensor('a string tensor takes an array of strings');
  }
  if (data instanceof Elements) return data;
  if (Array.isArray(data)) {
    if (Elements === BigInt64Array || Elements === BigUint64Array) return Elements.from(data, BigInt);
    if (type !== 'float16' && type !== 'bfloat16') return Elements.from(data, Number);
  } else if (ArrayBuffer.isView(data) && (INFERRED[data.constructor.name] === type)) {
    return new Elements(data.buffer, data.byteOffset, data.length);
  }
  throw badTensor(`a ${type} tensor takes a ${Elements.name}`, `found ${data?.constructor?.name ?? data}`);
}

/** A dense array in row-major order: new Tensor(type, data, dims), or new Tensor(data, dims). */
export class Tensor {
  constructor(type, data, dims) {
    if (typeof type !== 'string') {
      [data, dims] = [type, data];
      type = Array.isArray(data) ? { boolean: 'bool', string: 'string' }[typeof data[0]] ?? 'float32'
        : INFERRED[data?.constructor?.name];
    }
    this.type = type;
    this.data = toElements(type, data);
    this.dims = Object.freeze(Array.from(dims ?? [this.data.length]));
    this.size = this.dims.reduce((product, dim) => product * dim, 1);
    if (!this.dims.every((dim) => Number.isInteger(dim) && dim >= 0) || this.size !== this.data.length) {
      throw badTensor(`dims [${this.dims}] do not fit ${this.data.length} elements`);
    }
  }
  /** The same elements under other dims. */
  reshape(dims) {
    return new Tensor(this.type, this.data, dims);
  }
}

// -------------------------------------------------------------------------------------------------------------- messages

const ABSENT = 0, TENSOR = 1, SEQUENCE = 2, APART = 3;
const LARGE = 16384; // bytes, as in MessageWriter.java
const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

class MessageWriter {
  #view = new DataView(new ArrayBuffer(1024));
  #length = 0;
  #parts = [];
  #spare;
  /** Copies elements of large tensors, into arrays of the list `spare` where one fits, which leave it; null leaves them. */
  constructor(spare = []) {
    this.#spare = spare;
  }
  word(value) {
    const at = this.#room(4);
    this.#view.setInt32(at, value, true);
    return this;
  }
  text(text) {
    const bytes = utf8.encode(text);
    return this.word(bytes.length).#add(bytes);
  }
  datum(value, name) {
    if (value === null || value === undefined) return this.word(ABSENT);
    if (Array.isArray(value)) {
      this.word(SEQUENCE).word(value.length);
      for (const element of value) this.datum(element, name);
      return this;
    }
    if (typeof value !== 'object' || !('type' in value && 'data' in value && 'dims' in value)) {
      throw new InvalidInputError({ code: 'bad-tensor', node: name, message: `feed '${name}' is not a Tensor`,
        detail: `found ${value?.constructor?.name ?? typeof value}`, hint: 'pass new Tensor(type, data, dims)' });
    }
    const { type, data, dims } = value instanceof Tensor ? value : new Tensor(value.type, value.data, value.dims);
    const large = data.byteLength >= LARGE;
    const bytes = data.buffer && new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.word(large ? APART : TENSOR).word(TYPES[type][0]).word(dims.length);
    for (const dim of dims) this.word(dim);
    if (large) {
      this.#parts.push({ word: this.#length, data: this.#spare ? this.#copy(bytes) : bytes });
      return this.word(0);
    }
    if (type === 'string') {
      for (const text of data) this.text(text);
      return this;
    }
    if (this.#length % 8) this.word(0);
    return this.#add(bytes);
  }
  finish() {
    return { message: this.#view.buffer.slice(0, this.#length), parts: this.#parts };
  }
  #copy(bytes) {
    const at = this.#spare.findIndex(({ length }) => length === bytes.length);
    if (at < 0) return bytes.slice();
    const [copy] = this.#spare.splice(at, 1);
    copy.set(bytes);
    return copy;
  }
  #add(bytes) {
    const at = this.#room(bytes.length);
    new Uint8Array(this.#view.buffer).set(bytes, at);
    return this;
  }
  /** Where so many bytes may be written, padded to words. */
  #room(bytes) {
    const at = this.#length;
    this.#length += Math.ceil(bytes / 4) * 4;
    if (this.#length > this.#view.byteLength) this.#view = new DataView(this.#view.buffer.transfer(2 * this.#length));
    return at;
  }
}

class MessageReader {
  #view;
  #parts;
  #at = 0;
  constructor({ message, parts = [] }) {
    this.#view = new DataView(message);
    this.#parts = parts;
  }
  word() {
    return this.#view.getInt32((this.#at += 4) - 4, true);
  }
  number() {
    this.#align();
    return this.#view.getFloat64((this.#at += 8) - 8, true);
  }
  text() {
    const length = this.word();
    const text = fromUtf8.decode(new Uint8Array(this.#view.buffer, this.#at, length));
    this.#at += Math.ceil(length / 4) * 4;
    return text;
  }
  list(read) {
    return Array.from({ length: this.word() }, () => read(this));
  }
  entries(read) {
    return Object.fromEntries(this.list(() => [this.text(), read(this)]));
  }
  datum() {
    const kind = this.word();
    if (kind === ABSENT) return null;
    if (kind === SEQUENCE) return this.list(() => this.datum());
    const type = TYPE_NAMES[this.word()];
    const dims = this.list(() => this.word());
    const size = dims.reduce((product, dim) => product * dim, 1);
    if (type === 'string') return new Tensor(type, Array.from({ length: size }, () => this.text()), dims);
    const Elements = TYPES[type][1];
    if (kind === APART) {
      const { data } = this.#parts.find(({ word }) => word === this.#at);
      this.#at += 12;
      return new Tensor(type, new Elements(data.buffer), dims);
    }
    this.#align();
    const data = new Elements(this.#view.buffer.slice(this.#at, this.#at + size * Elements.BYTES_PER_ELEMENT));
    this.#at += Math.ceil(data.byteLength / 4) * 4;
    return new Tensor(type, data, dims);
  }
  #align() {
    this.#at = Math.ceil(this.#at / 8) * 8;
  }
}

// ---------------------------------------------------------------------------------------------------------------- engine

const RELAXED_MADD = 1, MANY_REGISTERS = 2, REFERENCE = 4, DOT_SHIFT = 4, THREADS_SHIFT = 8;

/** Whether this engine validates a function (v128, v128, v128) -> v128 made of one relaxed SIMD instruction. */
const offers = (instruction) => WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123,
  123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, instruction, 2, 11));

/** How this engine multiplies 8-bit numbers, by the number of Java's Target.Dot: sums of products tell. */
const dotKind = () => {
  if (!offers(0x93)) return 0;
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2,
    127, 127, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 22, 1, 20, 0, 32, 0, 253, 15, 32, 1, 253, 15, 65, 0, 253, 17,
    253, 147, 2, 253, 27, 0, 11))).exports;
  const sum = f(-128, -1);
  return sum < 0 ? sum < -65536 ? 2 : 1 : f(-128, -128) < 0 ? 3 : 4;
};

/** Whether 0/0 is a positive NaN, as on ARM, whose kernels may use twice the registers of x86. */
const onArm = () => new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96,
  1, 125, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 10, 1, 8, 0, 32, 0, 32, 0, 149, 188, 11))).exports.f(0) > 0;

const engineFlags = ({ simd = 'auto', backend = 'auto' }) => (backend === 'reference' ? REFERENCE : 0)
  | (simd === 'strict' ? 0 : (offers(0x85) && RELAXED_MADD) | (onArm() && MANY_REGISTERS) | dotKind() << DOT_SHIFT);

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
class Team {
  #workers;
  #words;
  #commands = 0;
  #modules = 0;
  #times = new Map();

  constructor(memory, threads, url) {
    this.#words = new Int32Array(memory.buffer, CONTROL);
    this.#workers = Array.from({ length: threads - 1 }, (_, i) => {
      const worker = startThread(url);
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

/**
 * Runs steps on this thread. A call stays in the code that it began in, which is not optimised in a module's first calls: then
 * each step is PARTS calls, the later ones of which find what the engine has optimised meanwhile.
 */
function runAlone(exports, steps, count) {
  exports.share(steps, count, 0, 1, exports.fresh > 0 ? PARTS - 1 : 0);
  exports.fresh--;
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

const aligned = (length) => Math.ceil(length / 8) * 8;

/** The buffers in an answer, which need not be copied on their way from a worker. */
const buffersOf = ({ message, parts = [], spare = [] }) => [message, ...parts.map(({ data }) => data.buffer),
  ...spare.map(({ buffer }) => buffer)];

/** One model: its memory, the program that Java was compiled to, and the kernels which that generates. */
class Engine {
  #memory;
  #exports;
  #team = null;
  #kernels = [];
  #options = null;
  #extended = false;
  #head = [];
  #accepted = false;
  #compiling = 0;
  #loaded = 0;
  #end = 0;

  /** Instantiates the program, which stays in the window and leaves the rest of memory to the model. */
  async start(options) {
    const { module, flags, threads = 1, total = 0, url } = this.#options = options;
    this.#memory = threads > 1 ? sharedMemory(total) : new WebAssembly.Memory({ initial: WINDOW / PAGE });
    if (threads > 1) this.#team = new Team(this.#memory, threads, url);
    const imports = this.#imports(module);
    this.#exports = new WebAssembly.Instance(module, imports).exports;
    this.#extended = 'extend' in this.#exports;
    if (this.#extended) this.#exports.extend();
    return { message: this.#call('start', flags | threads << THREADS_SHIFT) };
  }

  close() {
    this.#team?.close();
  }

  /** Takes the next bytes of the model file; keeps them until the program has accepted the graph. */
  async feed({ chunk }) {
    try {
      this.#take(chunk);
    } catch (error) {
      await this.#extend(error);
    }
  }

  #take(bytes) {
    if (!this.#accepted) this.#head.push(bytes.slice());
    this.#loaded += bytes.length;
    while (bytes.length > 0) {
      const wanted = this.#exports.wanted();
      if (wanted === 0) break;
      const piece = bytes.subarray(0, wanted);
      new Uint8Array(this.#memory.buffer).set(piece, this.#exports.address() >>> 0);
      const begun = performance.now();
      if (this.#call('took', piece.length).byteLength > 0) {
        this.#accepted = true;
        this.#compiling = performance.now() - begun;
      }
      bytes = bytes.subarray(piece.length);
    }
  }

  /** Starts again with the program that has every operator, if one was missing, on all that came so far. */
  async #extend(error) {
    if (error.code !== 'unsupported-operator' || this.#extended) throw error;
    const { full, threads } = this.#options;
    const module = await compileRuntime(full, threads > 1);
    const head = this.#head;
    const rest = this.#accepted ? this.#loaded - head.reduce((sum, { length }) => sum + length, 0) : 0;
    const pieces = [...head, new Uint8Array(this.#memory.buffer, this.#end - rest, rest)];
    [this.#accepted, this.#head, this.#loaded] = [false, [], 0];
    this.close();
    await this.start({ ...this.#options, module });
    for (const piece of pieces) this.#take(piece);
  }

  /** The file is complete: answers what the model is, and the milliseconds that planning and generating took. */
  async finish() {
    this.#end = this.#exports.address() >>> 0;
    const finish = () => {
      const begun = performance.now();
      const message = this.#call('finish', this.#loaded);
      return { message, ms: this.#compiling + performance.now() - begun };
    };
    try {
      return finish();
    } catch (error) {
      await this.#extend(error);
      return finish();
    }
  }

  /** Calls an export that takes a message and answers one; the answer brings back the buffers of the question's parts. */
  async ask({ name, message, parts = [] }) {
    const spare = parts.map(({ data }) => data);
    const ask = () => {
      let end = aligned(message.byteLength);
      let question = this.#write(message, end);
      let places = parts.length > 0 && this.#exports.place ? Array.from(new Int32Array(this.#call('place'))) : [];
      if (places.length < parts.length) {
        places = parts.map(({ data }) => (end += aligned(data.length)) - aligned(data.length));
        question = this.#write(message, end);
        places = places.map((offset) => question + offset);
      }
      const memory = new Uint8Array(this.#memory.buffer), words = new DataView(this.#memory.buffer);
      parts.forEach(({ word, data }, i) => {
        words.setInt32(question + word, places[i], true);
        memory.set(data, places[i] >>> 0);
      });
      const answer = this.#call(name);
      return { message: answer, parts: this.#fetch(answer), spare };
    };
    try {
      return ask();
    } catch (error) {
      await this.#extend(error);
      this.#call('finish', this.#loaded);
      return ask();
    }
  }

  /** What Direct takes; nothing where a run is more than kernels. */
  direct() {
    const message = this.#call('direct');
    if (message.byteLength > 0) return { message, memory: this.#memory, module: this.#kernels[new Int32Array(message)[0]].module };
  }

  /** Writes a message where a question of so many bytes begins, and answers where that is. */
  #write(message, bytes) {
    this.#call('reserve', bytes);
    const question = this.#exports.question() >>> 0;
    new Uint8Array(this.#memory.buffer).set(new Uint8Array(message), question);
    return question;
  }

  /** Copies of the elements that an answer leaves where they are. */
  #fetch(answer) {
    const words = new DataView(answer), parts = [];
    for (let word = this.#exports.apart?.(); word; word = words.getInt32(word + 8, true)) {
      parts.push({ word, data: this.#bytes(words.getUint32(word, true), words.getInt32(word + 4, true)) });
    }
    return parts;
  }

  /** Calls an export that answers a message. */
  #call(name, argument) {
    let result;
    try {
      result = this.#exports[name](argument);
    } catch (error) {
      throw asInfuserError(error);
    }
    const length = result < 0 ? ~result : result;
    const address = this.#exports.message() >>> 0;
    const message = this.#bytes(address, length).buffer;
    if (result >= 0) return message;
    const error = new MessageReader({ message });
    const Kind = ERRORS[error.word()];
    throw new Kind({ code: error.text(), node: error.text(), message: error.text(), detail: error.text(),
      hint: error.text() });
  }

  /** A copy, which is not shared. */
  #bytes(address, length) {
    return new Uint8Array(this.#memory.buffer).slice(address, address + length);
  }

  #imports(module) {
    const memory = this.#memory;
    const constant = (value) => new WebAssembly.Global({ value: 'i32' }, value);
    const shell = () => function () {};
    const same = (value) => value;
    const provided = {
      env: { memory },
      infuser: {
        pages: () => memory.buffer.byteLength / PAGE,
        grow: (pages) => {
          try {
            return memory.grow(pages);
          } catch {
            return -1;
          }
        },
        move: (target, source, length) =>
          new Uint8Array(memory.buffer).copyWithin(target >>> 0, source >>> 0, (source >>> 0) + length),
        instantiate: (address, length) => {
          const module = new WebAssembly.Module(this.#bytes(address >>> 0, length));
          const free = this.#kernels.indexOf(null), kernel = free < 0 ? this.#kernels.length : free;
          this.#kernels[kernel] = { ...new WebAssembly.Instance(module, { env: { memory } }).exports, module, fresh: FRESH };
          this.#team?.add(module, kernel);
          return kernel;
        },
        run: (kernel, steps, count, shared) => {
          const exports = this.#kernels[kernel];
          if (shared && this.#team) this.#team.run(exports, kernel, steps, count, shared);
          else runAlone(exports, steps, count);
        },
        release: (kernel) => { this.#kernels[kernel] = null; },
        now: () => performance.now(),
      },
      // What TeaVM's class library asks of its runtime. Strings and objects of JavaScript never reach Java, so the
      // functions that would carry them are shells.
      teavm: { takeStackTrace: () => null, decorateException() {} },
      teavmDate: { currentTimeMillis: () => Date.now() },
      teavmMath: Math,
      teavmMemory: { heapOffset: constant(DATA), maxSize: constant(CONTROL - DATA), notifyHeapResized() {} },
      teavmJso: {
        stringBuiltinsSupported: () => 1, createClass: shell, defineFunction: shell, defineStaticMethod() {},
        createFunction1: (parameter, body) => {
          if (body === 'return str;') return same;
          throw new Error(`unknown script: ${body}`);
        },
        callFunction1: (callee, argument) => callee(argument), isUndefined: (value) => value === undefined,
        unwrapInt: same, wrapInt: same, unwrapBoolean: same, wrapBoolean: same,
      },
      'wasm:js-string': {
        fromCharCode: String.fromCharCode, concat: (a, b) => a + b, charCodeAt: (text, i) => text.charCodeAt(i),
        length: (text) => text.length, substring: (text, from, to) => text.substring(from, to),
      },
    };
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      (imports[from] ??= {})[name] = provided[from]?.[name]
        ?? (() => { throw new Error(`${from}.${name} is not provided`); });
    }
    return imports;
  }
}

/** The worker's side of WorkerChannel. */
function serve(scope, engine) {
  let turn = Promise.resolve();
  scope.onmessage = ({ data: { id, operation, argument } }) => {
    turn = turn.then(async () => {
      try {
        const result = await engine[operation](argument);
        scope.postMessage({ id, result }, result ? buffersOf(result) : []);
      } catch (thrown) {
        const error = asInfuserError(thrown);
        scope.postMessage({ id, error: { kind: ERRORS.indexOf(error.constructor), ...errorFields(error) } });
      }
    });
  };
  scope.postMessage({ ready: true });
}

const node = globalThis.process?.versions?.node && globalThis.process.getBuiltinModule;
const threadsOfNode = node?.('node:worker_threads');
const ownName = typeof WorkerGlobalScope === 'function' && globalThis instanceof WorkerGlobalScope ? globalThis.name
  : threadsOfNode?.workerData;

if (ownName === WORKER_NAME) serve(globalThis, new Engine());
if (ownName === THREAD_NAME) {
  if (threadsOfNode) {
    const take = thread();
    threadsOfNode.parentPort.on('message', (data) => take({ data }));
  } else {
    globalThis.onmessage = thread();
  }
}

/** A worker for Team; the engine's own worker runs this very script. One that does not start is never ready. */
function startThread(url) {
  const failed = ({ message = 'it did not start' }) => console.warn(`infuser: a thread failed: ${message}`);
  if (threadsOfNode) {
    const worker = new threadsOfNode.Worker(new URL(url ?? './infuser.js', import.meta.url), { workerData: THREAD_NAME });
    worker.on('error', failed).unref();
    return worker;
  }
  const source = ownName === WORKER_NAME ? globalThis.location.href : url;
  const worker = source ? new Worker(source, { type: 'module', name: THREAD_NAME })
    : new Worker(new URL('./infuser.js', import.meta.url), { type: 'module', name: 'infuser-thread' });
  worker.onerror = failed;
  return worker;
}

/** An engine for a model. */
const startEngine = (url) => (url ? new Worker(url, { type: 'module', name: WORKER_NAME })
  : new Worker(new URL('./infuser.js', import.meta.url), { type: 'module', name: 'infuser-engine' }));

/** An engine in a worker of its own. */
class WorkerChannel {
  #worker;
  #waiting = new Map();
  #next = 0;

  static open(worker) {
    return new Promise((resolve, reject) => {
      worker.onmessage = () => resolve(new WorkerChannel(worker));
      worker.onerror = (event) => {
        event.preventDefault?.();
        worker.terminate();
        reject(new ResourceError({ code: 'no-worker', message: 'the worker of the engine did not start',
          detail: event.message ?? '', hint: 'let worker-src allow infuser.js, or load with worker: false' }));
      };
    });
  }

  constructor(worker) {
    this.#worker = worker;
    worker.onmessage = ({ data: { id, result, error } }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(new ERRORS[error.kind](error));
      else resolve(result);
    };
    worker.onerror = (event) => this.close(asInfuserError(new Error(event.message)));
  }

  call(operation, argument, transfer = []) {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, operation, argument }, transfer);
    });
  }

  /** Ends the worker, which frees all memory of the model at once. */
  close(reason) {
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}

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

/** An engine where the option `worker` wants it: `start` makes a worker for one, `make` one for this thread. */
async function connect(worker = 'auto', start = startEngine, make = () => new Engine()) {
  if (worker === false || (worker === 'auto' && typeof document === 'undefined')) return new LocalChannel(make());
  if (worker !== 'auto' || typeof Worker === 'function') {
    try {
      return await WorkerChannel.open(start(worker === 'auto' || worker === true ? null : worker));
    } catch (error) {
      if (worker !== 'auto') throw error;
    }
  }
  return new LocalChannel(make());
}

// --------------------------------------------------------------------------------------------------------------- sources

const isBytes = (source) => source instanceof ArrayBuffer || ArrayBuffer.isView(source)
  || (typeof SharedArrayBuffer === 'function' && source instanceof SharedArrayBuffer);
const asBytes = (source) => ArrayBuffer.isView(source)
  ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);

/** The file as a Blob where the address names one of this machine and we run outside a browser. */
async function localFile(source) {
  if (!node || (URL.canParse(source) && new URL(source).protocol !== 'file:')) return null;
  try {
    return await node('node:fs').openAsBlob(URL.canParse(source) ? node('node:url').fileURLToPath(source) : source);
  } catch (error) {
    throw new ResourceError({ code: 'file-not-found', message: `cannot read ${source}`, detail: error.message,
      hint: 'check the path' }, { cause: error });
  }
}

async function get(url, signal) {
  const address = String(url);
  let response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new ResourceError({ code: 'download-failed', message: `cannot download ${address}`, detail: error.message,
      hint: 'check the connection, the address and the page\'s connect-src' }, { cause: error });
  }
  return response;
}

/** Throws unless the response can be the file that was asked for. */
function checkResponse(response) {
  if (!response.ok) {
    throw new ResourceError({ code: 'http-status', message: `the server answered ${response.status} ${response.statusText}`
      .trim() + ` for ${response.url || 'the file'}`, detail: `content-type ${response.headers.get('content-type')}`,
    hint: 'check the address' });
  }
  if (response.bodyUsed) {
    throw new InvalidInputError({ code: 'body-used', message: 'the body of the response was already read',
      hint: 'pass a fresh response or a clone' });
  }
  return response;
}

const runtimes = [new Map(), new Map()];
// The limits of an imported memory of at least a page: unshared and with none above, and shared and with the greatest.
const LIMITS = [2, 0, 0x81, 0x80, 0x80, 0], SHARED_LIMITS = [2, 3, 1, 0x80, 0x80, 4];

/** A compiled program; one compilation serves all models of a page. */
function compileRuntime(source, shared = false) {
  const known = runtimes[+shared];
  const key = source instanceof URL ? source.href : source;
  if (!known.has(key)) {
    const compiled = compileFrom(source, shared);
    known.set(key, compiled);
    compiled.catch(() => known.delete(key));
  }
  return known.get(key);
}

/** The engine for a memory that is shared: the same, where it imports memory. FinishBundle.java leaves room. */
function forShared(bytes) {
  const at = bytes.findIndex((_, i) => LIMITS.every((byte, j) => bytes[i + j] === byte));
  bytes.set(SHARED_LIMITS, at);
  return bytes;
}

async function compileFrom(source, shared) {
  if (source instanceof WebAssembly.Module) return source;
  try {
    let bytes;
    if (isBytes(source)) bytes = asBytes(source).slice();
    else {
      const file = await localFile(source);
      const found = file ?? checkResponse(await get(source));
      if (!shared && !file && found.headers.get('content-type')?.startsWith('application/wasm')) {
        return await WebAssembly.compileStreaming(found, BUILTINS);
      }
      bytes = new Uint8Array(await found.arrayBuffer());
    }
    return await WebAssembly.compile(shared ? forShared(bytes) : bytes, BUILTINS);
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    throw new ResourceError({ code: 'bad-runtime', message: 'the WebAssembly of Infuser cannot be compiled here',
      detail: error.message, hint: 'needs Chrome or Edge 137, Firefox 131, Safari 18.4, or Node 25; check that infuser.wasm '
        + 'is served unchanged beside infuser.js, and that script-src has wasm-unsafe-eval' }, { cause: error });
  }
}

/**
 * The source as { total, chunks, lent }: the length or 0 where it is unknown, an async iterable of Uint8Arrays, and whether
 * these are the caller's.
 */
async function open(source, { signal, cache }) {
  if (typeof source === 'string' || source instanceof URL) {
    const file = await localFile(source);
    source = file ?? (cache ? await getCached(source, signal) : await get(source, signal));
  }
  if (source instanceof Response) {
    const length = source.headers.has('content-encoding') ? 0 : Number(source.headers.get('content-length'));
    return { total: length, chunks: read(checkResponse(source).body, signal) };
  }
  if (source instanceof Blob) return { total: source.size, chunks: read(source.stream(), signal) };
  if (isBytes(source)) return { total: source.byteLength, chunks: split(asBytes(source)), lent: true };
  throw new InvalidInputError({ code: 'bad-source', message: 'a model is loaded from an address, a Response, a Blob or bytes',
    detail: `found ${source?.constructor?.name ?? source}` });
}

async function getCached(url, signal) {
  const store = await globalThis.caches?.open('infuser').catch(() => null);
  const kept = await store?.match(url);
  if (kept) return kept;
  const response = await get(url, signal);
  if (response.ok) store?.put(url, response.clone()).catch(() => {});
  return response;
}

async function* read(stream, signal) {
  const reader = stream?.getReader();
  try {
    for (;;) {
      const { done, value } = await reader?.read() ?? { done: true };
      signal?.throwIfAborted();
      if (done) return;
      yield value;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw new ResourceError({ code: 'download-failed', message: 'the download of the model broke off',
      detail: error.message, hint: 'try again' }, { cause: error });
  } finally {
    await reader?.cancel().catch(() => {});
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

/**
 * Runs kernels as the last run did, without the engine, which has bound the same extents and does nothing meanwhile: in its own
 * thread, or in memory shared with a worker what takes less time than that worker's answer.
 */
class Direct {
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

  /** What feeds have in common that may take the same way, or null where they may take none. */
  static key(feeds) {
    let key = '';
    for (const name in feeds) {
      const { type, data, dims, size } = feeds[name] ?? {};
      if (!(feeds[name] instanceof Tensor) || size !== data.length) return null;
      key += `${name} ${type} ${dims};`;
    }
    return key;
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

class Model {
  #channel;
  #turns = new Turns();
  #spare = [];
  /** The Direct::key of the last run, unless something else came after it; and its Direct, null where none was asked for. */
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
    const key = most && Direct.key(feeds);
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
      if (found) this.#direct = new Direct(found);
    }).catch(() => {});
  }

  async assets() {
    return (await this.#ask('assets', { message: new ArrayBuffer(0) })).entries((reader) => reader.datum().data);
  }

  async profile(feeds) {
    return (await this.#ask('profile', this.#message(feeds, []))).list((reader) => ({ node: reader.text(),
      op: reader.text(), kernel: reader.text(), ms: reader.number(), operations: reader.number(), bytes: reader.number(),
      peak: reader.number() })).map((step) => {
      const gflops = step.ms && step.operations / step.ms / 1e6;
      return { ...step, gflops, share: gflops && gflops / step.peak };
    });
  }

  async verify() {
    const vectors = (await this.#ask('verify', { message: new ArrayBuffer(0) })).list((reader) => ({ name: reader.text(),
      passed: reader.word() === 1, maxAbsoluteError: reader.number(), maxRelativeError: reader.number() }));
    return { passed: vectors.every((vector) => vector.passed), vectors };
  }

  dispose() {
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
    return this.#queue('ask', { name, ...question }, signal, key);
  }

  #queue(operation, argument, signal, key) {
    const answer = this.#turns.take(async () => {
      signal?.throwIfAborted();
      const channel = this.#channel;
      if (!channel) throw disposed();
      if (!key || key !== this.#bound) [this.#bound, this.#direct] = [key, null];
      const result = await channel.call(operation, argument, buffersOf(argument));
      if (channel instanceof WorkerChannel) this.#spare = result.spare ?? [];
      return result;
    });
    return unlessAborted(answer.then((result) => new MessageReader(result)), signal);
  }
}

/** What this engine offers: starts it without a model. */
export async function probe(options = {}) {
  const engine = new Engine();
  const reader = new MessageReader(await engine.start({ module: await compileRuntime(options.runtime ?? COMMON),
    flags: engineFlags(options) }));
  return { version: reader.text(), relaxedSimd: reader.word() === 1 };
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

/** Loads a model. */
export async function load(source, options = {}) {
  const { signal, onProgress = () => {}, fullRuntime = FULL, worker } = options;
  const runtime = options.backend === 'reference' ? fullRuntime : options.runtime ?? COMMON;
  signal?.throwIfAborted();
  const starting = Promise.all([compileRuntime(runtime, threadCount(options) > 1), connect(worker)]);
  const opening = open(source, options);
  opening.catch(() => {});
  const [, channel] = await starting;
  try {
    const threads = threadCount(options, channel);
    const { total: most } = threads > 1 ? await opening : {};
    await channel.call('start', { module: await compileRuntime(runtime, threads > 1), flags: engineFlags(options), threads,
      total: most, url: typeof worker === 'string' ? worker : worker?.href, full: absolute(fullRuntime) });
    const { total, chunks, lent } = await opening;
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
      signal?.throwIfAborted();
      onProgress({ stage: 'download', loaded, total: Math.max(total, loaded) });
    }
    await last;
    onProgress({ stage: 'prepare', loaded, total: loaded });
    const description = await unlessAborted(channel.call('finish'), signal);
    onProgress({ stage: 'compile', loaded, total: loaded, ms: description.ms });
    onProgress({ stage: 'ready', loaded, total: loaded });
    return new Model(channel, description, threads);
  } catch (error) {
    channel.close(error);
    throw error;
  }
}

/** Loads models for a task, with the script for tasks. */
export async function task(name, source, options) {
  const { open } = await import('./infuser-tasks.js');
  return open(name, source, options);
}

/** What infuser-tasks.js shares, and nobody else may rely on. */
export const internals = { Engine, MessageReader, MessageWriter, Turns, buffersOf, compileRuntime, connect, ownName, serve,
  unlessAborted };
