/** Constants of the model's input, which all implementations take from here: pixels of a side, and ImageNet's statistics. */
export const SIZE = 224;
export const MEAN = Float32Array.of(0.485, 0.456, 0.406);
export const STD = Float32Array.of(0.229, 0.224, 0.225);

/**
 * Antialiased bilinear weights from `from` pixels to `to`, a triangle that widens as the picture shrinks, as Pillow has them: position
 * i takes the pixels from first[i] on with the float32 weights from taps * i on. All have the same number of taps, a multiple of
 * `multiple`; those that are too many weigh 0, and all lie inside where there are so many pixels.
 */
export function tapsOf(from, to, multiple = 1) {
  const scale = from / to, support = Math.max(scale, 1);
  const ranges = Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale;
    return { center, begin: Math.max(0, Math.trunc(center - support + 0.5)), end: Math.min(from, Math.trunc(center + support + 0.5)) };
  });
  const most = Math.max(...ranges.map(({ begin, end }) => end - begin));
  const taps = Math.ceil(most / multiple) * multiple;
  const first = new Int32Array(to), weights = new Float32Array(to * taps);
  ranges.forEach(({ center, begin, end }, i) => {
    const all = Array.from({ length: end - begin }, (_, k) => Math.max(0, 1 - Math.abs(begin + k - center + 0.5) / support));
    const sum = all.reduce((total, weight) => total + weight, 0);
    first[i] = Math.max(0, Math.min(begin, from - taps));
    all.forEach((weight, k) => { weights[i * taps + begin - first[i] + k] = weight / sum; });
  });
  return { taps, first, weights };
}
