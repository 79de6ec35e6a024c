import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A delivery, as it came. */
export interface Delivered {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** What `body` says. */
  readonly event: {
    readonly event: string;
    readonly timestamp: string;
    readonly data: Record<string, unknown>;
  };
}

/** What becomes of a delivery: a status, or whatever is done with the response. */
export type Reaction = number | ((response: ServerResponse) => void);

/** Somebody's address for webhooks, which writes down what it gets. */
export class WebhookSink {
  readonly delivered: Delivered[] = [];
  #reactions: Reaction[] = [];
  #otherwise: Reaction = 200;
  readonly #server: Server;
  readonly #watchers = new Set<() => void>();

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.#take(request, Buffer.concat(chunks).toString(), response));
    });
  }

  static async open(): Promise<WebhookSink> {
    const sink = new WebhookSink();
    await new Promise<void>((resolve) => sink.#server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks`;
  }

  /** How the next ones are answered, one after the other, and then all others. */
  react(reactions: Reaction[], otherwise: Reaction = 200): void {
    this.#reactions = reactions;
    this.#otherwise = otherwise;
  }

  /** Resolves when so many have come. */
  async got(count: number): Promise<Delivered[]> {
    while (this.delivered.length < count) {
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
    return this.delivered;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #take(request: IncomingMessage, body: string, response: ServerResponse): void {
    this.delivered.push({
      method: request.method ?? '',
      headers: request.headers,
      body,
      event: JSON.parse(body) as Delivered['event'],
    });
    const reaction = this.#reactions.shift() ?? this.#otherwise;
    if (typeof reaction === 'number') response.writeHead(reaction).end();
    else reaction(response);
    for (const wake of this.#watchers) wake();
    this.#watchers.clear();
  }
}
