// Both pipelines in asm.js (http://asmjs.org/spec/latest/), by hand, as fast as it can be made. What they compute is stated in README.md;
// the lanes of script.js are explained there. Engines that validate asm.js compile it ahead of time; the others run it as JavaScript.

import { MEAN, SIZE, STD, tapsOf } from './taps.js';

export function edgesModule(stdlib, foreign, heap) {
  'use asm';
  var words = new stdlib.Int32Array(heap);
  var lanes = new stdlib.Uint16Array(heap);
  var marks = new stdlib.Uint8Array(heap);
  var imul = stdlib.Math.imul;
  var width = 0, height = 0, stride = 0, around = 0;
  var input = 0, output = 0, luma = 0, blurred = 0, magnitude = 0, horizontal = 0, vertical = 0, candidates = 0, marked = 0, stack = 0;

  function layout(w, h, at) {
    w = w | 0;
    h = h | 0;
    at = at | 0;
    var size = 0;
    width = w;
    height = h;
    stride = (((w + 1) >> 1) + 3) << 2;
    around = (w + 2) | 0;
    size = imul(w, h) << 2;
    input = at;
    output = (input + size) | 0;
    stack = (output + size) | 0;
    luma = (stack + size) | 0;
    blurred = (luma + (stride << 3)) | 0;
    magnitude = (blurred + (stride << 2)) | 0;
    horizontal = (magnitude + (stride << 2)) | 0;
    vertical = (horizontal + (stride << 1)) | 0;
    candidates = (vertical + (stride << 1)) | 0;
    marked = (candidates + (stride << 1)) | 0;
    return (marked + imul(around, (h + 2) | 0)) | 0;
  }

  function zero(from, to) {
    from = from | 0;
    to = to | 0;
    for (; (from | 0) < (to | 0); from = (from + 4) | 0) words[from >> 2] = 0;
  }

  function lumaRow(y) {
    y = y | 0;
    var row = 0, from = 0, to = 0, out = 0, last = 0, p = 0, q = 0, redBlue = 0, green = 0, left = 0, right = 0;
    row = (luma + imul(y & 7, stride)) | 0;
    from = imul(y, width) << 2;
    last = (input + from + (width << 2) - 4) | 0;
    out = (output + from) | 0;
    from = (input + from) | 0;
    to = (row + 4) | 0;
    for (; (from | 0) < (last | 0); from = (from + 8) | 0, out = (out + 8) | 0, to = (to + 4) | 0) {
      p = words[from >> 2] | 0;
      q = words[(from + 4) >> 2] | 0;
      words[out >> 2] = p | 0xff000000;
      words[(out + 4) >> 2] = q | 0xff000000;
      redBlue = (imul(p & 0xff00ff, 0x4d001d) >>> 16) | (imul(q & 0xff00ff, 0x4d001d) & 0xffff0000);
      green = ((p >>> 8) & 255) | ((q & 0xff00) << 8);
      words[to >> 2] = ((redBlue + imul(green, 150) + 0x800080) >>> 8) & 0xff00ff;
    }
    if ((from | 0) == (last | 0)) {
      p = words[from >> 2] | 0;
      words[out >> 2] = p | 0xff000000;
      words[to >> 2] = ((imul(p & 0xff00ff, 0x4d001d) >>> 16) + imul((p >>> 8) & 255, 150) + 128) >>> 8;
    }
    left = lanes[(row + 4) >> 1] | 0;
    words[row >> 2] = left | (left << 16);
    to = (row + 4 + (width << 1)) | 0;
    right = lanes[(to - 2) >> 1] | 0;
    lanes[to >> 1] = right;
    lanes[(to + 2) >> 1] = right;
    lanes[(to + 4) >> 1] = right;
  }

  function lumaOf(y) {
    y = y | 0;
    if ((y | 0) < 0) y = 0;
    if ((y | 0) >= (height | 0)) y = (height - 1) | 0;
    return (luma + imul(y & 7, stride)) | 0;
  }

  function blurRow(y) {
    y = y | 0;
    var r0 = 0, r1 = 0, r2 = 0, r3 = 0, r4 = 0, to = 0, at = 0, end = 0, before = 0, here = 0, behind = 0, sides = 0;
    r0 = lumaOf((y - 2) | 0) | 0;
    r1 = lumaOf((y - 1) | 0) | 0;
    r2 = lumaOf(y) | 0;
    r3 = lumaOf((y + 1) | 0) | 0;
    r4 = lumaOf((y + 2) | 0) | 0;
    to = (blurred + imul(y & 3, stride) - 4) | 0;
    at = 8;
    end = ((((width + 1) >> 1) << 2) + 4) | 0;
    before = ((words[r0 >> 2] | 0) + (words[r4 >> 2] | 0) + (((words[r1 >> 2] | 0) + (words[r3 >> 2] | 0)) << 2)
      + imul(words[r2 >> 2] | 0, 6)) | 0;
    here = ((words[(r0 + 4) >> 2] | 0) + (words[(r4 + 4) >> 2] | 0)
      + (((words[(r1 + 4) >> 2] | 0) + (words[(r3 + 4) >> 2] | 0)) << 2) + imul(words[(r2 + 4) >> 2] | 0, 6)) | 0;
    for (; (at | 0) <= (end | 0); at = (at + 4) | 0) {
      behind = ((words[(r0 + at) >> 2] | 0) + (words[(r4 + at) >> 2] | 0)
        + (((words[(r1 + at) >> 2] | 0) + (words[(r3 + at) >> 2] | 0)) << 2) + imul(words[(r2 + at) >> 2] | 0, 6)) | 0;
      sides = (((before >>> 16) | (here << 16)) + ((here >>> 16) | (behind << 16))) | 0;
      words[(to + at) >> 2] = ((before + behind + (sides << 2) + imul(here, 6) + 0x800080) >>> 8) & 0xff00ff;
      before = here;
      here = behind;
    }
    to = (blurred + imul(y & 3, stride) + 4) | 0;
    lanes[(to - 2) >> 1] = lanes[to >> 1] | 0;
    to = (to + (width << 1)) | 0;
    lanes[to >> 1] = lanes[(to - 2) >> 1] | 0;
  }

  function blurredOf(y) {
    y = y | 0;
    if ((y | 0) < 0) y = 0;
    if ((y | 0) >= (height | 0)) y = (height - 1) | 0;
    return (blurred + imul(y & 3, stride)) | 0;
  }

  function sobelRow(row) {
    row = row | 0;
    var r0 = 0, r1 = 0, r2 = 0, at = 0, end = 0, h = 0, v = 0, list = 0, start = 0, p = 0, q = 0, sumBefore = 0, stepBefore = 0,
      sum = 0, step = 0, sumBehind = 0, stepBehind = 0, x = 0, y = 0, n = 0, m = 0, sizes = 0, size = 0;
    r0 = blurredOf((row - 1) | 0) | 0;
    r1 = blurredOf(row) | 0;
    r2 = blurredOf((row + 1) | 0) | 0;
    size = (magnitude + imul(row & 3, stride)) | 0;
    n = imul(row & 1, stride);
    h = (horizontal + n) | 0;
    v = (vertical + n) | 0;
    start = (candidates + n) | 0;
    list = start;
    p = words[r0 >> 2] | 0;
    q = words[r2 >> 2] | 0;
    sumBefore = (p + (words[r1 >> 2] << 1) + q) | 0;
    stepBefore = (q + 0x1000100 - p) | 0;
    p = words[(r0 + 4) >> 2] | 0;
    q = words[(r2 + 4) >> 2] | 0;
    sum = (p + (words[(r1 + 4) >> 2] << 1) + q) | 0;
    step = (q + 0x1000100 - p) | 0;
    at = 4;
    end = (((width + 1) >> 1) << 2) | 0;
    for (; (at | 0) <= (end | 0); at = (at + 4) | 0) {
      p = words[(r0 + at + 4) >> 2] | 0;
      q = words[(r2 + at + 4) >> 2] | 0;
      sumBehind = (p + (words[(r1 + at + 4) >> 2] << 1) + q) | 0;
      stepBehind = (q + 0x1000100 - p) | 0;
      x = (((sum >>> 16) | (sumBehind << 16)) + 0x4000400 - ((sumBefore >>> 16) | (sum << 16))) | 0;
      y = (((stepBefore >>> 16) | (step << 16)) + ((step >>> 16) | (stepBehind << 16)) + (step << 1)) | 0;
      n = (~x >>> 10) & 0x10001;
      m = (~y >>> 10) & 0x10001;
      sizes = (((x & 0x3ff03ff) ^ ((n << 10) - n)) + n + ((y & 0x3ff03ff) ^ ((m << 10) - m)) + m) | 0;
      words[(size + at) >> 2] = sizes;
      if ((sizes + 0x7fb07fb0) & 0x80008000) {
        words[(h + at) >> 2] = x;
        words[(v + at) >> 2] = y;
        words[list >> 2] = at;
        list = (list + 4) | 0;
      }
      sumBefore = sum;
      sum = sumBehind;
      stepBefore = step;
      step = stepBehind;
    }
    lanes[(size + 4 + (width << 1)) >> 1] = 0;
    return (list - start) | 0;
  }

  function thinRow(y, bytes, top) {
    y = y | 0;
    bytes = bytes | 0;
    top = top | 0;
    var row = 0, above = 0, below = 0, h = 0, v = 0, list = 0, end = 0, mark = 0, word = 0, x16 = 0, y16 = 0, x = 0, past = 0,
      edge = 0, size = 0, gx = 0, gy = 0, ax = 0, ay = 0, before = 0, behind = 0;
    row = (magnitude + imul(y & 3, stride)) | 0;
    above = (magnitude + imul((y - 1) & 3, stride)) | 0;
    below = (magnitude + imul((y + 1) & 3, stride)) | 0;
    x = imul(y & 1, stride);
    h = (horizontal + x) | 0;
    v = (vertical + x) | 0;
    list = (candidates + x) | 0;
    end = (list + bytes) | 0;
    mark = (marked + imul((y + 1) | 0, around)) | 0;
    past = (mark + around) | 0;
    for (x = mark; (x | 0) < (past | 0); x = (x + 1) | 0) marks[x >> 0] = 0;
    edge = ((width + 2) << 1) | 0;
    for (; (list | 0) < (end | 0); list = (list + 4) | 0) {
      word = words[list >> 2] | 0;
      x16 = words[(h + word) >> 2] | 0;
      y16 = words[(v + word) >> 2] | 0;
      past = (word + 4) | 0;
      for (x = word; (x | 0) < (past | 0); x = (x + 2) | 0) {
        size = lanes[(row + x) >> 1] | 0;
        gx = ((x16 & 0xffff) - 1024) | 0;
        gy = ((y16 & 0xffff) - 1024) | 0;
        x16 = x16 >>> 16;
        y16 = y16 >>> 16;
        if ((size | 0) < 80) continue;
        if ((x | 0) >= (edge | 0)) continue;
        ax = (gx | 0) < 0 ? (0 - gx) | 0 : gx;
        ay = (gy | 0) < 0 ? (0 - gy) | 0 : gy;
        if ((imul(ay, 5) | 0) < (ax << 1 | 0)) {
          before = (row + x - 2) | 0;
          behind = (row + x + 2) | 0;
        } else if ((imul(ax, 5) | 0) < (ay << 1 | 0)) {
          before = (above + x) | 0;
          behind = (below + x) | 0;
        } else if (((gx ^ gy) | 0) >= 0) {
          before = (above + x - 2) | 0;
          behind = (below + x + 2) | 0;
        } else {
          before = (above + x + 2) | 0;
          behind = (below + x - 2) | 0;
        }
        if ((size | 0) <= (lanes[before >> 1] | 0)) continue;
        if ((size | 0) < (lanes[behind >> 1] | 0)) continue;
        before = (mark + (x >> 1) - 1) | 0;
        if ((size | 0) >= 200) {
          marks[before >> 0] = 2;
          words[top >> 2] = (y << 16) | ((x >> 1) - 2);
          top = (top + 4) | 0;
        } else {
          marks[before >> 0] = 1;
        }
      }
    }
    return top | 0;
  }

  function paint(top) {
    top = top | 0;
    var place = 0, y = 0, x = 0, above = 0, here = 0, below = 0;
    while ((top | 0) > (stack | 0)) {
      top = (top - 4) | 0;
      place = words[top >> 2] | 0;
      y = place >>> 16;
      x = place & 0xffff;
      words[(output + ((imul(y, width) + x) << 2)) >> 2] = 0xff00ff00;
      above = (marked + imul(y, around) + x) | 0;
      here = (above + around) | 0;
      below = (here + around) | 0;
      if ((marks[above >> 0] | 0) == 1) {
        marks[above >> 0] = 2;
        words[top >> 2] = place - 0x10001;
        top = (top + 4) | 0;
      }
      if ((marks[(above + 1) >> 0] | 0) == 1) {
        marks[(above + 1) >> 0] = 2;
        words[top >> 2] = place - 0x10000;
        top = (top + 4) | 0;
      }
      if ((marks[(above + 2) >> 0] | 0) == 1) {
        marks[(above + 2) >> 0] = 2;
        words[top >> 2] = place - 0xffff;
        top = (top + 4) | 0;
      }
      if ((marks[here >> 0] | 0) == 1) {
        marks[here >> 0] = 2;
        words[top >> 2] = place - 1;
        top = (top + 4) | 0;
      }
      if ((marks[(here + 2) >> 0] | 0) == 1) {
        marks[(here + 2) >> 0] = 2;
        words[top >> 2] = place + 1;
        top = (top + 4) | 0;
      }
      if ((marks[below >> 0] | 0) == 1) {
        marks[below >> 0] = 2;
        words[top >> 2] = place + 0xffff;
        top = (top + 4) | 0;
      }
      if ((marks[(below + 1) >> 0] | 0) == 1) {
        marks[(below + 1) >> 0] = 2;
        words[top >> 2] = place + 0x10000;
        top = (top + 4) | 0;
      }
      if ((marks[(below + 2) >> 0] | 0) == 1) {
        marks[(below + 2) >> 0] = 2;
        words[top >> 2] = place + 0x10001;
        top = (top + 4) | 0;
      }
    }
  }

  function run() {
    var y = 0, past = 0, top = 0, bytes = 0, next = 0, s = 0;
    top = stack;
    past = (height + 4) | 0;
    zero((magnitude + imul(3, stride)) | 0, (magnitude + (stride << 2)) | 0);
    for (; (y | 0) < (past | 0); y = (y + 1) | 0) {
      if ((y | 0) < (height | 0)) lumaRow(y);
      s = (y - 2) | 0;
      if ((s | 0) >= 0) {
        if ((s | 0) < (height | 0)) blurRow(s);
      }
      s = (y - 3) | 0;
      next = 0;
      if ((s | 0) >= 0) {
        if ((s | 0) < (height | 0)) {
          next = sobelRow(s) | 0;
        } else if ((s | 0) == (height | 0)) {
          s = (magnitude + imul(s & 3, stride)) | 0;
          zero(s, (s + stride) | 0);
        }
      }
      if ((y | 0) >= 4) top = thinRow((y - 4) | 0, bytes, top) | 0;
      bytes = next;
    }
    paint(top);
  }

  return { layout: layout, run: run };
}

export function inputModule(stdlib, foreign, heap) {
  'use asm';
  var words = new stdlib.Int32Array(heap);
  var floats = new stdlib.Float32Array(heap);
  var imul = stdlib.Math.imul;
  var fround = stdlib.Math.fround;
  const zero = fround(0);
  const white = fround(255);

  function down(from, to, side, step, weight, taps) {
    from = from | 0;
    to = to | 0;
    side = side | 0;
    step = step | 0;
    weight = weight | 0;
    taps = taps | 0;
    var x = 0, a = 0, b = 0, c = 0, d = 0, r = 0, w0 = fround(0), w1 = fround(0), w2 = fround(0), w3 = fround(0), t = fround(0);
    w0 = fround(floats[weight >> 2]);
    w1 = fround(floats[(weight + 4) >> 2]);
    w2 = fround(floats[(weight + 8) >> 2]);
    w3 = fround(floats[(weight + 12) >> 2]);
    for (; (x | 0) < (side | 0); x = (x + 1) | 0) {
      r = from;
      a = words[r >> 2] | 0;
      r = (r + step) | 0;
      b = words[r >> 2] | 0;
      r = (r + step) | 0;
      c = words[r >> 2] | 0;
      r = (r + step) | 0;
      d = words[r >> 2] | 0;
      t = fround(w0 * fround(a & 255));
      if (taps) t = fround(fround(floats[to >> 2]) + t);
      t = fround(t + fround(w1 * fround(b & 255)));
      t = fround(t + fround(w2 * fround(c & 255)));
      floats[to >> 2] = fround(t + fround(w3 * fround(d & 255)));
      t = fround(w0 * fround((a >>> 8) & 255));
      if (taps) t = fround(fround(floats[(to + 4) >> 2]) + t);
      t = fround(t + fround(w1 * fround((b >>> 8) & 255)));
      t = fround(t + fround(w2 * fround((c >>> 8) & 255)));
      floats[(to + 4) >> 2] = fround(t + fround(w3 * fround((d >>> 8) & 255)));
      t = fround(w0 * fround((a >>> 16) & 255));
      if (taps) t = fround(fround(floats[(to + 8) >> 2]) + t);
      t = fround(t + fround(w1 * fround((b >>> 16) & 255)));
      t = fround(t + fround(w2 * fround((c >>> 16) & 255)));
      floats[(to + 8) >> 2] = fround(t + fround(w3 * fround((d >>> 16) & 255)));
      from = (from + 4) | 0;
      to = (to + 12) | 0;
    }
  }

  function along(line, first, weight, taps, to, mean, std) {
    line = line | 0;
    first = first | 0;
    weight = weight | 0;
    taps = taps | 0;
    to = to | 0;
    mean = fround(mean);
    std = fround(std);
    var i = 0, from = 0, end = 0, sum = fround(0);
    for (; (i | 0) < 224; i = (i + 1) | 0) {
      from = (line + imul(words[first >> 2] | 0, 12)) | 0;
      sum = zero;
      end = (weight + (taps << 2)) | 0;
      for (; (weight | 0) < (end | 0); weight = (weight + 16) | 0) {
        sum = fround(sum + fround(fround(floats[weight >> 2]) * fround(floats[from >> 2])));
        sum = fround(sum + fround(fround(floats[(weight + 4) >> 2]) * fround(floats[(from + 12) >> 2])));
        sum = fround(sum + fround(fround(floats[(weight + 8) >> 2]) * fround(floats[(from + 24) >> 2])));
        sum = fround(sum + fround(fround(floats[(weight + 12) >> 2]) * fround(floats[(from + 36) >> 2])));
        from = (from + 48) | 0;
      }
      floats[to >> 2] = fround(fround(fround(sum / white) - mean) / std);
      first = (first + 4) | 0;
      to = (to + 4) | 0;
    }
  }

  return { down: down, along: along };
}

/** A heap of a size that asm.js allows, and the module linked with it. */
function link(module, bytes) {
  const heap = new ArrayBuffer(bytes <= 2 ** 24 ? 2 ** Math.max(16, Math.ceil(Math.log2(bytes))) : Math.ceil(bytes / 2 ** 24) * 2 ** 24);
  return { heap, ...module(globalThis, null, heap) };
}

/** { input, run(), output }: the picture is put into `input`, one word for each pixel as in script.js. */
export function edges(width, height) {
  const pixels = width * height;
  const { heap, layout, run } = link(edgesModule, 13 * pixels + 64 * (width + height) + 4096);
  layout(width, height, 0);
  return { input: new Int32Array(heap, 0, pixels), output: new Uint8Array(heap, 4 * pixels, 4 * pixels), run };
}

/** As {@link edges}. */
export function modelInput(width, height) {
  const side = Math.min(width, height), corner = ((height - side) >> 1) * width + ((width - side) >> 1);
  const { taps, first, weights } = tapsOf(side, SIZE, 4);
  const [picture, out, line, start, weight, end] = [width * height, 3 * SIZE * SIZE, 3 * side, SIZE, SIZE * taps, 0]
    .reduce((places, words) => [...places, places.at(-1) + 4 * words], [0]);
  const { heap, down, along } = link(inputModule, end);
  new Int32Array(heap).set(first, start / 4);
  new Float32Array(heap).set(weights, weight / 4);
  return {
    input: new Int32Array(heap, 0, width * height),
    output: new Float32Array(heap, out, 3 * SIZE * SIZE),
    run() {
      for (let i = 0; i < SIZE; i++) {
        const from = picture + 4 * (corner + first[i] * width);
        for (let k = 0; k < taps; k += 4) down(from + 4 * k * width, line, side, 4 * width, weight + 4 * (i * taps + k), k);
        for (let c = 0; c < 3; c++) along(line + 4 * c, start, weight, taps, out + 4 * (c * SIZE + i) * SIZE, MEAN[c], STD[c]);
      }
    },
  };
}
