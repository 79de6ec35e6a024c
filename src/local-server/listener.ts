import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Router } from './http/router.js';
import type { Gate } from './ws/gate.js';

/** Pages and programs elsewhere have no business here. */
const LOOPBACK = '127.0.0.1';
/** How long a client may take to send its headers, and its whole request. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How long sockets get to say goodbye in a proper close. */
const CLOSE_GRACE_MS = 200;
/** After a restart the port may be held up for a moment by connections that are still being torn down. */
const PORT_RETRY_MS = 50;
const PORT_TRIES = 100;

/** The open port: HTTP requests to the router, upgrades to the gate. Can be closed and opened again. */
export class Listener {
  readonly #router: Router;
  readonly #gate: Gate;
  #server: Server | undefined;
  #port = 0;

  constructor(router: Router, gate: Gate) {
    this.#router = router;
    this.#gate = gate;
  }

  /** Opens the port, 0 meaning any; resolves with the one that it is. */
  async open(port: number): Promise<number> {
    const server = createServer(
      { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
      (request, response) => void this.#router.serve(request, response, this.#port),
    );
    server.on('upgrade', (request, socket, head) => this.#gate.upgrade(request, socket, head, this.#port));
    server.on('clientError', (_error, socket) => refuseGarbage(socket as Socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, LOOPBACK, () => {
        server.off('error', reject);
        this.#port = (server.address() as AddressInfo | null)?.port ?? 0;
        resolve();
      });
    });
    this.#server = server;
    return this.#port;
  }

  /** Opens a port again that was ours a moment ago. */
  async reopen(port: number): Promise<void> {
    for (let tried = 1; ; tried += 1) {
      try {
        await this.open(port);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tried === PORT_TRIES) throw error;
        await sleep(PORT_RETRY_MS);
      }
    }
  }

  /** Closes the port and every connection: with a close frame and a moment to answer it, or without a word. */
  async close(goodbye: { readonly code: number; readonly reason: string } | 'abrupt'): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    if (goodbye !== 'abrupt') {
      this.#gate.closeAll(goodbye.code, goodbye.reason);
      await this.#gate.empty(CLOSE_GRACE_MS);
    }
    this.#gate.destroyAll();
    await closed;
  }
}

/** What is no HTTP gets a plain answer, if it can still be written. */
function refuseGarbage(socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = '{"code":"VALIDATION_ERROR","message":"The request is not valid HTTP."}';
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  socket.end(`${head}\r\nconnection: close\r\n\r\n${body}`);
}
