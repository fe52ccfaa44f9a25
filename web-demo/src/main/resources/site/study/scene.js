// Video that is drawn, the same each time: shapes that move before a texture, with edges that are hard, soft and fine.

const TILE = 256;
const PERIOD = 240;

/** Grain, from a congruential generator (Numerical Recipes' constants). */
function grain() {
  const tile = new OffscreenCanvas(TILE, TILE), context = tile.getContext('2d'), image = context.createImageData(TILE, TILE);
  let state = 1;
  for (let i = 0; i < image.data.length; i += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    image.data.fill(110 + (state >>> 24) / 8, i, i + 3);
    image.data[i + 3] = 90;
  }
  context.putImageData(image, 0, 0);
  return tile;
}

let tile;

/** Draws picture number `at` of the scene into a context of two dimensions, whatever its size. */
export function drawScene(context, width, height, at) {
  const phase = 2 * Math.PI * (at % PERIOD) / PERIOD, unit = height / 18;
  const sky = context.createLinearGradient(0, 0, width, height);
  sky.addColorStop(0, '#33506b');
  sky.addColorStop(0.55, '#b5875c');
  sky.addColorStop(1, '#2a3a2c');
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  for (let i = 0; i < 14; i++) {
    context.fillStyle = `hsl(${20 + 23 * i} 35% ${22 + 4 * (i % 5)}%)`;
    const tall = unit * (4 + 7 * Math.abs(Math.sin(i * 2.1)));
    context.fillRect(width * i / 14 + unit * Math.sin(phase + i), height - tall, width / 17, tall);
  }
  for (let i = 0; i < 9; i++) {
    const turn = phase * (1 + i % 3) + i;
    const x = width * (0.5 + 0.4 * Math.cos(turn)), y = height * (0.45 + 0.35 * Math.sin(turn * 1.5 + i)), r = unit * (1 + i % 4);
    const ball = context.createRadialGradient(x - r / 3, y - r / 3, r / 8, x, y, r);
    ball.addColorStop(0, `hsl(${40 * i} 70% 80%)`);
    ball.addColorStop(1, `hsl(${40 * i} 60% 30%)`);
    context.fillStyle = ball;
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.fill();
  }
  context.save();
  context.translate(width / 2, height / 2);
  context.rotate(phase);
  context.lineWidth = unit / 5;
  for (let i = 0; i < 6; i++) {
    context.strokeStyle = i % 2 ? '#f3efe2' : '#1b1f24';
    context.strokeRect(-unit * (2 + i), -unit * (1 + i / 2), 2 * unit * (2 + i), 2 * unit * (1 + i / 2));
  }
  context.restore();
  context.fillStyle = '#f6f2e8';
  context.font = `600 ${1.6 * unit}px Georgia, serif`;
  context.fillText('Call me Ishmael.', width * (0.5 + 0.45 * Math.sin(phase)) - 6 * unit, height * 0.9);
  tile ??= grain();
  context.fillStyle = context.createPattern(tile, 'repeat');
  context.fillRect(0, 0, width, height);
}

/** Pictures of the scene as words of pixels, some way apart. */
export function takePictures(width, height, count) {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  return Array.from({ length: count }, (_, i) => {
    drawScene(context, width, height, 20 * i);
    return new Int32Array(context.getImageData(0, 0, width, height).data.buffer);
  });
}
