/** A new element. */
function element(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
}
/** Bytes in the unit that suits them. */
export function size(bytes) {
  return bytes < 1e3 ? bytes + ' bytes' : bytes < 1e6 ? (bytes / 1e3).toFixed(1) + ' KB'
    : bytes < 1e9 ? (bytes / 1e6).toFixed(1) + ' MB' : (bytes / 1e9).toFixed(2) + ' GB';
}

/** How many nodes and weights a model has. */
export const facts = data => `${data.graphs[0].boxes.filter(b => b.op !== 'input' && b.op !== 'output').length} nodes · ${data.elements.toLocaleString('en')} weights in ${size(data.bytes)}`;

/**
 * Shows a model, the data of dev.infuser.view.GraphView, in `root`, which has #strip, #canvas with the drawing in #view, #panel, #graphs,
 * #search, #in, #out and #whole; ends when `signal` is aborted.
 *
 * @param keys     what hears the keyboard
 * @param embedded whether the page scrolls, too: then the wheel moves the drawing while it has the focus
 * @param chosen   hears of the graph and the box that are selected, -1 for none
 */
export function showGraph(root, data, { keys = root, embedded = true, chosen = () => {}, signal } = {}) {
  const $ = id => root.querySelector('#' + id);
  const canvas = $('canvas'), strip = $('strip'), panel = $('panel');
  let current = 0, selected = -1, hits = [], hit = -1, x = 0, y = 0, scale = 1;

  const group = () => $('g' + current);
  const boxes = () => data.graphs[current].boxes;
  const shape = i => $('n' + current + '-' + i);
  function frame(i) {
    const moved = shape(i).transform.baseVal[0].matrix, rect = shape(i).firstChild;
    return { x: moved.e, y: moved.f, w: +rect.getAttribute('width'), h: +rect.getAttribute('height') };
  }

  function draw() {
    $('view').setAttribute('transform', `translate(${x} ${y}) scale(${scale})`);
    const area = strip.getContext('2d'), dots = devicePixelRatio || 1, w = strip.clientWidth, h = strip.clientHeight;
    if (strip.width !== w * dots || strip.height !== h * dots) { strip.width = w * dots; strip.height = h * dots; }
    area.setTransform(dots, 0, 0, dots, 0, 0);
    area.clearRect(0, 0, w, h);
    const a = (w - 16) / Math.max(1, +group().dataset.w), b = (h - 16) / Math.max(1, +group().dataset.h);
    if (!colours) {
      colours = {};
      for (const kind of ['io', ...Object.keys(data.kinds)]) {
        const probe = root.appendChild(element('i'));
        probe.style.color = `var(--${kind})`;
        colours[kind] = getComputedStyle(probe).color;
        probe.remove();
      }
    }
    boxes().forEach((_, i) => {
      const at = frames[i];
      area.globalAlpha = !hits.length || hits.includes(i) || i === selected ? 1 : .2;
      area.fillStyle = colours[at.kind];
      area.fillRect(8 + at.x * a, 8 + at.y * b, Math.max(3, at.w * a), Math.max(1, Math.min(12, at.h * b)));
    });
    area.globalAlpha = 1;
    area.strokeStyle = getComputedStyle(document.body).color;
    const top = 8 - y / scale * b, left = Math.max(1, 8 - x / scale * a);
    area.lineWidth = 1.5;
    area.strokeRect(left, top, Math.min(w - 1 - left, canvas.clientWidth / scale * a), Math.max(4, canvas.clientHeight / scale * b));
  }
  let frames = [], colours = null, waiting = false;
  function recolour() {
    colours = null;
    redraw();
  }
  function redraw() {
    if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; draw(); }); }
  }
  function zoom(by, px = canvas.clientWidth / 2, py = canvas.clientHeight / 2) {
    const next = Math.min(4, Math.max(.01, scale * by));
    x = px - (px - x) * next / scale;
    y = py - (py - y) * next / scale;
    scale = next;
    redraw();
  }
  function whole() {
    const w = +group().dataset.w, h = +group().dataset.h;
    scale = Math.min(1, (canvas.clientWidth - 40) / w, (canvas.clientHeight - 40) / h);
    x = (canvas.clientWidth - w * scale) / 2;
    y = (canvas.clientHeight - h * scale) / 2;
    redraw();
  }
  function show(i) {
    const at = frame(i), px = x + (at.x + at.w / 2) * scale, py = y + (at.y + at.h / 2) * scale;
    if (scale < .5) scale = 1;
    else if (px > 60 && py > 40 && px < canvas.clientWidth - 60 && py < canvas.clientHeight - 40) return redraw();
    x = canvas.clientWidth / 2 - (at.x + at.w / 2) * scale;
    y = canvas.clientHeight / 2 - (at.y + at.h / 2) * scale;
    redraw();
  }
  function open(graph) {
    select(-1);
    group().classList.remove('on');
    current = graph;
    $('graphs').value = graph;
    group().classList.add('on');
    frames = boxes().map((_, i) => ({ ...frame(i), kind: shape(i).classList[1] }));
    find();
    scale = 1;
    const first = frames[0] || { x: 0, w: 0 };
    x = canvas.clientWidth / 2 - first.x - first.w / 2;
    y = 30;
    if (+group().dataset.h < canvas.clientHeight * 1.6) whole();
    redraw();
  }
  function select(i, moving = true) {
    for (const old of group().querySelectorAll('.sel, .in, .out')) old.classList.remove('sel', 'in', 'out');
    selected = i;
    if (i >= 0) {
      shape(i).classList.add('sel');
      const mark = (box, name) => { const e = $('e' + current + '-' + box); if (e) { e.classList.add(name); e.parentNode.insertBefore(e, group().querySelector('.n')); } };
      boxes()[i].reads.forEach(v => { if (v.box >= 0) mark(v.box, 'in'); });
      mark(i, 'out');
      if (moving) show(i);
    }
    chosen(current, i);
    tell();
    redraw();
  }
  function link(text, action) {
    const made = element('button', text, 'link');
    made.addEventListener('click', action);
    return made;
  }
  function label(i) {
    const box = boxes()[i];
    return box.op === 'input' || box.op === 'output' ? `${box.op} ${(box.makes[0] || box.reads[0]).value}` : box.op + (box.name ? ' ' + box.name : '');
  }
  function values(title, list, to) {
    if (!list.length) return;
    panel.append(element('h3', title));
    for (const v of list) {
      const card = panel.appendChild(element('div', undefined, 'v'));
      if (v.bytes >= 0 && v.type) card.append(element('span', size(v.bytes), 'size'));
      card.append(element('b', v.value || '(absent)'), document.createElement('br'), element('code', v.type));
      if (v.elements) card.append(document.createElement('br'), element('code', v.elements));
      if (to && v.box >= 0) card.append(document.createElement('br'), link('from ' + label(v.box), () => select(v.box)));
    }
  }
  function entries(title, list) {
    if (!list.length) return;
    panel.append(element('h3', title));
    const terms = panel.appendChild(element('dl'));
    for (const [name, text] of list) terms.append(element('dt', name), element('dd', text));
  }
  function tell() {
    panel.replaceChildren();
    panel.scrollTop = 0;
    if (selected < 0) return overview();
    const box = boxes()[selected];
    panel.append(element('h2', box.op), element('div', box.name, 'name'));
    entries('Attributes', box.attributes || []);
    for (const [name, graph] of box.graphs || []) {
      panel.append(element('h3', name), link(`open ${data.graphs[graph].boxes.length} boxes`, () => open(graph)));
    }
    values('Reads', box.reads, true);
    values('Makes', box.makes, false);
    if (box.next.length) {
      panel.append(element('h3', 'Read by'));
      for (const i of box.next.slice(0, 60)) {
        const row = panel.appendChild(element('div', undefined, 'row'));
        row.append(link(label(i), () => select(i)));
      }
    }
  }
  function overview() {
    panel.append(element('h2', data.name || 'Model'));
    for (const op of ['input', 'output']) {
      values(op === 'input' ? 'Inputs' : 'Outputs', data.graphs[0].boxes.filter(b => b.op === op).map(b => op === 'input' ? b.makes[0] : b.reads[0]), false);
    }
    panel.append(element('h3', 'Operators'));
    const kinds = {};
    for (const b of root.querySelectorAll('#g0 .n')) kinds[b.querySelector('text').textContent] = b.classList[1];
    for (const [op, count] of Object.entries(data.operators).sort((a, b) => b[1] - a[1])) {
      const row = panel.appendChild(element('div', undefined, 'row'));
      row.append(element('i', undefined, 'dot ' + (kinds[op] || 'other')), link(op, () => { $('search').value = op; find(true); next(1); }), element('span', count));
    }
    panel.append(element('h3', 'Colours'));
    for (const [kind, text] of Object.entries(data.kinds)) {
      const row = panel.appendChild(element('div', undefined, 'row'));
      row.append(element('i', undefined, 'dot ' + kind), text);
    }
    entries('Assets', Object.entries(data.assets).map(([name, bytes]) => [name, size(bytes)]));
    entries('Provenance', Object.entries(data.metadata));
    const help = panel.appendChild(element('p', undefined, 'keys'));
    const key = text => element('kbd', text);
    help.append('Drag or scroll to move, ', key('ctrl'), ' and scroll to zoom. ', key('/'), ' finds, ', key('Enter'), ' goes to the next. ',
      key('↑'), ' ', key('↓'), ' follow the selected node, ', key('Esc'), ' leaves it.');
  }
  function find(exact) {
    const text = $('search').value.trim().toLowerCase();
    for (const old of group().querySelectorAll('.hit')) old.classList.remove('hit');
    hits = [];
    hit = -1;
    if (text) {
      boxes().forEach((box, i) => {
        const found = exact ? box.op.toLowerCase() === text : (box.op + '\n' + box.name + '\n' + box.makes.map(v => v.value).join('\n') + '\n'
          + box.reads.map(v => v.value).join('\n')).toLowerCase().includes(text);
        if (found) { hits.push(i); shape(i).classList.add('hit'); }
      });
    }
    group().classList.toggle('hits', hits.length > 0);
    $('search').setAttribute('aria-invalid', text && !hits.length);
    $('search').title = text ? hits.length + ' found' : '';
    redraw();
  }
  function next(by) {
    if (!hits.length) return;
    hit = (hit + by + hits.length) % hits.length;
    select(hits[hit]);
  }

  $('graphs').replaceChildren();
  data.graphs.forEach((graph, i) => { const option = element('option', i + ': ' + (graph.name || 'graph')); option.value = i; $('graphs').append(option); });
  $('graphs').hidden = data.graphs.length < 2;
  $('graphs').addEventListener('change', event => open(+event.target.value), { signal });
  $('search').addEventListener('input', () => find(), { signal });
  $('search').addEventListener('keydown', event => {
    if (event.key === 'Enter') next(event.shiftKey ? -1 : 1);
    if (event.key === 'Escape') { $('search').value = ''; find(); $('search').blur(); }
    event.stopPropagation();
  }, { signal });
  $('in').addEventListener('click', () => zoom(1.3), { signal });
  $('out').addEventListener('click', () => zoom(1 / 1.3), { signal });
  $('whole').addEventListener('click', whole, { signal });
  const touches = new Map();
  let moved = 0;
  canvas.addEventListener('pointerdown', event => { touches.set(event.pointerId, event); moved = 0; }, { signal });
  canvas.addEventListener('pointermove', event => {
    const before = touches.get(event.pointerId);
    if (!before) return;
    const dx = event.clientX - before.clientX, dy = event.clientY - before.clientY;
    moved += Math.abs(dx) + Math.abs(dy);
    if (moved > 4) { canvas.classList.add('drag'); canvas.setPointerCapture(event.pointerId); }
    const other = [...touches.values()].find(t => t.pointerId !== event.pointerId);
    if (other) {
      const box = canvas.getBoundingClientRect();
      const distance = e => Math.hypot(e.clientX - other.clientX, e.clientY - other.clientY) || 1;
      zoom(distance(event) / distance(before), (event.clientX + other.clientX) / 2 - box.left, (event.clientY + other.clientY) / 2 - box.top);
    }
    x += other ? dx / 2 : dx;
    y += other ? dy / 2 : dy;
    touches.set(event.pointerId, event);
    redraw();
  }, { signal });
  for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, event => {
      const known = touches.delete(event.pointerId);
      canvas.classList.remove('drag');
      if (end === 'pointerup' && known && moved <= 4) {
        const node = event.target.closest('.n');
        select(node ? +node.id.split('-')[1] : -1, false);
      }
    }, { signal });
  }
  canvas.addEventListener('wheel', event => {
    if (embedded && !event.ctrlKey && document.activeElement !== canvas) return;
    event.preventDefault();
    const box = canvas.getBoundingClientRect(), unit = event.deltaMode ? 18 : 1;
    if (event.ctrlKey || event.metaKey) return zoom(Math.exp(-event.deltaY * unit * .004), event.clientX - box.left, event.clientY - box.top);
    x -= (event.shiftKey ? event.deltaY : event.deltaX) * unit;
    y -= (event.shiftKey ? 0 : event.deltaY) * unit;
    redraw();
  }, { passive: false, signal });
  function jump(event) {
    if (event.type === 'pointermove' && !event.buttons) return;
    const box = strip.getBoundingClientRect();
    y = canvas.clientHeight / 2 - (event.clientY - box.top - 8) / (box.height - 16) * +group().dataset.h * scale;
    const w = +group().dataset.w;
    if (w * scale > canvas.clientWidth) x = canvas.clientWidth / 2 - (event.clientX - box.left - 8) / (box.width - 16) * w * scale;
    else x = (canvas.clientWidth - w * scale) / 2;
    redraw();
  }
  strip.addEventListener('pointerdown', event => { strip.setPointerCapture(event.pointerId); jump(event); }, { signal });
  strip.addEventListener('pointermove', jump, { signal });
  keys.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('select')) return;
    if (event.key === '/') { event.preventDefault(); $('search').focus(); $('search').select(); }
    if (event.key === 'Escape') select(-1);
    if (event.key === '+') zoom(1.3);
    if (event.key === '-') zoom(1 / 1.3);
    if (event.key === '0') whole();
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const box = selected < 0 ? null : boxes()[selected];
      const to = !box ? 0 : event.key === 'ArrowDown' ? box.next[0] : box.reads.map(v => v.box).find(i => i >= 0);
      if (to !== undefined) { event.preventDefault(); select(to); }
    }
  }, { signal });
  addEventListener('resize', redraw, { signal });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolour, { signal });
  group().classList.add('on');
  open(0);
  return { open, select, recolour };
}
