// Infuser: what stands between a person and models. The API is described in infuser.d.ts.
//
// A task has a program of its own (Java's TaskExports), which lives in a worker started from infuser-tasks-worker.js, or in the
// caller's thread where there are no workers. It tells which model to run on what, until it has its answer.

import { InvalidInputError, MessageReader, MessageWriter, Tensor, buffersOf, compileRuntime } from './infuser-engine.js';
import { TaskEngine, WORKER_NAME } from './infuser-tasks-worker.js';
import { internals, load } from './infuser.js';

const { Turns, connect, forgotten, moved, unlessAborted } = internals;

const PARTS = {
  text: moved('infuser-text.wasm') ?? new URL('./infuser-text.wasm', import.meta.url),
  vision: moved('infuser-vision.wasm') ?? new URL('./infuser-vision.wasm', import.meta.url),
  audio: moved('infuser-audio.wasm') ?? new URL('./infuser-audio.wasm', import.meta.url),
};

/** Of each task: the program that has it, what it takes, and the names of its models, where it has several. */
const TASKS = {
  'text-embedding': ['text', 'texts'],
  'language-detection': ['text', 'texts'],
  'voice-activity': ['audio', 'sound'],
  'image-classification': ['vision', 'picture'],
  'image-segmentation': ['vision', 'picture'],
  'object-detection': ['vision', 'picture'],
  'super-resolution': ['vision', 'picture'],
  'face-detection': ['vision', 'picture'],
  face: ['vision', 'picture', ['detection', 'landmarks', 'iris', 'emotion', 'description']],
  'hand-landmarks': ['vision', 'picture', ['model', 'detection']],
  'pose-estimation': ['vision', 'picture', ['model', 'detection']],
  'video-matting': ['vision', 'picture'],
  ocr: ['vision', 'picture', ['detection', 'recognition', 'orientation']],
};

const ANSWERED = -1, OPEN = -1;

const startWorker = (url = moved('infuser-tasks-worker.js')) => (url ? new Worker(url, { type: 'module', name: WORKER_NAME })
  : new Worker(new URL('./infuser-tasks-worker.js', import.meta.url), { type: 'module', name: 'infuser-tasks' }));

// ------------------------------------------------------------------------------------------------------------------- inputs

const badInput = (wanted, found) => new InvalidInputError({ code: 'bad-input', message: `the task takes ${wanted}`,
  detail: `found ${found?.constructor?.name ?? found}` });

const isPlainPicture = (source) => source?.data && source.width > 0 && source.height > 0
  && source.data.length === 4 * source.width * source.height && source.data.BYTES_PER_ELEMENT === 1;

/** An image as the worker can take it, and what may move there. */
async function picture(source) {
  if (isPlainPicture(source)) {
    const data = new Uint8Array(source.data);
    return [{ width: source.width, height: source.height, data }, [data.buffer]];
  }
  const wanted = 'an image: an element, a bitmap, a frame, a Blob, or { width, height, data } with 4 bytes for each pixel';
  if (typeof createImageBitmap !== 'function' || typeof source !== 'object' || source === null) throw badInput(wanted, source);
  try {
    if (typeof HTMLImageElement === 'function' && source instanceof HTMLImageElement) await source.decode();
    const bitmap = await createImageBitmap(source, { premultiplyAlpha: 'none' });
    return [{ bitmap }, [bitmap]];
  } catch (error) {
    if (error instanceof TypeError) throw badInput(wanted, source);
    throw new InvalidInputError({ code: 'bad-image', message: 'the image cannot be decoded', detail: error.message,
      hint: 'use a format that the browser shows, and an element whose source has loaded' }, { cause: error });
  }
}

/** Sound of all channels as one. */
function sound(source, { sampleRate = 16000 }) {
  let samples = source;
  if (typeof source?.getChannelData === 'function') {
    sampleRate = source.sampleRate;
    samples = source.getChannelData(0).slice();
    for (let c = 1; c < source.numberOfChannels; c++) {
      source.getChannelData(c).forEach((value, i) => { samples[i] += value; });
    }
    if (source.numberOfChannels > 1) samples.forEach((value, i) => { samples[i] = value / source.numberOfChannels; });
  } else if (source instanceof Float32Array) {
    samples = source.slice();
  } else {
    throw badInput('sound: an AudioBuffer, or a Float32Array of samples from -1 to 1 and the option sampleRate', source);
  }
  return [{ samples, sampleRate }, [samples.buffer]];
}

const INPUTS = {
  texts(source) {
    const texts = [source].flat();
    if (!texts.every((text) => typeof text === 'string')) throw badInput('a text or an array of texts', source);
    return [{ texts }, []];
  },
  picture,
  sound,
};

// -------------------------------------------------------------------------------------------------------------------- tasks

const PLAIN = [
  () => null,
  (reader) => reader.list(plain),
  (reader) => reader.entries(() => plain(reader)),
  (reader) => reader.text(),
  (reader) => reader.number(),
  () => false,
  () => true,
  (reader) => reader.datum().data,
];
const plain = (reader) => PLAIN[reader.word()](reader);

const ports = (writer, values) => {
  writer.word(values.length);
  for (const { name, type, dims } of values) {
    writer.text(name).text(type).word(dims.length);
    for (const dim of dims) writer.word(typeof dim === 'number' ? dim : OPEN);
  }
};

/** What the program takes to prepare. */
async function description(name, models) {
  const writer = new MessageWriter(null).text(name).word(models.length);
  for (const [key, model] of models) {
    ports(writer.text(key), model.inputs);
    ports(writer, model.outputs);
    const metadata = Object.entries(model.metadata), assets = Object.entries(await model.assets());
    writer.word(metadata.length);
    for (const [key, value] of metadata) writer.text(key).text(value);
    writer.word(assets.length);
    for (const [name, bytes] of assets) writer.text(name).datum(new Tensor('uint8', bytes), name);
  }
  return writer.finish();
}

class Task {
  #channel;
  #models;
  #own;
  #input;
  #turns = new Turns();

  constructor(channel, models, own, input) {
    this.#channel = channel;
    this.#models = models.map(([, model]) => model);
    this.#own = own;
    this.#input = input;
    this.models = Object.freeze(Object.fromEntries(models));
    [[, this.model]] = models;
    forgotten.register(this, channel, this);
  }

  /** Turns are taken in the order of calls, so that streams stay in order however long it takes to read an input. */
  async run(input, { signal, sampleRate, ...options } = {}) {
    signal?.throwIfAborted();
    const many = Array.isArray(input), whole = !many || this.#input === INPUTS.texts;
    const inputs = whole ? [input] : input;
    const take = async (one) => this.#input(one, { sampleRate });
    const first = take(inputs[0]);
    first.catch(() => {});
    const answers = await unlessAborted(this.#turns.take(async () => {
      const answers = [];
      for (const [i, one] of inputs.entries()) {
        signal?.throwIfAborted();
        answers.push(await this.#answer(await (i === 0 ? first : take(one)), options, signal));
      }
      return answers;
    }), signal);
    const all = this.#input === INPUTS.texts ? answers[0] : answers;
    return many ? all : all[0];
  }

  async #answer([taken, transfer], options, signal) {
    let answer = await this.#call('begin', { input: taken, options }, transfer);
    for (;;) {
      const reader = new MessageReader(answer), model = reader.word();
      if (model === ANSWERED) return plain(reader);
      const feeds = reader.entries(() => reader.datum()), wanted = reader.list(() => reader.text());
      const outputs = Object.entries(await this.#models[model].run(feeds, { signal, outputs: wanted }));
      const writer = new MessageWriter(null).word(outputs.length);
      for (const [name, value] of outputs) writer.text(name).datum(value, name);
      const question = writer.finish();
      answer = await this.#call('ask', { name: 'took', ...question }, buffersOf(question));
    }
  }

  #call(operation, argument, transfer) {
    if (!this.#channel) throw new InvalidInputError({ code: 'disposed', message: 'the task was disposed of' });
    return this.#channel.call(operation, argument, transfer);
  }

  async reset() {
    await this.#turns.take(() => this.#call('ask', { name: 'reset', message: new ArrayBuffer(0) }));
  }

  dispose() {
    forgotten.unregister(this);
    this.#channel?.close(new InvalidInputError({ code: 'disposed', message: 'the task was disposed of' }));
    this.#channel = null;
    for (const model of this.#own) model.dispose();
  }
}

class TextEmbedding extends Task {
  embed(texts, options) {
    return this.run([texts].flat(), options);
  }
}

/** The models of a task by name. */
function sourcesOf(name, source, names) {
  const several = source !== null && typeof source === 'object' && Object.getPrototypeOf(source) === Object.prototype;
  if (!names || names[0] === 'model' && !several) return [['model', source]];
  const given = Object.entries(source ?? {});
  if (given.length === 0 || given.some(([key]) => !names.includes(key))) {
    throw new InvalidInputError({ code: 'bad-models', message: `the task ${name} takes an object with its models`,
      detail: `found ${given.map(([key]) => key).join(', ') || source}`, hint: `its models: ${names.join(', ')}` });
  }
  return given;
}

const STAGES = ['download', 'prepare', 'compile', 'ready'];

/** Reports of several downloads as one: the sums, and the stage that all have reached. */
function together(count, onProgress) {
  const reports = new Array(count).fill({ stage: STAGES[0], loaded: 0, total: 0 });
  return (i) => (report) => {
    reports[i] = report;
    const sum = (key) => reports.reduce((total, one) => total + (one[key] ?? 0), 0);
    const stage = STAGES[Math.min(...reports.map(({ stage }) => STAGES.indexOf(stage)))];
    onProgress({ ...report, stage, loaded: sum('loaded'), total: sum('total') });
  };
}

/** The part of this package that has a task, or undefined. */
export const partOf = (name) => TASKS[name]?.[0];

/** See `task` in infuser.d.ts. */
export async function open(name, source, options = {}) {
  if (!Object.hasOwn(TASKS, name)) {
    throw new InvalidInputError({ code: 'unknown-task', message: `there is no task '${name}'`,
      hint: `use one of: ${Object.keys(TASKS).join(', ')}` });
  }
  const [part, input, names] = TASKS[name];
  const sources = sourcesOf(name, source, names);
  const isModel = (given) => typeof given?.assets === 'function';
  const { worker, taskRuntime = PARTS[part], tasksWorker = worker === false ? false : 'auto', onProgress } = options;
  const progress = onProgress && together(sources.length, onProgress);
  const own = [];
  const giveUp = new AbortController();
  const signal = AbortSignal.any([giveUp.signal, options.signal ?? []].flat());
  let channel;
  try {
    const starting = Promise.all([compileRuntime(taskRuntime), connect(tasksWorker, startWorker, () => new TaskEngine())])
      .then(async ([module, connected]) => {
        channel = connected;
        await channel.call('start', { module, flags: 0 });
      });
    const loading = sources.map(async ([key, given], i) => {
      if (isModel(given)) return [key, given];
      const model = await load(given, { ...options, signal, onProgress: progress?.(i) });
      own.push(model);
      return [key, model];
    });
    const [, ...models] = await Promise.all([starting, ...loading]).catch(async (error) => {
      giveUp.abort(error);
      await Promise.allSettled([starting, ...loading]);
      throw error;
    });
    const question = await description(name, models);
    await channel.call('ask', { name: 'prepare', ...question }, buffersOf(question));
    const Kind = name === 'text-embedding' ? TextEmbedding : Task;
    return new Kind(channel, models, own, INPUTS[input]);
  } catch (error) {
    channel?.close(error);
    for (const model of own) model.dispose();
    throw error;
  }
}
