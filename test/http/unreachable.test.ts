import { afterEach, describe, expect, it } from 'vitest';
import { ConnectionError } from '../../src/errors/index.js';
import { HttpTransport } from '../../src/http/index.js';
import { deadUrl, httpServer, type RawServer, tcpServer } from './raw-server.js';

const opened: RawServer[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

async function keep(server: Promise<RawServer>): Promise<RawServer> {
  opened.push(await server);
  return server;
}

async function failure(baseUrl: string): Promise<ConnectionError> {
  const transport = new HttpTransport({ apiKey: 'ac_live_test_key', baseUrl, retry: { maxRetries: 0 } });
  const error = await transport.request('POST', '/v1/x').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ConnectionError);
  return error as ConnectionError;
}

describe('what could not be reached', () => {
  it('a server that does not speak TLS is told from one that is down, and nothing was sent', async () => {
    const { url } = await keep(httpServer((_, response) => void response.end('{}')));
    const { message, outcome } = await failure(url.replace('http:', 'https:'));
    expect(message).toContain('(the server does not speak TLS)');
    expect(message).toContain('write http:// instead');
    expect(message).not.toMatch(/SSL|OpenSSL|\.c:/i);
    expect(outcome).toBe('not_sent');
  });

  it('a server that expects TLS', async () => {
    const { url } = await keep(
      tcpServer((socket) => void socket.on('data', () => socket.end(Buffer.from([21, 3, 1, 0, 2, 2, 70])))),
    );
    const { message, outcome } = await failure(url);
    expect(message).toContain('what listens there does not speak HTTP');
    expect(outcome).toBe('unknown');
  });

  it('a server that hangs up', async () => {
    const { url } = await keep(tcpServer((socket) => void socket.on('data', () => socket.end())));
    const { message, outcome } = await failure(url);
    expect(message).toContain('the server hung up without an answer');
    expect(outcome).toBe('unknown');
  });

  it('a port on which nobody listens', async () => {
    const { message, outcome } = await failure(await deadUrl());
    expect(message).toMatch(/ECONNREFUSED.*Nothing listens there: check the host and the port/);
    expect(outcome).toBe('not_sent');
  });

  it('a host that nobody knows', async () => {
    const { message, outcome } = await failure('http://nobody.invalid');
    expect(message).toContain('The host name could not be resolved');
    expect(outcome).toBe('not_sent');
  });
});

/** As Deno 2.9 and Bun 1.4 put it, and as browsers do. */
const inWords = (text: string) => Object.assign(new TypeError('fetch failed'), { cause: new Error(text) });
const deno = (why: string) =>
  inWords(`error sending request for url (https://chat.example/v1/x): client error ${why}`);
const bun = (code: string, text: string) => Object.assign(new TypeError(text), { code });

describe('what could not be reached, in the words of other runtimes', () => {
  it.each<[string, Error, RegExp, string]>([
    [
      'refused',
      deno('(Connect): tcp connect error: Connection refused (os error 111)'),
      /Nothing listens there/,
      'not_sent',
    ],
    [
      'unknown host',
      deno('(Connect): dns error: failed to lookup address information'),
      /could not be resolved/,
      'not_sent',
    ],
    ['certificate', deno('(Connect): invalid peer certificate: UnknownIssuer'), /not trusted/, 'not_sent'],
    [
      'no TLS',
      deno('(Connect): received corrupt message of type InvalidContentType'),
      /does not speak TLS/,
      'not_sent',
    ],
    ['no HTTP', deno('(SendRequest): invalid HTTP version parsed'), /does not speak HTTP/, 'unknown'],
    [
      'blocked',
      new TypeError('Fetch failed: Requests to port 6000 are blocked'),
      /does not talk to this port/,
      'not_sent',
    ],
    [
      'no TLS, Bun',
      bun('EPROTO', 'EPROTO: The TLS handshake failed. Does the server speak TLS on this port?'),
      /write http/,
      'not_sent',
    ],
    [
      'a browser',
      new TypeError('Failed to fetch'),
      /a browser does not say why.*CORS.*on a server of your own/,
      'unknown',
    ],
    [
      'Firefox',
      new TypeError('NetworkError when attempting to fetch resource.'),
      /does not say why/,
      'unknown',
    ],
  ])('%s', async (_, cause, said, outcome) => {
    const fetch = () => Promise.reject(cause);
    const transport = new HttpTransport({
      apiKey: 'ac_live_test_key',
      baseUrl: 'https://chat.example',
      retry: { maxRetries: 0 },
      fetch,
    });
    const error = await transport
      .request('POST', '/v1/x')
      .catch((caught: unknown) => caught as ConnectionError);
    expect(error).toMatchObject({ message: expect.stringMatching(said), outcome });
  });

  it('a server that hangs up on Deno', async () => {
    const text =
      'error sending request from 127.0.0.1:1 for http://127.0.0.1:2/ (127.0.0.1:2): client error (SendRequest): connection closed before message completed';
    const fetch = () => Promise.reject(inWords(text));
    const transport = new HttpTransport({
      apiKey: 'ac_key',
      baseUrl: 'http://127.0.0.1:2',
      retry: { maxRetries: 0 },
      fetch,
    });
    await expect(transport.request('POST', '/v1/x')).rejects.toMatchObject({
      message: expect.stringContaining('the server hung up without an answer'),
      outcome: 'unknown',
    });
  });

  it('whose causes go in a circle', async () => {
    const cause = new Error('the inner words');
    cause.cause = new Error('the outer words', { cause });
    const transport = new HttpTransport({
      apiKey: 'ac_live_test_key',
      baseUrl: 'https://chat.example',
      retry: { maxRetries: 0 },
      fetch: () => Promise.reject(cause),
    });
    await expect(transport.request('GET', '/v1/x')).rejects.toThrow(/the (inner|outer) words/);
  });
});
