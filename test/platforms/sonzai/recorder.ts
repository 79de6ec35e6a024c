import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface Heard {
  readonly method: string;
  /** Still encoded, without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  /** Parsed; `undefined` for none. */
  readonly body: unknown;
}

/** What is answered. Frames make it a stream. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Sent as they are; objects as JSON. After the last one the connection ends, unless `ending` says otherwise. */
  readonly frames?: readonly unknown[];
  /** `break`: the connection is cut; `hang`: nothing comes any more. */
  readonly ending?: 'break' | 'hang';
  /** Instead of all that. */
  readonly handle?: (response: ServerResponse, request: IncomingMessage) => void;
}

/** A server that remembers what it was asked, and answers what a test says. */
export class Recorder {
  readonly heard: Heard[] = [];
  /** Told of each connection that a client has closed before its answer was complete. */
  closedEarly = 0;
  answer: (request: Heard, number: number) => Answer = () => ({ json: {} });
  #server = createServer((request, response) => void this.#serve(request, response));

  static async start(): Promise<Recorder> {
    const recorder = new Recorder();
    await new Promise<void>((resolve) => recorder.#server.listen(0, '127.0.0.1', resolve));
    return recorder;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Answers these, one after the other; the last one goes on. */
  script(...answers: Answer[]): void {
    const first = this.heard.length;
    this.answer = (_, number) => answers[Math.min(number - first, answers.length - 1)] ?? {};
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const url = new URL(request.url ?? '/', 'http://host');
    const heard = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    const answer = this.answer(heard, this.heard.push(heard) - 1);
    response.once('close', () => {
      if (!response.writableFinished) this.closedEarly += 1;
    });
    if (answer.handle !== undefined) answer.handle(response, request);
    else if (answer.frames === undefined) this.#say(response, answer);
    else this.#stream(response, answer, answer.frames);
  }

  #say(response: ServerResponse, { status = 200, headers, json }: Answer): void {
    if (status === 204) response.writeHead(204, headers).end();
    else {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(json));
    }
  }

  #stream(response: ServerResponse, { headers, ending }: Answer, frames: readonly unknown[]): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    response.flushHeaders();
    for (const frame of frames) {
      response.write(typeof frame === 'string' ? frame : `data: ${JSON.stringify(frame)}\n\n`);
    }
    if (ending === 'hang') return;
    if (ending === undefined) response.end();
    // What was written has to arrive first.
    else response.write('', () => setImmediate(() => response.socket?.destroy()));
  }
}

export const DONE = 'data: [DONE]\n\n';

/** A piece of a reply. */
export function say(content: string, more: object = {}): object {
  return { choices: [{ index: 0, delta: { content } }], ...more };
}
