import { describe, expect, it } from 'vitest';
import { ValidationError } from '../../src/errors/index.js';
import { startLocalServer } from '../../src/local-server/index.js';
import { withServer } from './kit.js';

/** Options as a JavaScript program might pass them. */
const unchecked = (options: unknown) => options as never;

describe('startLocalServer', () => {
  it.each([
    [{ prot: 1 }, 'prot'],
    [{ port: -1 }, 'port'],
    [{ port: 65_536 }, 'port'],
    [{ port: '80' }, 'port'],
    [{ limits: 'on' }, 'limits'],
    [{ seed: 1.5 }, 'seed'],
    [{ ackMode: 1 }, 'ackMode'],
    [{ heartbeatIntervalMs: 0 }, 'heartbeatIntervalMs'],
    [{ heartbeatTimeoutMs: Number.NaN }, 'heartbeatTimeoutMs'],
    [{ helloDeadlineMs: 2 ** 31 }, 'helloDeadlineMs'],
    [{ log: 'console' }, 'log'],
    [{ now: 0 }, 'now'],
    [{ faults: [] }, 'faults'],
    [{ faults: { dropFrame: 0.1 } }, 'dropFrame'],
    [{ faults: { dropFrames: 1.01 } }, 'dropFrames'],
    [null, 'startLocalServer'],
  ])('refuses %j and names %s', async (options, field) => {
    const starting = startLocalServer(unchecked(options));
    await expect(starting).rejects.toBeInstanceOf(ValidationError);
    await expect(starting).rejects.toMatchObject({ field, outcome: 'not_sent' });
    await expect(starting).rejects.toThrow(field);
  });
});

describe('the controls', () => {
  it.each([
    ['set: an unknown name', { dropMessages: 1 }, 'dropMessages'],
    ['set: a negative rate', { dropFrames: -0.1 }, 'dropFrames'],
    ['set: no number', { restCut: Number.NaN }, 'restCut'],
    ['set: a text', { halfOpen: '0.5' }, 'halfOpen'],
    ['set: null', { dropFrames: null }, 'dropFrames'],
    ['set: a rate above 1 in an object', { delayFrames: { rate: 2 } }, 'delayFrames.rate'],
    ['set: an object without a rate', { delayFrames: { minMs: 1 } }, 'delayFrames.rate'],
    ['set: a parameter of another fault', { dropFrames: { rate: 1, ms: 5 } }, 'ms'],
    ['set: an endpoint for frames', { dropFrames: { rate: 1, endpoint: 'sync' } }, 'endpoint'],
    ['set: an unknown endpoint', { restCut: { rate: 1, endpoint: 'synch' } }, 'endpoint'],
    ['set: a negative delay', { delayFrames: { rate: 1, minMs: -1 } }, 'minMs'],
    ['set: bounds the wrong way round', { delayFrames: { rate: 1, minMs: 9, maxMs: 1 } }, 'minMs'],
    ['set: an unknown moment', { restCut: { rate: 1, when: 'during' } }, 'when'],
    ['set: a handle that is none', { only: 7 }, 'only'],
  ])('%s', (_, settings, field) =>
    withServer({}, async (server) => {
      expect(() => server.faults.set(unchecked(settings))).toThrow(expect.objectContaining({ field }));
      expect(() => server.faults.set(unchecked(settings))).toThrow(ValidationError);
    }),
  );

  it('set: all or nothing', () =>
    withServer({}, async (server) => {
      const { apiKey } = server.createAgent('alice');
      expect(() => server.faults.set({ restUnavailable: 1, dropFrames: 2 })).toThrow(ValidationError);
      const response = await fetch(`${server.url}/v1/agents/me`, {
        headers: { authorization: `Bearer ${apiKey}` },
      });
      expect(response.status).toBe(200);
      await response.text();
    }));

  it.each([
    ['dropFrame', {}, 'kind'],
    ['dropFrames', { count: 0 }, 'count'],
    ['dropFrames', { count: 1.5 }, 'count'],
    ['dropFrames', { skip: -1 }, 'skip'],
    ['dropFrames', { match: 'x' }, 'match'],
    ['dropFrames', { endpoint: 'sync' }, 'endpoint'],
    ['restCut', { match: () => true }, 'match'],
    ['restStall', { ms: 2 ** 31 }, 'ms'],
    ['restStall', { part: 'tail' }, 'part'],
    ['restRateLimit', { retryAfterSeconds: -1 }, 'retryAfterSeconds'],
  ])('next(%s, %j) names %s', (kind, options, field) =>
    withServer({}, async (server) => {
      expect(() => server.faults.next(unchecked(kind), unchecked(options))).toThrow(
        expect.objectContaining({ field }),
      );
    }),
  );

  it('createAgent, pause, rotateKey, shutOut, restart', () =>
    withServer({}, async (server) => {
      server.createAgent('alice');
      const refusals: [() => unknown, string][] = [
        [() => server.createAgent('Not A Handle'), 'handle'],
        [() => server.createAgent(unchecked({ handle: 'bob' })), 'handle'],
        [() => server.createAgent('@Alice'), 'handle'],
        [() => server.createAgent('bob', unchecked({ name: 'Bob' })), 'name'],
        [() => server.createAgent('bob', unchecked({ inboxMode: 'closed' })), 'inboxMode'],
        [() => server.pause('nobody', 'full'), 'handle'],
        [() => server.pause('alice', unchecked('all')), 'mode'],
        [() => server.setStatus('alice', unchecked('deleted')), 'status'],
        [() => server.rotateKey('nobody'), 'handle'],
        [() => server.rotateKey('alice', unchecked({ sockets: 'drop' })), 'sockets'],
        [() => server.undelivered('nobody'), 'handle'],
        [() => server.faults.shutOut('alice', unchecked('yes')), 'on'],
        [() => server.faults.shutOut('alice', true, unchecked({ sockets: true })), 'sockets'],
      ];
      for (const [refused, field] of refusals) {
        expect(refused).toThrow(ValidationError);
        expect(refused).toThrow(expect.objectContaining({ field }));
      }
      await expect(server.restart(unchecked({ downMs: -1 }))).rejects.toMatchObject({ field: 'downMs' });
      await expect(server.restart(unchecked({ down: 1 }))).rejects.toMatchObject({ field: 'down' });
    }));
});
