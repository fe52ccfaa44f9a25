// Measures implementations side by side: the same pictures, rounds that alternate, outputs compared before and after.

import { BASE, offers, open, titleOf } from './implementations.js';
import { takePictures } from './scene.js';

const PICTURES = 3;
const pause = () => new Promise((resolve) => { setTimeout(resolve, 30); });

/** The value below which a share of the numbers lies, between its neighbours by linear interpolation. */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort(), at = share * (sorted.length - 1), below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

async function answer(runner, picture) {
  runner.put(picture);
  await runner.run();
  return runner.result().slice();
}

const bitsOf = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Where two results differ, in words, or an empty text. */
export function difference(one, other) {
  const [a, b] = [bitsOf(one), bitsOf(other)];
  if (a.length !== b.length) return `${b.length} bytes instead of ${a.length}`;
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? '' : `byte ${at} is ${b[at]} instead of ${a[at]}`;
}

/** Runs for so many milliseconds, and tells of each run how long it computed, and how long copies before and after took. */
async function timed(runner, pictures, atLeast) {
  const computing = [], copying = [], begun = performance.now();
  for (let i = 0; ; i++) {
    const start = performance.now();
    runner.put(pictures[i % pictures.length]);
    const ready = performance.now();
    const promise = runner.run();
    if (promise) await promise;
    const computed = performance.now();
    runner.result();
    const end = performance.now();
    computing.push(computed - ready);
    copying.push(ready - start + end - computed);
    if (end - begun >= atLeast) return { computing, copying };
  }
}

async function check(runner, pictures, expected) {
  for (let i = 0; i < pictures.length; i++) {
    const found = difference(expected[i], await answer(runner, pictures[i]));
    if (found) throw new Error(`differs from ${titleOf(BASE)}: ${found}`);
  }
}

const rounded = (value) => Math.round(value * 1e4) / 1e4;

/** What comes of an implementation; ratios are how many times faster than JavaScript it is. */
function summary({ name, problem, computing, copying }, base) {
  if (problem) return { name, title: titleOf(name), problem };
  const whole = computing.map((value, i) => value + copying[i]);
  const [median, low, high, p99] = [0.5, 0.1, 0.9, 0.99].map((share) => quantile(computing, share));
  const all = quantile(whole, 0.5);
  return { name, title: titleOf(name), runs: computing.length, median: rounded(median), low: rounded(low), high: rounded(high),
    p99: rounded(p99), spread: rounded(p99 / median), withCopies: rounded(all),
    ratio: base ? rounded(quantile(base.computing, 0.5) / median) : null,
    ratioWithCopies: base ? rounded(quantile(base.computing.map((value, i) => value + base.copying[i]), 0.5) / all) : null };
}

/**
 * Measures one pipeline at one size. Answers a row for each implementation: milliseconds of computing (median, low and high decile, p99,
 * spread = p99 / median), with copies of the picture in and the result out, and ratios to JavaScript; or the problem that there was.
 *
 * @param options { pipeline, width, height, names, rounds, round, warmUp }, the last two in milliseconds
 * @param say what is told where this stands, and the share that is done
 */
export async function measure({ pipeline, width, height, names: wanted, rounds = 7, round = 700, warmUp = 1500 }, say = () => {}) {
  const names = wanted.filter((name) => offers(name, pipeline));
  const pictures = takePictures(width, height, PICTURES);
  const order = [BASE, ...names.filter((name) => name !== BASE)], entries = [];
  const steps = order.length * (rounds + 1);
  let expected, done = 0;
  for (const name of order) {
    const entry = { name, computing: [], copying: [] };
    entries.push(entry);
    say(`${titleOf(name)}: warming up`, done++ / steps);
    await pause();
    try {
      entry.runner = await open(name, pipeline, width, height);
      if (!expected) {
        expected = [];
        for (const picture of pictures) expected.push(await answer(entry.runner, picture));
      }
      await check(entry.runner, pictures, expected);
      await timed(entry.runner, pictures, warmUp);
    } catch (error) {
      entry.problem = String(error?.message ?? error);
    }
  }
  for (let turn = 0; turn < rounds; turn++) {
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[(i + turn) % entries.length];
      say(`${titleOf(entry.name)}: round ${turn + 1} of ${rounds}`, done++ / steps);
      if (entry.problem) continue;
      await pause();
      const { computing, copying } = await timed(entry.runner, pictures, round);
      entry.computing.push(...computing);
      entry.copying.push(...copying);
    }
  }
  for (const entry of entries) {
    if (!entry.problem) await check(entry.runner, pictures, expected).catch((error) => { entry.problem = `in the end ${error.message}`; });
    entry.runner?.dispose();
  }
  const base = entries[0].problem ? null : entries[0];
  return { pipeline, width, height, rows: names.map((name) => summary(entries.find((entry) => entry.name === name), base)) };
}

/** Bytes in base64. */
function encoded(array) {
  const bytes = bitsOf(array);
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** A picture of the scene and what an implementation answers to it, in base64, for a judge outside of the page. */
export async function evidence(name, pipeline, width, height) {
  const [picture] = takePictures(width, height, 1), runner = await open(name, pipeline, width, height);
  try {
    return { picture: encoded(picture), answer: encoded(await answer(runner, picture)) };
  } finally {
    runner.dispose();
  }
}
