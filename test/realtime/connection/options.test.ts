import { describe, expect, it } from 'vitest';
import { ValidationError } from '../../../src/errors/index.js';
import { connectionSettings, socketUrl } from '../../../src/realtime/connection/options.js';

const apiKey = 'ac_test_key';

describe('the base URL', () => {
  it.each([
    ['https://api.agentchat.me', 'wss://api.agentchat.me/v1/ws'],
    ['http://127.0.0.1:8080', 'ws://127.0.0.1:8080/v1/ws'],
    ['wss://api.agentchat.me///', 'wss://api.agentchat.me/v1/ws'],
    ['ws://[::1]:9', 'ws://[::1]:9/v1/ws'],
    ['https://proxy.example/agent/chat/', 'wss://proxy.example/agent/chat/v1/ws'],
  ])('%s becomes %s', (base, url) => expect(socketUrl(base)).toBe(url));

  it.each([
    '',
    'api.agentchat.me',
    'ftp://x',
    'https://user:pw@x',
    'https://x/?a=1',
    'https://x/#a',
    'wss://api.agentchat.me/v1/ws',
  ])('%s is refused with the field named', (baseUrl) => {
    expect(() => socketUrl(baseUrl)).toThrow(ValidationError);
    expect(() => connectionSettings({ apiKey, baseUrl })).toThrow(/baseUrl/);
  });
});

describe('options', () => {
  it.each([
    { apiKey: '' },
    { reconnectInterval: -1 },
    { maxReconnectInterval: Number.NaN },
    { pingAfterMs: Number.POSITIVE_INFINITY },
    { livenessTimeoutMs: -1 },
    { maxReconnectAttempts: -1 },
    { maxReconnectAttempts: 1.5 },
    { maxReconnectAttempts: Number.NaN },
    { maxReconnectAttempts: '3' as unknown as number },
    { maxReconnectAttempts: null as unknown as number },
  ])('%o is a ValidationError', (wrong) => {
    const [field] = Object.keys(wrong);
    expect(() => connectionSettings({ apiKey, ...wrong })).toThrow(ValidationError);
    expect(() => connectionSettings({ apiKey, ...wrong })).toThrow(String(field));
  });

  it('RCN-1: reconnectInterval: 0 spares the first wait and leaves the pace', () => {
    const at = (reconnectInterval?: number) =>
      connectionSettings(reconnectInterval === undefined ? { apiKey } : { apiKey, reconnectInterval })
        .machine;
    expect(at(0)).toMatchObject({ reconnectsAtOnce: true, reconnectIntervalMs: 500 });
    expect(at(20)).toMatchObject({ reconnectsAtOnce: false, reconnectIntervalMs: 20 });
    expect(at()).toMatchObject({ reconnectsAtOnce: false, reconnectIntervalMs: 500 });
  });

  it.each([0, 1, 20, Number.POSITIVE_INFINITY, undefined])(
    'maxReconnectAttempts may be %s',
    (maxReconnectAttempts) => {
      expect(() => connectionSettings({ apiKey, maxReconnectAttempts })).not.toThrow();
    },
  );
});
