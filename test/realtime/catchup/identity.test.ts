import { describe, expect, it } from 'vitest';
import { heldBackBy } from '../../../src/realtime/explain/explain.js';
import { Identity } from '../../../src/realtime/identity.js';
import type { RealtimeOptions, RealtimeSource } from '../../../src/realtime/index.js';
import type { Message } from '../../../src/wire/index.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { answer } from './answers.js';
import { EngineRig, FakeSource, message } from './engine-rig.js';

/** A message whose sender is spelt in a certain way. */
function from(fields: Record<string, unknown>): Message {
  const { sender: _, ...rest } = message(1);
  return { ...rest, ...fields } as unknown as Message;
}

const OWN: Record<string, unknown>[] = [
  { sender: 'alice' },
  { sender: 'Alice' },
  { sender: '@alice' },
  { sender: '@ALICE' },
  { sender: ' @Alice ' },
  { from: 'alice' },
  { sender_handle: '@Alice' },
  { sender: '', from: 'alice' },
  { sender: null, sender_handle: 'alice' },
];

const OTHERS: Record<string, unknown>[] = [
  { sender: 'alic' },
  { sender: 'alicia' },
  { sender: 'malice' },
  { sender: 'bob' },
  { sender: '@@alice' },
  { sender: 'bob', from: 'alice' },
  { sender: '' },
  { sender: 7 },
  { sender: { handle: 'alice' } },
  {},
];

function identityOf(handle: string | undefined): Identity {
  return new Identity(new VirtualClock(), handle, false, { identitySettled() {}, onError() {} });
}

describe('GAP-5: who we are', () => {
  it.each(['alice', '@Alice', ' ALICE '])(
    'with the option %j, our own echo is known in every spelling',
    (handle) => {
      const identity = identityOf(handle);
      expect(identity.isKnown).toBe(true);
      for (const fields of OWN) expect(identity.isOwn(from(fields)), JSON.stringify(fields)).toBe(true);
      for (const fields of OTHERS) expect(identity.isOwn(from(fields)), JSON.stringify(fields)).toBe(false);
    },
  );

  it('is learnt from the response of a send', () => {
    const identity = identityOf(undefined);
    expect(identity.isOwn(from({ sender: 'alice' }))).toBe(false);
    identity.learnFromSend(from({ sender: '@Alice' }));
    expect(identity.isKnown).toBe(true);
    expect(identity.isOwn(from({ sender: 'alice' }))).toBe(true);
  });

  it('while it is unknown, the client_msg_id of a send tells', () => {
    const identity = identityOf(undefined);
    identity.learnFromSend(from({ client_msg_id: 'mine' }));
    expect(identity.isKnown).toBe(false);
    expect(identity.isOwn(from({ sender: 'whoever', client_msg_id: 'mine' }))).toBe(true);
    expect(identity.isOwn(from({ sender: 'whoever', client_msg_id: 'other' }))).toBe(false);
    expect(identity.isOwn(from({ sender: 'whoever', client_msg_id: undefined }))).toBe(false);
  });

  it('is not learnt from a message without ids', () => {
    const identity = identityOf(undefined);
    identity.learnFromSend(from({ client_msg_id: undefined }));
    expect(identity.isOwn(from({ sender: 'bob', client_msg_id: undefined }))).toBe(false);
  });
});

describe('GAP-5: messages wait until we know who we are', () => {
  function asking(getMe: () => Promise<unknown>, options: Partial<RealtimeOptions> = {}): EngineRig {
    const source = Object.assign(new FakeSource(), { getMe }) as RealtimeSource;
    return new EngineRig({ handle: undefined, client: source, ...options });
  }

  it('and our own are then not delivered', async () => {
    let tell = (_: unknown) => {};
    const rig = asking(() => new Promise((resolve) => (tell = resolve)));
    await rig.hello();
    await rig.frame(message(1), message(2, 'conv_a', { sender: 'Me' }), message(3));
    expect(rig.handled).toEqual([]);
    expect(heldBackBy(rig.engine)).toBe('identity unknown');
    expect(rig.acked).toEqual([]);
    tell({ handle: '@me' });
    await rig.clock.settle();
    expect(rig.handled).toEqual(['a1', 'a3']);
    expect(rig.engine.counters.own).toBe(1);
  });

  it('it is asked again while that passes, with a report after five seconds', async () => {
    let calls = 0;
    const rig = asking(() => {
      calls += 1;
      return calls < 6 ? Promise.reject(answer(503)) : Promise.resolve({ handle: 'me' });
    });
    await rig.hello();
    await rig.frame(message(1));
    await rig.clock.advance(5_000);
    expect(rig.errors.map(({ code }) => code)).toEqual(['IDENTITY_UNKNOWN']);
    await rig.clock.advance(30_000);
    expect(rig.handled).toEqual(['a1']);
    expect(rig.errors).toHaveLength(1);
  });

  it.each([
    ['refused', () => Promise.reject(answer(403))],
    ['told nothing', () => Promise.resolve(undefined)],
    ['told junk', () => Promise.resolve({ handle: 7 })],
  ])('and no longer when we are %s', async (_name, getMe) => {
    const rig = asking(getMe);
    await rig.hello();
    await rig.frame(message(1));
    expect(rig.handled).toEqual(['a1']);
  });

  it('and do not when there is nobody to ask', async () => {
    const rig = new EngineRig({ handle: undefined });
    await rig.hello();
    await rig.frame(message(1));
    expect(rig.handled).toEqual(['a1']);
  });

  it('nobody is asked before there are messages, and a message waits for the answer', async () => {
    let calls = 0;
    let tell = (_: unknown) => {};
    const rig = asking(
      () => {
        calls += 1;
        return new Promise((resolve) => (tell = resolve));
      },
      { autoDrainOnConnect: false },
    );
    await rig.hello();
    await rig.clock.advance(1_000);
    expect(calls).toBe(0);
    expect(heldBackBy(rig.engine)).toBe(null);
    await rig.frame(message(1, 'conv_a', { sender: 'me' }), message(2));
    expect(calls).toBe(1);
    expect(heldBackBy(rig.engine)).toBe('identity unknown');
    expect(rig.handled).toEqual([]);
    tell({ handle: 'me' });
    await rig.clock.settle();
    expect(rig.handled).toEqual(['a2']);
  });

  it('with a drain it is asked at the same time as the queue', async () => {
    let calls = 0;
    const rig = asking(() => {
      calls += 1;
      return new Promise(() => {});
    });
    await rig.clock.settle();
    expect(calls).toBe(0);
    await rig.hello();
    expect(calls).toBe(1);
  });

  it('a message that waited through a stop has it asked again', async () => {
    let answer: () => Promise<unknown> = () => new Promise(() => {});
    const rig = asking(() => answer(), { autoDrainOnConnect: false });
    await rig.hello();
    await rig.frame(message(1));
    await rig.stop();
    answer = () => Promise.resolve({ handle: 'me' });
    rig.engine.start();
    await rig.hello();
    expect(rig.handled).toEqual(['a1']);
  });

  it('what is told for another reason will do', async () => {
    let calls = 0;
    const rig = asking(
      async () => {
        calls += 1;
        return { handle: 'me' };
      },
      { autoDrainOnConnect: false },
    );
    await rig.hello();
    await rig.clock.advance(10_000);
    expect(calls).toBe(1);
    await rig.frame(message(1));
    expect(rig.handled).toEqual(['a1']);
    expect(calls).toBe(1);
  });

  it('whatever tells it first will do, also while getMe() fails', async () => {
    const rig = asking(() => Promise.reject(answer(503, { retryAfterMs: 600_000 })));
    await rig.hello();
    await rig.frame(message(1), message(2, 'conv_a', { sender: 'me' }));
    expect(heldBackBy(rig.engine)).toBe('identity unknown');
    rig.engine.inbox.sent(message(7, 'conv_b', { sender: 'me' }));
    await rig.clock.settle();
    expect(rig.handled).toEqual(['a1']);
    await rig.clock.advance(10_000);
    expect(rig.errors.map(({ code }) => code)).not.toContain('IDENTITY_UNKNOWN');
  });

  it('a second question is not held up by a first one that hangs', async () => {
    let calls = 0;
    const rig = asking(() => {
      calls += 1;
      return calls === 1 ? new Promise(() => {}) : Promise.resolve({ handle: 'me' });
    });
    await rig.hello();
    await rig.frame(message(1));
    await rig.clock.advance(6_000);
    expect(rig.handled).toEqual(['a1']);
  });

  it('nothing is asked, and nothing told, of a life that is over (STOP-1)', async () => {
    let calls = 0;
    const rig = asking(
      () => {
        calls += 1;
        return new Promise(() => {});
      },
      { autoDrainOnConnect: false },
    );
    await rig.hello();
    await rig.stop();
    await rig.frame(message(1));
    await rig.clock.advance(10_000);
    expect([calls, rig.errors]).toEqual([0, []]);
  });

  it('a client that stops is told nothing of it (STOP-1)', async () => {
    const rig = asking(() => new Promise(() => {}));
    await rig.hello();
    await rig.stop();
    await rig.clock.advance(120_000);
    expect(rig.errors).toEqual([]);
    expect(rig.clock.pendingTimers).toBe(0);
  });
});

describe('GAP-5: sends through the client that is given', () => {
  const sent = (seq: number, conversation = 'conv_a') => message(seq, conversation, { sender: 'me' });

  it('take their place, whenever their response comes', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.frame(message(1));
    rig.engine.inbox.sent(sent(2));
    await rig.frame(message(3));
    await rig.frame(sent(2), sent(4));
    rig.engine.inbox.sent(sent(4));
    await rig.frame(message(5));
    expect(rig.handled).toEqual(['a1', 'a3', 'a5']);
    expect(rig.source.count('getMessages')).toBe(0);
    expect(rig.acked).toEqual(['a1', 'a3', 'a5']);
  });

  it('are delivered with deliverOwn, however they arrive, once', async () => {
    const rig = new EngineRig({ deliverOwn: true });
    await rig.hello();
    await rig.frame(message(1));
    rig.engine.inbox.sent(sent(2));
    await rig.frame(sent(2), message(3));
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
  });

  it.each([null, undefined, 7, {}, { id: 'x' }, { ...sent(2), seq: -1 }, { ...sent(2), seq: '2' }])(
    'that are junk are nothing: %j',
    async (junk) => {
      const rig = new EngineRig();
      await rig.hello();
      await rig.frame(message(1));
      rig.engine.inbox.sent(junk as Message);
      await rig.frame(message(2));
      expect(rig.handled).toEqual(['a1', 'a2']);
    },
  );
});
