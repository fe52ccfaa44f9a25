import type { AbortOptions, Runtime } from './infuser.js';

export interface ConvertOptions extends AbortOptions {
  /** What the metadata call the source. Default: the name of the file. */
  name?: string;
  /** Where infuser-convert.wasm comes from. Default: beside infuser-convert.js. */
  convertRuntime?: Runtime;
  /** As in LoadOptions; an address is that of infuser-tasks-worker.js. */
  worker?: 'auto' | boolean | string | URL;
}

/**
 * Converts an ONNX model to a `.tea` file as the command line does with its defaults, but for what that learns from running the
 * model and from files beside it. Takes several times the size of the model as memory. A model with weights in other files is
 * refused with the code `external-data`.
 */
export function convert(source: Blob | BufferSource, options?: ConvertOptions): Promise<Blob>;
