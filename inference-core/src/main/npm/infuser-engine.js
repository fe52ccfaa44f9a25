// Infuser: the engine. It owns the memory of one model and the WebAssembly that works on it, and lives in a worker started from
// this very file, or in the caller's thread where there are no workers: infuser.js, the other half, runs there. Between the halves
// go numbers and messages, { message, parts }: an ArrayBuffer in the layout that dev.infuser.web.MessageWriter documents, and the
// elements of large tensors as { word, data }: where in the message their address belongs, and an ArrayBuffer of their own.
//
// Nothing is imported here and no file is named, since bundlers make one script of a worker.

const WORKER_NAME = 'infuser-engine';
const PAGE = 65536;
const FRESH = 8;
const PARTS = 16; // calls; see runAlone
const DATA = 2 * PAGE, WINDOW = 3 * PAGE; // as in FinishBundle.java and WebHost.java
const BUILTINS = { builtins: ['js-string'] };
const CONTROL = WINDOW - 256; // where threads meet; see infuser-threads.js

// ---------------------------------------------------------------------------------------------------------------- errors

/** Base of all errors of this package. */
class InfuserError extends Error {
  constructor({ code, node = '', message, detail = '', hint = '' }, options) {
    super(message, options);
    Object.assign(this, { code, node, detail, hint });
  }
  get name() {
    return this.constructor.kind;
  }
  static kind = 'InfuserError';
}
class InvalidModelError extends InfuserError { static kind = 'InvalidModelError'; }
class UnsupportedModelError extends InfuserError { static kind = 'UnsupportedModelError'; }
class InvalidInputError extends InfuserError { static kind = 'InvalidInputError'; }
class ResourceError extends InfuserError { static kind = 'ResourceError'; }

const ERRORS = [InfuserError, InvalidModelError, UnsupportedModelError, InvalidInputError, ResourceError];

/** Anything thrown inside the engine as an InfuserError. */
function asInfuserError(error) {
  if (error instanceof InfuserError) return error;
  const message = `${error?.name ?? 'Error'}: ${error?.message ?? error}`;
  return /^RangeError(?!.*call stack)|out of memory/i.test(message)
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
/** The type for which an array is made: float32 for a Float32Array, int64 for a BigInt64Array. */
const typeOf = (data) => data?.constructor?.name.replace(/^Big|(Clamped)?Array$/g, '').toLowerCase();

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
  } else if (ArrayBuffer.isView(data) && typeOf(data) === type) {
    return new Elements(data.buffer, data.byteOffset, data.length);
  }
  throw badTensor(`a ${type} tensor takes a ${Elements.name}`, `found ${data?.constructor?.name ?? data}`);
}

/** A dense array in row-major order: new Tensor(type, data, dims), or new Tensor(data, dims). */
class Tensor {
  constructor(type, data, dims) {
    if (typeof type !== 'string') {
      [data, dims] = [type, data];
      type = Array.isArray(data) ? { boolean: 'bool', string: 'string', bigint: 'int64' }[typeof data[0]] ?? 'float32'
        : typeOf(data);
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

const ABSENT = 0, TENSOR = 1, SEQUENCE = 2, APART = 3, MAP = 4;
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
    if (value instanceof Map) {
      return this.word(MAP).datum(new Tensor([...value.keys()]), name).datum(new Tensor([...value.values()]), name);
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
    if (kind === MAP) {
      const keys = this.datum(), { data } = this.datum();
      return new Map(Array.from(keys.data, (key, i) => [key, data[i]]));
    }
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

/**
 * Runs steps on this thread. A call stays in the code that it began in, which is not optimised in a module's first calls: then
 * each step is PARTS calls, the later ones of which find what the engine has optimised meanwhile.
 */
function runAlone(exports, steps, count) {
  exports.share(steps, count, 0, 1, exports.fresh > 0 ? PARTS - 1 : 0);
  exports.fresh--;
}

const aligned = (length) => Math.ceil(length / 8) * 8;

/** The buffers in an answer, which need not be copied on their way from a worker. */
const buffersOf = ({ message, parts = [], spare = [] }) => [message, ...parts.map(({ data }) => data.buffer),
  ...spare.map(({ buffer }) => buffer)];

/** One model: its memory, the program that Java was compiled to, and the kernels which that generates. */
class Engine {
  #assemble;
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

  /** Takes what makes a Team of so many threads for a model of so many bytes. */
  constructor(assemble) {
    this.#assemble = assemble;
  }

  /** Instantiates the program, which stays in the window and leaves the rest of memory to the model. */
  async start(options) {
    const { module, flags, threads = 1, total = 0 } = this.#options = options;
    if (threads > 1) this.#team = this.#assemble(threads, total);
    this.#memory = this.#team?.memory ?? new WebAssembly.Memory({ initial: WINDOW / PAGE });
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
    return this.#persist(finish);
  }

  /** Does what may need more operators, after which `renew` is called, or images decoded. */
  async #persist(attempt, renew = () => {}) {
    for (let first = 1; ; first = 0) {
      try {
        return attempt();
      } catch (error) {
        if (error.code === 'undecoded') await this.#decode(error, first);
        else {
          await this.#extend(error);
          renew();
        }
      }
    }
  }

  /** Decodes an image and hands over its pixels; as ONNX has it, one that cannot be decoded has none. */
  async #decode({ detail, hint }, first) {
    let size = {};
    try {
      const image = await createImageBitmap(new Blob([this.#bytes(+detail, +hint)]), { colorSpaceConversion: 'none' });
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
      context.drawImage(image, 0, 0);
      size = context.getImageData(0, 0, image.width, image.height);
      this.#write(size.data, size.data.length);
    } catch {}
    this.#exports.decoded(size.width, size.height, first);
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
    return this.#persist(ask, () => this.#call('finish', this.#loaded));
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

const downloadFailed = (message, error) => new ResourceError({ code: 'download-failed', message,
  detail: error.detail || error.message, hint: 'check the connection, the address and the page\'s connect-src' }, { cause: error });

/** What the server answers; the options are those of `fetch`. */
async function get(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    options?.signal?.throwIfAborted();
    throw downloadFailed(`cannot download ${url}`, error);
  }
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
    if (error instanceof InfuserError) throw error;
    if (!(error instanceof WebAssembly.CompileError)) throw downloadFailed(`cannot download ${source}`, error);
    throw new ResourceError({ code: 'bad-runtime', message: 'the WebAssembly of Infuser cannot be compiled here',
      detail: error.message, hint: 'needs Chrome or Edge 137, Firefox 131, Safari 18.4, or Node 25; check that infuser.wasm '
        + 'is served unchanged beside infuser.js, and that script-src has wasm-unsafe-eval' }, { cause: error });
  }
}
// ---------------------------------------------------------------------------------------------------------------- workers

const node = globalThis.process?.versions?.node && globalThis.process.getBuiltinModule;
const threadsOfNode = node?.('node:worker_threads');
/** The name of the worker that this is, if it is one. */
const ownName = typeof WorkerGlobalScope === 'function' && globalThis instanceof WorkerGlobalScope ? globalThis.name
  : threadsOfNode?.workerData;

/** The worker's side of WorkerChannel. */
function serve(engine) {
  let turn = Promise.resolve();
  globalThis.onmessage = ({ data: { id, operation, argument } }) => {
    turn = turn.then(async () => {
      try {
        const result = await engine[operation](argument);
        globalThis.postMessage({ id, result }, result ? buffersOf(result) : []);
      } catch (thrown) {
        const error = asInfuserError(thrown);
        globalThis.postMessage({ id, error: { kind: ERRORS.indexOf(error.constructor), message: error.message, ...error } });
      }
    });
  };
}

/**
 * Tells that this worker has started, and then the name of a lock that it holds for as long as it lives: who asks for the lock,
 * too, gets it when the worker has ended.
 */
function announce() {
  globalThis.postMessage({});
  const held = `infuser ${Math.random()}`;
  globalThis.navigator.locks?.request(held, () => {
    globalThis.postMessage({ held });
    return new Promise(() => {});
  }).catch(() => {});
}

if (ownName === WORKER_NAME) {
  serve(new Engine());
  announce();
}

export { CONTROL, ERRORS, FRESH, PAGE, TYPES, TYPE_NAMES, WINDOW, WORKER_NAME, Engine, InfuserError, InvalidInputError,
  InvalidModelError, MessageReader, MessageWriter, ResourceError, Tensor, UnsupportedModelError, announce, asBytes,
  asInfuserError, buffersOf, checkResponse, compileRuntime, downloadFailed, engineFlags, get, isBytes, localFile, node,
  ownName, runAlone, serve, threadsOfNode };
