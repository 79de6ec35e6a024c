import { describe, expect, it } from 'vitest';
import { totalsOf } from '../../../src/realtime/explain/explain.js';
import type { Message } from '../../../src/wire/index.js';
import { answer } from '../catchup/answers.js';
import { EngineRig, message, row } from '../catchup/engine-rig.js';
import { Dice } from './dice.js';

const HOSTILE: readonly unknown[] = [
  0,
  -0,
  -1,
  1.5,
  2 ** 53,
  2 ** 53 - 1,
  2 ** 52,
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '7',
  '',
  null,
  undefined,
  true,
  {},
  [],
  [7],
  4_000_000,
  1e9,
];

function odd(id: string, seq: unknown, conversation: string): Message {
  return { ...message(1, conversation), id, seq } as unknown as Message;
}

describe('GAP-2, ACK-1: a service or a peer that sends any seq', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'stops nothing, and no message is handled twice or out of order, seed %i',
    async (seed) => {
      const dice = new Dice(seed);
      const order: Message[] = [];
      const rig: EngineRig = new EngineRig({
        bounds: { lane: dice.pick(3, 256), holdPerConversation: dice.pick(2, 500) },
        handler: ({ payload }, { late }) => {
          if (!late) order.push(payload);
          if (dice.chance(0.5)) return undefined;
          return new Promise<void>((resolve) => {
            rig.clock.setTimer(resolve, dice.int(0, 30));
          });
        },
      });
      await rig.hello(dice.chance(0.5));
      const good = Array.from({ length: 40 }, (_, i) => message(i + 1, dice.pick('conv_a', 'conv_g')));
      let n = 0;
      for (const each of good) {
        rig.source.history.push(each);
        rig.source.rows.push(row(each.seq, each.conversation_id));
        // conv_a is the one that hostile seqs are sent in, too.
        const seq = dice.pick<unknown>(
          ...(HOSTILE as [unknown, ...unknown[]]),
          each.seq - 1,
          each.seq,
          each.seq + 7,
        );
        n += 1;
        const hostile = odd(`odd-${n}`, seq, 'conv_a');
        if (dice.chance(0.2)) rig.source.history.push(hostile);
        if (dice.chance(0.2)) rig.source.rows.push({ ...hostile, delivery_id: `del_odd_${n}` });
        if (dice.chance(0.2))
          rig.source.list = [{ id: 'conv_a', newest_unread_seq: seq, last_message_at: 'x' }];
        await rig.frame(hostile);
        // Without acks nothing betrays a last message that was lost.
        if (dice.chance(0.8) || each === good.findLast(({ conversation_id }) => conversation_id === 'conv_g'))
          await rig.frame(each);
        if (dice.chance(0.1)) await rig.clock.advance(dice.pick(10, 3_000, 61_000));
      }
      await rig.clock.advance(1_200_000);
      expect(new Set(rig.handled).size).toBe(rig.handled.length);
      const beside = good.filter(({ conversation_id }) => conversation_id === 'conv_g').map(({ id }) => id);
      expect(order.filter(({ conversation_id }) => conversation_id === 'conv_g').map(({ id }) => id)).toEqual(
        beside,
      );
      // Under another id a seq that was handled is a duplicate: acknowledged, and not given out again.
      for (const id of new Set(rig.acked)) if (id.startsWith('g')) expect(rig.handled).toContain(id);
      for (const { missing, recovered } of rig.gaps) expect(recovered && missing.length > 0).toBe(false);
      expect(totalsOf(rig.engine)).toMatchObject({ held: 0, waiting: 0 });
    },
  );

  it('with huge jumps up and down keeps what is near in order, and gives out the rest by itself', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.history = [1, 2, 3, 4, 5].map((seq) => message(seq));
    await rig.frame(
      message(1),
      message(2 ** 52),
      message(2),
      message(9_000_000),
      message(3),
      message(2 ** 53 - 1),
    );
    await rig.frame(message(4), message(1), message(5));
    expect(rig.handled.filter((id) => id.length < 4)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
    expect(rig.handled).toHaveLength(8);
    expect(rig.engine.order.conversations.get('conv_a')?.expected).toBe(6);
  });

  it('that starts a conversation anew at seq 1 breaks nothing: what is below the cursor counts as handled', async () => {
    // The service promises that a seq never comes twice. One that breaks the promise is taken at its word (ACK-1).
    const rig = new EngineRig();
    await rig.hello();
    for (let seq = 1; seq <= 10; seq += 1) await rig.frame(message(seq));
    const anew = Array.from({ length: 12 }, (_, i) => message(i + 1, 'conv_a', { id: `new${i + 1}` }));
    await rig.frame(...anew);
    expect(rig.handled.slice(10)).toEqual(['new11', 'new12']);
    expect(rig.engine.counters).toMatchObject({ duplicates: 10, handled: 12 });
    expect(rig.gaps).toEqual([]);
  });

  it('that gives one seq to two messages has the first of them handled', async () => {
    const rig = new EngineRig();
    await rig.hello();
    const other = message(2, 'conv_a', { id: 'other' });
    await rig.frame(message(1), message(2), other, message(3));
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
    expect(rig.acked).toEqual(['a1', 'a2', 'other', 'a3']);
    // Held ones, too.
    await rig.frame(message(5), message(5, 'conv_a', { id: 'another' }), message(4));
    expect(rig.handled.slice(3)).toEqual(['a4', 'a5']);
  });

  it('whose history shows messages of another conversation is not believed', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.next('getMessages', () => Promise.resolve([message(2, 'conv_b'), message(3)]));
    await rig.frame(message(1), message(3));
    await rig.clock.advance(2_010);
    expect(rig.handled).toEqual(['a1', 'a3']);
    expect(rig.gaps).toMatchObject([
      { conversationId: 'conv_a', recovered: false, missing: [{ from: 2, to: 2 }] },
    ]);
    expect(rig.errors).toMatchObject([{ name: 'ProtocolError' }]);
  });
});

const BOUNDS = {
  idleConversations: 60,
  waitingConversations: 50,
  holdPerConversation: 5,
  holdTotal: 40,
  lane: 4,
  laneTotal: 30,
  missing: 20,
  parked: 10,
  pendingAcks: 50,
};

type Wave = (n: number) => readonly Message[];

const WAVES: readonly [string, Wave][] = [
  ['each with seq 1', (n) => [message(1, `conv_${n}`)]],
  ['each beginning in the middle', (n) => [message(40, `conv_${n}`)]],
  ['each with a gap', (n) => [message(1, `conv_${n}`), message(3, `conv_${n}`)]],
  ['each with many gaps', (n) => [1, 3, 5, 7, 9, 11].map((seq) => message(seq, `conv_${n}`))],
  ['each with an absurd seq', (n) => [message(1, `conv_${n}`), message(5_000_000, `conv_${n}`)]],
  ['each without a seq', (n) => [odd(`odd-${n}`, null, `conv_${n}`)]],
];

function unique(wave: Wave): Wave {
  return (n) => wave(n).map((each) => ({ ...each, id: `${each.conversation_id}-${String(each.seq)}` }));
}

/** The bounds, however many conversations somebody makes: idle and waiting ones, those at work, and what they hold. */
function checkBounds(rig: EngineRig, concurrency: number): void {
  const { conversations, held, waiting, missing, parked, pendingAcks } = totalsOf(rig.engine);
  // A lane takes as many once more of the messages that nobody would bring again.
  expect(waiting).toBeLessThanOrEqual(BOUNDS.laneTotal + BOUNDS.lane);
  const busy = BOUNDS.waitingConversations + waiting + concurrency + missing + parked;
  expect(conversations).toBeLessThanOrEqual(BOUNDS.idleConversations + busy + 1);
  // One without a position keeps the message that says where it may begin (GAP-4).
  expect(held).toBeLessThanOrEqual(BOUNDS.holdTotal + BOUNDS.waitingConversations);
  expect(missing).toBeLessThanOrEqual(BOUNDS.missing);
  expect(parked).toBeLessThanOrEqual(BOUNDS.parked);
  expect(pendingAcks).toBeLessThanOrEqual(BOUNDS.pendingAcks);
  expect(rig.clock.pendingTimers).toBeLessThanOrEqual(2 * busy + 20);
}

describe('BP-1, GAP-4: a peer who makes thousands of conversations', () => {
  const COUNT = 250;

  describe.each(WAVES)('%s', (_name, wave) => {
    it.each([
      ['with acks', true, 'answers'],
      ['without acks, while REST is down', false, 'fails'],
    ] as const)('takes no more memory than the bounds: %s', async (_mode, ackMode, rest) => {
      const concurrency = 2;
      let slow = true;
      const rig: EngineRig = new EngineRig({
        concurrency,
        bounds: BOUNDS,
        handler: () =>
          slow
            ? new Promise<void>((resolve) => {
                rig.clock.setTimer(resolve, 500);
              })
            : undefined,
      });
      if (rest === 'fails') {
        for (const method of ['getMessages', 'sync', 'list'])
          rig.source.next(method, () => Promise.reject(answer(503)), 1_000_000);
      }
      await rig.hello(ackMode);
      const messages = unique(wave);
      for (let n = 0; n < COUNT; n += 1) {
        for (const each of messages(n)) rig.engine.inbox.frame({ type: 'message.new', payload: each });
        if (n % 40 === 0) {
          await rig.clock.advance(50);
          checkBounds(rig, concurrency);
        }
      }
      checkBounds(rig, concurrency);
      expect(new Set(rig.handled).size).toBe(rig.handled.length);
      // Somebody else is heard as ever, once handlers have time.
      slow = false;
      await rig.clock.advance(10_000);
      await rig.frame(message(1, 'conv_good'), message(2, 'conv_good'));
      await rig.clock.advance(1_000);
      expect(rig.handled.slice(-2)).toEqual(['d1', 'd2']);
      checkBounds(rig, concurrency);
    });
  });

  it('loses none of their messages: what was turned away is not acknowledged, and comes again', async () => {
    const rig: EngineRig = new EngineRig({
      concurrency: 2,
      // Room for all of them while they are idle: who is evicted, and is in no store, is new when it comes again (ORD-2).
      bounds: { ...BOUNDS, idleConversations: 400 },
      baseUrl: 'ws://127.0.0.1:1',
      reconcileIntervalMs: 2_000,
      handler: () =>
        new Promise<void>((resolve) => {
          rig.clock.setTimer(resolve, 5);
        }),
    });
    const { source } = rig;
    const list = source.sync.bind(source);
    source.sync = (options) => {
      const acked = new Set(rig.acked);
      const cursor = source.asked
        .findLast((line) => line.startsWith('syncAck'))
        ?.slice('syncAck del_'.length);
      const through = source.rows.findIndex((each) => (each as Message).id === cursor);
      source.rows = source.rows.slice(through + 1).filter((each) => !acked.has((each as Message).id));
      return list(options);
    };
    await rig.hello();
    const sent: string[] = [];
    for (let n = 0; n < 400; n += 1) {
      const id = `conv_${n}`;
      for (const seq of [1, 2, 3]) {
        const each = { ...message(seq, id), id: `${id}-${seq}` };
        sent.push(each.id);
        rig.source.history.push(each);
        rig.source.rows.push({ ...row(seq, id), id: each.id, delivery_id: `del_${each.id}` });
        if (seq !== 2) rig.engine.inbox.frame({ type: 'message.new', payload: each });
      }
    }
    for (let round = 0; round < 200 && source.rows.length > 0; round += 1) await rig.clock.advance(2_000);
    expect(source.rows).toEqual([]);
    expect([...rig.handled].sort()).toEqual([...sent].sort());
  });
});

describe('BP-1, GAP-4: a peer who makes thousands of gaps', () => {
  it('takes no more memory than the bounds, and every gap is named', async () => {
    const rig = new EngineRig({ bounds: BOUNDS, gapFillWindowMs: 0 });
    rig.source.next('getMessages', () => Promise.reject(answer(403)), 1_000_000);
    await rig.hello();
    await rig.frame(message(1));
    for (let seq = 3; seq < 300; seq += 2) {
      await rig.frame(message(seq));
      await rig.clock.advance(100);
      expect(totalsOf(rig.engine).missing).toBeLessThanOrEqual(BOUNDS.missing);
      expect(totalsOf(rig.engine).held).toBeLessThanOrEqual(BOUNDS.holdPerConversation);
    }
    await rig.clock.advance(60_000);
    const named = rig.gaps.flatMap(({ missing }) => missing.map(({ from }) => from));
    expect(named).toEqual(Array.from({ length: 149 }, (_, i) => 2 * i + 2));
    expect(rig.handled).toHaveLength(150);
  });

  it('with a thousand gaps at once, closes them page by page', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.history = Array.from({ length: 2_000 }, (_, i) => message(i + 1));
    await rig.frame(message(1), ...rig.source.history.filter(({ seq }) => seq % 2 === 1 && seq > 1));
    await rig.clock.advance(120_000);
    expect(rig.handled).toEqual(rig.source.history.map(({ id }) => id));
    expect(rig.source.count('getMessages')).toBeLessThan(30);
  });
});
