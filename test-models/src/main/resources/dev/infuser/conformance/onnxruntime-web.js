import * as ort from './ort.wasm.min.mjs';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'fatal';

const ARRAYS = {
  float32: Float32Array, float64: Float64Array, float16: globalThis.Float16Array ?? Uint16Array, int8: Int8Array, int16: Int16Array,
  uint16: Uint16Array, int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array,
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
  if (value == null || Array.isArray(value) || value.keys) throw new Error('onnxruntime-web takes tensors only');
  const data = value.strings ?? new (ARRAYS[value.type] ?? Uint8Array)(decode(value.bytes).buffer);
  return new ort.Tensor(value.type, data, value.dims);
}

function result({ type, dims, data }) {
  return type === 'string' ? { type, dims: [...dims], strings: [...data] } : { type, dims: [...dims], bytes: encode(data) };
}

/** Makes a session, runs it once and releases it; errors come back as data. */
globalThis.runModel = async ({ onnx, feeds }) => {
  let session;
  try {
    session = await ort.InferenceSession.create(decode(onnx));
    const results = await session.run(Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, feed(value)])));
    return { results: Object.fromEntries(Object.entries(results).map(([name, value]) => [name, result(value)])) };
  } catch (e) {
    return { error: { name: 'Error', code: '', message: String(e?.message ?? e) } };
  } finally {
    await session?.release();
  }
};
