import { describe, expect, it } from 'vitest';
import { DEFAULT_BOUNDS } from '../../../src/realtime/bounds.js';
import { SharedInflow } from '../../../src/realtime/lanes/shared-inflow.js';
import { NO_SEQ } from '../../../src/realtime/order/arrival.js';
import { Busy, Conversation, Sequence } from '../../../src/realtime/order/conversation.js';
import { StoreWait } from '../../../src/realtime/order/store-wait.js';
import { VirtualClock } from '../../support/virtual-clock.js';

const BOUNDS = { ...DEFAULT_BOUNDS, holdPerConversation: 10, holdTotal: 40 };

/** What was asked of the socket, in its order. */
function socket() {
  const asked: string[] = [];
  return {
    asked,
    pauseReading: () => void asked.push('pause'),
    resumeReading: () => void asked.push('resume'),
  };
}

function stage() {
  const clock = new VirtualClock();
  const inflow = socket();
  return { clock, asked: inflow.asked, wait: new StoreWait(clock, BOUNDS, inflow) };
}

/** A conversation that waits for the store, and holds so many messages. */
function waiting(held: number) {
  const sequence = new Sequence();
  sequence.anchoring = { step: 'store', since: 0, before: 0 };
  for (let seq = 1; seq <= held; seq += 1) {
    const arrival = { message: null, event: null, source: 'live', at: 0, redelivered: false } as const;
    sequence.hold.set(seq, { ...arrival, seq, standing: 'ordered' });
  }
  return { busy: new Busy(new Conversation('conv')), sequence };
}

describe('GAP-4 a burst into a conversation that waits for the store', () => {
  it('rests at the socket from half a hold on, until the store has answered', () => {
    const { asked, wait } = stage();
    const { busy, sequence } = waiting(4);
    wait.look(busy, sequence, 4);
    expect(asked).toEqual([]);
    const fuller = waiting(5).sequence;
    wait.look(busy, fuller, 5);
    wait.look(busy, fuller, 5);
    expect(asked).toEqual(['pause']);
    fuller.anchoring = null;
    wait.look(busy, fuller, 5);
    expect(asked).toEqual(['pause', 'resume']);
  });

  it('rests also when many conversations together fill half of all that may be held', () => {
    const { asked, wait } = stage();
    const [first, second] = [waiting(1), waiting(1)];
    wait.look(first.busy, first.sequence, 20);
    wait.look(second.busy, second.sequence, 21);
    wait.over(first.busy);
    expect(asked).toEqual(['pause']);
    wait.over(second.busy);
    expect(asked).toEqual(['pause', 'resume']);
  });

  it('rests for a second at most, and not again before that store has answered', async () => {
    const { clock, asked, wait } = stage();
    const { busy, sequence } = waiting(5);
    wait.look(busy, sequence, 5);
    await clock.advance(999);
    expect(asked).toEqual(['pause']);
    await clock.advance(1);
    expect(asked).toEqual(['pause', 'resume']);
    wait.look(busy, sequence, 5);
    expect(asked).toEqual(['pause', 'resume']);
    wait.over(busy);
    const next = waiting(5);
    wait.look(next.busy, next.sequence, 5);
    expect(asked.at(-1)).toBe('pause');
  });

  it('does not rest for a conversation that waits for something else', () => {
    const { asked, wait } = stage();
    const { busy, sequence } = waiting(9);
    sequence.anchoring = { step: 'look', since: 0, before: NO_SEQ };
    wait.look(busy, sequence, 40);
    expect(asked).toEqual([]);
  });
});

describe('SharedInflow', () => {
  it('reads while nobody wants it to rest', () => {
    const inflow = socket();
    const shared = new SharedInflow(inflow);
    const [first, second] = [shared.share(), shared.share()];
    first.resumeReading();
    first.pauseReading();
    second.pauseReading();
    first.pauseReading();
    first.resumeReading();
    expect(inflow.asked).toEqual(['pause']);
    second.resumeReading();
    second.resumeReading();
    expect(inflow.asked).toEqual(['pause', 'resume']);
  });
});
