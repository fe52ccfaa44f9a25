import { element, showError } from '../lib/dom.js';
import { openCamera } from '../lib/inputs.js';
import { keepOffline } from '../lib/offline.js';
import { implementations, offers, open, titleOf } from './implementations.js';
import { measure, quantile } from './measure.js';
import { drawScene } from './scene.js';
import { MEAN, SIZE, STD } from './taps.js';

const parameters = new URLSearchParams(location.search);
const PACE = Object.fromEntries([['rounds', 7], ['round', 700], ['warmUp', 1500]].map(([name, usual]) =>
  [name, Number(parameters.get(name) ?? usual)]));
const SIZES = parameters.get('size')?.split(',');
const RECENT = 15;
const SVG = 'http://www.w3.org/2000/svg';

const root = document.documentElement;
const find = (selector) => document.querySelector(selector);
const canvas = find('#picture'), shown = canvas.getContext('2d');
const form = find('#choice'), status = find('#status'), progress = find('#progress'), charts = find('#charts'), failure = find('#error');
const play = find('#play'), cameraButton = find('#camera'), rate = find('#rate'), pipelineChoice = find('#pipeline'), sizeChoice = find('#size');
const source = new OffscreenCanvas(1, 1), sourceContext = source.getContext('2d', { willReadFrequently: true });

const setState = (state) => { root.dataset.state = state; };
const settings = () => {
  const [width, height] = sizeChoice.value.split('x').map(Number);
  return { pipeline: pipelineChoice.value, width, height };
};
const chosen = () => new FormData(form).getAll('implementation');
const milliseconds = (value) => `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;

function drawn(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

function fail(error) {
  progress.hidden = true;
  showError(failure, error);
}

// ------------------------------------------------------------------------------------------------------------------- live

/** What plays, from when it was asked for until something else is. */
let playing = null;
/** The camera while it is open. */
let camera = null;

/** Shows a result; numbers of the model's input become the colours that they were. */
function show(pipeline, width, height, result) {
  const [w, h] = pipeline === 'edges' ? [width, height] : [SIZE, SIZE];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const image = new ImageData(w, h);
  if (pipeline === 'edges') {
    image.data.set(result);
  } else {
    const plane = SIZE * SIZE;
    for (let i = 0; i < plane; i++) {
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = 255 * (result[c * plane + i] * STD[c] + MEAN[c]);
      image.data[4 * i + 3] = 255;
    }
  }
  shown.putImageData(image, 0, 0);
}

/** The next picture of the camera or of the scene. */
async function nextPicture(width, height, at) {
  if (source.width !== width || source.height !== height) Object.assign(source, { width, height });
  const frame = camera && await camera.frame().catch(() => null);
  if (frame) {
    const scale = Math.max(width / frame.width, height / frame.height);
    sourceContext.drawImage(frame, (width - scale * frame.width) / 2, (height - scale * frame.height) / 2, scale * frame.width,
      scale * frame.height);
    frame.close();
  } else {
    drawScene(sourceContext, width, height, at);
  }
  return new Int32Array(sourceContext.getImageData(0, 0, width, height).data.buffer);
}

function liveRows(names) {
  const rows = new Map(names.map((name) => {
    const cell = element('td', { textContent: '–' });
    const { own } = implementations.find((each) => each.name === name);
    return [name, { cell, times: [], row: element('tr', { className: own ? 'own' : '' },
      element('th', { scope: 'row', textContent: titleOf(name) }), cell) }];
  }));
  find('#live tbody').replaceChildren(...[...rows.values()].map(({ row }) => row));
  return rows;
}

function showRate(moments) {
  rate.hidden = moments.length < 3;
  if (!rate.hidden) rate.textContent = `${(1000 * (moments.length - 1) / (moments.at(-1) - moments[0])).toFixed(1)} pictures per second`;
}

/** Plays until something else is asked for: each chosen implementation takes the next picture. */
async function run(mine) {
  const { pipeline, width, height } = settings(), rows = liveRows(chosen().filter((name) => offers(name, pipeline))), runners = new Map(), moments = [];
  try {
    for (const [name, row] of rows) {
      try {
        runners.set(name, await open(name, pipeline, width, height));
      } catch (error) {
        row.cell.textContent = String(error?.message ?? error);
        row.cell.className = 'failure';
      }
      if (playing !== mine) return;
    }
    const names = [...runners.keys()];
    for (let at = 0; names.length && playing === mine; at++) {
      const name = names[at % names.length], runner = runners.get(name), row = rows.get(name);
      runner.put(await nextPicture(width, height, at));
      const start = performance.now();
      await runner.run();
      row.times.push(performance.now() - start);
      if (row.times.length > RECENT) row.times.shift();
      if (playing !== mine) return;
      show(pipeline, width, height, runner.result());
      row.cell.textContent = milliseconds(quantile(row.times, 0.5));
      moments.push(performance.now());
      if (moments.length > 2 * RECENT) moments.shift();
      showRate(moments);
      root.dataset.pictures = Number(root.dataset.pictures ?? 0) + 1;
      await new Promise(requestAnimationFrame);
    }
  } finally {
    for (const runner of runners.values()) runner.dispose();
  }
}

/** The end of what played before; implementations are not shared, so the next waits for it. */
let ended = Promise.resolve();

function stop() {
  playing = null;
  play.textContent = 'Play';
  play.setAttribute('aria-pressed', 'false');
  return ended;
}

async function start() {
  const mine = playing = {};
  play.textContent = 'Pause';
  play.setAttribute('aria-pressed', 'true');
  await ended;
  if (playing !== mine) return;
  ended = run(mine).catch((error) => {
    if (playing === mine) stop();
    fail(error);
  });
}

function closeCamera() {
  camera?.stop();
  camera = null;
  cameraButton.textContent = 'Camera';
  cameraButton.setAttribute('aria-pressed', 'false');
}

async function toggleCamera() {
  failure.hidden = true;
  if (camera) {
    closeCamera();
    return;
  }
  const { width, height } = settings();
  cameraButton.disabled = true;
  try {
    camera = await openCamera({ width, height });
    cameraButton.textContent = 'Stop the camera';
    cameraButton.setAttribute('aria-pressed', 'true');
    if (!playing) await start();
  } catch (error) {
    fail(error);
  } finally {
    cameraButton.disabled = false;
  }
}

// ---------------------------------------------------------------------------------------------------------------- measure

function rowOf({ name, title, median, low, high, spread, ratio, withCopies, ratioWithCopies, problem }, longest) {
  const { own } = implementations.find((each) => each.name === name);
  const row = element('tr', { className: own ? 'own' : '' }, element('th', { scope: 'row', textContent: title }));
  if (problem) {
    row.append(element('td', { className: 'failure', colSpan: 6, textContent: problem }));
    return row;
  }
  const at = (value) => `${100 * value / longest}%`;
  const times = (value) => (value === null ? '' : `${value.toFixed(2)}×`);
  row.append(element('td', { className: 'chart' }, drawn('svg', { 'aria-hidden': 'true' },
    drawn('rect', { class: 'bar', width: at(median), height: '100%', rx: 3 }),
    drawn('line', { class: 'span', x1: at(low), x2: at(high), y1: '50%', y2: '50%' }))),
  element('td', { className: 'time', textContent: milliseconds(median) }),
  element('td', { className: 'ratio', textContent: times(ratio) }),
  element('td', { className: 'spread', textContent: spread.toFixed(2) }),
  element('td', { className: 'optional', textContent: milliseconds(withCopies) }),
  element('td', { className: 'optional', textContent: times(ratioWithCopies) }));
  return row;
}

function chart({ pipeline, width, height, rows }) {
  const names = ['implementation', '', 'time', 'faster', 'p99 / median', 'with copies', 'faster'];
  const head = element('tr', {}, ...names.map((textContent, i) =>
    element('th', { scope: 'col', textContent, className: i > 4 ? 'optional' : '' })));
  const longest = Math.max(...rows.filter(({ problem }) => !problem).map(({ high }) => high));
  const title = `${pipeline === 'edges' ? 'Edge detection' : 'Model input'}, ${width} × ${height}`;
  return element('div', { className: 'scroll' }, element('table', {}, element('caption', { textContent: title }),
    element('thead', {}, head), element('tbody', {}, ...rows.map((row) => rowOf(row, longest)))));
}

async function measureAll(courses) {
  const names = chosen();
  failure.hidden = true;
  closeCamera();
  await stop();
  setState('measuring');
  progress.hidden = false;
  const controls = [...form.elements];
  for (const control of controls) control.disabled = true;
  charts.replaceChildren();
  try {
    for (const [i, course] of courses.entries()) {
      const found = await measure({ ...course, names, ...PACE }, (text, share) => {
        status.textContent = `${course.width} × ${course.height} · ${text}`;
        find('#bar').value = (i + share) / courses.length;
      });
      charts.append(chart(found));
    }
    status.textContent = 'Done.';
  } finally {
    find('#bar').value = 1;
    for (const control of controls) control.disabled = false;
  }
  setState('done');
}

function offer() {
  find('#implementations').append(...implementations.map(({ name, title }) => element('label', {},
    element('input', { type: 'checkbox', name: 'implementation', value: name, checked: true }), title)));
  if (SIZES) sizeChoice.replaceChildren(...SIZES.map((size) => new Option(size.replace('x', ' × '), size)));
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('change', () => { if (playing) start(); });
  play.addEventListener('click', () => (playing ? stop() : start()));
  cameraButton.addEventListener('click', () => toggleCamera());
  const sizes = () => [...sizeChoice.options].map(({ value }) => value.split('x').map(Number));
  find('#measure').addEventListener('click', () => measureAll([settings()]).catch(fail));
  find('#measure-all').addEventListener('click', () => measureAll(['edges', 'input'].flatMap((pipeline) =>
    sizes().map(([width, height]) => ({ pipeline, width, height })))).catch(fail));
  find('#device').textContent = `This device offers ${navigator.hardwareConcurrency} cores to ${navigator.userAgent}.`;
}

offer();
await keepOffline();
for (const control of form.elements) control.disabled = false;
progress.hidden = true;
status.textContent = '';
setState('ready');
await start();
