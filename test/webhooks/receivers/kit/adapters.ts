import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import express from 'express';
import express4 from 'express4';
import { fastify } from 'fastify';
import { fastify as fastify4 } from 'fastify4';
import { Hono } from 'hono';
import { expressReceiver } from '../../../../src/webhooks/express/index.js';
import { fastifyReceiver } from '../../../../src/webhooks/fastify/index.js';
import { type LambdaEvent, lambdaReceiver } from '../../../../src/webhooks/lambda/index.js';
import { nodeReceiver, type WebhookReceiverOptions } from '../../../../src/webhooks/node/index.js';
import { webReceiver } from '../../../../src/webhooks/web/index.js';
import { type Answer, type Outgoing, PATH, pieces, SECRET, sendOver } from './request.js';

/** A receiver that is up. */
export interface Rig {
  /** Where it listens; null when there is no socket between the test and the receiver. */
  readonly url: string | null;
  send(outgoing: Outgoing): Promise<Answer>;
  /** What the owner of the app calls to stop it properly. Not there where nothing can be stopped. */
  readonly stop: (() => Promise<void>) | null;
  /** Ends everything, whatever is under way. */
  end(): Promise<void>;
}

export interface Adapter {
  readonly name: string;
  /** Whether requests travel through a socket, and an HTTP parser of Node's. */
  readonly medium: 'socket' | 'call';
  /** Lambdas answer when everything is done, whatever is asked for. */
  readonly respond: 'as told' | 'when-handled';
  start(options: Partial<WebhookReceiverOptions>): Promise<Rig>;
}

const complete = (options: Partial<WebhookReceiverOptions>): WebhookReceiverOptions => ({
  secret: SECRET,
  onEvent: () => undefined,
  onError: () => undefined,
  ...options,
});

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`;
}

export function endServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function overServer(server: Server, receiver: { close(): Promise<void> }): Promise<Rig> {
  const url = await listen(server);
  const stop = async () => {
    server.close();
    await receiver.close();
  };
  return { url, send: (outgoing) => sendOver(url, outgoing), stop, end: () => endServer(server) };
}

const node: Adapter = {
  name: 'node:http',
  medium: 'socket',
  respond: 'as told',
  start(options) {
    const receive = nodeReceiver(complete(options));
    return overServer(createServer(receive), receive);
  },
};

const express5First: Adapter = {
  name: 'Express 5, before express.json()',
  medium: 'socket',
  respond: 'as told',
  start(options) {
    const receive = expressReceiver(complete(options));
    const app = express();
    app.all(PATH, receive);
    app.use(express.json());
    return overServer(createServer(app), receive);
  },
};

const express4First: Adapter = {
  name: 'Express 4, before express.json()',
  medium: 'socket',
  respond: 'as told',
  start(options) {
    const receive = expressReceiver(complete(options));
    const app = express4();
    app.use(PATH, receive);
    app.use(express4.json());
    return overServer(createServer(app), receive);
  },
};

const express5Raw: Adapter = {
  name: 'Express 5, behind express.raw()',
  medium: 'socket',
  respond: 'as told',
  start(options) {
    const receive = expressReceiver(complete(options));
    const app = express();
    app.use(express.raw({ type: '*/*', limit: '10mb', inflate: false }));
    app.all(PATH, receive);
    return overServer(createServer(app), receive);
  },
};

function fastifyOf(version: string, make: () => ReturnType<typeof fastify>): Adapter {
  return {
    name: version,
    medium: 'socket',
    respond: 'as told',
    async start(options) {
      const app = make();
      await app.register(fastifyReceiver, { ...complete(options), path: PATH });
      await app.listen({ port: 0, host: '127.0.0.1' });
      const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}${PATH}`;
      return {
        url,
        send: (outgoing) => sendOver(url, outgoing),
        stop: () => app.close(),
        end: () => endServer(app.server),
      };
    },
  };
}

/** The web's request and response over a Node server, as servers for Hono and Next have it. */
export function webServer(fetch: (request: Request) => Response | Promise<Response>): Server {
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headersDistinct)) {
      for (const each of value ?? []) headers.append(name, each);
    }
    const { method = 'GET' } = incoming;
    const hasBody = method !== 'GET' && method !== 'HEAD';
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
      method,
      headers,
      ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
    } as RequestInit);
    const response = await fetch(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(await response.text());
  };
  return createServer((incoming, outgoing) => void serve(incoming, outgoing));
}

const hono: Adapter = {
  name: 'Hono',
  medium: 'socket',
  respond: 'as told',
  start(options) {
    const receive = webReceiver(complete(options));
    const app = new Hono();
    app.all(PATH, (c) => receive(c.req.raw));
    return overServer(
      webServer((request) => app.fetch(request)),
      receive,
    );
  },
};

const web: Adapter = {
  name: 'a web Request',
  medium: 'call',
  respond: 'as told',
  async start(options) {
    const receive = webReceiver(complete(options));
    return {
      url: null,
      async send(outgoing) {
        const response = await receive(webRequest(outgoing));
        return { status: response.status, headers: response.headers, text: await response.text() };
      },
      stop: () => receive.close(),
      end: async () => undefined,
    };
  },
};

export function webRequest(outgoing: Outgoing): Request {
  const { method, headers: given, body, cuts } = outgoing;
  const headers = new Headers();
  for (const [name, values] of Object.entries(given)) {
    for (const value of [values].flat()) headers.append(name, value);
  }
  if (cuts === undefined) headers.set('content-length', String(body.length));
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces(outgoing)) controller.enqueue(piece);
      controller.close();
    },
  });
  return new Request(`http://localhost${PATH}`, {
    method,
    headers,
    ...(hasBody ? { body: cuts === undefined ? body : stream, duplex: 'half' } : {}),
  } as RequestInit);
}

/** How each of Amazon's gateways writes a request down. */
const LAMBDA_EVENTS: Record<string, (outgoing: Outgoing) => LambdaEvent> = {
  'Lambda behind a REST API': (outgoing) => ({
    httpMethod: outgoing.method,
    headers: lastOf(outgoing, (name) => name.replace(/\b\w/g, (letter) => letter.toUpperCase())),
    multiValueHeaders: allOf(outgoing, (name) => name.replace(/\b\w/g, (letter) => letter.toUpperCase())),
    body: outgoing.body.length === 0 ? null : Buffer.from(outgoing.body).toString('utf8'),
    isBase64Encoded: false,
  }),
  'Lambda behind an HTTP API': (outgoing) => ({
    requestContext: { http: { method: outgoing.method } },
    headers: joinedOf(outgoing),
    body: Buffer.from(outgoing.body).toString('base64'),
    isBase64Encoded: true,
  }),
  'Lambda at a function URL': (outgoing) => ({
    requestContext: { http: { method: outgoing.method } },
    headers: joinedOf(outgoing),
    ...(outgoing.body.length === 0 ? {} : { body: Buffer.from(outgoing.body).toString('utf8') }),
    isBase64Encoded: false,
  }),
  'Lambda behind a load balancer': (outgoing) => ({
    httpMethod: outgoing.method,
    multiValueHeaders: allOf(outgoing, (name) => name),
    body: Buffer.from(outgoing.body).toString('base64'),
    isBase64Encoded: true,
  }),
};

const allOf = ({ headers }: Outgoing, named: (name: string) => string) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [named(name), [value].flat()]));
const lastOf = ({ headers }: Outgoing, named: (name: string) => string) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [named(name), [value].flat().at(-1)]));
const joinedOf = ({ headers }: Outgoing) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(',')]));

const lambdas = Object.entries(LAMBDA_EVENTS).map(
  ([name, eventOf]): Adapter => ({
    name,
    medium: 'call',
    respond: 'when-handled',
    async start(options) {
      const { respond: _respond, ...others } = complete(options);
      const handler = lambdaReceiver(others);
      return {
        url: null,
        async send(outgoing) {
          const { statusCode, headers, body } = await handler(eventOf(outgoing));
          return { status: statusCode, headers: new Headers(headers), text: body };
        },
        stop: null,
        end: async () => undefined,
      };
    },
  }),
);

export const adapters: readonly Adapter[] = [
  node,
  express5First,
  express4First,
  express5Raw,
  fastifyOf('Fastify 5', () => fastify()),
  fastifyOf('Fastify 4', () => fastify4() as unknown as ReturnType<typeof fastify>),
  hono,
  web,
  ...lambdas,
];

/** Those whose `respond` is for the owner to say. */
export const answeringAtOnce = adapters.filter(({ respond }) => respond === 'as told');
