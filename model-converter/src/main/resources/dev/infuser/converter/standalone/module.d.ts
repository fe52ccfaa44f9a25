/** What went wrong, in words. */
export class InfuserError extends Error {
  /** A stable name made for programs, such as `bad-input`. */
  readonly code: string;
  /** What was found, or "". */
  readonly detail: string;
  /** What to do about it, or "". */
  readonly hint: string;
}

export interface ValueInfo {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
}

export const inputs: readonly ValueInfo[];
export const outputs: readonly ValueInfo[];

/** Elements in row-major order, or an object such as a tensor that has them as `data`. */
export type Feed<Elements> = Elements | { readonly data: Elements };

export interface Feeds {
$FEEDS
}

export interface Results {
$RESULTS
}

export interface Model {
  /** Computes the outputs, here and now. Elements are copied in and out. Throws {@link InfuserError}. */
  run(feeds: Feeds): Results;
}

export type Source = WebAssembly.Module | BufferSource | Response | URL | string;

/**
 * Makes an instance of the model, which has a memory of its own of $MEMORY MB.
 *
 * @param source $NAME.wasm: compiled already, as edge workers import it; bytes; or where it is, beside this script by default
$WEIGHTS_DOC */
export function instantiate(source?: Source$WEIGHTS_TYPE): Promise<Model>;
