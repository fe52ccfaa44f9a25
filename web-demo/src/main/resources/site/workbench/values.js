/** Numbers of every element type, as tensors take and give them. */

const FLOATS = ['float32', 'float64', 'float16', 'bfloat16'];
const MOST = { int4: 7, uint4: 15, int2: 1, uint2: 3, int8: 127, uint8: 255, bool: 1 };
const ARRAYS = {
  float32: Float32Array, float64: Float64Array, int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array,
  int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array, bool: Uint8Array, int4: Int8Array,
  uint4: Uint8Array, int2: Int8Array, uint2: Uint8Array,
};

export const isFloat = (type) => FLOATS.includes(type);
/** Whether inputs of this type can be made here. */
export const isKnown = (type) => isFloat(type) || type in ARRAYS || type === 'string';

/** Numbers from 0 up to 1, the same for the same seed: Mulberry32. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6D2B79F5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Numbers as the elements of a type. */
export function elementsOf(type, numbers) {
  if (type === 'float16') return new Uint16Array(Float16Array.from(numbers).buffer);
  if (type === 'bfloat16') {
    const bits = new Uint32Array(Float32Array.from(numbers).buffer);
    return Uint16Array.from(bits, (word) => (word + 0x7FFF + ((word >>> 16) & 1)) >>> 16);
  }
  if (type === 'int64' || type === 'uint64') return ARRAYS[type].from(numbers, (x) => BigInt(Math.trunc(x)));
  if (type === 'bool') return Uint8Array.from(numbers, (x) => (x ? 1 : 0));
  return ARRAYS[type].from(numbers);
}

/** The elements of a tensor as numbers. */
export function numbersOf({ type, data }) {
  if (type === 'float16') return Float64Array.from(new Float16Array(data.buffer, data.byteOffset, data.length));
  if (type === 'bfloat16') return Float64Array.from(new Float32Array(Uint32Array.from(data, (bits) => bits << 16).buffer));
  return typeof data[0] === 'bigint' ? Float64Array.from(data, Number) : data;
}

/** So many random numbers of a type: of floats from -1 to 1, of integers from 0 up to `below`. */
export function randomNumbers(type, count, random, below) {
  const top = Math.min(below, (MOST[type] ?? Infinity) + 1);
  return Float64Array.from({ length: count }, () => (isFloat(type) ? random() * 2 - 1 : Math.floor(random() * top)));
}

/** A number, short. */
export const brief = (x) => (Number.isInteger(x) ? String(x) : Math.abs(x) >= 1e5 || Math.abs(x) < 1e-3 ? x.toExponential(3)
  : x.toPrecision(5));
