import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';

/** A server on 127.0.0.1 that does what one test wants. */
export interface RawServer {
  readonly url: string;
  readonly requests: number;
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse, nth: number, body: Buffer) => void;

/** An HTTP server; `nth` counts its requests from 1, `body` is what came with the request. */
export async function httpServer(handle: Handler): Promise<RawServer> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    request.on('error', () => {});
    response.on('error', () => {});
    const nth = requests;
    // The request is read to its end first, so that what a test cuts is the answer.
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => handle(request, response, nth, Buffer.concat(chunks)));
  });
  const url = await listen(server);
  return {
    url,
    get requests() {
      return requests;
    },
    close: () => {
      server.closeAllConnections();
      return closed(server);
    },
  };
}

/** A TCP server that speaks no HTTP by itself; `nth` counts its connections from 1. */
export async function tcpServer(handle: (socket: Socket, nth: number) => void): Promise<RawServer> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    handle(socket, ++connections);
  });
  const url = await listen(server);
  return {
    url,
    get requests() {
      return connections;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return closed(server);
    },
  };
}

async function listen(server: Server | TcpServer): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closed(server: Server | TcpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** A port on which nobody listens. */
export async function deadUrl(): Promise<string> {
  const server = await tcpServer(() => {});
  await server.close();
  return server.url;
}
