import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The first byte of a ping: a final control frame without a payload to speak of. */
const PING = 0x89;

/** What a connection through the pipe loses. */
export type Loss = 'both ways' | 'to the server' | 'to the client';

/**
 * A TCP proxy that can lose everything on the connections that stand, as a path does that has gone: nothing is closed,
 * and whatever either side writes is accepted and gone. Connections made later work.
 */
export class Pipe {
  /** Connections that were ever made. */
  connections = 0;
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #open = new Set<Link>();
  #pingWaiters: (() => void)[] = [];

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((client) => {
      this.connections += 1;
      const link = new Link(client, this.#targetPort, this.#port, () => this.#open.delete(link));
      this.#open.add(link);
      client.on('data', (chunk) => {
        if (chunk[0] === PING) for (const resolve of this.#pingWaiters.splice(0)) resolve();
      });
    });
  }

  static async to(targetPort: number): Promise<Pipe> {
    const pipe = new Pipe(targetPort);
    await new Promise<void>((resolve) => pipe.#server.listen(0, '127.0.0.1', resolve));
    return pipe;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Says how many connections went silent. */
  lose(loss: Loss): number {
    for (const link of this.#open) link.lose(loss);
    return this.#open.size;
  }

  /** Resolves when a client pings from now on. The answer has not got through the pipe then. */
  pinged(): Promise<void> {
    return new Promise((resolve) => {
      this.#pingWaiters.push(resolve);
    });
  }

  /** From now on nothing gets to the clients, until it is let go. */
  hold(): void {
    for (const link of this.#open) link.hold();
  }

  letGo(): void {
    for (const link of this.#open) link.letGo();
  }

  async close(): Promise<void> {
    for (const link of this.#open) link.end();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
}

/** One connection through the pipe. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #lost = { toServer: false, toClient: false };
  /** What waits to be let go; null while nothing is held. */
  #held: Buffer[] | null = null;

  /** `onEnd` is called when both sides are closed. */
  constructor(client: Socket, targetPort: number, ownPort: number, onEnd: () => void) {
    const server = connect(targetPort, '127.0.0.1');
    this.#client = client;
    this.#server = server;
    // The server serves nobody who asks for another host.
    const theirs = `127.0.0.1:${ownPort}`;
    const hosted = (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      return text.includes(theirs)
        ? Buffer.from(text.replaceAll(theirs, `127.0.0.1:${targetPort}`), 'latin1')
        : chunk;
    };
    client.on('data', (chunk) => {
      if (!this.#lost.toServer) server.write(hosted(chunk));
    });
    server.on('data', (chunk) => {
      if (this.#held !== null) this.#held.push(chunk);
      else if (!this.#lost.toClient) client.write(chunk);
    });
    // An end is news as well: on a path that has gone it does not arrive.
    client.on('close', () => {
      if (!this.#lost.toServer) server.destroy();
      if (server.closed) onEnd();
    });
    server.on('close', () => {
      if (!this.#lost.toClient) client.destroy();
      if (client.closed) onEnd();
    });
    client.on('error', () => undefined);
    server.on('error', () => undefined);
  }

  lose(loss: Loss): void {
    if (loss !== 'to the client') this.#lost.toServer = true;
    if (loss !== 'to the server') this.#lost.toClient = true;
  }

  hold(): void {
    this.#held ??= [];
  }

  letGo(): void {
    for (const chunk of this.#held ?? []) this.#client.write(chunk);
    this.#held = null;
  }

  end(): void {
    this.#client.destroy();
    this.#server.destroy();
  }
}
