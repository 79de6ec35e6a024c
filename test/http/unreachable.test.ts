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
