// The pipelines in plain Java, compiled by TeaVM to a WebAssembly module with garbage collection: java.wasm. Its runtime is what the
// class library asks of it; strings and objects never cross.

const PAGE = 65536;
const RUNTIME = 2 * PAGE, WINDOW = 4 * PAGE; // what TeaVM places in memory; Java's arrays are none of it

const constant = (value) => new WebAssembly.Global({ value: 'i32', mutable: false }, value);
const same = (value) => value;

function imports(module, memory) {
  const provided = {
    env: { memory },
    teavm: { takeStackTrace: () => null, decorateException() {} },
    teavmDate: { currentTimeMillis: () => Date.now() },
    teavmMemory: { heapOffset: constant(RUNTIME), maxSize: constant(WINDOW - RUNTIME), notifyHeapResized() {} },
    teavmJso: {
      stringBuiltinsSupported: () => 1, createClass: () => Object, defineFunction() {}, defineStaticMethod() {},
      createFunction1: () => same, callFunction1: (callee, argument) => callee(argument), isUndefined: (value) => value === undefined,
      unwrapInt: same, wrapInt: same,
    },
  };
  const all = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (all[from] ??= {})[name] = provided[from]?.[name] ?? (() => { throw new Error(`${from}.${name} is not provided`); });
  }
  return all;
}

const url = new URL('java.wasm', import.meta.url);
let compiled;

/**
 * Both pipelines for pictures of a size: put(picture) takes an Int32Array, and edges() and modelInput() compute; painted() and tensor()
 * answer arrays that hold the result until the next call.
 */
export async function open(width, height) {
  compiled ??= WebAssembly.compileStreaming(fetch(url), { builtins: ['js-string'] });
  const module = await compiled;
  const pixels = width * height, tensor = 3 * 224 * 224;
  const pages = Math.ceil((WINDOW + 4 * Math.max(pixels, tensor)) / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = await WebAssembly.instantiate(module, imports(module, memory));
  exports.open(width, height);
  const words = new Int32Array(memory.buffer, WINDOW, pixels);
  return {
    put(picture) {
      words.set(picture);
      exports.take(WINDOW);
    },
    edges: exports.edges,
    modelInput: exports.modelInput,
    painted() {
      exports.givePainted(WINDOW);
      return new Uint8Array(memory.buffer, WINDOW, 4 * pixels);
    },
    tensor() {
      exports.giveTensor(WINDOW);
      return new Float32Array(memory.buffer, WINDOW, tensor);
    },
  };
}
