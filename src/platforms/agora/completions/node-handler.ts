/** A request of Node's own server, as far as it is used. */
export interface CompletionNodeRequest extends AsyncIterable<Uint8Array> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** An answer of Node's own server, as far as it is used. */
export interface CompletionNodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown;
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  on(event: 'close', listener: () => void): unknown;
  once(event: 'drain', listener: () => void): unknown;
}

/**
 * Puts an endpoint made by {@link chatCompletions} behind Node's own server, or behind Express. When the connection closes, the request's
 * signal aborts. Bodies must not have been read before: no `express.json()` in front of it.
 *
 * @example
 * createServer(nodeCompletions(chatCompletions(think, { apiKey }))).listen(8080);
 */
export function nodeCompletions(
  handler: (request: Request) => Promise<Response>,
): (incoming: CompletionNodeRequest, outgoing: CompletionNodeResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const left = new AbortController();
    const { signal } = left;
    outgoing.on('close', () => left.abort(new Error('The connection was closed.')));
    const request = requestOf(incoming, signal);
    if (request === null) {
      outgoing.writeHead(400, {});
      outgoing.end();
      return;
    }
    const response = await handler(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    const reader = response.body?.getReader();
    const cancel = () => void reader?.cancel(signal.reason).catch(() => {});
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel);
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
      // Who reads slowly is not thought for faster.
      if (!outgoing.write(piece.value)) await drained(outgoing, signal);
    }
    outgoing.end();
  };
}

function drained(outgoing: CompletionNodeResponse, left: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      left.removeEventListener('abort', over);
      resolve();
    };
    outgoing.once('drain', over);
    left.addEventListener('abort', over);
    if (left.aborted) over();
  });
}

async function drop(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  while ((await chunks.next()).done !== true);
}

/** Null for what Node's server takes and the web's `Request` does not: a path such as `//`, the method TRACE. */
function requestOf(incoming: CompletionNodeRequest, signal: AbortSignal): Request | null {
  const { method = 'GET', url = '/', headers: fields } = incoming;
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    // Names with a colon are HTTP/2's own.
    if (value !== undefined && !name.startsWith(':')) headers.set(name, [value].flat().join(', '));
  }
  const chunks = incoming[Symbol.asyncIterator]();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel() {
      // What still comes of a body that is too large: left there, it would block the connection for the next request.
      void drop(chunks).catch(() => {});
    },
  });
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const init = { method, headers, signal, ...(hasBody ? { body, duplex: 'half' } : {}) };
  try {
    // The host is nobody's business: what is asked for stands in the path and the query.
    return new Request(new URL(url, 'http://localhost'), init as RequestInit);
  } catch {
    return null;
  }
}
