import { ValidationError } from 'agentchat-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  expiresInHours,
  expiresInMinutes,
  generateConvoAiToken,
  generateRtcToken,
} from '../../../src/platforms/agora/index.js';
import { accessToken } from '../../../src/platforms/agora/token/access-token.js';
import { rtcService, rtmService } from '../../../src/platforms/agora/token/service.js';
import { inflatedOf, readToken } from './read-token.js';

const APP = {
  appId: '0123456789abcdef0123456789abcdef',
  appCertificate: 'fedcba9876543210fedcba9876543210',
};
const ROOM = { ...APP, channelName: 'support-room-123' };

/** The bytes that the official builder makes, before compression. */
const VECTOR = [
  '200077699b9df0b21878753867232f0f6314c3e982f05b3341800fdf1f0d2f8c5fe6',
  '2000303132333435363738396162636465663031323334353637383961626364656600f15365',
  '100e00004e61bc000200',
  '010004000100100e00000200100e00000300100e00000400100e0000',
  '1000737570706f72742d726f6f6d2d3132330100310200',
  '01000100100e0000010031',
].join('');

afterEach(() => vi.restoreAllMocks());

describe('tokens of version 007', () => {
  it('are byte for byte those of the official builder', () => {
    const token = accessToken({
      ...APP,
      expire: 3_600,
      services: servicesOfVector(),
      issuedAt: 1_700_000_000,
      salt: 12_345_678,
    });
    expect(inflatedOf(token).toString('hex')).toBe(VECTOR);
    expect(inflatedOf(token)).toHaveLength(144);
    // A zlib header, standard alphabet, padding.
    expect(token).toMatch(/^007eJ[A-Za-z0-9+/]+={0,2}$/);
    expect(token.slice(3).length % 4).toBe(0);
  });

  it('are the same from the public function, but for time and salt', () => {
    const token = generateConvoAiToken({ ...ROOM, account: '1', tokenExpire: 3_600 });
    const { issuedAt, salt } = readToken(token);
    const again = accessToken({ ...APP, expire: 3_600, services: servicesOfVector(), issuedAt, salt });
    expect(token).toBe(again);
  });

  it('say when they were issued, and draw a salt each time', () => {
    const before = Math.floor(Date.now() / 1000);
    const tokens = [1, 2, 3].map(() => readToken(generateConvoAiToken({ ...ROOM, account: '7' })));
    for (const { issuedAt, salt, expire, appId } of tokens) {
      expect(issuedAt).toBeGreaterThanOrEqual(before);
      expect(issuedAt).toBeLessThanOrEqual(before + 60);
      expect(salt).toBeGreaterThanOrEqual(1);
      expect(salt).toBeLessThanOrEqual(99_999_999);
      expect(expire).toBe(86_400);
      expect(appId).toBe(APP.appId);
    }
    expect(new Set(tokens.map(({ salt }) => salt)).size).toBeGreaterThan(1);
  });

  it('let an agent join, publish and sign in; the privileges may end before the token', () => {
    const token = generateConvoAiToken({ ...ROOM, account: '7', tokenExpire: 600, privilegeExpire: 60 });
    expect(readToken(token)).toMatchObject({
      expire: 600,
      services: [
        { type: 1, privileges: { 1: 60, 2: 60, 3: 60, 4: 60 }, fields: ['support-room-123', '7'] },
        { type: 2, privileges: { 1: 600 }, fields: ['7'] },
      ],
    });
  });

  it('let a publisher publish, and a subscriber only join', () => {
    expect(readToken(generateRtcToken({ ...ROOM, uid: 100 })).services).toEqual([
      {
        type: 1,
        privileges: { 1: 86_400, 2: 86_400, 3: 86_400, 4: 86_400 },
        fields: ['support-room-123', '100'],
      },
    ]);
    const subscriber = generateRtcToken({ ...ROOM, uid: 'ann', role: 'subscriber', tokenExpire: 90 });
    expect(readToken(subscriber).services).toEqual([
      { type: 1, privileges: { 1: 90 }, fields: ['support-room-123', 'ann'] },
    ]);
  });

  it.each([0, '0'])('write uid %j as an empty text: any', (uid) => {
    expect(readToken(generateRtcToken({ ...ROOM, uid })).services[0]?.fields).toEqual([
      'support-room-123',
      '',
    ]);
  });

  it.each([
    ['appId', { ...ROOM, account: '1', appId: 'abc' }],
    ['appId', { ...ROOM, account: '1', appId: '' }],
    ['appId', { ...ROOM, account: '1', appId: `${APP.appId}0` }],
    ['appCertificate', { ...ROOM, account: '1', appCertificate: 'g'.repeat(32) }],
    ['appCertificate', { ...ROOM, account: '1', appCertificate: undefined as unknown as string }],
    ['channelName', { ...ROOM, account: '1', channelName: '' }],
    ['channelName', { ...ROOM, account: '1', channelName: 'ä'.repeat(33) }],
    ['account', { ...ROOM, account: '' }],
    ['account', { ...ROOM, account: 'x'.repeat(65_536) }],
    ['tokenExpire', { ...ROOM, account: '1', tokenExpire: Number.NaN }],
    ['tokenExpire', { ...ROOM, account: '1', tokenExpire: 0 }],
    ['privilegeExpire', { ...ROOM, account: '1', privilegeExpire: -1 }],
    ['expire', { ...ROOM, account: '1', expire: 5 } as never],
  ])('are not made of a bad %s', (field, options) => {
    const error = thrownBy(() => generateConvoAiToken(options));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field, outcome: 'not_sent' });
    expect(error.message).not.toMatch(/fedcba|gggg/);
  });

  it.each([-1, 2 ** 32, Number.NaN, 1.5, '', undefined as unknown as number])(
    'are not made for uid %j',
    (uid) => {
      expect(thrownBy(() => generateRtcToken({ ...ROOM, uid }))).toMatchObject({ field: 'uid' });
    },
  );

  it('are not made for a uid that is longer than they can say', () => {
    const error = { name: 'ValidationError', field: 'uid' };
    const make = (uid: string) => () => generateRtcToken({ ...ROOM, uid });
    expect(make('ä'.repeat(32_768))).toThrow(expect.objectContaining(error));
    expect(make('ä'.repeat(32_767))).not.toThrow();
  });

  it('are not made for a role that is not known', () => {
    expect(thrownBy(() => generateRtcToken({ ...ROOM, uid: 1, role: 'host' as never }))).toMatchObject({
      field: 'role',
    });
  });
});

describe('lifetimes', () => {
  it('are seconds', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(expiresInHours(12)).toBe(43_200);
    expect(expiresInHours(24)).toBe(86_400);
    expect(expiresInHours(0.5)).toBe(1_800);
    expect(expiresInMinutes(30)).toBe(1_800);
    expect(warn).not.toHaveBeenCalled();
  });

  it('are a day at most, and say so', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(expiresInHours(25)).toBe(86_400);
    expect(expiresInMinutes(1e9)).toBe(86_400);
    expect(expiresInHours(Number.POSITIVE_INFINITY)).toBe(86_400);
    expect(warn.mock.calls.map(String)).toEqual([
      expect.stringContaining('24 hours'),
      expect.stringContaining('24 hours'),
      expect.stringContaining('24 hours'),
    ]);
  });

  it.each([0, -1, Number.NaN, '5' as unknown as number])('cannot be %j', (amount) => {
    expect(() => expiresInHours(amount)).toThrow(ValidationError);
    expect(() => expiresInMinutes(amount)).toThrow(ValidationError);
  });
});

function servicesOfVector() {
  const privileges = new Map([1, 2, 3, 4].map((privilege) => [privilege, 3_600]));
  // In the wrong order: they are written by ascending type.
  return [rtmService('1', 3_600), rtcService(ROOM.channelName, '1', privileges)];
}

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
