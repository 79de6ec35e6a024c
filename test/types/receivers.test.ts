import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type {
  ALBHandler,
  APIGatewayProxyHandler,
  APIGatewayProxyHandlerV2,
  LambdaFunctionURLHandler,
} from 'aws-lambda';
import { expectTypeOf } from 'expect-type';
import express5 from 'express';
import express4 from 'express4';
import { type FastifyInstance, type FastifyPluginAsync, fastify } from 'fastify';
import { fastify as fastify4 } from 'fastify4';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { expressReceiver, keepRawBody } from '../../src/webhooks/express/index.js';
import { type FastifyReceiverOptions, fastifyReceiver } from '../../src/webhooks/fastify/index.js';
import { lambdaReceiver } from '../../src/webhooks/lambda/index.js';
import { nodeReceiver, type WebhookReceiverOptions } from '../../src/webhooks/node/index.js';
import { webReceiver } from '../../src/webhooks/web/index.js';
import type { Extensible, GroupInvitation, Message, WebhookPayload } from '../../src/wire/index.js';

const options: WebhookReceiverOptions = { secret: 'whsec_types', onEvent: () => undefined };

// What matters here is that it compiles, against the types that the frameworks themselves publish.
describe('the types of the receivers', () => {
  it('fit Express 5', () => {
    const app = express5();
    app.post('/a', expressReceiver(options));
    app.all('/b', expressReceiver(options));
    app.use('/c', expressReceiver(options));
    app.use(express5.json({ verify: keepRawBody }));
    express5.Router().post('/d', expressReceiver(options));
    const handler: express5.RequestHandler = expressReceiver(options);
    expect(handler).toBeTypeOf('function');
  });

  it('fit Express 4', () => {
    const app = express4();
    app.post('/a', expressReceiver(options));
    app.all('/b', expressReceiver(options));
    app.use('/c', expressReceiver(options));
    app.use(express4.json({ verify: keepRawBody }));
    express4.Router().post('/d', expressReceiver(options));
    const handler: express4.RequestHandler = expressReceiver(options);
    expect(handler).toBeTypeOf('function');
  });

  it('fit Fastify 5', () => {
    const app = fastify();
    app.register(fastifyReceiver, { ...options, path: '/a' });
    app.register(fastifyReceiver, { ...options, path: '/b', prefix: '/hooks', logLevel: 'warn' });
    app.register(async (child: FastifyInstance) => fastifyReceiver(child, options));
    const plugin: FastifyPluginAsync<FastifyReceiverOptions> = fastifyReceiver;
    expect(plugin).toBeTypeOf('function');
    // @ts-expect-error A secret is needed.
    expect(() => app.register(fastifyReceiver, { onEvent: () => undefined })).not.toThrow();
  });

  it('fit Fastify 4', () => {
    const app = fastify4();
    app.register(fastifyReceiver, { ...options, path: '/a' });
    app.register(fastifyReceiver, { ...options, path: '/b', prefix: '/hooks', logLevel: 'warn' });
    app.register(async (child) => fastifyReceiver(child, options));
    expect(app.register).toBeTypeOf('function');
  });

  it('fit node:http and node:https', () => {
    const servers = [createServer(nodeReceiver(options)), createSecureServer({}, nodeReceiver(options))];
    servers[0]?.on('request', nodeReceiver(options));
    expect(servers).toHaveLength(2);
  });

  it('fit Hono', () => {
    const receive = webReceiver(options);
    const app = new Hono<{ Bindings: { SECRET: string } }>();
    app.post('/a', (c) => receive(c.req.raw));
    app.post('/b', (c) => receive(c.req.raw, c.executionCtx));
    app.post('/c', (c) => webReceiver({ ...options, secret: c.env.SECRET })(c.req.raw));
    app.mount('/d', (request: Request) => receive(request));
    expect(app.routes).not.toEqual([]);
  });

  it('fit the routes of Next, and what workers, Deno and Bun export', () => {
    class NextRequest extends Request {
      readonly nextUrl = new URL('http://localhost/');
    }
    type RouteHandler = (
      request: NextRequest,
      context: { params: Promise<Record<string, string>> },
    ) => Response | Promise<Response>;
    interface ExecutionContext {
      waitUntil(promise: Promise<unknown>): void;
      passThroughOnException(): void;
    }
    const receive = webReceiver(options);
    const POST: RouteHandler = receive;
    const after = (work: Promise<unknown>): void => void work;
    const withAfter: RouteHandler = (request) => receive(request, { waitUntil: after });
    const worker = {
      fetch: (request: Request, _env: unknown, ctx: ExecutionContext) => receive(request, ctx),
    };
    const inline: RouteHandler = (request) => receive(request, { waitUntil: (work) => after(work) });
    const deno: (request: Request, info: { remoteAddr: object }) => Response | Promise<Response> = receive;
    const bun: (request: Request, server: { port: number }) => Response | Promise<Response> = receive;
    expect([POST, withAfter, inline, worker.fetch, deno, bun]).toHaveLength(6);
  });

  it('fit every kind of event that a Lambda is called with', () => {
    const receive = lambdaReceiver({ secret: 'whsec_types', onEvent: () => undefined });
    const handlers: [APIGatewayProxyHandler, APIGatewayProxyHandlerV2, LambdaFunctionURLHandler, ALBHandler] =
      [receive, receive, receive, receive];
    expect(handlers).toHaveLength(4);
    // @ts-expect-error A Lambda answers when it is done.
    expect(lambdaReceiver({ ...options, respond: 'at-once' })).toBeTypeOf('function');
  });

  it('take handlers of every shape', () => {
    const handlers: WebhookReceiverOptions['onEvent'][] = [
      () => undefined,
      async () => {},
      (event) => event.event,
      async (_event, { secretIndex, signedAt }) => [secretIndex, signedAt],
    ];
    expect(handlers).toHaveLength(4);
  });
});

describe('the type of an event', () => {
  it('is told by its name, and stays open for events of a newer service', () => {
    const look = (hook: WebhookPayload): string => {
      if (hook.event === 'message.new') {
        expectTypeOf(hook.data).toEqualTypeOf<Extensible<Message>>();
        return hook.data.sender;
      }
      switch (hook.event) {
        case 'group.invite.received':
          expectTypeOf(hook.data).toEqualTypeOf<Extensible<GroupInvitation>>();
          return 'invited';
        case 'message.read':
        case 'presence.update':
        case 'group.deleted':
        case 'contact.blocked':
          return hook.event;
        default:
          expectTypeOf(hook.data).toEqualTypeOf<Record<string, unknown>>();
          expectTypeOf(hook.event).toExtend<string>();
          return hook.event;
      }
    };
    const unknown = { event: 'thing.happened', timestamp: '', data: {} } as unknown as WebhookPayload;
    expect(look(unknown)).toBe('thing.happened');
    expect(String(unknown.event) === 'thing.happened').toBe(true);
  });
});
