// The implementations of the two pipelines, alike: open(name, pipeline, width, height) answers a runner { put, run, result, dispose }.
// put(picture) takes an Int32Array of pixels, run() computes, which may take a promise, and result() answers an array, of bytes of RGBA
// for 'edges' and of float32 for 'input', which holds until the next put().

import * as asm from './asm.js';
import * as infuser from './infuser.js';
import * as script from './script.js';

/** Those of one kind, by the name of the pipeline. */
const ofModule = (module) => ({ edges: module.edges, input: module.modelInput });

/** Arrays that the implementation has, into which pictures are copied. */
const copying = ({ input, run, output }) => ({ put: (picture) => input.set(picture), run, result: () => output, dispose() {} });

function inScript(pipeline, width, height) {
  const { run, output } = ofModule(script)[pipeline](width, height);
  let picture;
  return { put: (given) => { picture = given; }, run: () => run(picture), result: () => output, dispose() {} };
}

async function inJavaScript(pipeline, width, height) {
  // A module of its own for each pipeline, since the compiled Java has one picture.
  const java = await import(`./java.js?${pipeline}`);
  java.open(width, height);
  const painted = java.painted();
  const runner = copying({ input: java.picture(), run: pipeline === 'edges' ? java.edges : java.modelInput,
    output: pipeline === 'edges' ? new Uint8Array(painted.buffer, painted.byteOffset, painted.byteLength) : java.tensor() });
  return { ...runner, dispose: () => java.open(1, 1) };
}

async function inModule(pipeline, width, height) {
  const { open: openModule } = await import('./java-module.js');
  const java = await openModule(width, height);
  return { put: java.put, dispose() {}, ...(pipeline === 'edges' ? { run: java.edges, result: java.painted }
    : { run: java.modelInput, result: java.tensor }) };
}

/** JavaScript is what the others are compared with. */
export const BASE = 'script';

const all = {
  infuser: { title: 'Infuser, ahead of time', own: true, open: infuser.openModule },
  'infuser-1': { title: 'Infuser, in the page', own: true, open: (...parameters) => infuser.openModel(...parameters, 1) },
  'infuser-2': { title: 'Infuser, 2 threads', own: true, open: (...parameters) => infuser.openModel(...parameters, 2) },
  script: { title: 'JavaScript', open: inScript },
  asm: { title: 'asm.js', open: (pipeline, width, height) => copying(ofModule(asm)[pipeline](width, height)) },
  'java-script': { title: 'Java as JavaScript', open: inJavaScript },
  'java-module': { title: 'Java as Wasm GC', open: inModule },
};

/** Names and titles of all, ours first. */
export const implementations = Object.entries(all).map(([name, { title, own = false }]) => ({ name, title, own }));

/** Whether an implementation has a pipeline. Threads need a page that is isolated from other origins. */
export const offers = (name, pipeline) => !all[name].own
  || (infuser.offers(pipeline) && (name !== 'infuser-2' || globalThis.crossOriginIsolated));

export const titleOf = (name) => all[name].title;

/** @throws Error where the implementation cannot be had */
export const open = async (name, pipeline, width, height) => all[name].open(pipeline, width, height);
