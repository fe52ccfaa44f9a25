import { open, timed, titles } from './runtimes.js';

const parameters = new URLSearchParams(location.search);
const ROUNDS = Number(parameters.get('rounds') ?? 5);
const ROUND_MS = Number(parameters.get('round') ?? 600);
const WARM_UP_MS = Number(parameters.get('warm-up') ?? 1500);
const MOST_THREADS = 8;
const AGREEMENT = 0.05;
const SVG = 'http://www.w3.org/2000/svg';

const root = document.documentElement;
const form = document.querySelector('#choice');
const threadChoice = document.querySelector('#threads');
const progress = document.querySelector('#progress');
const status = document.querySelector('#status');
const bar = document.querySelector('#bar');
const charts = document.querySelector('#charts');
const failure = document.querySelector('#error');

const setState = (state) => { root.dataset.state = state; };
const pause = () => new Promise((resolve) => { setTimeout(resolve, 30); });

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function drawn(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

function showError(error) {
  setState('error');
  progress.hidden = true;
  failure.querySelector('.message').textContent = String(error?.message ?? error);
  failure.hidden = false;
}

/** The value below which a share of sorted numbers lies. */
const quantile = (sorted, share) => sorted[Math.round(share * (sorted.length - 1))];

function summary(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.1), high: quantile(sorted, 0.9) };
}

/** Milliseconds with three digits that mean something. */
const milliseconds = (value) => `${value < 1 ? value.toFixed(3) : value < 10 ? value.toFixed(2) : value < 100
  ? value.toFixed(1) : value.toFixed(0)} ms`;

/** Whether two results hold the same numbers, in whatever order the runtimes lay them out. */
function agree(one, other) {
  const [a, b] = [one, other].map((outputs) => Float32Array.from(Object.values(outputs)[0]).sort());
  const largest = Math.max(Math.abs(a[0]), Math.abs(a[a.length - 1]));
  return a.length === b.length && a.every((value, i) => Math.abs(value - b[i]) <= AGREEMENT * largest);
}

/** One row of a chart: the runtime, a bar, the time, how many times the first row's that is, and when it was ready. */
function rowOf({ runtime, median, low, high, ready, problem }, longest, first) {
  const row = element('tr', { className: runtime === 'infuser' ? 'own' : '' },
    element('th', { scope: 'row', textContent: titles[runtime] }));
  if (problem) {
    row.append(element('td', { className: 'failure', colSpan: 4, textContent: problem }));
    return row;
  }
  const at = (value) => `${100 * value / longest}%`;
  const picture = drawn('svg', { 'aria-hidden': 'true' },
    drawn('rect', { class: 'bar', width: at(median), height: '100%', rx: 3 }),
    drawn('line', { class: 'span', x1: at(low), x2: at(high), y1: '50%', y2: '50%' }));
  const ratio = median / first;
  row.append(element('td', { className: 'chart' }, picture),
    element('td', { className: 'time', textContent: milliseconds(median) }),
    element('td', { className: 'ratio', textContent: Number.isFinite(ratio) ? `${ratio.toFixed(2)}×` : '' }),
    element('td', { className: 'optional', textContent: milliseconds(ready) }));
  return row;
}

function chart(title, rows) {
  const head = element('tr', {}, ...['runtime', '', 'time', 'ratio', 'ready'].map((textContent) =>
    element('th', { scope: 'col', textContent })));
  head.lastElementChild.className = 'optional';
  const longest = Math.max(...rows.filter(({ problem }) => !problem).map(({ high }) => high));
  return element('table', {}, element('caption', { textContent: title }), element('thead', {}, head),
    element('tbody', {}, ...rows.map((row) => rowOf(row, longest, rows[0].median))));
}

/** Starts a runtime, which takes part from then on, or has a problem. */
async function enter(runtime, workload, threads, say) {
  say(`${titles[runtime]}: starting`);
  await pause();
  try {
    const start = performance.now();
    const runner = await open(runtime, workload, threads);
    const outputs = await runner.run();
    const ready = performance.now() - start;
    say(`${titles[runtime]}: warming up`);
    await pause();
    await timed(runner, WARM_UP_MS);
    return { runtime, runner, outputs, ready, times: [] };
  } catch (error) {
    return { runtime, problem: String(error?.message ?? error) };
  }
}

async function measure(workload, runtimes, threads, say) {
  const entries = [];
  for (const runtime of runtimes) entries.push(await enter(runtime, workload, threads, say));
  const running = entries.filter(({ runner }) => runner);
  for (const entry of running.slice(1)) {
    if (!agree(running[0].outputs, entry.outputs)) entry.problem = `computes something else than ${titles[running[0].runtime]}`;
  }
  const racing = running.filter(({ problem }) => !problem);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < racing.length; i++) {
      const entry = racing[(i + round) % racing.length];
      say(`${titles[entry.runtime]}: round ${round + 1} of ${ROUNDS}`);
      await pause();
      try {
        entry.times.push(...await timed(entry.runner, ROUND_MS));
      } catch (error) {
        entry.problem = String(error?.message ?? error);
      }
    }
  }
  for (const { runner } of running) runner.dispose();
  return entries.map(({ runtime, ready, times, problem }) => problem ? { runtime, problem }
    : { runtime, ready, ...summary(times) });
}

async function run(workloads, runtimes, threads) {
  setState('measuring');
  failure.hidden = true;
  progress.hidden = false;
  for (const control of form.elements) control.disabled = true;
  charts.replaceChildren();
  const steps = workloads.length * runtimes.length * (ROUNDS + 2);
  let done = 0;
  for (const workload of workloads) {
    const rows = await measure(workload, runtimes.filter((name) => name in workload.runtimes), threads, (text) => {
      status.textContent = `${workload.title} · ${text}`;
      bar.value = done++ / steps;
    });
    charts.append(chart(workload.title, rows));
  }
  progress.hidden = true;
  status.textContent = 'Done.';
  for (const control of form.elements) control.disabled = false;
  setState('done');
}

const checkbox = (name, value, title, checked) => element('label', {},
  element('input', { type: 'checkbox', name, value, checked }), title);

async function start() {
  const response = await fetch(parameters.get('workloads') ?? 'workloads.json');
  if (!response.ok) throw new Error(`the server answered ${response.status} for the list of networks`);
  const workloads = (await response.json()).workloads.filter(({ limit }) => !limit);
  const runtimes = Object.keys(titles).filter((name) => workloads.some((workload) => name in workload.runtimes));
  const [networkChoice, runtimeChoice] = form.querySelectorAll('fieldset');
  networkChoice.append(...workloads.map(({ name, title }, i) => checkbox('network', name, title, i < 2)));
  runtimeChoice.append(...runtimes.map((name) => checkbox('runtime', name, titles[name], true)));
  runtimeChoice.hidden = runtimes.length < 2;
  const most = crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
  threadChoice.append(...Array.from({ length: most }, (_, i) => new Option(i + 1)));
  document.querySelector('#isolation').hidden = crossOriginIsolated;
  document.querySelector('#device').textContent =
    `This device offers ${navigator.hardwareConcurrency} cores to ${navigator.userAgent}.`;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const chosen = new FormData(form);
    const networks = chosen.getAll('network');
    run(workloads.filter(({ name }) => networks.includes(name)), chosen.getAll('runtime'), Number(threadChoice.value))
      .catch(showError);
  });
  for (const control of form.elements) control.disabled = false;
  progress.hidden = true;
  setState('ready');
}

start().catch(showError);
