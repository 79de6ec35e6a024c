import type { Socket } from 'node:net';
import { undiciFetch } from 'agentchat-client/undici';
import { afterEach, expect } from 'vitest';
import { AgentChatClientError } from '../../src/errors/index.js';
import { type HttpRequestOptions, HttpTransport, type HttpTransportOptions } from '../../src/http/index.js';
import type { RawServer } from './raw-server.js';

export const KEY = 'ac_live_0123456789abcdef';
/** How long a test waits for what does not come. A good answer may take longer on a busy machine, and costs a retry then. */
export const STALL_MS = 250;
/** The same, where the head of the answer has to arrive within it. */
export const HEAD_MS = 1_500;
export const JSON_TYPE = { 'content-type': 'application/json', 'x-request-id': 'req_7' };

const FAST = { maxRetries: 3, baseDelayMs: 1, maxDelayMs: 5 };

/** What carries the requests. Every fault is met with each of them. */
export const CARRIERS: readonly { carrier: string; fetch: typeof fetch | undefined }[] = [
  { carrier: 'fetch', fetch: undefined },
  { carrier: 'undici', fetch: undiciFetch() },
  { carrier: 'undici as any fetch', fetch: plain(undiciFetch()) },
];

/** The same without what the transport would use in its place. */
function plain(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) => fetch(input, init);
}

export interface Faults {
  /** Closes the server after the test. */
  keep(server: Promise<RawServer>): Promise<RawServer>;
  transportTo(server: { url: string }, options?: HttpTransportOptions): HttpTransport;
  /** The error of a request that must fail. */
  failure(
    server: { url: string },
    method?: 'GET' | 'POST',
    request?: HttpRequestOptions,
    options?: HttpTransportOptions,
  ): Promise<AgentChatClientError>;
}

/** To be called inside a `describe`. */
export function faultsWith(fetch: typeof globalThis.fetch | undefined): Faults {
  const opened: RawServer[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((server) => server.close()));
  });
  const transportTo: Faults['transportTo'] = ({ url }, options = {}) =>
    new HttpTransport({ apiKey: KEY, baseUrl: url, retry: FAST, fetch, ...options });
  return {
    transportTo,
    async keep(server) {
      opened.push(await server);
      return server;
    },
    async failure(server, method = 'GET', request = {}, options = {}) {
      const outcome = await transportTo(server, options)
        .request(method, '/v1/thing', request)
        .then(() => undefined)
        .catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(AgentChatClientError);
      return outcome as AgentChatClientError;
    },
  };
}

/** Waits for a request, writes an answer byte by byte as given, and ends or cuts the connection. */
export function answerByHand(socket: Socket, text: string, after: 'end' | 'cut' = 'end'): void {
  socket.once('data', () => {
    socket.write(text, () => (after === 'end' ? socket.end() : socket.destroy()));
  });
}
