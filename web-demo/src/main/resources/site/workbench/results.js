import { element } from '../lib/dom.js';
import { brief, isFloat, numbersOf } from './values.js';

const FIRST = 8, TOP = 5, SHOWN = 400;

const cell = (textContent, className = '') => element('td', { textContent, className });
const head = (...names) => element('tr', {}, ...names.map((textContent) => element('th', { textContent, scope: 'col' })));

/** A table of what a model takes or gives. */
export function showPorts(table, ports) {
  table.tHead?.remove();
  for (const body of [...table.tBodies]) body.remove();
  table.append(element('thead', {}, head('name', 'type', 'shape')), element('tbody', {}, ...ports.map(({ name, type, dims }) =>
    element('tr', {}, cell(name, 'name'), cell(type), cell(dims.length ? dims.join(' × ') : 'scalar', 'code')))));
}

/** Names and texts. */
export const terms = (entries) => element('dl', {}, ...entries.flatMap(([name, text]) => [element('dt', { textContent: name }),
  element('dd', { textContent: text })]));

function summary(tensor) {
  const numbers = numbersOf(tensor);
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (const x of numbers) {
    min = Math.min(min, x);
    max = Math.max(max, x);
    sum += x;
  }
  return [['min', brief(min)], ['max', brief(max)], ['mean', brief(sum / numbers.length)]];
}

/** The greatest of the last axis, in the first of its rows. */
function greatest(tensor, labels) {
  const length = tensor.dims.at(-1), row = Array.from(numbersOf(tensor).slice(0, length));
  return row.map((x, i) => [i, x]).sort(([, a], [, b]) => b - a).slice(0, TOP)
    .map(([i, x]) => [labels.length === length ? `${i} ${labels[i]}` : String(i), brief(x)]);
}

function result(name, value, labels) {
  const made = element('section', { className: 'output' }, element('h3', { textContent: name }));
  made.dataset.name = name;
  if (!value?.data) {
    made.append(element('p', { className: 'code', textContent: value === null ? 'absent' : Array.isArray(value)
      ? `a sequence of ${value.length}` : `a map of ${value.size}` }));
    return made;
  }
  const { type, dims, size } = value;
  made.append(element('p', { className: 'code', textContent: `${type} ${dims.length ? dims.join(' × ') : 'scalar'}` }));
  if (size === 0) return made;
  if (type !== 'string') made.append(terms(summary(value)));
  const first = type === 'string' ? value.data.slice(0, FIRST).map((text) => JSON.stringify(text))
    : Array.from(numbersOf(value).slice(0, FIRST), brief);
  made.append(element('p', { className: 'code first', textContent: first.join(', ') + (size > FIRST ? ', …' : '') }));
  if (isFloat(type) && dims.length > 0 && dims.at(-1) >= TOP) {
    made.append(element('h4', { textContent: dims.slice(0, -1).every((dim) => dim === 1) ? 'Greatest' : 'Greatest of the first row' }),
      terms(greatest(value, labels)));
  }
  return made;
}

/** What a run gave. `labels` are the names of classes of an output. */
export function showResults(place, outputs, labels) {
  place.replaceChildren(...Object.entries(outputs).map(([name, value]) => result(name, value, labels(name))));
}

/** Steps by the time that they took; `select` is called with the names of a step's nodes. */
export function showTimes(section, steps, select) {
  const total = steps.reduce((sum, { ms }) => sum + ms, 0), most = Math.max(...steps.map(({ ms }) => ms), Number.MIN_VALUE);
  const sorted = [...steps].sort((a, b) => b.ms - a.ms);
  section.querySelector('#total').textContent = `${steps.length} steps in ${total.toFixed(2)} ms`
    + (steps.length > SHOWN ? `; the longest ${SHOWN} are shown` : '');
  section.querySelector('thead').replaceChildren(head('nodes', 'ms', 'of all', 'kernel', 'GFLOP/s', 'of peak'));
  section.querySelector('tbody').replaceChildren(...sorted.slice(0, SHOWN).map(({ node, kernel, ms, gflops, share }) => {
    const bar = element('meter', { max: most, value: ms, className: 'bar' });
    bar.setAttribute('aria-hidden', 'true');
    const go = element('button', { type: 'button', className: 'link', textContent: node || kernel, title: node });
    go.addEventListener('click', () => select(node));
    return element('tr', {}, element('td', { className: 'nodes' }, go), cell(ms.toFixed(3), 'number'),
      element('td', { className: 'share' }, bar, element('span', { textContent: `${(100 * ms / (total || 1)).toFixed(1)} %` })),
      cell(kernel, 'code kernel'), cell(gflops ? gflops.toFixed(1) : '', 'number'), cell(share ? `${(100 * share).toFixed(0)} %` : '', 'number'));
  }));
  section.hidden = false;
}
