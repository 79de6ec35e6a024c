/** What became of a body. Bytes beyond the bound are never read. */
export type BodyText =
  | { readonly kind: 'complete'; readonly text: string }
  /** The body went beyond the bound; `text` is its beginning. */
  | { readonly kind: 'too_large'; readonly text: string };

/**
 * Reads a body as UTF-8 text, at most `limitBytes` of it (counted after decompression).
 *
 * It knows nothing of time: whoever calls races it against the attempt, and hands in `abandoned`, a promise that
 * rejects when the attempt is over. A body that ignores the signal given to `fetch` then stops being read as well.
 */
export async function readBody(
  response: Response,
  limitBytes: number,
  abandoned: Promise<never>,
): Promise<BodyText> {
  const { body } = response;
  if (body === null) return { kind: 'complete', text: '' };
  // A fetch replacement may have a body of another kind (a Node stream, none at all); its own reader then does the work.
  if (body === undefined || typeof body.getReader !== 'function') {
    return bounded(await Promise.race([response.text(), abandoned]), limitBytes);
  }

  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let received = 0;
  let drained = false;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), abandoned]);
      if (done) {
        drained = true;
        return { kind: 'complete', text: text + decoder.decode() };
      }
      const room = limitBytes - received;
      if (value.byteLength > room) {
        text += decoder.decode(value.subarray(0, room), { stream: true });
        return { kind: 'too_large', text };
      }
      received += value.byteLength;
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    if (!drained) dismiss(reader);
  }
}

/** Tells the other side that no more is wanted. Never waited for: a hanging body may never answer. */
export function discardBody(response: Response): void {
  try {
    response.body?.cancel?.().catch(() => {});
  } catch {
    // A locked or foreign body: there is nothing left to do.
  }
}

function dismiss(reader: ReadableStreamDefaultReader<Uint8Array>): void {
  try {
    reader.cancel().catch(() => {});
  } catch {
    // As above.
  }
}

function bounded(text: string, limitBytes: number): BodyText {
  if (text.length <= limitBytes) return { kind: 'complete', text };
  return { kind: 'too_large', text: text.slice(0, limitBytes) };
}
