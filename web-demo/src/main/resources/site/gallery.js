import { element, megabytes } from './lib/dom.js';
import { keepOffline } from './lib/offline.js';
import { filesOf, TASKS } from './lib/tasks.js';

const AGAIN = 3000;
const gallery = document.querySelector('#gallery');

const cards = new Map(TASKS.map((task) => {
  const { name, title, text } = task;
  const size = element('p', { className: 'size' });
  const link = element('a', { href: `task.html?task=${name}` },
    element('img', { src: `results/${name}.jpg`, width: 480, height: 320, alt: `A sample: ${title.toLowerCase()}` }),
    element('h2', { textContent: title }), element('p', { textContent: text }), size);
  return [task, { card: element('li', { className: 'card' }, link), link, size }];
}));
gallery.append(...[...cards.values()].map(({ card }) => card));

/** Says of each task how large its models are, or why they are not there. Models are prepared when the server starts. */
function tell({ files, missing }) {
  for (const [task, { card, size }] of cards) {
    const names = filesOf(task), reason = names.map((name) => missing[name]).find(Boolean);
    const ready = names.every((name) => files[name]);
    card.dataset.ready = ready;
    size.textContent = ready ? megabytes(names.reduce((sum, name) => sum + files[name], 0))
      : reason ? `Not here: ${reason}` : 'The server still prepares its model …';
  }
}

async function refresh() {
  const response = await fetch('models/models.json');
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const models = await response.json();
  tell(models);
  document.documentElement.dataset.state = 'ready';
  if (!models.complete) setTimeout(() => refresh().catch(() => {}), AGAIN);
}

await Promise.all([refresh().catch(() => { document.documentElement.dataset.state = 'ready'; }), keepOffline()]);
