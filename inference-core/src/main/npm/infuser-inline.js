// Infuser for bundlers that leave behind the files that a script fetches, such as esbuild and Rollup: all of them are in here. The
// API is that of infuser.js, described in infuser.d.ts.

import full from './infuser-inline-full.js';
import scripts from './infuser-inline-scripts.js';
import { load as loadFrom, probe as probeOf } from './infuser.js';
import { open, partOf } from './infuser-tasks.js';

export { InfuserError, InvalidInputError, InvalidModelError, ResourceError, Tensor, UnsupportedModelError } from './infuser.js';

const PARTS = {
  text: () => import('./infuser-inline-text.js'),
  vision: () => import('./infuser-inline-vision.js'),
  audio: () => import('./infuser-inline-audio.js'),
};

const bytesOf = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
const scriptOf = (text) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));

let program;
let workers;

/** Addresses of the scripts of workers. */
function start() {
  if (workers) return workers;
  const engine = scriptOf(scripts.engine);
  const importing = (text) => scriptOf(text.replaceAll('./infuser-engine.js', engine));
  workers = { worker: importing(scripts.threads), tasksWorker: importing(scripts['tasks-worker']) };
  return workers;
}

/** Calls with the options for what is in here; without workers where the page's policy allows none from a blob, unless they are a must. */
async function withParts(options, call) {
  program ??= bytesOf(full);
  const { worker = 'auto' } = options;
  const parts = { ...options, runtime: program, fullRuntime: program };
  if (worker !== true && (worker !== 'auto' || typeof document === 'undefined')) return call(parts);
  try {
    return await call({ ...start(), ...parts, worker: start().worker });
  } catch (error) {
    if (error.code !== 'no-worker' || worker === true) throw error;
    return call({ ...parts, worker: false });
  }
}

/** See infuser.d.ts. */
export const load = (source, options = {}) => withParts(options, (parts) => loadFrom(source, parts));

/** See infuser.d.ts. */
export async function task(name, source, options = {}) {
  const part = await PARTS[partOf(name)]?.();
  const taskRuntime = part && bytesOf(part.default);
  return withParts(options, (parts) => open(name, source, { taskRuntime, ...parts }));
}

/** See infuser.d.ts. */
export const probe = (options = {}) => withParts({ ...options, worker: false }, probeOf);
