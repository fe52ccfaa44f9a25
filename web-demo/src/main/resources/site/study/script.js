// Both pipelines in plain JavaScript, as fast as it can be made. What they compute is stated in README.md.
//
// Each pipeline is { run(picture), output }: a picture is an Int32Array with a word of RGBA for each pixel, red in the lowest byte, and
// `output` holds the result after run(). Nothing is allocated by run().
//
// Edges: rows flow through rings of a few rows that stay in the nearest cache. A word of a ring holds two pixels in lanes of 16 bits,
// so that each addition serves two; no lane overflows into its neighbour, as the comments show. A ring's row begins with one word
// before the picture, so that pixel x is lane x + 2.

import { SIZE, MEAN, STD, tapsOf } from './taps.js';

const OPAQUE = 0xff000000 | 0;
const GREEN = 0xff00ff00 | 0;
const WEAK = 80;
const STRONG = 200;

export function edges(width, height) {
  const pairs = (width + 1) >> 1, stride = pairs + 3, around = width + 2;
  const output = new Int32Array(width * height);
  const luma = new Int32Array(8 * stride), luma16 = new Uint16Array(luma.buffer);
  const blurred = new Int32Array(4 * stride), blurred16 = new Uint16Array(blurred.buffer);
  const magnitude = new Int32Array(4 * stride), magnitude16 = new Uint16Array(magnitude.buffer);
  const horizontal = new Int32Array(2 * stride), vertical = new Int32Array(2 * stride);
  const candidates = new Int32Array(2 * stride);
  // 0: nothing; 1: an edge if it is joined to a strong one; 2: an edge. One pixel wider than the picture on every side.
  const marks = new Uint8Array(around * (height + 2));
  const stack = new Int32Array(width * height);

  /** Luma of a row, two pixels a word; and the row of the output without edges. */
  function lumaRow(input, y) {
    const row = (y & 7) * stride;
    let at = y * width, to = row + 1;
    const end = at + width;
    for (const last = end - 1; at < last; at += 2, to++) {
      const p = input[at], q = input[at + 1];
      output[at] = p | OPAQUE;
      output[at + 1] = q | OPAQUE;
      // One product for red and blue: 77 R + 29 B stands in its upper half.
      const redBlue = (Math.imul(p & 0xff00ff, 0x4d001d) >>> 16) | (Math.imul(q & 0xff00ff, 0x4d001d) & 0xffff0000);
      const green = ((p >>> 8) & 255) | ((q & 0xff00) << 8);
      // At most 65,408.
      luma[to] = ((redBlue + Math.imul(green, 150) + 0x800080) >>> 8) & 0xff00ff;
    }
    if (at < end) {
      const p = input[at];
      output[at] = p | OPAQUE;
      luma[to] = ((Math.imul(p & 0xff00ff, 0x4d001d) >>> 16) + Math.imul((p >>> 8) & 255, 150) + 128) >>> 8;
    }
    const left = 2 * row, right = left + width + 2;
    luma16[left] = luma16[left + 1] = luma16[left + 2];
    luma16[right] = luma16[right + 1] = luma16[right + 2] = luma16[right - 1];
  }

  /** The Gaussian: down first, at most 4080, then along, at most 65,408 with what rounds. */
  function blurRow(y, r0, r1, r2, r3, r4) {
    const row = (y & 3) * stride;
    let before = luma[r0] + luma[r4] + ((luma[r1] + luma[r3]) << 2) + Math.imul(luma[r2], 6) | 0;
    let here = luma[r0 + 1] + luma[r4 + 1] + ((luma[r1 + 1] + luma[r3 + 1]) << 2) + Math.imul(luma[r2 + 1], 6) | 0;
    for (let i = 1; i <= pairs; i++) {
      const j = i + 1;
      const behind = luma[r0 + j] + luma[r4 + j] + ((luma[r1 + j] + luma[r3 + j]) << 2) + Math.imul(luma[r2 + j], 6) | 0;
      const sides = ((before >>> 16) | (here << 16)) + ((here >>> 16) | (behind << 16)) | 0;
      blurred[row + i] = ((before + behind + (sides << 2) + Math.imul(here, 6) + 0x800080) >>> 8) & 0xff00ff;
      before = here;
      here = behind;
    }
    const left = 2 * row, right = left + width + 2;
    blurred16[left + 1] = blurred16[left + 2];
    blurred16[right] = blurred16[right - 1];
  }

  /** Magnitudes of a row, and the words in which one is not weaker than weak; their number. Gradients stand 1024 higher. */
  function sobelRow(y, r0, r1, r2) {
    const row = (y & 3) * stride, kept = (y & 1) * stride;
    let count = kept;
    let p = blurred[r0], q = blurred[r2];
    let sumBefore = p + (blurred[r1] << 1) + q | 0, stepBefore = q + 0x1000100 - p | 0;
    p = blurred[r0 + 1];
    q = blurred[r2 + 1];
    let sum = p + (blurred[r1 + 1] << 1) + q | 0, step = q + 0x1000100 - p | 0;
    for (let i = 1; i <= pairs; i++) {
      const j = i + 1;
      p = blurred[r0 + j];
      q = blurred[r2 + j];
      const sumBehind = p + (blurred[r1 + j] << 1) + q | 0, stepBehind = q + 0x1000100 - p | 0;
      const x = ((sum >>> 16) | (sumBehind << 16)) + 0x4000400 - ((sumBefore >>> 16) | (sum << 16)) | 0;
      const y = ((stepBefore >>> 16) | (step << 16)) + ((step >>> 16) | (stepBehind << 16)) + (step << 1) | 0;
      // 1 in the lanes of negative numbers; 1024 - v is the complement of v in 10 bits and 1.
      const n = (~x >>> 10) & 0x10001, m = (~y >>> 10) & 0x10001;
      const sizes = ((x & 0x3ff03ff) ^ ((n << 10) - n)) + n + ((y & 0x3ff03ff) ^ ((m << 10) - m)) + m | 0;
      magnitude[row + i] = sizes;
      if ((sizes + 0x7fb07fb0) & 0x80008000) {
        horizontal[kept + i] = x;
        vertical[kept + i] = y;
        candidates[count++] = i;
      }
      sumBefore = sum;
      sum = sumBehind;
      stepBefore = step;
      step = stepBehind;
    }
    magnitude16[2 * row + width + 2] = 0;
    return count - kept | 0;
  }

  /** Keeps of the candidates of a row those that are greatest along their gradient; strong ones go onto the stack. */
  function thinRow(y, count, top) {
    const kept = (y & 1) * stride, row = 2 * (y & 3) * stride, above = 2 * ((y - 1) & 3) * stride, below = 2 * ((y + 1) & 3) * stride;
    const marked = (y + 1) * around - 1;
    marks.fill(0, marked + 1, marked + 1 + around);
    const edge = width + 2;
    for (let k = kept, end = kept + count; k < end; k++) {
      const word = candidates[k];
      let x16 = horizontal[kept + word], y16 = vertical[kept + word];
      for (let x = word << 1, past = x + 2; x < past; x++) {
        const size = magnitude16[row + x];
        const gx = (x16 & 0xffff) - 1024, gy = (y16 & 0xffff) - 1024;
        x16 >>>= 16;
        y16 >>>= 16;
        if (size < WEAK || x >= edge) continue;
        const ax = gx < 0 ? -gx : gx, ay = gy < 0 ? -gy : gy;
        let before, behind;
        if (5 * ay < 2 * ax) {
          before = row + x - 1;
          behind = row + x + 1;
        } else if (5 * ax < 2 * ay) {
          before = above + x;
          behind = below + x;
        } else if ((gx ^ gy) >= 0) {
          before = above + x - 1;
          behind = below + x + 1;
        } else {
          before = above + x + 1;
          behind = below + x - 1;
        }
        if (size > magnitude16[before] && size >= magnitude16[behind]) {
          if (size >= STRONG) {
            marks[marked + x] = 2;
            stack[top++] = (y << 16) | (x - 2);
          } else {
            marks[marked + x] = 1;
          }
        }
      }
    }
    return top;
  }

  /** Paints what is on the stack, and weak pixels that are joined to it. */
  function paint(top) {
    while (top > 0) {
      const place = stack[--top], y = place >>> 16, x = place & 0xffff;
      output[Math.imul(y, width) + x] = GREEN;
      const above = Math.imul(y, around) + x, here = above + around, below = here + around;
      if (marks[above] === 1) { marks[above] = 2; stack[top++] = place - 0x10001; }
      if (marks[above + 1] === 1) { marks[above + 1] = 2; stack[top++] = place - 0x10000; }
      if (marks[above + 2] === 1) { marks[above + 2] = 2; stack[top++] = place - 0xffff; }
      if (marks[here] === 1) { marks[here] = 2; stack[top++] = place - 1; }
      if (marks[here + 2] === 1) { marks[here + 2] = 2; stack[top++] = place + 1; }
      if (marks[below] === 1) { marks[below] = 2; stack[top++] = place + 0xffff; }
      if (marks[below + 1] === 1) { marks[below + 1] = 2; stack[top++] = place + 0x10000; }
      if (marks[below + 2] === 1) { marks[below + 2] = 2; stack[top++] = place + 0x10001; }
    }
  }

  function run(picture) {
    const last = height - 1;
    let top = 0, count = 0;
    magnitude.fill(0, 3 * stride, 4 * stride);
    for (let y = 0; y < height + 4; y++) {
      if (y < height) lumaRow(picture, y);
      const b = y - 2, s = y - 3, n = y - 4;
      if (b >= 0 && b < height) {
        blurRow(b, (Math.max(b - 2, 0) & 7) * stride, (Math.max(b - 1, 0) & 7) * stride, (b & 7) * stride,
          (Math.min(b + 1, last) & 7) * stride, (Math.min(b + 2, last) & 7) * stride);
      }
      let next = 0;
      if (s >= 0 && s < height) {
        next = sobelRow(s, (Math.max(s - 1, 0) & 3) * stride, (s & 3) * stride, (Math.min(s + 1, last) & 3) * stride);
      } else if (s === height) {
        magnitude.fill(0, (s & 3) * stride, ((s & 3) + 1) * stride);
      }
      if (n >= 0) top = thinRow(n, count, top);
      count = next;
    }
    paint(top);
  }

  return { run, output: new Uint8Array(output.buffer) };
}

/**
 * A crop of the middle, resized to SIZE x SIZE, normalised, one plane after the other: `output` holds float32. Sums go down first, then
 * along, tap by tap. Down, the products of a weight with all bytes stand in a table, since engines that keep numbers as float64 take
 * longer to multiply and round; four taps are one expression, so that their sum stays in a register.
 */
export function modelInput(width, height) {
  const { fround } = Math;
  const side = Math.min(width, height), corner = ((height - side) >> 1) * width + ((width - side) >> 1);
  const { taps, first, weights } = tapsOf(side, SIZE, 4);
  const output = new Float32Array(3 * SIZE * SIZE);
  const line = new Float32Array(3 * side);
  const products = Float32Array.from({ length: 256 * weights.length }, (_, i) => weights[i >> 8] * (i & 255));

  /** The first four taps of a line. */
  function begin(input, r0, t0) {
    const t1 = t0 + 256, t2 = t0 + 512, t3 = t0 + 768, r1 = r0 + width, r2 = r1 + width, r3 = r2 + width;
    for (let x = 0, to = 0; x < side; x++, to += 3) {
      const a = input[r0 + x], b = input[r1 + x], c = input[r2 + x], d = input[r3 + x];
      line[to] = fround(fround(fround(products[t0 + (a & 255)] + products[t1 + (b & 255)]) + products[t2 + (c & 255)])
        + products[t3 + (d & 255)]);
      line[to + 1] = fround(fround(fround(products[t0 + ((a >>> 8) & 255)] + products[t1 + ((b >>> 8) & 255)])
        + products[t2 + ((c >>> 8) & 255)]) + products[t3 + ((d >>> 8) & 255)]);
      line[to + 2] = fround(fround(fround(products[t0 + ((a >>> 16) & 255)] + products[t1 + ((b >>> 16) & 255)])
        + products[t2 + ((c >>> 16) & 255)]) + products[t3 + ((d >>> 16) & 255)]);
    }
  }

  /** Four more. */
  function proceed(input, r0, t0) {
    const t1 = t0 + 256, t2 = t0 + 512, t3 = t0 + 768, r1 = r0 + width, r2 = r1 + width, r3 = r2 + width;
    for (let x = 0, to = 0; x < side; x++, to += 3) {
      const a = input[r0 + x], b = input[r1 + x], c = input[r2 + x], d = input[r3 + x];
      line[to] = fround(fround(fround(fround(line[to] + products[t0 + (a & 255)]) + products[t1 + (b & 255)])
        + products[t2 + (c & 255)]) + products[t3 + (d & 255)]);
      line[to + 1] = fround(fround(fround(fround(line[to + 1] + products[t0 + ((a >>> 8) & 255)])
        + products[t1 + ((b >>> 8) & 255)]) + products[t2 + ((c >>> 8) & 255)]) + products[t3 + ((d >>> 8) & 255)]);
      line[to + 2] = fround(fround(fround(fround(line[to + 2] + products[t0 + ((a >>> 16) & 255)])
        + products[t1 + ((b >>> 16) & 255)]) + products[t2 + ((c >>> 16) & 255)]) + products[t3 + ((d >>> 16) & 255)]);
    }
  }

  /** Taps along the line, for one channel of one line of the output. */
  function along(channel, to) {
    const mean = MEAN[channel], std = STD[channel];
    for (let i = 0; i < SIZE; i++) {
      let from = 3 * first[i] + channel, sum = fround(0);
      for (let w = i * taps, end = w + taps; w < end; w += 4, from += 12) {
        sum = fround(fround(fround(fround(sum + fround(weights[w] * line[from])) + fround(weights[w + 1] * line[from + 3]))
          + fround(weights[w + 2] * line[from + 6])) + fround(weights[w + 3] * line[from + 9]));
      }
      output[to + i] = fround(fround(fround(sum / 255) - mean) / std);
    }
  }

  function run(picture) {
    for (let i = 0; i < SIZE; i++) {
      const row = corner + first[i] * width, table = 256 * taps * i;
      begin(picture, row, table);
      for (let k = 4; k < taps; k += 4) proceed(picture, row + k * width, table + 256 * k);
      for (let channel = 0; channel < 3; channel++) along(channel, (channel * SIZE + i) * SIZE);
    }
  }

  return { run, output };
}
