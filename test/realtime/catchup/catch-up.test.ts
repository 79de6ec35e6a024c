import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../support/mulberry32.js';
import { EngineRig, message, row } from './engine-rig.js';

const SECOND = 1_000;

/** `count` rows over so many conversations, in the service's order. */
function queue(count: number, conversations: number) {
  return Array.from({ length: count }, (_, n) => {
    const conversation = `conv_${n % conversations}`;
    const id = `m${n}`;
    return row(Math.floor(n / conversations) + 1, conversation, { id, delivery_id: `del_${n}` } as object);
  });
}

/** The seqs of each conversation, in the order in which they were handled. */
function seqsOf(handled: { conversation_id: string; seq: number }[]): Map<string, number[]> {
  const seqs = new Map<string, number[]>();
  for (const { conversation_id, seq } of handled) {
    seqs.set(conversation_id, [...(seqs.get(conversation_id) ?? []), seq]);
  }
  return seqs;
}

describe.each([
  ['in ack mode', true],
  ['without acks', false],
])('CATCH-1, %s: 10,000 rows', (_, ackMode) => {
  const COUNT = 10_000;
  const CONVERSATIONS = 100;
  const inOrder = Array.from({ length: COUNT / CONVERSATIONS }, (_each, n) => n + 1);

  async function drained(
    handler: (clock: EngineRig['clock']) => unknown,
    meanwhile: (rig: EngineRig) => Promise<void> = async () => {},
  ) {
    const handled: { conversation_id: string; seq: number }[] = [];
    const rig: EngineRig = new EngineRig({
      reconcileIntervalMs: 0,
      handler: async ({ payload }) => {
        await handler(rig.clock);
        handled.push(payload);
      },
    });
    rig.source.rows = queue(COUNT, CONVERSATIONS);
    await rig.hello(ackMode);
    await meanwhile(rig);
    return { rig, handled };
  }

  it('are read and handled at once, one page after the other, and acknowledged', async () => {
    const { rig, handled } = await drained(() => {});
    expect(rig.clock.now()).toBe(0);
    expect(handled).toHaveLength(COUNT);
    await rig.clock.advance(2 * SECOND);
    expect([...seqsOf(handled).values()].every((seqs) => seqs.join() === inOrder.join())).toBe(true);
    expect(rig.source.asked.filter((line) => /^sync( |$)/.test(line))).toHaveLength(21);
    expect(rig.source.asked.findLast((line) => line.startsWith('syncAck'))).toBe('syncAck del_9999');
    expect(rig.gaps).toEqual([]);
  });

  it('with slow handlers, and live frames of the same conversations meanwhile, keep their order', async () => {
    const { rig, handled } = await drained(
      (clock) => new Promise<void>((resolve) => clock.setTimer(resolve, 50)),
      async (made) => {
        for (let n = 0; n < CONVERSATIONS; n += 1) {
          const conversation = `conv_${n}`;
          await made.frame(message(COUNT / CONVERSATIONS + 1, conversation, { id: `live${n}` }));
        }
      },
    );
    await rig.clock.advance(60 * SECOND);
    expect(handled).toHaveLength(COUNT + CONVERSATIONS);
    const expected = [...inOrder, COUNT / CONVERSATIONS + 1].join();
    expect([...seqsOf(handled).values()].every((seqs) => seqs.join() === expected)).toBe(true);
    expect(rig.gaps).toEqual([]);
  });
});

describe('ACK-2: an acknowledgement that stalls', () => {
  it('keeps nobody waiting, and is given up and sent again with the newest cursor', async () => {
    const rig = new EngineRig();
    rig.source.next('syncAck', () => new Promise(() => {}));
    rig.source.rows = queue(1_200, 10);
    await rig.hello();
    await rig.clock.advance(5 * SECOND);
    expect(rig.handled).toHaveLength(1_200);
    expect(rig.source.asked.filter((line) => line.startsWith('syncAck'))).toHaveLength(1);
    await rig.clock.advance(70 * SECOND);
    expect(rig.source.asked.filter((line) => line.startsWith('syncAck')).at(-1)).toBe('syncAck del_1199');
    expect(rig.handled).toHaveLength(1_200);
  });

  it('that fails is sent again while the next session drains, and nothing is handled twice', async () => {
    const rig = new EngineRig();
    rig.source.next('syncAck', () => Promise.reject(new TypeError('fetch failed')), 3);
    rig.source.rows = queue(20, 2);
    await rig.hello();
    await rig.lost();
    await rig.hello();
    await rig.clock.advance(10 * SECOND);
    expect(rig.handled).toHaveLength(20);
    expect(rig.engine.counters.restAcks).toBeGreaterThan(0);
    expect(rig.source.asked.findLast((line) => line.startsWith('syncAck'))).toBe('syncAck del_19');
  });
});

/** Rows that cannot be used. */
const JUNK: ((n: number) => unknown)[] = [
  () => null,
  (n) => n,
  () => [],
  () => ({}),
  (n) => ({ ...row(1, 'conv_j'), id: '', delivery_id: `del_${n}` }),
  (n) => ({ ...row(1, 'conv_j'), id: `junk${n}`, conversation_id: 7, delivery_id: `del_${n}` }),
  (n) => ({ ...row(1, 'conv_j'), id: `junk${n}`, delivery_id: 7 }),
  (n) => ({ ...row(1, 'conv_j'), id: `junk${n}`, delivery_id: `del_${n}`, content: 'text' }),
];

describe.each([
  ['in ack mode', true],
  ['without acks', false],
])('CATCH-1, ACK-2, %s: whatever is among the rows', (_, ackMode) => {
  it.each(Array.from({ length: 30 }, (_each, n) => n + 1))(
    'good ones are handled once, and no cursor passes what was not handled (seed %i)',
    async (seed) => {
      const chance = mulberry32(seed);
      const complaints: string[] = [];
      const finished = new Set<string>();
      const rig: EngineRig = new EngineRig({
        reconcileIntervalMs: 0,
        handlerRetry: { retries: 1, minDelayMs: 100 },
        handler: async ({ payload }) => {
          if (chance() < 0.3) await new Promise<void>((done) => rig.clock.setTimer(done, chance() * 300));
          if (chance() < 0.1) throw new Error('on purpose');
          if (finished.has(payload.id)) complaints.push(`${payload.id} is handled twice`);
          finished.add(payload.id);
        },
      });
      const seqs = new Map<string, number>();
      const rows: unknown[] = [];
      const good: string[] = [];
      for (let n = 0; n < 40; n += 1) {
        const choice = chance();
        if (choice < 0.15) rows.push(JUNK[Math.floor(chance() * JUNK.length)]?.(n));
        else if (choice < 0.25 && rows.length > 0) rows.push(rows[Math.floor(chance() * rows.length)]);
        else {
          const conversation = `conv_${Math.floor(chance() * 4)}`;
          const seq = (seqs.get(conversation) ?? 0) + 1;
          seqs.set(conversation, seq);
          const delivery_id = chance() < 0.1 ? null : `del_${n}`;
          rows.push(row(seq, conversation, { id: `m${n}`, delivery_id } as object));
          good.push(`m${n}`);
        }
      }
      const usual = rig.source.syncAck.bind(rig.source);
      rig.source.syncAck = (cursor) => {
        const through = rows.findIndex(
          (each) => (each as { delivery_id?: unknown } | null)?.delivery_id === cursor,
        );
        for (const each of rows.slice(0, through + 1)) {
          const { id } = (each ?? {}) as { id?: string };
          if (id === undefined || !finished.has(id))
            complaints.push(`${cursor} passes ${JSON.stringify(each)}`);
        }
        return usual(cursor);
      };
      rig.source.rows = rows;
      rig.source.history = rows.filter((each) =>
        good.includes((each as { id: string } | null)?.id ?? ''),
      ) as never;
      await rig.hello(ackMode);
      for (let n = 0; n < 50; n += 1) {
        await rig.clock.advance(100);
        for (const id of rig.acked)
          if (!finished.has(id)) complaints.push(`${id} is acknowledged, not handled`);
      }
      // Parked ones come back by and by.
      await rig.clock.advance(12 * 3_600 * SECOND);
      expect(complaints).toEqual([]);
      expect([...finished].toSorted()).toEqual(good.toSorted());
      if (ackMode) {
        const cursor = rig.source.asked
          .findLast((line) => line.startsWith('syncAck'))
          ?.slice('syncAck '.length);
        const covered = rows.findIndex(
          (each) => (each as { delivery_id?: unknown } | null)?.delivery_id === cursor,
        );
        const first = rows.slice(0, covered + 1).map((each) => (each as { id?: string } | null)?.id);
        const unacknowledged = good.filter((id) => !first.includes(id) && !rig.acked.includes(id));
        expect(unacknowledged).toEqual([]);
      } else expect(rig.acked).toEqual([]);
    },
  );
});
