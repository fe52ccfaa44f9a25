import { Tensor } from '../infuser/infuser.js';
import { element } from '../lib/dom.js';
import { readPicture } from '../lib/inputs.js';
import { readNpy } from './npy.js';
import { elementsOf, isFloat, isKnown, numbersOf, randomFrom, randomNumbers } from './values.js';

const TOKENS = 16, PIXELS = 64, MOST = 2 ** 28;

class BadFeed extends Error {
  constructor(name, message, hint) {
    super(message);
    Object.assign(this, { name: 'BadFeed', code: 'bad-feed', node: name, hint });
  }
}

/** Extents that are likely to work: one thing at a time, pictures of some pixels, texts of some tokens. */
const guess = (port, axis) => (axis === 0 ? 1 : port.dims.length === 4 ? PIXELS : TOKENS);

/** How many rows the table has that integers look up, or 2: of 0 and 1 most inputs make something. */
function rowsOf(view, name) {
  const { boxes } = view.graphs[0];
  const readers = (value) => boxes.filter(({ reads }) => reads.some((read) => read.value === value));
  const rows = (value) => readers(value).flatMap(({ op, reads, makes, attributes = [] }) => {
    if (op === 'Cast') return rows(makes[0].value);
    const dims = /\[([\d,]+)\]/.exec(reads[0].type)?.[1].split(',').map(Number);
    if (op !== 'Gather' || reads[1].value !== value || reads[0].box !== undefined || !dims) return [];
    return [dims[Number(Object.fromEntries(attributes).axis ?? 0)] ?? 2];
  });
  return Math.min(...rows(name), Infinity) === Infinity ? 2 : Math.min(...rows(name));
}

/** The part of a picture's tensor: where channels, rows and columns are, or null where it is none. */
function pictureAxes({ type, dims }) {
  if (dims.length !== 4 || !(isFloat(type) || type === 'uint8' || type === 'int32')) return null;
  const channels = (dim) => dim === 3 || dim === 1;
  return channels(dims[3]) ? { c: 3, y: 1, x: 2 } : channels(dims[1]) || typeof dims[1] === 'string' ? { c: 1, y: 2, x: 3 } : null;
}

/** The fields for what a model takes. */
export class Feeds {
  #ports;
  #metadata;
  #dims = new Map();
  #rows = [];
  #seed;

  /** Puts a field for each open extent in `dims`, and a row for each input in `values`. */
  constructor(model, view, dims, values) {
    this.#ports = model.inputs;
    this.#metadata = model.metadata;
    for (const port of model.inputs) {
      port.dims.forEach((dim, axis) => {
        if (typeof dim === 'number' || this.#dims.has(dim)) return;
        this.#dims.set(dim, element('input', { type: 'number', min: 0, step: 1, value: guess(port, axis), required: true,
          name: `dim ${dim}` }));
      });
    }
    this.#seed = element('input', { type: 'number', step: 1, value: 1, name: 'seed', required: true });
    const field = (label, input) => element('label', {}, element('span', { textContent: label }), input);
    dims.replaceChildren(...[...this.#dims].map(([name, input]) => field(name, input)), field('seed of random numbers', this.#seed));
    this.#rows = model.inputs.map((port) => this.#row(port, view));
    values.replaceChildren(...this.#rows.map(({ row }) => row));
  }

  #row(port, view) {
    const kinds = port.type === 'string' ? ['text'] : isKnown(port.type) ? ['random', 'zeros', 'ones', 'file'] : ['nothing'];
    const kind = element('select', { name: `kind ${port.name}` }, ...kinds.map((value) => element('option', { value, textContent: value })));
    kind.setAttribute('aria-label', `What ${port.name} is`);
    const below = element('input', { type: 'number', min: 1, step: 1, value: pictureAxes(port) ? 256 : rowsOf(view, port.name), name: `below ${port.name}` });
    const text = element('input', { type: 'text', name: `text ${port.name}`, value: 'text' });
    text.setAttribute('aria-label', `The text of ${port.name}`);
    const file = element('input', { type: 'file', name: `file ${port.name}`, accept: pictureAxes(port) ? '.npy,image/*' : '.npy' });
    file.setAttribute('aria-label', `The file of ${port.name}`);
    const limit = element('label', { className: 'below' }, 'below ', below);
    const state = { port, kind, below, text, file, array: null };
    const show = () => {
      limit.hidden = kind.value !== 'random' || isFloat(port.type) || port.type === 'bool';
      text.hidden = kind.value !== 'text';
      file.hidden = kind.value !== 'file';
    };
    kind.addEventListener('change', show);
    file.addEventListener('change', () => {
      state.given = file.files[0];
      this.#fit(state).catch(() => {});
    });
    show();
    state.row = element('div', { className: 'value' }, element('b', { textContent: port.name }), kind, limit, text, file);
    state.row.addEventListener('dragover', (event) => event.preventDefault());
    state.row.addEventListener('drop', (event) => {
      if (!event.dataTransfer.files.length || port.type === 'string') return;
      event.preventDefault();
      event.stopPropagation();
      file.files = event.dataTransfer.files;
      kind.value = 'file';
      show();
      file.dispatchEvent(new Event('change'));
    });
    return state;
  }

  /** Sets the fields of open extents to those of the array that was given. */
  async #fit({ port, given }) {
    if (!given?.name.endsWith('.npy')) return;
    const { dims } = readNpy(await given.arrayBuffer());
    port.dims.forEach((dim, axis) => { if (this.#dims.has(dim)) this.#dims.get(dim).value = dims[axis]; });
  }

  /** The tensors that the fields describe. */
  async make() {
    const random = randomFrom(Number(this.#seed.value)), feeds = {};
    for (const state of this.#rows) feeds[state.port.name] = await this.#tensor(state, random);
    return feeds;
  }

  async #tensor({ port, kind, below, text, given }, random) {
    const { name, type } = port;
    const dims = port.dims.map((dim) => (typeof dim === 'number' ? dim : Number(this.#dims.get(dim).value)));
    const count = dims.reduce((product, dim) => product * dim, 1);
    if (!isKnown(type)) throw new BadFeed(name, `values of type ${type} cannot be made here`, 'Run the model from a script.');
    if (!dims.every((dim) => Number.isInteger(dim) && dim >= 0) || count > MOST) {
      throw new BadFeed(name, `an array of ${dims.join('×')} cannot be made`, 'Choose other extents.');
    }
    if (kind.value === 'text') return new Tensor('string', new Array(count).fill(text.value), dims);
    if (kind.value === 'zeros') return new Tensor(type, elementsOf(type, new Float64Array(count)), dims);
    if (kind.value === 'ones') return new Tensor(type, elementsOf(type, new Float64Array(count).fill(1)), dims);
    if (kind.value === 'random') return new Tensor(type, elementsOf(type, randomNumbers(type, count, random, Number(below.value))), dims);
    if (!given) throw new BadFeed(name, `no file was chosen for ${name}`, 'Choose one, or take random numbers.');
    if (!given.name.endsWith('.npy')) return this.#picture(port, given, dims);
    const array = readNpy(await given.arrayBuffer());
    if (array.dims.length !== dims.length || !array.dims.every((dim, i) => dim === dims[i])) {
      throw new BadFeed(name, `the array in ${given.name} is ${array.dims.join('×') || 'a scalar'}, ${name} takes ${dims.join('×') || 'a scalar'}`,
        'Choose another file or other extents.');
    }
    return new Tensor(type, array.type === type ? array.data : elementsOf(type, numbersOf(array)), dims);
  }

  /** Pixels at the extents of the input, normalised as the file says, else from 0 to 1; whole numbers as they are. */
  async #picture(port, file, dims) {
    const axes = pictureAxes(port);
    if (!axes) throw new BadFeed(port.name, `${port.name} takes no picture`, 'Choose a .npy file.');
    const [channels, height, width] = [dims[axes.c], dims[axes.y], dims[axes.x]];
    const bitmap = await readPicture(file);
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context.drawImage(bitmap, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height), bytes = !isFloat(port.type);
    const said = (key, otherwise) => (this.#metadata[`input.${port.name}.${key}`] ?? otherwise).split(/[\s,[\]]+/).filter(Boolean).map(Number);
    const mean = said('mean', '0'), std = said('std', '255');
    const numbers = new Float64Array(dims.reduce((product, dim) => product * dim, 1));
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < channels; c++) {
        const pixel = channels === 1 ? .299 * data[4 * i] + .587 * data[4 * i + 1] + .114 * data[4 * i + 2] : data[4 * i + c] ?? 0;
        numbers[axes.c === 3 ? i * channels + c : c * width * height + i] = bytes ? pixel
          : (pixel - mean[c % mean.length]) / std[c % std.length];
      }
    }
    return new Tensor(port.type, elementsOf(port.type, numbers), dims);
  }
}
