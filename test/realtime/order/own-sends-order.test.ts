import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/wire/index.js';
import { EngineRig, message, row } from '../catchup/engine-rig.js';

const WINDOW = 2_000;

/** What happens around one send of ours, which the service stored as seq 3. The peer wrote 2 before it and 4 after it. */
type Step = 'response' | 'echo' | 'peer 2' | 'peer 4';

const own = (seq: number, extra: Partial<Message> = {}) => message(seq, 'conv_a', { sender: 'me', ...extra });

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length === 0) return [[]];
  return all.flatMap((first, i) => permutations(all.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}

async function take(rig: EngineRig, step: Step): Promise<void> {
  switch (step) {
    case 'response':
      rig.engine.inbox.sent(own(3));
      await rig.clock.settle();
      break;
    case 'echo':
      await rig.frame(own(3));
      break;
    case 'peer 2':
      await rig.frame(message(2));
      break;
    case 'peer 4':
      await rig.frame(message(4));
      break;
  }
}

async function known(
  options: ConstructorParameters<typeof EngineRig>[0] = {},
  ackMode = true,
): Promise<EngineRig> {
  const rig = new EngineRig(options);
  rig.source.history = [message(1), message(2), own(3), message(4)];
  await rig.hello(ackMode);
  await rig.frame(message(1));
  return rig;
}

describe.each([
  ['with acks', true],
  ['without acks', false],
])('GAP-5: a send of ours between two messages of the peer, %s', (_mode, ackMode) => {
  it.each([
    ['response and echo', ['response', 'echo', 'peer 2', 'peer 4']],
    ['a response without an echo', ['response', 'peer 2', 'peer 4']],
    ['an echo without a response', ['echo', 'peer 2', 'peer 4']],
    ['both, twice each', ['response', 'echo', 'response', 'echo', 'peer 2', 'peer 4']],
  ] as [string, Step[]][])('in any order: %s', async (_name, steps) => {
    for (const order of permutations(steps)) {
      const rig = await known({}, ackMode);
      for (const step of order) await take(rig, step);
      await rig.clock.advance(10);
      const what = order.join(', ');
      expect(rig.handled, what).toEqual(['a1', 'a2', 'a4']);
      expect(rig.source.count('getMessages'), what).toBe(0);
      expect(rig.engine.order.conversations.get('conv_a'), what).toMatchObject({
        expected: 5,
        busy: null,
      });
      expect(rig.acked, what).toEqual(ackMode ? ['a1', 'a2', 'a4'] : []);
    }
  });

  it.each(['response', 'echo'] as const)(
    'with the peer’s lower seq lost in flight: the %s shows the gap, and no unseen seq is passed',
    async (how) => {
      const rig = await known({}, ackMode);
      await take(rig, how);
      await rig.clock.advance(WINDOW - 10);
      expect(rig.handled).toEqual(['a1']);
      expect(rig.engine.order.conversations.get('conv_a')?.expected).toBe(2);
      await rig.clock.advance(20);
      expect(rig.handled.slice(0, 2)).toEqual(['a1', 'a2']);
      expect(rig.gaps).toMatchObject([{ expectedSeq: 2, recovered: true, missing: [] }]);
      await take(rig, 'peer 4');
      expect(rig.handled).toEqual(['a1', 'a2', 'a4']);
    },
  );

  it('with neither response nor echo: the next message shows it, history knows it, and no handler sees it', async () => {
    const rig = await known({}, ackMode);
    await rig.frame(message(2), message(4));
    await rig.clock.advance(WINDOW + 10);
    expect(rig.handled).toEqual(['a1', 'a2', 'a4']);
    expect(rig.engine.counters).toMatchObject({ own: 1, missing: 0, holes: 0 });
  });

  it('that was given up as missing is settled by its late response or echo, and handled by nobody', async () => {
    for (const how of ['response', 'echo'] as const) {
      const rig = await known({ client: undefined }, ackMode);
      await rig.frame(message(2), message(4));
      await rig.clock.advance(WINDOW + 10);
      expect(rig.gaps).toMatchObject([{ missing: [{ from: 3, to: 3 }] }]);
      await take(rig, how);
      expect(rig.handled, how).toEqual(['a1', 'a2', 'a4']);
      expect(rig.engine.order.conversations.get('conv_a')?.busy, how).toBeNull();
    }
  });
});

describe('GAP-5: a send of ours', () => {
  it('in a conversation that nothing is known of says nothing about where it begins', async () => {
    const rig = new EngineRig();
    rig.source.history = [message(6), own(7), message(8)];
    rig.source.rows = [row(6)];
    await rig.hello();
    rig.engine.inbox.sent(own(7));
    await rig.clock.advance(100);
    // 6 was drained: it is where the conversation begins. 7 is not waited for again.
    await rig.frame(message(8));
    await rig.clock.advance(WINDOW + 100);
    expect(rig.handled).toEqual(['a6', 'a8']);
    expect(rig.gaps.flatMap(({ missing }) => missing)).toEqual([]);
  });

  it('that begins a conversation is followed by the answer, without a look or a fill', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.asked.length = 0;
    rig.engine.inbox.sent(own(1));
    await rig.frame(message(2));
    expect(rig.handled).toEqual(['a2']);
    expect(rig.source.asked).toEqual([]);
  });

  it('that is replayed (the same client_msg_id again) moves nothing', async () => {
    const rig = await known();
    await take(rig, 'peer 2');
    await take(rig, 'response');
    await take(rig, 'peer 4');
    await take(rig, 'response');
    await rig.frame(message(5));
    expect(rig.handled).toEqual(['a1', 'a2', 'a4', 'a5']);
  });

  it('many in a row, answered in any order, with the peer writing in between', async () => {
    const rig = await known();
    const responses = [5, 3, 9, 4, 7];
    for (const seq of responses) rig.engine.inbox.sent(own(seq));
    await rig.frame(message(10), message(8), message(2), message(6));
    expect(rig.handled).toEqual(['a1', 'a2', 'a6', 'a8', 'a10']);
    expect(rig.source.count('getMessages')).toBe(0);
  });

  it('is remembered across a stop: the next life has no gap there', async () => {
    const rig = await known();
    rig.engine.inbox.sent(own(2));
    await rig.stop();
    rig.engine.start();
    await rig.hello();
    await rig.frame(message(3));
    await rig.clock.advance(10);
    expect(rig.handled).toEqual(['a1', 'a3']);
    expect(rig.gaps).toEqual([]);
  });
});
