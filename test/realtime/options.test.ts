import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectionError, ValidationError } from '../../src/errors/index.js';
import { RealtimeClient, type RealtimeOptions } from '../../src/realtime/index.js';
import { isLoopback, realtimeSettings } from '../../src/realtime/settings.js';
import { MemoryStore } from '../../src/stores/index.js';
import type { ClientFrame } from '../../src/wire/index.js';
import { FakeSource } from './catchup/engine-rig.js';

const apiKey = 'ak_test_0123456789';

/** Options as somebody without types gives them. */
function withOption(name: string, value: unknown): RealtimeOptions {
  return { apiKey, [name]: value } as RealtimeOptions;
}

function fieldOf(make: () => unknown): unknown {
  try {
    make();
  } catch (error) {
    if (error instanceof ValidationError) return error.field;
    throw error;
  }
  return 'accepted';
}

let environment: string | undefined;
beforeEach(() => {
  environment = process.env.AGENTCHAT_API_KEY;
  delete process.env.AGENTCHAT_API_KEY;
});
afterEach(() => {
  if (environment === undefined) delete process.env.AGENTCHAT_API_KEY;
  else process.env.AGENTCHAT_API_KEY = environment;
});

describe('realtime options', () => {
  it('are complete without any but the key', () => {
    expect(realtimeSettings({ apiKey })).toMatchObject({
      autoDrain: true,
      dedupCacheSize: 2_048,
      handlerRetry: { retries: 3, minDelayMs: 500, maxDelayMs: 10_000 },
      onHandlerFailure: 'park',
      gapFillWindow: 2_000,
      gapGiveUpMs: 300_000,
      reconcileIntervalMs: 60_000,
      bounds: { concurrency: 64, lane: 256, holdPerConversation: 500 },
    });
  });

  it('need a key: without one the error names the option and the environment variable', () => {
    expect(() => new RealtimeClient()).toThrow(/apiKey[\s\S]*AGENTCHAT_API_KEY/);
    process.env.AGENTCHAT_API_KEY = apiKey;
    expect(() => new RealtimeClient()).not.toThrow();
  });

  it('take the key as a function as well, and nothing else', () => {
    expect(() => new RealtimeClient({ apiKey: () => apiKey })).not.toThrow();
    for (const key of [7, '', null, {}, ['ak']]) {
      expect(
        fieldOf(() => new RealtimeClient({ apiKey: key as string })),
        String(key),
      ).toBe('apiKey');
    }
  });

  it.each([
    ['reconectInterval', 'reconnectInterval'],
    ['gapFillWindow', 'gapFillWindowMs'],
    ['Store', 'store'],
  ])('name the nearest one when %s is misspelt', (wrong, right) => {
    expect(() => new RealtimeClient(withOption(wrong, 1))).toThrow(new RegExp(right));
  });

  it.each([null, 7, 'x', []])('that are %j are refused, not stumbled over', (options) => {
    expect(() => new RealtimeClient(options as unknown as RealtimeOptions)).toThrow(ValidationError);
  });

  it.each<[string, unknown[]]>([
    ['baseUrl', ['', 'not a url', 'ftp://x.test', 7, 'wss://x.test/v1/ws']],
    ['client', [null, 7, {}, { getMessages: () => [], sync: () => [] }, 'client']],
    ['store', [null, {}, { load: () => null }, 'redis://']],
    ['handle', [7, '', '  ', '@', null, {}]],
    ['dedupCacheSize', [-1, 1.5, Number.NaN, '5']],
    ['concurrency', [0, -1, 2.5, '64', Number.POSITIVE_INFINITY]],
    ['gapFillWindowMs', [-1, Number.NaN, 'fast', null]],
    ['gapGiveUpMs', [-1, Number.NaN, '300']],
    ['reconcileIntervalMs', [-1, Number.NaN, '60']],
    ['onSequenceGap', [7, 'x', {}]],
    ['onDeadLetter', [7, 'x', {}]],
    ['onHandlerFailure', ['drop', 7, null]],
    ['handlerRetry', [null, 7, 'x']],
    ['bounds', [null, 7, 'x']],
    ['autoDrainOnConnect', ['no', 0, null]],
    ['deliverOwn', ['no', 0, null]],
    ['clock', [null, {}, 7]],
    ['reconnect', ['no', 0, null]],
    ['reconnectInterval', [-1, Number.POSITIVE_INFINITY, Number.NaN, 'x', null]],
    ['maxReconnectInterval', [-1, 0, Number.NaN, 'x', null]],
    ['maxReconnectAttempts', [-1, 1.5, Number.NaN, 'x']],
    ['validate', ['loud', true, null]],
    ['onWireMismatch', [7, 'x', {}]],
    ['pingAfterMs', [-1, 0, Number.NaN, 'x', null]],
    ['livenessTimeoutMs', [-1, 0, Number.NaN, 'x', null]],
    ['dedupe', [null, 7, {}, { claim: () => null }]],
    ['webSocket', [null, 7, 'ws', {}]],
    ['openSocket', [null, 7, {}]],
  ])('refuse what "%s" cannot be, and name it', (name, values) => {
    for (const value of values) {
      const field = fieldOf(() => new RealtimeClient(withOption(name, value)));
      expect(field, `${name}: ${JSON.stringify(value)}`).toBe(name);
    }
  });

  it.each([
    ['handlerRetry.retries', { handlerRetry: { retries: -1 } }],
    ['handlerRetry.minDelayMs', { handlerRetry: { minDelayMs: Number.NaN } }],
    ['handlerRetry.maxDelayMs', { handlerRetry: { maxDelayMs: 'x' } }],
    ['bounds.lane', { bounds: { lane: 0 } }],
    ['bounds.missing', { bounds: { missing: 1.5 } }],
  ])('name the member: %s', (field, options) => {
    expect(fieldOf(() => new RealtimeClient({ apiKey, ...options } as RealtimeOptions))).toBe(field);
  });

  it('refuse unknown members of bounds and handlerRetry', () => {
    expect(() => new RealtimeClient({ apiKey, bounds: { lanes: 1 } as object })).toThrow(/lane/);
    expect(() => new RealtimeClient({ apiKey, handlerRetry: { retrys: 1 } as object })).toThrow(/retries/);
  });

  it('take undefined for the default, everywhere', () => {
    const settings = realtimeSettings({
      apiKey,
      bounds: { lane: undefined } as object,
      handlerRetry: { retries: undefined } as object,
      handle: undefined,
      store: undefined,
      client: undefined,
    } as RealtimeOptions).bounds;
    expect(settings.lane).toBe(256);
  });

  it('take a dedupCacheSize of 0 for the default', () => {
    expect(realtimeSettings({ apiKey, dedupCacheSize: 0 }).dedupCacheSize).toBe(2_048);
    expect(realtimeSettings({ apiKey, dedupCacheSize: 1 }).dedupCacheSize).toBe(1);
  });

  it('let concurrency win over bounds.concurrency', () => {
    expect(realtimeSettings({ apiKey, concurrency: 3, bounds: { concurrency: 9 } }).bounds.concurrency).toBe(
      3,
    );
  });

  it('keep the polling floor of the service, but for a server on this machine', () => {
    const interval = (baseUrl: string, reconcileIntervalMs: number) =>
      realtimeSettings({ apiKey, baseUrl, reconcileIntervalMs }).reconcileIntervalMs;
    expect(interval('https://api.agentchat.me', 10)).toBe(15_000);
    expect(interval('https://api.agentchat.me', 0)).toBe(0);
    expect(interval('http://127.0.0.1:8080', 10)).toBe(10);
    expect(interval('https://api.agentchat.me', 90_000)).toBe(90_000);
  });

  it.each([
    ['http://localhost', true],
    ['ws://LOCALHOST:80/x', true],
    ['http://127.4.5.6:1', true],
    ['http://[::1]:1', true],
    ['http://127.0.0.1.evil.test', false],
    ['http://localhost@evil.test', false],
    ['http://localhost:80@evil.test', false],
    ['http://evil.test/localhost', false],
  ])('%s is this machine: %s', (url, local) => {
    expect(isLoopback(url)).toBe(local);
  });

  it('accept a source and a store of one’s own', () => {
    expect(
      () => new RealtimeClient({ apiKey, client: new FakeSource(), store: new MemoryStore() }),
    ).not.toThrow();
  });

  it.each(['http://127.0.0.1:1', 'https://x.test', 'ws://x.test/', 'wss://x.test/prefix'])(
    'take %s for a base URL',
    (baseUrl) => {
      expect(() => new RealtimeClient({ apiKey, baseUrl })).not.toThrow();
    },
  );
});

describe('the base URL from the environment', () => {
  afterEach(() => {
    delete process.env.AGENTCHAT_BASE_URL;
  });

  it('is taken when none is given, for the polling floor too', () => {
    process.env.AGENTCHAT_BASE_URL = 'http://127.0.0.1:8080';
    const { connection, reconcileIntervalMs } = realtimeSettings({ apiKey, reconcileIntervalMs: 10 });
    expect(connection.url).toBe('ws://127.0.0.1:8080/v1/ws');
    expect(reconcileIntervalMs).toBe(10);
  });

  it('is named when it cannot be', () => {
    process.env.AGENTCHAT_BASE_URL = 'ftp://x.test';
    expect(() => new RealtimeClient({ apiKey })).toThrow(/AGENTCHAT_BASE_URL must begin with https/);
  });
});

describe('calls that cannot work', () => {
  it('on() names what is wrong', () => {
    const realtime = new RealtimeClient({ apiKey });
    for (const type of ['', 7, null, undefined]) {
      expect(fieldOf(() => realtime.on(type as string, () => {}))).toBe('type');
    }
    for (const handler of [undefined, null, 7, 'x', {}]) {
      expect(fieldOf(() => realtime.on('message.new', handler as () => void))).toBe('handler');
    }
  });

  it('on() takes any event name, and its off any number of calls', () => {
    const off = new RealtimeClient({ apiKey }).on('__proto__', () => {});
    off();
    expect(off).not.toThrow();
  });

  it.each(['onError', 'onConnect', 'onDisconnect', 'onStateChange'] as const)(
    '%s() needs a function',
    (name) => {
      const realtime = new RealtimeClient({ apiKey });
      for (const listener of [undefined, null, 7, {}]) {
        expect(fieldOf(() => realtime[name](listener as unknown as () => void))).toBe('listener');
      }
    },
  );

  it('send() tells that there is no connection, and that nothing was sent', () => {
    const realtime = new RealtimeClient({ apiKey });
    const calls = [
      () => realtime.send({ type: 'typing.start', payload: { conversation_id: 'a' } }),
      () => realtime.sendReadAck('a', 3),
    ];
    for (const call of calls) {
      expect(call).toThrow(ConnectionError);
      try {
        call();
      } catch (error) {
        expect(error).toMatchObject({ outcome: 'not_sent' });
      }
    }
  });

  it('send() refuses what is no frame, and messages, which REST takes', () => {
    const realtime = new RealtimeClient({ apiKey });
    for (const frame of [null, undefined, 7, 'x', {}, { type: 7 }]) {
      expect(fieldOf(() => realtime.send(frame as unknown as ClientFrame))).toBe('frame');
    }
    expect(() => realtime.send({ type: 'message.send' } as unknown as ClientFrame)).toThrow(/sendMessage/);
  });

  it('send() refuses a frame that is no JSON', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const realtime = new RealtimeClient({ apiKey });
    expect(fieldOf(() => realtime.send({ type: 'x', payload: circular }))).toBe('frame');
    expect(fieldOf(() => realtime.send({ type: 'x', payload: { n: 1n } }))).toBe('frame');
  });

  it('disconnect() before connect() resolves, drainOfflineEnvelopes() finds nothing', async () => {
    const realtime = new RealtimeClient({ apiKey });
    expect(await realtime.drainOfflineEnvelopes()).toBe(0);
    await realtime.disconnect();
    await realtime.disconnect();
    expect(realtime.state).toBe('idle');
    expect(realtime.explain().summary).toContain('Not connected');
  });

  it('disconnect() names a deadline that cannot be', () => {
    expect(fieldOf(() => new RealtimeClient({ apiKey }).disconnect({ deadlineMs: -1 }))).toBe('deadlineMs');
  });

  it('shows no key, however it is printed', () => {
    const realtime = new RealtimeClient({ apiKey });
    expect(JSON.stringify(realtime)).not.toContain(apiKey);
    expect(JSON.stringify(realtime.explain())).not.toContain(apiKey);
  });
});
