// Infuser: conversion in the page. The API is described in infuser-convert.d.ts.

import { MessageWriter, Tensor } from './infuser-engine.js';
import { internals } from './infuser.js';
import { withProgram } from './infuser-view.js';

const PROGRAM = internals.moved('infuser-convert.wasm') ?? new URL('./infuser-convert.wasm', import.meta.url);

/** As hexadecimal digits, or nothing where the page is not served securely. */
async function sha256(bytes) {
  const digest = await globalThis.crypto?.subtle?.digest('SHA-256', bytes);
  return digest && Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** See infuser-convert.d.ts. */
export async function convert(source, options = {}) {
  const bytes = new Uint8Array(source instanceof Blob ? await source.arrayBuffer() : await new Blob([source]).arrayBuffer());
  const metadata = Object.entries({ source: options.name ?? source.name, 'source.sha256': await sha256(bytes),
    'source.bytes': String(bytes.length), converter: 'infuser in the page' }).filter(([, value]) => value);
  return withProgram(options.convertRuntime ?? PROGRAM, options, async (ask) => {
    const question = new MessageWriter(null).datum(new Tensor('uint8', bytes)).word(metadata.length);
    for (const [key, value] of metadata) question.text(key).text(value);
    return new Blob([(await ask('convert', question)).datum().data]);
  });
}
