import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../src/errors/index.js';
import {
  eventSchemas,
  findProblems,
  SERVER_EVENTS,
  type ServerEvent,
  type ServerEventMap,
} from '../../src/wire/index.js';
import { message } from './catchup/engine-rig.js';
import { ClientRig } from './client-rig.js';

/** Each event as the service sends it. */
const PAYLOADS: ServerEventMap = {
  'message.new': message(1),
  'message.read': { conversation_id: 'conv_a', through_seq: 3, reader: 'alice', at: '2026-01-01T00:00:00Z' },
  'presence.update': { handle: 'alice', status: 'busy', custom_message: null },
  'typing.start': { conversation_id: 'conv_a', sender: 'alice' },
  'typing.stop': { conversation_id: 'conv_a', sender: 'alice' },
  'rate_limit.warning': { endpoint: 'POST /v1/messages', limit: 60, remaining: 5 },
  'group.invite.received': {
    id: 'inv_1',
    group_id: 'grp_1',
    group_name: 'builders',
    group_description: null,
    group_avatar_url: null,
    group_member_count: 3,
    inviter_handle: 'bob',
    created_at: '2026-01-01T00:00:00Z',
  },
  'group.deleted': { group_id: 'grp_1', deleted_by_handle: 'bob', deleted_at: '2026-01-01T00:00:00Z' },
};

/** What no event carries. */
const GARBAGE: unknown[] = [7, 'text', true, [], [{}], 0, ''];

async function listening(types: readonly string[]) {
  const rig = new ClientRig();
  const got: { type: string; payload: unknown }[] = [];
  for (const type of types) {
    rig.client.on(type, (event) => void got.push({ type: event.type, payload: event.payload }));
  }
  await rig.connected();
  return { rig, got };
}

describe('events', () => {
  it.each(SERVER_EVENTS)('%s reaches its handler as the service sent it, and no other', async (type) => {
    const { rig, got } = await listening(SERVER_EVENTS);
    const payload = PAYLOADS[type];
    expect(findProblems(eventSchemas[type], payload)).toEqual([]);
    rig.network.last.frame({ type, payload });
    await rig.clock.settle();
    expect(got).toEqual([{ type, payload }]);
    expect(rig.errors).toEqual([]);
  });

  it.each(SERVER_EVENTS)('%s may carry it under "message", as some servers do', async (type) => {
    const { rig, got } = await listening([type]);
    rig.network.last.frame({ type, message: PAYLOADS[type] });
    await rig.clock.settle();
    expect(got).toEqual([{ type, payload: PAYLOADS[type] }]);
  });

  it('keep fields that this version does not know, beside the payload and in it', async () => {
    const rig = new ClientRig();
    const got: unknown[] = [];
    rig.client.on('typing.start', (event) => void got.push(event));
    await rig.connected();
    const frame = {
      type: 'typing.start',
      id: 'x1',
      payload: { ...PAYLOADS['typing.start'], device: 'phone' },
    };
    rig.network.last.frame(frame);
    expect(got).toEqual([frame]);
  });

  it('that this version does not know pass through, whatever they carry', async () => {
    const types = ['agent.paused', '__proto__', 'constructor', 'hasOwnProperty'];
    const { rig, got } = await listening(types);
    for (const type of types) {
      for (const payload of [...GARBAGE, { a: 1 }]) rig.network.last.frame({ type, payload });
    }
    expect(got).toHaveLength(types.length * (GARBAGE.length + 1));
    expect(rig.errors).toEqual([]);
  });

  it.each(SERVER_EVENTS.filter((type) => type !== 'message.new'))(
    '%s without a payload has an empty one; one that is no object is told, and keeps nothing from what follows',
    async (type) => {
      const { rig, got } = await listening([type]);
      rig.network.last.frame({ type });
      rig.network.last.frame({ type, payload: null });
      expect(got).toEqual([
        { type, payload: {} },
        { type, payload: {} },
      ]);
      for (const payload of GARBAGE) rig.network.last.frame({ type, payload });
      expect(got).toHaveLength(2);
      expect(rig.client.counters.malformed).toBe(GARBAGE.length);
      expect(rig.errors[0]).toBeInstanceOf(ProtocolError);
      expect(rig.errors[0]?.message).toContain(`A ${type} frame cannot be used`);
      rig.network.last.frame({ type, payload: PAYLOADS[type] });
      expect(got.at(-1)).toEqual({ type, payload: PAYLOADS[type] });
    },
  );

  it('in a flood of garbage are told five times a minute, and all counted', async () => {
    const { rig } = await listening(['typing.start']);
    for (let n = 0; n < 1_000; n += 1) rig.network.last.frame({ type: 'typing.start', payload: n });
    expect(rig.errors).toHaveLength(5);
    expect(rig.client.counters.malformed).toBe(1_000);
  });

  it.each([
    ['from', { from: '@Alice' }],
    ['sender_handle', { sender_handle: 'alice' }],
  ])('message.new with its writer under %s names it as sender', async (_, names) => {
    const { sender: _sender, ...rest } = message(1);
    const { rig, got } = await listening(['message.new']);
    await rig.frame({ ...rest, ...names } as never);
    expect(got).toMatchObject([{ payload: { sender: 'alice' } }]);
  });

  it('of any shape never throw, stop nothing, and lose no good message after them', async () => {
    const types = fc.oneof(fc.constantFrom<string>(...SERVER_EVENTS, 'hello.ok', 'error', 'x'), fc.string());
    const frames = fc.array(
      fc.record(
        { type: types, payload: fc.jsonValue(), message: fc.jsonValue(), id: fc.jsonValue() },
        { requiredKeys: ['type'] },
      ),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(frames, async (garbage) => {
        const { rig } = await listening([...SERVER_EVENTS, 'x']);
        const handled: string[] = [];
        rig.client.on('message.new', ({ payload }) => void handled.push(payload.id));
        for (const frame of garbage) rig.network.last.frame(frame);
        rig.network.last.frame({ type: 'message.new', payload: message(1, 'conv_good') });
        await rig.clock.settle();
        expect(handled).toContain('d1');
        expect(rig.client.isConnected).toBe(true);
        void rig.client.disconnect({ deadlineMs: 0 });
        await rig.clock.advance(1_000);
        expect(rig.client.state).toBe('idle');
      }),
      { numRuns: 60 },
    );
  });
});

describe('a handler of another event', () => {
  const throwing: ServerEvent = 'typing.start';

  it('that fails is told, and neither the others nor the connection notice', async () => {
    const rig = new ClientRig();
    const got: string[] = [];
    rig.client.on(throwing, () => {
      throw new Error('on purpose');
    });
    rig.client.on(throwing, () => Promise.reject(Object.create(null)));
    rig.client.on(throwing, () => void got.push('third'));
    await rig.connected();
    rig.network.last.frame({ type: throwing, payload: PAYLOADS[throwing] });
    await rig.clock.settle();
    expect(got).toEqual(['third']);
    expect(rig.errors.map(({ code }) => code)).toEqual(['HANDLER_FAILED', 'HANDLER_FAILED']);
    expect(rig.errors[0]?.message).toContain('handler of typing.start');
    expect(rig.client.isConnected).toBe(true);
  });
});
