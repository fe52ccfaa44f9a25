import { facts, showGraph, size } from '../graph/graph.js';
import { load } from '../infuser/infuser.js';
import { convert } from '../infuser/infuser-convert.js';
import { view } from '../infuser/infuser-view.js';
import { element, showError } from '../lib/dom.js';
import { keepOffline } from '../lib/offline.js';
import { Feeds } from './feeds.js';
import { showPorts, showResults, showTimes, terms } from './results.js';

const root = document.documentElement;
const find = (selector) => document.querySelector(selector);
const failure = find('#error'), chooser = find('#file'), served = find('#served');

/** What is open: the model, what is drawn of it, its fields and labels; `end` aborts what it listens to. */
let open = null;
let latest = 0;
/** Ends the conversion that is under way. */
let converting = null;

const setState = (state) => { root.dataset.state = state; };

function say(text, share) {
  find('#status').textContent = text;
  find('#bar').hidden = share === undefined;
  if (share !== undefined) find('#bar').value = share;
}

function fail(error) {
  say('');
  root.dataset.code = error.code ?? error.name;
  showError(failure, error);
  failure.scrollIntoView({ block: 'nearest' });
}

/** Names of classes by output. */
function labelsOf(model, assets) {
  return (output) => {
    const asset = assets[model.metadata[`output.${output}.labels`] ?? 'labels.txt'];
    return asset ? new TextDecoder().decode(asset).trimEnd().split(/\r?\n/) : [];
  };
}

function showModel(name, { model, assets, drawn, signal }) {
  find('#model').hidden = false;
  find('#name').textContent = drawn.data.name || name;
  find('#facts').textContent = `${facts(drawn.data)} · ${name}`;
  showPorts(find('#inputs'), model.inputs);
  showPorts(find('#outputs'), model.outputs);
  const list = (place, entries) => {
    place.querySelector('dl')?.remove();
    place.append(terms(entries));
    place.hidden = entries.length === 0;
  };
  list(find('#assets'), Object.entries(assets).map(([asset, bytes]) => [asset, size(bytes.length)]));
  list(find('#metadata'), Object.entries(model.metadata));
  find('#view').innerHTML = drawn.svg;
  open.graph = showGraph(find('#graph'), drawn.data, { signal });
  open.feeds = new Feeds(model, drawn.data, find('#dims'), find('#values'));
  find('#results').replaceChildren();
  find('#told').textContent = '';
  find('#times').hidden = true;
}

/** Offers to save the file that another one was converted to. */
function offerConverted(file, name, signal) {
  const link = find('#save a');
  link.href = URL.createObjectURL(file);
  link.download = name.replace(/\.onnx$/i, '.tea');
  find('#save').hidden = false;
  signal.addEventListener('abort', () => {
    URL.revokeObjectURL(link.href);
    find('#save').hidden = true;
  });
}

function close() {
  open?.end.abort();
  open?.model.dispose();
  open = null;
  find('#model').hidden = true;
}

/** Opens a file unless another one is chosen meanwhile. */
async function openModel(given, name) {
  const turn = ++latest;
  failure.hidden = true;
  converting?.abort();
  close();
  setState('busy');
  const isOnnx = /\.onnx$/i.test(name);
  let file = given;
  if (isOnnx) {
    say('Converting …');
    converting = new AbortController();
    file = await convert(given, { name, signal: converting.signal }).catch((error) => {
      if (turn === latest) throw error;
    });
    if (turn !== latest) return;
  }
  const loading = load(file, { onProgress: ({ stage, loaded, total }) => {
    if (turn === latest) say(stage === 'download' ? 'Reading …' : 'Preparing …', stage === 'download' ? loaded / total : 1);
  } });
  const [model, drawn] = await Promise.allSettled([loading, view(file)]);
  const failed = [drawn, model].find(({ status }) => status === 'rejected');
  if (turn !== latest || failed) {
    model.value?.dispose();
    if (turn !== latest) return;
    throw failed.reason;
  }
  const assets = await model.value.assets(), end = new AbortController();
  open = { model: model.value, assets, drawn: drawn.value, end, signal: end.signal };
  showModel(name, open);
  if (isOnnx) offerConverted(file, name, open.signal);
  say(`${name} is open. It stays on this device.`);
  setState('open');
}

/** Does what was asked for, and says what went wrong. */
async function attempt(action) {
  failure.hidden = true;
  delete root.dataset.code;
  try {
    await action();
  } catch (error) {
    fail(error);
    setState(open ? 'open' : 'error');
  }
}

const openFile = (file) => attempt(() => openModel(file, file.name));

/** Opens a model of this server. */
const openServed = (name) => attempt(async () => {
  const response = await fetch(`../models/${name}`);
  if (!response.ok) throw Object.assign(new Error(`the server answered ${response.status} for ${name}`), { code: 'http-status' });
  await openModel(await response.blob(), name);
});

/** Runs once, with buttons off meanwhile. */
async function busy(action) {
  const buttons = [find('#run'), find('#profile')];
  for (const button of buttons) button.disabled = true;
  setState('busy');
  const told = find('#told');
  told.textContent = 'Computing …';
  await attempt(async () => {
    const now = open, feeds = await now.feeds.make();
    const start = performance.now();
    told.textContent = await action(now, feeds, () => performance.now() - start);
    setState('open');
  });
  if (!failure.hidden) told.textContent = '';
  for (const button of buttons) button.disabled = false;
}

find('#feeds').addEventListener('submit', (event) => {
  event.preventDefault();
  busy(async ({ model, assets }, feeds, passed) => {
    const outputs = await model.run(feeds), ms = passed();
    showResults(find('#results'), outputs, labelsOf(model, assets));
    return `Computed on this device in ${ms.toFixed(1)} ms`;
  });
});

find('#profile').addEventListener('click', () => {
  if (!find('#feeds').reportValidity()) return;
  busy(async ({ model, drawn, graph }, feeds) => {
    await model.run(feeds);
    const steps = await model.profile(feeds);
    showTimes(find('#times'), steps, (node) => {
      const { boxes } = drawn.data.graphs[0];
      const at = boxes.findIndex(({ name }) => name && node.split(/\s*[+,]\s*/).some((text) => text === name || text.endsWith(` ${name}`)));
      if (at < 0) return;
      graph.open(0);
      graph.select(at);
      find('#graph').scrollIntoView({ block: 'nearest' });
    });
    return '';
  });
});

chooser.addEventListener('change', () => {
  if (chooser.files[0]) openFile(chooser.files[0]);
  chooser.value = '';
});
served.addEventListener('change', () => { if (served.value) openServed(served.value); });
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  find('#drop').classList.add('over');
});
document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) find('#drop').classList.remove('over'); });
document.addEventListener('drop', (event) => {
  event.preventDefault();
  find('#drop').classList.remove('over');
  if (event.dataTransfer.files[0]) openFile(event.dataTransfer.files[0]);
});

/** Offers the models of the server, if there are any. */
async function offer() {
  const response = await fetch('../models/models.json');
  const { files } = response.ok ? await response.json() : { files: {} };
  served.append(...Object.entries(files).map(([name, bytes]) => element('option', { value: name, textContent: `${name}, ${size(bytes)}` })));
  served.closest('label').hidden = Object.keys(files).length === 0;
}

chooser.disabled = false;
say('');
await keepOffline();
await offer().catch(() => {});
setState('ready');
