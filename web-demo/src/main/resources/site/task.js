import { task } from './infuser/infuser.js';
import { megabytes, element, showError } from './lib/dom.js';
import { openCamera, openMicrophone, readPicture, readSound } from './lib/inputs.js';
import { keepOffline } from './lib/offline.js';
import { watch } from './lib/privacy.js';
import { sourceOf, taskOf } from './lib/tasks.js';
import { VIEWS } from './lib/views.js';

const RATE_OF = 20;
const HEARD = 8;
const root = document.documentElement;
const find = (selector) => document.querySelector(selector);
const config = taskOf(new URLSearchParams(location.search).get('task'));
const place = { canvas: find('canvas'), overlay: find('.overlay') };
const failure = find('#error'), words = find('#words'), text = find('textarea'), file = find('.file input');
const live = find('#live'), rate = find('#rate');
const liveName = config?.input === 'sound' ? 'Microphone' : 'Camera';

let model;
/** What listens or watches, from when it was asked for until it stops. */
let open = null;
let latest = 0;

const setState = (state) => { root.dataset.state = state; };

function say(line, share) {
  find('#status').textContent = line;
  find('#bar').hidden = share === undefined;
  if (share !== undefined) find('#bar').value = share;
}

function fail(error) {
  say('');
  if (!model) setState('error');
  root.dataset.code = error.code ?? error.name;
  showError(failure, error);
}

/** Runs the task and shows its answer, unless something newer was asked for meanwhile. */
async function answer(input, options) {
  const turn = ++latest;
  const start = performance.now();
  const given = config.input === 'sound' ? input.samples : input;
  const result = await model.run(given, { ...config.options, sampleRate: input.sampleRate, ...options });
  if (turn !== latest) return;
  const told = VIEWS[config.view](place, input, result);
  words.replaceChildren(...told.map((textContent) => element('li', { textContent })));
  say(`Computed on this device in ${(performance.now() - start).toFixed(0)} ms`);
  root.dataset.answers = Number(root.dataset.answers ?? 0) + 1;
}

/** Does what a control asks for, and says what went wrong. */
async function attempt(action) {
  failure.hidden = true;
  place.overlay.replaceChildren();
  try {
    await action();
  } catch (error) {
    fail(error);
  }
}

async function readSample() {
  if (config.input === 'text') return config.sample;
  const response = await fetch(`${config.input === 'sound' ? 'sounds' : 'pictures'}/${config.sample}`);
  if (!response.ok) throw new Error(`the server answered ${response.status} for the sample`);
  return read(await response.blob());
}

const read = (blob) => (config.input === 'sound' ? readSound(blob) : readPicture(blob, config.largest));

async function runOn(input) {
  say('Computing …');
  await answer(input, config.input === 'sound' ? { last: true } : {});
}

function showRate(times) {
  rate.hidden = times.length < 3;
  const seconds = (times.at(-1) - times[0]) / 1000;
  const frames = (times.length - 1) / seconds;
  rate.dataset.rate = frames;
  rate.textContent = `${frames.toFixed(1)} frames per second`;
}

async function watchCamera(mine) {
  mine.device = await openCamera();
  const times = [];
  while (open === mine) {
    const frame = await mine.device.frame().catch((error) => { if (open === mine) throw error; });
    if (!frame) return;
    try {
      await answer(frame);
    } finally {
      frame.close();
    }
    times.push(performance.now());
    if (times.length > RATE_OF) times.shift();
    showRate(times);
    await new Promise(requestAnimationFrame);
  }
}

/** Shows the last seconds; times of the answers count from when listening began. */
async function listen(mine) {
  await model.reset();
  if (open !== mine) return;
  let heard = new Float32Array(0), probabilities = [], segments = [], begin = 0;
  const take = async (piece, sampleRate) => {
    if (open !== mine) return;
    const result = await model.run(piece, { ...config.options, sampleRate });
    if (open !== mine) return;
    const all = Float32Array.of(...heard, ...piece), kept = all.slice(-HEARD * sampleRate);
    begin += (all.length - kept.length) / sampleRate;
    heard = kept;
    const frames = Math.round(HEARD / result.frame);
    probabilities = [...probabilities, ...result.speech].slice(-frames);
    segments = [...segments, ...result.segments].filter(({ end }) => end > begin);
    const now = result.open === null ? [] : [{ start: result.open, end: begin + heard.length / sampleRate }];
    const shown = [...segments, ...now].map(({ start, end }) => ({ start: Math.max(0, start - begin), end: end - begin }));
    VIEWS.speech(place, { samples: heard, sampleRate }, { speech: probabilities, frame: result.frame, segments: shown });
    const line = result.open === null ? 'silence' : 'somebody speaks';
    if (words.textContent !== line) words.replaceChildren(element('li', { textContent: line }));
    root.dataset.answers = Number(root.dataset.answers ?? 0) + 1;
  };
  say('Listening …');
  mine.device = await openMicrophone((piece, sampleRate) => take(piece, sampleRate).catch(fail));
}

async function stopLive() {
  if (!open) return;
  const { device } = open;
  open = null;
  latest++;
  device?.stop();
  say('');
  rate.hidden = true;
  live.textContent = liveName;
  live.setAttribute('aria-pressed', 'false');
  await model.reset();
}

async function startLive() {
  const mine = open = { device: null };
  live.textContent = `Stop the ${liveName.toLowerCase()}`;
  live.setAttribute('aria-pressed', 'true');
  try {
    await (config.input === 'sound' ? listen(mine) : watchCamera(mine));
  } catch (error) {
    if (open === mine) await stopLive();
    throw error;
  } finally {
    if (open !== mine) mine.device?.stop();
  }
}

function offer() {
  const { input } = config;
  find('.file').hidden = input === 'text';
  find('.file span').textContent = input === 'sound' ? 'Choose a sound' : 'Choose a photo';
  file.accept = input === 'sound' ? 'audio/*' : 'image/*';
  live.hidden = !config.live;
  live.textContent = liveName;
  text.hidden = find('#run').hidden = input !== 'text';
  find('.frame').hidden = input === 'text';
  find('#sample').addEventListener('click', () => attempt(async () => {
    await stopLive();
    const sample = await readSample();
    if (input === 'text') text.value = sample;
    await runOn(sample);
  }));
  find('#run').addEventListener('click', () => attempt(() => runOn(text.value)));
  file.addEventListener('change', () => attempt(async () => {
    await stopLive();
    const [chosen] = file.files;
    file.value = '';
    if (chosen) await runOn(await read(chosen));
  }));
  live.addEventListener('click', () => attempt(() => (open ? stopLive() : startLive())));
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    const [dropped] = event.dataTransfer.files;
    if (!dropped || !model || input === 'text') return;
    attempt(async () => {
      await stopLive();
      await runOn(await read(dropped));
    });
  });
}

async function start() {
  if (!config) {
    const error = new Error('there is no task of this name');
    throw Object.assign(error, { code: 'unknown-task', hint: 'Go back to all tasks and choose one.' });
  }
  document.title = `${config.title} · Infuser`;
  find('h1').textContent = config.title;
  find('.lead').textContent = config.text;
  find('#source').textContent = `Model: ${config.source}. It runs in this page; what you give it stays on your device.`;
  offer();
  const privacy = watch(find('#privacy'));
  if (config.input === 'text') text.value = config.sample;
  const sample = readSample();
  sample.then((input) => { if (config.input === 'picture') place.canvas.getContext('2d') && VIEWS.boxes(place, input, []); }, () => {});
  await keepOffline();
  model = await task(config.name, sourceOf(config), {
    onProgress({ stage, loaded, total }) {
      if (stage === 'download') say(`Loading the model: ${megabytes(loaded)} of ${megabytes(total)}`, loaded / total);
      else say('Preparing the model …', 1);
    },
  });
  await runOn(await sample);
  (await privacy).loaded();
  for (const control of document.querySelectorAll('.controls :disabled')) control.disabled = false;
  setState('ready');
}

start().catch(fail);
