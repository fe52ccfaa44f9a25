// Made by `infuser compile`: $TITLE.
// Runs $NAME.wasm, which holds the kernels, the plan and$WITHOUT the weights of the model; types are in $NAME.d.ts.

const MODEL = $MODEL;

const KINDS = {
  float32: Float32Array, float64: Float64Array, float16: Uint16Array, bfloat16: Uint16Array, int8: Int8Array, uint8: Uint8Array,
  int16: Int16Array, uint16: Uint16Array, int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array,
  bool: Uint8Array, int4: Int8Array, uint4: Uint8Array, int2: Int8Array, uint2: Uint8Array, float8e4m3fn: Uint8Array,
  float8e4m3fnuz: Uint8Array, float8e5m2: Uint8Array, float8e5m2fnuz: Uint8Array, float8e8m0: Uint8Array, float4e2m1: Uint8Array,
};

/** What went wrong, in words: a code for programs, what was found, and what to do. */
export class InfuserError extends Error {
  constructor(code, message, detail = '', hint = '', options = undefined) {
    super(message, options);
    Object.assign(this, { code, detail, hint });
  }
  get name() {
    return 'InfuserError';
  }
}

const described = ({ name, type, dims }) => Object.freeze({ name, type, dims: Object.freeze([...dims]) });

export const inputs = Object.freeze(MODEL.inputs.map(described));
export const outputs = Object.freeze(MODEL.outputs.map(described));

const isBytes = (source) => source instanceof ArrayBuffer || ArrayBuffer.isView(source);

/** A file as a Response, or where addresses name files its bytes. */
async function fetched(source) {
  if (source instanceof Response) return checked(source);
  const url = new URL(source, import.meta.url);
  const files = url.protocol === 'file:' && globalThis.process?.getBuiltinModule?.('node:fs/promises');
  try {
    return files ? await files.readFile(url) : checked(await fetch(url));
  } catch (error) {
    if (error instanceof InfuserError) throw error;
    throw new InfuserError('not-found', `cannot read ${url}`, error.message, 'check the address', { cause: error });
  }
}

function checked(response) {
  if (response.ok) return response;
  throw new InfuserError('http-status', `the server answered ${response.status} for ${response.url}`, '', 'check the address');
}

async function compiled(source) {
  if (source instanceof WebAssembly.Module) return source;
  const found = isBytes(source) ? source : await fetched(source);
  try {
    if (!(found instanceof Response)) return await WebAssembly.compile(found);
    return found.headers.get('content-type')?.startsWith('application/wasm') ? await WebAssembly.compileStreaming(found)
      : await WebAssembly.compile(await found.arrayBuffer());
  } catch (error) {
    throw new InfuserError('bad-module', 'the WebAssembly of the model cannot be compiled here', error.message,
      'serve $NAME.wasm unchanged; it needs SIMD$RELAXED, and in edge workers has to be imported as a module', { cause: error });
  }
}

/** Copies the weights into memory while they arrive. */
async function take(source, memory) {
  const { address, bytes } = MODEL.weights;
  const room = new Uint8Array(memory.buffer, address, bytes);
  let at = 0;
  const add = (chunk) => {
    if (at + chunk.length <= bytes) room.set(chunk, at);
    at += chunk.length;
  };
  const found = isBytes(source) || source instanceof ReadableStream ? source : await fetched(source);
  if (isBytes(found)) add(ArrayBuffer.isView(found) ? new Uint8Array(found.buffer, found.byteOffset, found.byteLength) : new Uint8Array(found));
  else for await (const chunk of found instanceof Response ? found.body : found) add(chunk);
  if (at !== bytes) {
    throw new InfuserError('bad-weights', 'the weights are not those of the model', `found ${at} bytes, not ${bytes}`,
      'serve $NAME.weights unchanged');
  }
  let sum = 0;
  const words = new Uint32Array(memory.buffer, address, bytes >> 2);
  for (let i = 0; i < words.length; i++) sum = (Math.imul(sum, 31) + words[i]) | 0;
  if (sum !== MODEL.weights.sum) {
    throw new InfuserError('bad-weights', 'the weights are not those of the model', 'their checksum is another', 'serve $NAME.weights unchanged');
  }
}

/** Makes an instance of the model, which has a memory of its own. */
export async function instantiate(source = new URL('./$NAME.wasm', import.meta.url)$WEIGHTS_PARAMETER) {
  const module = await compiled(source);
  let instance;
  try {
    instance = new WebAssembly.Instance(module);
  } catch (error) {
    throw new InfuserError('no-instance', 'the module cannot be instantiated', error.message,
      `it takes ${MODEL.memory} bytes of memory and imports nothing: check that it is $NAME.wasm`, { cause: error });
  }
  const { memory, run, infuser } = instance.exports;
  if (infuser?.value !== MODEL.stamp) {
    throw new InfuserError('bad-module', 'the module is not that of this script', '', 'serve $NAME.wasm and $NAME.js of one compilation');
  }
$TAKE_WEIGHTS
  return new Model(memory, run);
}

class Model {
  #memory;
  #run;

  constructor(memory, run) {
    this.#memory = memory;
    this.#run = run;
  }

  /** Computes the outputs. Elements are copied in and out. */
  run(feeds) {
    for (const input of MODEL.inputs) this.#write(input, feeds?.[input.name]);
    let fault;
    try {
      fault = this.#run();
    } catch (error) {
      throw new InfuserError('run-failed', 'the model failed while it ran', error.message, 'make a new instance', { cause: error });
    }
    if (fault) {
      throw new InfuserError('index-out-of-range', `${MODEL.steps[fault]}: an index is out of range`, '',
        'check the values fed, such as token ids against the vocabulary');
    }
    return Object.fromEntries(MODEL.outputs.map(({ name, type, address, bytes }) =>
      [name, new KINDS[type](this.#memory.buffer.slice(address, address + bytes))]));
  }

  #write({ name, type, dims, address, bytes }, given) {
    const data = given?.data ?? given;
    const Elements = KINDS[type];
    const count = bytes / Elements.BYTES_PER_ELEMENT;
    if (!(data instanceof Elements) || data.length !== count) {
      throw new InfuserError('bad-input', `input '${name}' takes a ${Elements.name} of ${count} elements, ${type}[${dims}]`,
        `found ${data?.constructor?.name ?? data}${data?.length === undefined ? '' : ` of ${data.length}`}`);
    }
    new Elements(this.#memory.buffer, address, count).set(data);
  }
}
