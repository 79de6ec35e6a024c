import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { answerByHand, CARRIERS, faultsWith, KEY } from './fault-harness.js';
import { deadUrl, httpServer, tcpServer } from './raw-server.js';

describe.each(CARRIERS)('a connection that breaks, over $carrier', ({ fetch }) => {
  const { keep, transportTo, failure } = faultsWith(fetch);

  it('repeats a GET whose connection is cut before the request was read', async () => {
    const server = await keep(
      tcpServer((socket, nth) => {
        if (nth === 1) socket.destroy();
        else answerByHand(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      }),
    );
    expect((await transportTo(server).request('GET', '/v1/thing')).attempts).toBe(2);
    const cutting = await keep(tcpServer((socket) => void socket.destroy()));
    const error = await failure(cutting, 'POST');
    expect([error.code, error.outcome, cutting.requests]).toEqual(['CONNECTION_ERROR', 'unknown', 1]);
  });

  it('repeats a GET whose connection is cut after the request was read', async () => {
    const server = await keep(
      tcpServer((socket, nth) => {
        if (nth === 1) socket.once('data', () => socket.resetAndDestroy());
        else answerByHand(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      }),
    );
    expect((await transportTo(server).request('GET', '/v1/thing')).attempts).toBe(2);
  });

  it('repeats a GET whose body is cut', async () => {
    for (const head of ['content-length: 100', 'transfer-encoding: chunked']) {
      const part = head.startsWith('content') ? '{"n"' : '4\r\n{"n"\r\n';
      const server = await keep(
        tcpServer((socket, nth) => {
          if (nth === 1) answerByHand(socket, `HTTP/1.1 200 OK\r\n${head}\r\n\r\n${part}`, 'cut');
          else answerByHand(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
        }),
      );
      expect((await transportTo(server).request('GET', '/v1/thing')).attempts).toBe(2);
      const cutting = await keep(
        tcpServer((socket) => answerByHand(socket, `HTTP/1.1 200 OK\r\n${head}\r\n\r\n${part}`, 'cut')),
      );
      const error = await failure(cutting, 'POST');
      expect([error.code, error.status, error.outcome]).toEqual(['CONNECTION_ERROR', 200, 'unknown']);
      expect(error.message).toContain('before the answer was complete');
    }
  });

  it.runIf(fetch === undefined)('says not_sent of a port that fetch never talks to', async () => {
    const error = await failure({ url: 'http://127.0.0.1:1' }, 'POST');
    expect([error.code, error.outcome, error.retryable]).toEqual(['CONNECTION_ERROR', 'not_sent', false]);
    expect(error.message).toMatch(/does not talk to this port.*`baseUrl`/);
  });

  it('says not_sent when nobody listens', async () => {
    const error = await failure({ url: await deadUrl() }, 'POST');
    expect([error.code, error.outcome]).toEqual(['CONNECTION_ERROR', 'not_sent']);
    expect(error.message).toMatch(/ECONNREFUSED/);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a %d, so the key goes nowhere else', async (status) => {
    let leaked = 0;
    const elsewhere = await keep(
      httpServer((_, response) => {
        leaked++;
        response.end('{}');
      }),
    );
    const server = await keep(
      httpServer((_, response) => void response.writeHead(status, { location: `${elsewhere.url}/x` }).end()),
    );
    const error = await failure(server);
    expect([error.code, error.status, leaked, server.requests]).toEqual(['PROTOCOL_ERROR', status, 0, 1]);
  });

  it('leaves the key in nothing that is shown', async () => {
    const answers = [
      '',
      'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{',
      'nonsense',
      `HTTP/1.1 500 ${KEY}\r\n\r\n${KEY}`,
    ];
    for (const answer of answers) {
      const server = await keep(tcpServer((socket) => answerByHand(socket, answer, 'cut')));
      const told: unknown[] = [];
      const hooks = { onError: (info: unknown) => void told.push(info) };
      const error = await failure(server, 'POST', { body: { text: 'hi' } }, { hooks });
      const shown = inspect([error, error.cause, told], { depth: 20, showHidden: true, getters: true });
      expect(shown).not.toContain(KEY);
    }
  });
});
