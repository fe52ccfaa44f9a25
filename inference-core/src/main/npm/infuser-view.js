// Infuser: models as drawings. The API is described in infuser-view.d.ts.
//
// The program, Java's ViewExports, lives in a worker started from infuser-tasks-worker.js.

import { InvalidModelError, MessageReader, MessageWriter, Tensor, buffersOf, compileRuntime } from './infuser-engine.js';
import { TaskEngine, WORKER_NAME } from './infuser-tasks-worker.js';
import { internals } from './infuser.js';

const { connect, moved, unlessAborted } = internals;
const PROGRAM = moved('infuser-view.wasm') ?? new URL('./infuser-view.wasm', import.meta.url);
const HEADER = 40; // bytes, as in Header.java

const startWorker = (url = moved('infuser-tasks-worker.js')) => (url ? new Worker(url, { type: 'module', name: WORKER_NAME })
  : new Worker(new URL('./infuser-tasks-worker.js', import.meta.url), { type: 'module', name: 'infuser-tasks' }));

/** Starts a program, hands `work` what asks it, a name and a question, and ends it. For scripts of this package alone. */
export async function withProgram(runtime, { worker = 'auto', signal }, work) {
  signal?.throwIfAborted();
  const [module, channel] = await Promise.all([compileRuntime(runtime), connect(worker, startWorker, () => new TaskEngine())]);
  const ask = async (name, writer) => {
    const question = writer.finish();
    return new MessageReader(await channel.call('ask', { name, ...question }, buffersOf(question)));
  };
  try {
    return await unlessAborted(channel.call('start', { module, flags: 0 }).then(() => work(ask)), signal);
  } finally {
    channel.close(new InvalidModelError({ code: 'disposed', message: 'the program has ended' }));
  }
}

const bytesOf = async (blob) => new MessageWriter(null).datum(new Tensor('uint8', new Uint8Array(await blob.arrayBuffer())));

/** See infuser-view.d.ts. */
export async function view(source, options = {}) {
  const file = source instanceof Blob ? source : new Blob([source]);
  return withProgram(options.viewRuntime ?? PROGRAM, options, async (ask) => {
    const length = (await ask('head', await bytesOf(file.slice(0, HEADER)))).word();
    const answer = await ask('view', await bytesOf(file.slice(0, length)));
    return { svg: answer.text(), data: JSON.parse(answer.text()) };
  });
}
