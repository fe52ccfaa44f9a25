/** NumPy's file of one array, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. */

const TYPES = {
  'f2': ['float16', Uint16Array], 'f4': ['float32', Float32Array], 'f8': ['float64', Float64Array], 'i1': ['int8', Int8Array],
  'i2': ['int16', Int16Array], 'i4': ['int32', Int32Array], 'i8': ['int64', BigInt64Array], 'u1': ['uint8', Uint8Array],
  'u2': ['uint16', Uint16Array], 'u4': ['uint32', Uint32Array], 'u8': ['uint64', BigUint64Array], 'b1': ['bool', Uint8Array],
};

class BadArray extends Error {
  constructor(message, hint) {
    super(message);
    Object.assign(this, { name: 'BadArray', code: 'bad-npy', hint });
  }
}

/** The type, elements and extents in the bytes of a file. */
export function readNpy(buffer) {
  const bytes = new Uint8Array(buffer), view = new DataView(buffer);
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(1, 6)) !== 'NUMPY' || bytes[0] !== 0x93) {
    throw new BadArray('this is no .npy file', 'Save the array with numpy.save.');
  }
  const short = bytes[6] === 1, start = short ? 10 : 12;
  const end = start + (short ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const descr = /'descr':\s*'([<>|=])(\w+)'/.exec(header), shape = /'shape':\s*\(([^)]*)\)/.exec(header);
  const [type, Elements] = TYPES[descr?.[2]] ?? [];
  if (!type || !shape || descr[1] === '>' || /'fortran_order':\s*True/.test(header)) {
    throw new BadArray(`an array like this cannot be read: ${header.trim()}`, 'Save it as numbers in little-endian and C order.');
  }
  const dims = shape[1].split(',').map((text) => text.trim()).filter(Boolean).map(Number);
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (bytes.length - end < count * Elements.BYTES_PER_ELEMENT) {
    throw new BadArray('the file ends before its array does', 'Copy it again.');
  }
  return { type, dims, data: new Elements(buffer.slice(end, end + count * Elements.BYTES_PER_ELEMENT)) };
}
