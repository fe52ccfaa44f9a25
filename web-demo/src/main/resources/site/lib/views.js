import { element } from './dom.js';

const percent = (score) => `${Math.round(100 * score)} %`;
const HUES = 12;

/** The same colour for the same label. */
const colorOf = (label) => {
  let hash = 0;
  for (const char of label) hash = (hash * 31 + char.charCodeAt(0)) % 9973;
  return `hsl(${(hash % HUES) * (360 / HUES)} 75% 42%)`;
};

function fit(canvas, width, height) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  return canvas.getContext('2d');
}

function paint(canvas, bitmap) {
  const context = fit(canvas, bitmap.width, bitmap.height);
  context.drawImage(bitmap, 0, 0);
  return context;
}

const imageOf = ({ width, height, data }) => new ImageData(new Uint8ClampedArray(data.buffer, data.byteOffset, data.length), width, height);

function boxes({ canvas }, bitmap, objects) {
  const context = paint(canvas, bitmap);
  const size = Math.max(12, Math.round(bitmap.width / 40));
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.lineWidth = Math.max(2, size / 6);
  context.textBaseline = 'top';
  for (const { label, score, box } of objects) {
    const text = `${label} ${percent(score)}`, width = context.measureText(text).width + size * 0.7;
    const top = Math.max(0, box.top - size * 1.4);
    context.strokeStyle = context.fillStyle = colorOf(label);
    context.strokeRect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    context.fillRect(Math.min(box.left, bitmap.width - width), top, width, size * 1.4);
    context.fillStyle = '#fff';
    context.fillText(text, Math.min(box.left, bitmap.width - width) + size * 0.35, top + size * 0.25);
  }
  return objects.map(({ label, score }) => `${label}, ${percent(score)}`);
}

function faces({ canvas }, bitmap, found) {
  const context = paint(canvas, bitmap), line = Math.max(1, bitmap.width / 400);
  for (const { mesh = [], irises = [], box } of found) {
    context.fillStyle = 'rgb(255 255 255 / .65)';
    for (let i = 0; i < mesh.length; i += 3) context.fillRect(mesh[i], mesh[i + 1], line, line);
    context.lineWidth = 2 * line;
    context.strokeStyle = '#13b5b1';
    context.strokeRect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    for (const { x, y, radius } of irises) {
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.stroke();
    }
  }
  return found.map(({ score, emotions: [emotion] = [] }) => `a face, ${percent(score)}`
    + (emotion ? `: ${emotion.label}, ${percent(emotion.score)}` : ''));
}

const BONES = ['leftShoulder rightShoulder', 'leftHip rightHip', ...['left', 'right'].flatMap((side) => ['Shoulder Elbow', 'Elbow Wrist',
  'Shoulder Hip', 'Hip Knee', 'Knee Ankle', 'Eye Ear'].map((bone) => bone.split(' ').map((joint) => side + joint).join(' '))),
  'nose leftEye', 'nose rightEye'].map((bone) => bone.split(' '));
const SEEN = 0.3;

function bodies({ canvas }, bitmap, found) {
  const context = paint(canvas, bitmap), size = Math.max(2, bitmap.width / 160);
  let seen = 0;
  for (const { points } of found) {
    const known = new Map(points.filter(({ score }) => score >= SEEN).map((point) => [point.name, point]));
    seen += known.size;
    context.lineWidth = size;
    context.lineCap = 'round';
    for (const [a, b] of BONES) {
      const from = known.get(a), to = known.get(b);
      if (!from || !to) continue;
      context.strokeStyle = a.startsWith('right') ? '#e8590c' : '#13b5b1';
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
      context.stroke();
    }
    context.fillStyle = '#fff';
    for (const { x, y } of known.values()) {
      context.beginPath();
      context.arc(x, y, size * 0.8, 0, 2 * Math.PI);
      context.fill();
    }
  }
  return [`${seen} points of a body are seen`];
}

let cut;

/** In front of a background that is not that of the picture. */
function matte({ canvas }, bitmap, answer) {
  const context = fit(canvas, answer.width, answer.height);
  const ground = context.createLinearGradient(0, 0, answer.width, answer.height);
  ground.addColorStop(0, '#0f6b6b');
  ground.addColorStop(1, '#f2c14e');
  context.fillStyle = ground;
  context.fillRect(0, 0, answer.width, answer.height);
  cut ??= document.createElement('canvas');
  fit(cut, answer.width, answer.height).putImageData(imageOf(answer), 0, 0);
  context.drawImage(cut, 0, 0);
  const share = answer.data.reduce((sum, level, i) => sum + (i % 4 === 3 ? level : 0), 0) / (255 * answer.width * answer.height);
  return [`${percent(share)} of the picture is a person`];
}

function cutout({ canvas }, bitmap, { mask, picture }) {
  const context = fit(canvas, picture.width, picture.height);
  context.putImageData(imageOf(picture), 0, 0);
  const share = mask.reduce((sum, level) => sum + level, 0) / (255 * mask.length);
  return [`${percent(share)} of the picture is a person`];
}

function picture({ canvas }, bitmap, answer) {
  fit(canvas, answer.width, answer.height).putImageData(imageOf(answer), 0, 0);
  return [`${bitmap.width} × ${bitmap.height} pixels became ${answer.width} × ${answer.height}`];
}

/** Text that can be selected lies over the picture of itself. */
function page({ canvas, overlay }, bitmap, { lines }) {
  const context = paint(canvas, bitmap), scale = canvas.clientWidth / bitmap.width;
  context.strokeStyle = '#0f6b6b';
  context.lineWidth = Math.max(1, bitmap.width / 600);
  for (const { box } of lines) {
    context.beginPath();
    for (const { x, y } of box) context.lineTo(x, y);
    context.closePath();
    context.stroke();
  }
  overlay.replaceChildren(...lines.map(({ text, box: [a, b, , d] }) => {
    const span = element('span', { textContent: text, className: 'line' });
    const width = Math.hypot(b.x - a.x, b.y - a.y), height = Math.hypot(d.x - a.x, d.y - a.y);
    Object.assign(span.style, { left: `${a.x * scale}px`, top: `${a.y * scale}px`, height: `${height * scale}px`,
      fontSize: `${height * scale * 0.8}px`, lineHeight: `${height * scale}px` });
    span.dataset.width = width * scale;
    span.dataset.angle = Math.atan2(b.y - a.y, b.x - a.x);
    return span;
  }));
  for (const span of overlay.children) {
    span.style.transform = `rotate(${span.dataset.angle}rad) scaleX(${span.dataset.width / span.offsetWidth})`;
  }
  return lines.map(({ text }) => text);
}

/** Loudness over time, and above it the probability of speech. */
function speech({ canvas }, { samples, sampleRate }, { speech: probabilities, frame, segments }) {
  const context = fit(canvas, 960, 240), seconds = Math.max(samples.length / sampleRate, frame);
  const x = (time) => (time / seconds) * canvas.width, middle = 150, style = getComputedStyle(canvas);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = style.getPropertyValue('--track');
  for (const { start, end } of segments) context.fillRect(x(start), 0, x(end) - x(start), canvas.height);
  context.strokeStyle = style.getPropertyValue('--soft');
  context.beginPath();
  for (let column = 0; column < canvas.width; column++) {
    const from = Math.floor((column / canvas.width) * samples.length);
    const part = samples.subarray(from, Math.max(from + 1, Math.floor(((column + 1) / canvas.width) * samples.length)));
    const peak = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    context.moveTo(column + 0.5, middle - 80 * peak - 0.5);
    context.lineTo(column + 0.5, middle + 80 * peak + 0.5);
  }
  context.stroke();
  context.strokeStyle = style.getPropertyValue('--accent');
  context.lineWidth = 3;
  context.beginPath();
  probabilities.forEach((probability, i) => context.lineTo(x((i + 0.5) * frame), 60 - 50 * probability));
  context.stroke();
  context.lineWidth = 1;
  return segments.length === 0 ? ['no speech'] : segments.map(({ start, end }) => `speech from ${start.toFixed(2)} s to ${end.toFixed(2)} s`);
}

const labels = (place, text, answer) => (answer.length === 0 ? ['too short to tell']
  : answer.map(({ label, score }) => `${label}, ${percent(score)}`));

/** Each draws an input with its answer, and returns the answer in words. */
export const VIEWS = { boxes, faces, bodies, matte, cutout, picture, page, speech, labels };
