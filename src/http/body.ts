/** How much of a body is read, and as what. */
export interface BodyWanted {
  readonly as: 'text' | 'bytes';
  /** Counted after decompression. */
  readonly limitBytes: number;
  readonly onProgress?: ((receivedBytes: number) => void) | undefined;
}

/** What became of a body. Bytes beyond the bound are never read. */
export type BodyContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The body went beyond the bound; `text` is its beginning. */
  | { readonly kind: 'too_large'; readonly text: string };

/** The attempt that a body is read for. */
export interface BodyReader {
  /** True once nobody waits for the body any more. */
  readonly over: boolean;
  /** Called when that happens while the body is being read; a body that ignores the signal given to `fetch` must be told. */
  dismiss: (() => void) | undefined;
}

/**
 * Reads a body, at most `limitBytes` of it, text as UTF-8. It knows nothing of time: when `attempt` is over it stops, and
 * what it resolves to is not looked at.
 */
export async function readBody(
  response: Response,
  wanted: BodyWanted,
  attempt: BodyReader,
): Promise<BodyContent> {
  const { body } = response;
  if (body === null) return new Collector(wanted).end();
  // A fetch replacement may have a body of another kind (a Node stream, none at all); its own reader then does the work.
  if (body === undefined || typeof body.getReader !== 'function') return readForeign(response, wanted);

  const reader = body.getReader();
  const dismiss = () => cancel(reader);
  attempt.dismiss = dismiss;
  const collector = new Collector(wanted);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        attempt.dismiss = undefined;
        return collector.end();
      }
      if (attempt.over) return NOTHING;
      if (!collector.add(value)) return collector.beginning();
    }
  } finally {
    // Whatever did not end by itself is let go of; when the attempt is over it has been.
    if (attempt.dismiss === dismiss) {
      attempt.dismiss = undefined;
      dismiss();
    }
  }
}

const NOTHING: BodyContent = { kind: 'text', text: '' };

async function readForeign(response: Response, { as, limitBytes }: BodyWanted): Promise<BodyContent> {
  if (as === 'bytes') {
    const bytes = new Uint8Array(await response.arrayBuffer());
    return bytes.byteLength <= limitBytes ? { kind: 'bytes', bytes } : { kind: 'too_large', text: '' };
  }
  const text = await response.text();
  return text.length <= limitBytes
    ? { kind: 'text', text }
    : { kind: 'too_large', text: text.slice(0, limitBytes) };
}

/** What has been read of a body so far. */
class Collector {
  readonly #wanted: BodyWanted;
  readonly #decoder: TextDecoder | undefined;
  readonly #chunks: Uint8Array[] = [];
  #text = '';
  #received = 0;

  constructor(wanted: BodyWanted) {
    this.#wanted = wanted;
    this.#decoder = wanted.as === 'text' ? new TextDecoder() : undefined;
  }

  /** False when the chunk goes beyond the bound; what fits is kept. */
  add(chunk: Uint8Array): boolean {
    const room = this.#wanted.limitBytes - this.#received;
    const fits = chunk.byteLength <= room;
    const kept = fits ? chunk : chunk.subarray(0, room);
    this.#received += kept.byteLength;
    if (this.#decoder === undefined) this.#chunks.push(kept);
    else this.#text += this.#decoder.decode(kept, STREAM);
    this.#wanted.onProgress?.(this.#received);
    return fits;
  }

  end(): BodyContent {
    if (this.#decoder !== undefined) return { kind: 'text', text: this.#text + this.#decoder.decode() };
    const bytes = new Uint8Array(this.#received);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    return { kind: 'bytes', bytes };
  }

  beginning(): BodyContent {
    return { kind: 'too_large', text: this.#text };
  }
}

const STREAM = { stream: true } as const;

/** Tells the other side that no more is wanted. Never waited for: a hanging body may never answer. */
export function discardBody(response: Response): void {
  try {
    response.body?.cancel?.().catch(() => {});
  } catch {
    // A locked or foreign body: there is nothing left to do.
  }
}

function cancel(reader: ReadableStreamDefaultReader<Uint8Array>): void {
  try {
    reader.cancel().catch(() => {});
  } catch {
    // As above.
  }
}
