import {
  type BrotliDecompress,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  type Gunzip,
  type Inflate,
} from 'node:zlib';
import { ByteQueue, type Flow } from './byte-queue.js';

type Decoder = BrotliDecompress | Gunzip | Inflate;

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

/** What receives the bytes of a body as they come from the socket. */
export interface Sink {
  push(chunk: Uint8Array): void;
  close(): void;
  fail(error: unknown): void;
}

/** The receiving and the reading end of a body. They are the same, unless it has to be decoded in between. */
export interface Pipe {
  readonly sink: Sink;
  readonly queue: ByteQueue;
}

/** @param coding The value of `Content-Encoding`. A body in a coding that is not known is left as it is. */
export function pipeFor(coding: string, flow: Flow, onOver: () => void): Pipe {
  // The last one was applied last, and comes off first.
  const names = coding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
    .reverse();
  const makers = names.map((name) => (Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined));
  if (names.length === 0 || names.length > MOST_CODINGS || makers.includes(undefined)) {
    const queue = new ByteQueue(flow, onOver);
    return { sink: queue, queue };
  }
  return decodingPipe(
    makers.flatMap((make) => (make === undefined ? [] : [make()])),
    flow,
    onOver,
  );
}

function decodingPipe(decoders: readonly Decoder[], flow: Flow, onOver: () => void): Pipe {
  const first = decoders[0];
  const last = decoders.at(-1);
  if (first === undefined || last === undefined) throw new TypeError('nothing to decode with');
  const destroy = () => {
    for (const decoder of decoders) decoder.destroy();
  };
  const queue = new ByteQueue(
    {
      pause: () => last.pause(),
      resume: () => last.resume(),
      abort: (reason) => {
        destroy();
        flow.abort(reason);
      },
    },
    onOver,
  );
  for (const [index, decoder] of decoders.entries()) {
    decoder.on('error', (error) => {
      queue.fail(error);
      destroy();
      flow.abort(error);
    });
    const next = decoders[index + 1];
    if (next !== undefined) decoder.pipe(next);
  }
  first.on('drain', () => flow.resume());
  last.on('data', (chunk: Uint8Array) => queue.push(chunk));
  last.on('end', () => queue.close());
  return {
    queue,
    sink: {
      push: (chunk) => {
        if (!first.destroyed && !first.write(chunk)) flow.pause();
      },
      close: () => {
        first.end();
      },
      fail: (error) => {
        queue.fail(error);
        destroy();
      },
    },
  };
}
