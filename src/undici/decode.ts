import {
  type BrotliDecompress,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  type Gunzip,
  type Inflate,
} from 'node:zlib';

export type Decoder = BrotliDecompress | Gunzip | Inflate;

/** More codings on top of each other than this are an attack. */
const MOST_CODINGS = 3;

/** As browsers do: what has been decoded is given away at once, and a missing end is the connection's affair. */
const ZLIB = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };

const DECODERS: Readonly<Record<string, () => Decoder>> = {
  gzip: () => createGunzip(ZLIB),
  'x-gzip': () => createGunzip(ZLIB),
  deflate: () => createInflate(ZLIB),
  br: () => createBrotliDecompress(BROTLI),
};

/** What receives the bytes of a body as they come. */
export interface Sink {
  /** Returns false when the other side is to wait until it is told to go on. */
  push(chunk: Uint8Array): boolean;
  close(): void;
  fail(error: unknown): void;
}

/** What fills a sink, and can be told to wait or to give up. */
export interface Flow {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/**
 * @param coding The value of `Content-Encoding`.
 * @returns `undefined` when there is nothing to undo. A coding that is not known is left as it is, as `fetch` does.
 */
export function decodersFor(coding: string | null): readonly Decoder[] | undefined {
  if (coding === null) return undefined;
  // The last one was applied last, and comes off first.
  const names = coding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
    .reverse();
  if (names.length === 0 || names.length > MOST_CODINGS) return undefined;
  if (!names.every((name) => Object.hasOwn(DECODERS, name))) return undefined;
  return names.flatMap((name) => DECODERS[name]?.() ?? []);
}

/** Puts decoders before a sink. `open` is given the flow that the sink may govern: that of the last decoder. */
export function decodeInto(decoders: readonly Decoder[], flow: Flow, open: (flow: Flow) => Sink): Sink {
  const first = decoders[0];
  const last = decoders.at(-1);
  if (first === undefined || last === undefined) return open(flow);
  const destroy = () => {
    for (const decoder of decoders) decoder.destroy();
  };
  const target = open({
    pause: () => last.pause(),
    resume: () => last.resume(),
    abort: (reason) => flow.abort(reason),
  });
  for (const [index, decoder] of decoders.entries()) {
    decoder.on('error', (error) => {
      destroy();
      target.fail(error);
      flow.abort(error);
    });
    const next = decoders[index + 1];
    if (next !== undefined) decoder.pipe(next);
  }
  first.on('drain', () => flow.resume());
  last.on('data', (chunk: Uint8Array) => {
    if (!target.push(chunk)) last.pause();
  });
  last.on('end', () => target.close());
  return {
    push: (chunk) => first.destroyed || first.write(chunk),
    close: () => {
      first.end();
    },
    fail: (error) => {
      destroy();
      target.fail(error);
    },
  };
}
