import type { AbortOptions, Runtime } from './infuser.js';

export interface ViewOptions extends AbortOptions {
  /** Where infuser-view.wasm comes from. Default: beside infuser-view.js. */
  viewRuntime?: Runtime;
  /** As in LoadOptions; an address is that of infuser-tasks-worker.js. */
  worker?: 'auto' | boolean | string | URL;
}

/** What a drawing tells of a value that a box reads or makes. */
export interface ViewedValue {
  value: string;
  type: string;
  /** -1 where it is not known. */
  bytes: number;
  /** The box that makes it, or -1; constants have none. */
  box?: number;
}

/** An input, an output or a node. */
export interface ViewedBox {
  /** `input`, `output`, or the operator with its domain. */
  op: string;
  name: string;
  /** Names and values. */
  attributes?: [string, string][];
  /** Names of attributes, and the numbers of the graphs that are their values. */
  graphs?: [string, number][];
  reads: ViewedValue[];
  makes: ViewedValue[];
  /** The boxes that read what this one makes. */
  next: number[];
}

export interface View {
  /** A group `g0` for the graph, `g1` and so on for those within, each with a group `n0-0` for a box and a path `e0-0` for the lines below it. */
  svg: string;
  data: {
    name: string;
    /** Of the constants. */
    elements: number;
    bytes: number;
    /** How many nodes there are of each. */
    operators: Record<string, number>;
    metadata: Record<string, string>;
    /** Bytes. */
    assets: Record<string, number>;
    /** What the classes of boxes mean. */
    kinds: Record<string, string>;
    graphs: { name: string; boxes: ViewedBox[] }[];
  };
}

/** Draws a `.tea` file, of which only what is before the weights is read. */
export function view(source: Blob | BufferSource, options?: ViewOptions): Promise<View>;
