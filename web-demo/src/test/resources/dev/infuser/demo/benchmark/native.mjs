// onnxruntime-node with one network, driven line by line: ["open" | "check" | "times", argument] in, { result | error } out.
// The first argument is a file beside node_modules.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const ort = createRequire(process.argv[2])('onnxruntime-node');
const ARRAYS = { float32: Float32Array, int64: BigInt64Array };

let session;
let task;
let initial;
let feeds;

async function run() {
  const outputs = await session.run(feeds);
  for (const [output, input] of Object.entries(task.carried)) feeds[input] = outputs[output];
  return outputs;
}

const operations = {
  async open(argument) {
    task = argument;
    const options = { intraOpNumThreads: task.threads, interOpNumThreads: 1, executionMode: 'sequential',
      graphOptimizationLevel: 'all', executionProviders: ['cpu'] };
    session = await ort.InferenceSession.create(task.model, options);
    initial = Object.fromEntries(task.inputs.map(({ name, type, dims, file }) => {
      const bytes = readFileSync(file);
      const array = new ARRAYS[type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      return [name, new ort.Tensor(type, array, dims)];
    }));
    feeds = { ...initial };
    await run();
    return { first: performance.now(), settings: JSON.stringify(options) };
  },
  async check() {
    feeds = { ...initial };
    let outputs;
    for (let step = 0; step < task.steps; step++) outputs = await run();
    return Object.fromEntries(Object.entries(outputs).filter(([, { type }]) => type === 'float32').map(([name, { data }]) =>
      [name, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')]));
  },
  async times(atLeast) {
    const times = [];
    const start = performance.now();
    let now = start;
    do {
      await run();
      const after = performance.now();
      times.push(after - now);
      now = after;
    } while (now - start < atLeast);
    return times;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [operation, argument] = JSON.parse(line);
  const answer = await operations[operation](argument).then((result) => ({ result }), (error) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
