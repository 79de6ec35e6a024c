import { describe, expect, it, vi } from 'vitest';
import { meantEvent } from '../../src/realtime/event-names.js';
import type { RealtimeOptions } from '../../src/realtime/index.js';
import { SERVER_EVENTS } from '../../src/wire/index.js';
import { message } from './catchup/engine-rig.js';
import { ClientRig } from './client-rig.js';

/** A client whose service says this of its agent. */
async function standing(me: object, options: Partial<RealtimeOptions> = {}): Promise<ClientRig> {
  const rig = new ClientRig(options);
  Object.assign(rig.source, { getMe: () => Promise.resolve({ handle: 'me', status: 'active', ...me }) });
  rig.client.on('message.new', () => {});
  await rig.connected();
  await rig.clock.advance(5_000);
  return rig;
}

const summary = (rig: ClientRig) => rig.client.explain().summary;

describe('explain() says what the service does with our agent', () => {
  it('paused by its owner', async () => {
    const rig = await standing({ paused_by_owner: 'full' });
    expect(summary(rig)).toBe(
      'Connected, but its owner has paused the agent in the dashboard: the service sends nothing until the owner resumes it there.',
    );
    expect(rig.client.explain().standing).toEqual({
      handle: 'me',
      status: 'active',
      pausedByOwner: 'full',
      muted: 0,
      askedAgoMs: 0,
    });
  });

  it('suspended', async () => {
    expect(summary(await standing({ status: 'suspended' }))).toBe(
      'Connected, but the agent is suspended: it can neither send nor receive until support lifts the suspension.',
    );
  });

  it('as soon as somebody looks twice, also before it would be asked', async () => {
    const rig = new ClientRig();
    Object.assign(rig.source, { getMe: () => Promise.resolve({ handle: 'me', paused_by_owner: 'full' }) });
    rig.client.on('message.new', () => {});
    await rig.connected();
    expect(rig.client.explain().standing.askedAgoMs).toBeNull();
    await rig.clock.settle();
    expect(summary(rig)).toMatch(/^Connected, but its owner has paused the agent/);
    await rig.clock.advance(6_000);
    expect(rig.client.explain().standing.askedAgoMs).toBe(6_000);
  });

  it.each([
    [{ paused_by_owner: 'send' }, /^Connected and receiving, sending paused by its owner; the last data/],
    [{ status: 'restricted' }, /^Connected and receiving, agent restricted; the last data/],
    [{ paused_by_owner: 'none' }, /^Connected and receiving; the last data/],
  ])('%o', async (me, said) => {
    expect(summary(await standing(me))).toMatch(said);
  });

  it('muted', async () => {
    const rig = new ClientRig();
    rig.source.mutes = [
      { target_kind: 'agent', target_id: 'alice', muted_until: null },
      { target_kind: 'agent', target_id: 'agt_SgsZy7D4w9Q0CAxT', muted_until: null },
      { target_kind: 'conversation', target_id: 'conv_a', muted_until: null },
      { target_kind: 'conversation', target_id: 'conv_b', muted_until: '2020-01-01T00:00:00Z' },
    ];
    rig.client.on('message.new', () => {});
    await rig.connected();
    await rig.clock.advance(5_000);
    expect(summary(rig)).toMatch(/^Connected and receiving, 3 muted \(not pushed; the next reconcile/);
  });

  it('asked a moment after the connect, again when somebody looks, and not for a session that comes soon after', async () => {
    const rig = new ClientRig();
    let asked = 0;
    let paused = 'none';
    const getMe = async () => {
      asked += 1;
      return { handle: 'me', paused_by_owner: paused };
    };
    Object.assign(rig.source, { getMe });
    rig.client.on('message.new', () => {});
    await rig.connected();
    await rig.clock.advance(4_900);
    expect(asked).toBe(0);
    await rig.clock.advance(200);
    expect(asked).toBe(1);
    await rig.clock.advance(600_000);
    expect(asked).toBe(1);
    paused = 'full';
    expect(summary(rig)).toMatch(/^Connected and receiving/);
    await rig.clock.settle();
    expect(summary(rig)).toMatch(/^Connected, but its owner has paused the agent/);
    expect(asked).toBe(2);
    rig.network.last.end();
    await rig.clock.advanceUntil(() => rig.network.sockets.length === 2);
    await rig.accept();
    await rig.clock.advance(10_000);
    expect(asked).toBe(2);
    void rig.client.disconnect();
    await rig.clock.advance(3_600_000);
    expect([rig.client.explain().standing.pausedByOwner, asked]).toEqual(['full', 2]);
    expect(rig.clock.pendingTimers).toBe(0);
  });

  it('whatever the answer', async () => {
    const rig = await standing({});
    for (const answer of [null, 7, [], { handle: 7 }, { handle: '' }]) {
      Object.assign(rig.source, { getMe: () => Promise.resolve(answer) });
      await rig.clock.advance(6_000);
      rig.client.explain();
      await rig.clock.settle();
    }
    expect(rig.errors).toEqual([]);
    expect(rig.client.explain().handle).toBe('me');
  });
});

describe('GAP-5: a `handle` option that is not ours', () => {
  it('is told once, is in explain(), and the service is believed', async () => {
    const got: string[] = [];
    const rig = await standing({ handle: 'Alice' }, { handle: 'bob' });
    rig.client.on('message.new', ({ payload }) => void got.push(payload.sender));
    expect(rig.errors.map(({ code }) => code)).toEqual(['HANDLE_MISMATCH']);
    expect(summary(rig)).toMatch(/ The option `handle` is "bob", but the key is that of "alice"\.$/);
    expect(rig.client.explain().handle).toBe('alice');
    await rig.frame(message(1, 'conv_a', { sender: 'alice' }), message(2, 'conv_a', { sender: 'bob' }));
    expect(got).toEqual(['bob']);
    await rig.clock.advance(700_000);
    expect(rig.errors.filter(({ code }) => code === 'HANDLE_MISMATCH')).toHaveLength(1);
  });

  /** A client with the wrong handle, whose service fails when it is asked so often; then it says who we are. */
  async function mistakenAt(failing: () => Promise<unknown>, times: number): Promise<ClientRig> {
    const rig = new ClientRig({ handle: 'bob' });
    let asked = 0;
    const getMe = () => {
      asked += 1;
      return asked <= times ? failing() : Promise.resolve({ handle: 'alice' });
    };
    Object.assign(rig.source, { getMe });
    rig.client.on('message.new', () => {});
    await rig.connected();
    await rig.clock.advance(5_000);
    return rig;
  }

  it('is told also when the service could not say at first who we are', async () => {
    const rig = await mistakenAt(() => Promise.reject(new Error('503')), 3);
    expect(rig.errors).toEqual([]);
    rig.client.explain();
    await rig.clock.advance(60_000);
    expect(rig.errors.map(({ code }) => code)).toEqual(['HANDLE_MISMATCH']);
  });

  it('is told in the next session when the first ended while the service was asked', async () => {
    const rig = await mistakenAt(() => new Promise(() => {}), 1);
    rig.network.last.end();
    await rig.clock.advanceUntil(() => rig.network.sockets.length === 2);
    await rig.accept();
    await rig.clock.advance(10_000);
    expect(rig.errors.map(({ code }) => code)).toEqual(['HANDLE_MISMATCH']);
  });

  it('is none in another spelling', async () => {
    const rig = await standing({ handle: 'me' }, { handle: '@Me' });
    expect(rig.errors).toEqual([]);
  });
});

describe('a handler of an event that there is not', () => {
  it.each([
    ['messages.new', 'message.new'],
    ['message_new', 'message.new'],
    ['new_message', 'message.new'],
    ['Message.New', 'message.new'],
    ['mesage.new', 'message.new'],
    ['messsage.reed', 'message.read'],
    ['typing.started', 'typing.start'],
    ['group.invites.received', 'group.invite.received'],
  ])('%s: did you mean %s?', async (type, meant) => {
    const rig = new ClientRig();
    rig.client.on(type, () => {});
    await rig.connected();
    expect(rig.errors).toMatchObject([{ code: 'UNKNOWN_EVENT' }]);
    expect(rig.client.explain().misnamed).toEqual([{ type, meant }]);
    expect(summary(rig)).toContain(
      `A handler is registered for "${type}", which is not an event: did you mean "${meant}"?`,
    );
  });

  it.each([...SERVER_EVENTS, 'message.edited', 'message.deleted', 'group.created', 'brand.new', 'x'])(
    '%s is none of them',
    (type) => {
      expect(meantEvent(type)).toBeUndefined();
    },
  );

  it('is told once, and not while nobody waits for it any more, nor once it has come', async () => {
    const rig = new ClientRig();
    const off = rig.client.on('messages.new', () => {});
    off();
    await rig.clock.settle();
    expect([rig.errors, rig.client.explain().misnamed]).toEqual([[], []]);
    rig.client.on('typing.started', () => {});
    rig.client.on('typing.started', () => {});
    await rig.connected();
    expect(rig.errors).toHaveLength(1);
    rig.network.last.frame({ type: 'typing.started', payload: {} });
    expect(rig.client.explain().misnamed).toEqual([]);
  });

  it('is written to the console when nobody listens', async () => {
    const written = vi.spyOn(console, 'error').mockImplementation(() => {});
    const rig = new ClientRig({}, false);
    rig.client.on('messages.new', () => {});
    await rig.clock.settle();
    expect(written.mock.calls).toEqual([[expect.stringContaining('did you mean "message.new"?')]]);
    written.mockRestore();
  });
});

describe('typing frames', () => {
  it('are sent while connected, and dropped without a word otherwise', async () => {
    const rig = new ClientRig();
    rig.client.sendTypingStart('conv_a');
    const socket = await rig.connected();
    rig.client.sendTypingStart('conv_a');
    expect(socket.sent.filter((text) => text.includes('typing'))).toHaveLength(1);
    socket.end();
    expect(() => rig.client.sendTypingStop('conv_a')).not.toThrow();
    expect(() => rig.client.sendReadAck('conv_a', 1)).toThrow(/Not connected/);
  });
});
