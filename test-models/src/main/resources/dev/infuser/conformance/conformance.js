import { load, Tensor } from './infuser.js';

const ARRAYS = {
  float32: Float32Array, float64: Float64Array, float16: Uint16Array, bfloat16: Uint16Array,
  int8: Int8Array, int4: Int8Array, int2: Int8Array, int16: Int16Array, uint16: Uint16Array,
  int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array,
};

const decode = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

function encode(array) {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) {
    text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  }
  return btoa(text);
}

function feed(value) {
  if (value == null || Array.isArray(value)) {
    return value?.map(feed) ?? null;
  }
  if (value.keys) {
    const keys = feed(value.keys), { data } = feed(value.values);
    return new Map(Array.from(keys.data, (key, i) => [key, data[i]]));
  }
  const data = value.strings ?? new (ARRAYS[value.type] ?? Uint8Array)(decode(value.bytes).buffer);
  return new Tensor(value.type, data, value.dims);
}

function result(value) {
  if (value === null || Array.isArray(value)) {
    return value?.map(result) ?? null;
  }
  if (value instanceof Map) return { keys: result(new Tensor([...value.keys()])), values: result(new Tensor([...value.values()])) };
  const { type, dims, data } = value;
  return type === 'string' ? { type, dims: [...dims], strings: [...data] } : { type, dims: [...dims], bytes: encode(data) };
}

/** Loads a model, runs it once and gives it back; errors come back as data. */
globalThis.runModel = async ({ tea, feeds }) => {
  let model;
  try {
    model = await load(decode(tea), { worker: false });
    const results = await model.run(Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, feed(value)])));
    return { results: Object.fromEntries(Object.entries(results).map(([name, value]) => [name, result(value)])) };
  } catch (e) {
    return { error: { name: e.constructor.name, code: e.code ?? '', message: String(e.message ?? e) } };
  } finally {
    model?.dispose();
  }
};
