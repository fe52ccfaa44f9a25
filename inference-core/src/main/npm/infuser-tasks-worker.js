// Infuser: the program of a task, in a worker started from this file or in the caller's thread.

import { Engine, MessageWriter, Tensor, announce, ownName, serve } from './infuser-engine.js';

export const WORKER_NAME = 'infuser-tasks';
const NUMBER = 0, TEXT = 1, FLAG = 2;

const number = (value) => new Tensor('float64', [value], []);

/** The program of a task. */
export class TaskEngine extends Engine {
  /** Takes an input and options as `begin` in TaskExports.java does; pictures are bitmaps, or have their pixels. */
  begin({ input, options }) {
    const writer = new MessageWriter(null);
    if (input.texts) {
      writer.word(input.texts.length);
      for (const text of input.texts) writer.text(text);
    } else if (input.samples) {
      writer.datum(number(input.sampleRate)).datum(new Tensor('float32', input.samples));
    } else {
      const { width, height, data } = input.bitmap ? pixels(input.bitmap) : input;
      writer.word(width).word(height).datum(new Tensor('uint8', new Uint8Array(data.buffer, data.byteOffset, data.length)));
    }
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    writer.word(given.length);
    for (const [name, value] of given) {
      writer.text(name);
      if (typeof value === 'number') writer.word(NUMBER).datum(number(value));
      else if (typeof value === 'string') writer.word(TEXT).text(value);
      else writer.word(FLAG).word(value ? 1 : 0);
    }
    return this.ask({ name: 'begin', ...writer.finish() });
  }
}

let context;

/** The pixels of a bitmap, which is then gone. */
function pixels(bitmap) {
  const { width, height } = bitmap;
  if (context?.canvas.width !== width || context.canvas.height !== height) {
    context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    context.globalCompositeOperation = 'copy';
  }
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

if (ownName === WORKER_NAME) {
  serve(new TaskEngine());
  announce();
}
