import { task } from '../infuser/infuser.js';
import { element, megabytes, showError as tell } from '../lib/dom.js';
import { keepOffline } from '../lib/offline.js';
import { watch } from '../lib/privacy.js';

const BATCH = 8;
const SHOWN = 8;

const root = document.documentElement;
const form = document.querySelector('#search');
const query = document.querySelector('#query');
const progress = document.querySelector('#progress');
const status = document.querySelector('#status');
const bar = document.querySelector('#bar');
const failure = document.querySelector('#error');
const answers = document.querySelector('#answers');
const summary = document.querySelector('#summary');
const results = document.querySelector('#results');

const setState = (state) => { root.dataset.state = state; };

function showProgress(text, share) {
  status.textContent = text;
  bar.value = share;
}

function showError(error) {
  setState('error');
  progress.hidden = true;
  tell(failure, error);
  root.dataset.code = failure.dataset.code;
}

async function loadPassages() {
  const response = await fetch('moby-dick.json');
  if (!response.ok) throw new Error(`the server answered ${response.status} for the text`);
  return (await response.json()).passages;
}

function loadModel() {
  return task('text-embedding', '../models/minilm.tea', {
    onProgress({ stage, loaded, total }) {
      if (stage === 'download') {
        showProgress(`Loading the model: ${megabytes(loaded)} of ${megabytes(total)}`, loaded / total);
      } else {
        showProgress('Preparing the model …', 1);
      }
    },
  });
}

/** Reads the whole text into vectors, passages of similar length together. */
async function embedPassages(model, passages) {
  const queue = passages.toSorted((one, other) => one.text.length - other.text.length);
  for (let done = 0; done < queue.length; done += BATCH) {
    showProgress(`Reading the book: ${done} of ${queue.length} passages`, done / queue.length);
    const batch = queue.slice(done, done + BATCH);
    const vectors = await model.embed(batch.map(({ text }) => text));
    batch.forEach((passage, index) => { passage.vector = vectors[index]; });
  }
}

/** The cosine, since vectors have length 1. */
const similarity = (one, other) => one.reduce((sum, value, index) => sum + value * other[index], 0);

function resultOf({ passage, score }) {
  const shown = Math.max(0, score);
  const meter = element('progress', { max: 1, value: shown });
  meter.setAttribute('aria-hidden', 'true');
  const item = element('li', {},
    element('p', { className: 'where' },
      element('span', { className: 'chapter', textContent: `Chapter ${passage.chapter} · ${passage.title}` }),
      meter,
      element('span', { className: 'score', textContent: `similarity ${score.toFixed(3)}` })),
    element('blockquote', { textContent: passage.text }));
  item.dataset.chapter = passage.chapter;
  item.dataset.score = score;
  return item;
}

async function search(model, passages, text) {
  answers.dataset.state = 'searching';
  const start = performance.now();
  const [vector] = await model.embed(text);
  const embedded = performance.now();
  const known = passages.filter((passage) => passage.vector);
  const ranked = known.map((passage) => ({ passage, score: similarity(vector, passage.vector) }))
    .sort((one, other) => other.score - one.score);
  const end = performance.now();
  results.replaceChildren(...ranked.slice(0, SHOWN).map(resultOf));
  summary.textContent = `The ${Math.min(SHOWN, ranked.length)} closest of ${ranked.length} passages, found in `
    + `${(end - start).toFixed(1)} ms: ${(embedded - start).toFixed(1)} ms for the query's vector, `
    + `${(end - embedded).toFixed(1)} ms for the comparison.`;
  answers.hidden = false;
  answers.dataset.query = text;
  answers.dataset.state = 'done';
}

function enableSearch(model, passages) {
  let latest = 0;
  const submit = async () => {
    const text = query.value.trim();
    if (!text) {
      query.focus();
      return;
    }
    const turn = ++latest;
    try {
      await search(model, passages, text);
    } catch (error) {
      if (turn === latest) showError(error);
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  for (const example of form.querySelectorAll('.examples button')) {
    example.addEventListener('click', () => {
      query.value = example.textContent;
      submit();
    });
  }
  for (const control of form.querySelectorAll(':disabled')) control.disabled = false;
}

async function start() {
  showProgress('Loading the model …', 0);
  const privacy = watch(document.querySelector('#privacy'));
  await keepOffline();
  const [model, passages] = await Promise.all([loadModel(), loadPassages()]);
  (await privacy).loaded();
  setState('embedding');
  enableSearch(model, passages);
  query.focus();
  await embedPassages(model, passages);
  progress.hidden = true;
  if (answers.dataset.query) await search(model, passages, answers.dataset.query);
  setState('ready');
}

form.addEventListener('submit', (event) => event.preventDefault());
failure.querySelector('button').addEventListener('click', () => location.reload());
start().catch(showError);
