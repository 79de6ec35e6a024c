import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/wire/index.js';
import { Dice } from './dice.js';
import { messageOf } from './machine-rig.js';
import { SequencerRig, type SequencerRigOptions } from './sequencer-rig.js';

/** What the way from the service to us does to frames. */
interface Weather {
  /** Frames that never come. */
  readonly loss?: number;
  /** Frames that come later than they should, and how much at most. */
  readonly late?: number;
  readonly lateMs?: number;
}

const CONVERSATIONS = 20;
const SEEDS = [1, 2];

/** Conversations in which somebody writes every 100 ms, under weather that changes. */
class Stream {
  readonly rig: SequencerRig;
  /** For each frame that never came: how long what stood behind it waited for the fill. */
  readonly waits: number[] = [];
  private readonly next = new Map<string, number>();
  /** When a later one arrived first, by the id of the one that is missing. */
  private readonly missedAt = new Map<string, number>();
  private readonly lost = new Set<string>();

  constructor(
    private readonly dice: Dice,
    options: SequencerRigOptions = {},
  ) {
    this.rig = new SequencerRig({
      gapWindow: 'adaptive',
      handler: ({ payload }) => this.handled(payload),
      ...options,
    });
    for (let n = 0; n < CONVERSATIONS; n += 1) {
      this.rig.anchor(`conv_${n}`, 1);
      this.rig.history.set(`conv_${n}`, []);
      this.next.set(`conv_${n}`, 1);
    }
  }

  /** So many rounds of one message each. Returns what this stretch cost. */
  async blow(rounds: number, weather: (id: string) => Weather): Promise<{ gaps: number; fetches: number }> {
    const { rig } = this;
    const before = { gaps: rig.counters.gapsOpened, fetches: rig.fetches.length };
    this.waits.length = 0;
    for (let round = 0; round < rounds; round += 1) {
      for (const [id, seq] of this.next) {
        this.next.set(id, seq + 1);
        this.send({ ...messageOf(seq, `${id}-${seq}`), conversation_id: id }, weather(id));
      }
      await rig.clock.advance(100);
    }
    await rig.clock.advance(5_000);
    return { gaps: rig.counters.gapsOpened - before.gaps, fetches: rig.fetches.length - before.fetches };
  }

  private send(message: Message, { loss = 0, late = 0, lateMs = 0 }: Weather): void {
    const { dice, rig } = this;
    rig.history.get(message.conversation_id)?.push(message);
    if (dice.chance(loss)) {
      this.lost.add(message.id);
      return;
    }
    const delay = dice.int(0, 5) + (dice.chance(late) ? dice.int(1, lateMs) : 0);
    rig.clock.setTimer(() => {
      const missing = `${message.conversation_id}-${message.seq - 1}`;
      if (this.lost.has(missing) && !this.missedAt.has(missing)) this.missedAt.set(missing, rig.clock.now());
      rig.arrives(message);
    }, delay);
  }

  private handled({ id }: Message): void {
    const since = this.missedAt.get(id);
    if (since !== undefined) this.waits.push(this.rig.clock.now() - since);
  }

  /** The wait that so many of the losses did not exceed. */
  wait(share: number): number {
    const sorted = [...this.waits].sort((a, b) => a - b);
    return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  }
}

describe.each(SEEDS)("GAP-1: 'adaptive' on a stream, seed %i", (seed) => {
  const loopback: Weather = { loss: 0.01 };
  const shuffled: Weather = { late: 0.3, lateMs: 300 };

  it('with 1% loss and no reordering closes every gap within 200 ms once it has learned', async () => {
    const stream = new Stream(new Dice(seed));
    await stream.blow(100, () => loopback);
    await stream.blow(200, () => loopback);
    expect(stream.waits.length).toBeGreaterThan(20);
    expect(stream.wait(1)).toBeLessThanOrEqual(200);
  });

  it('with 1% loss and frames that are 20 ms late now and then, too', async () => {
    const stream = new Stream(new Dice(seed));
    const weather = { loss: 0.01, late: 0.02, lateMs: 120 };
    await stream.blow(100, () => weather);
    await stream.blow(200, () => weather);
    expect(stream.wait(0.95)).toBeLessThanOrEqual(400);
  });

  it('with heavy reordering of 300 ms asks history for next to nothing', async () => {
    const stream = new Stream(new Dice(seed));
    await stream.blow(20, () => shuffled);
    const { gaps, fetches } = await stream.blow(100, () => shuffled);
    expect(gaps).toBeGreaterThan(200);
    expect(fetches).toBeLessThan(gaps * 0.03);
  });

  it('learns that frames have begun to come late, although it fills at once by then', async () => {
    const stream = new Stream(new Dice(seed));
    await stream.blow(50, () => ({ loss: 0.05 }));
    await stream.blow(150, () => ({ loss: 0.05 }));
    expect(stream.wait(1)).toBeLessThanOrEqual(200);
    // Everybody has been filled at once for a while. The first late frames are wasted fills, and the last ones.
    const first = await stream.blow(20, () => shuffled);
    expect(first.fetches).toBeLessThan(first.gaps * 0.5);
    const then = await stream.blow(100, () => shuffled);
    expect(then.fetches).toBeLessThan(then.gaps * 0.03);
  });

  it('learns that waiting has become pointless', async () => {
    const stream = new Stream(new Dice(seed));
    await stream.blow(50, () => shuffled);
    await stream.blow(200, () => loopback);
    await stream.blow(200, () => loopback);
    // A conversation that has not lost anything for ten minutes may still wait once, for as long as frames were late.
    expect(stream.wait(0.9)).toBeLessThanOrEqual(200);
    expect(stream.wait(1)).toBeLessThan(600);
  });

  it('asks for what is lost, not for what is late, where both happen', async () => {
    const stream = new Stream(new Dice(seed));
    const both = { ...shuffled, loss: 0.01 };
    await stream.blow(20, () => both);
    const { gaps, fetches } = await stream.blow(100, () => both);
    expect(gaps).toBeGreaterThan(200);
    // Of a conversation that had to be filled the next gap is filled at once, once.
    expect(fetches).toBeLessThan(stream.waits.length * 3 + gaps * 0.05);
    expect(stream.wait(0.9)).toBeLessThan(1_000);
  });

  it('does not let a muted sender in one conversation speak for the others', async () => {
    const stream = new Stream(new Dice(seed));
    // In two of them every second frame is never pushed.
    const weather = (id: string) =>
      id === 'conv_0' || id === 'conv_1' ? { loss: 0.5 } : { late: 0.1, lateMs: 300 };
    await stream.blow(100, weather);
    const before = stream.rig.fetches.length;
    await stream.blow(100, weather);
    const fetches = stream.rig.fetches.slice(before);
    const muted = fetches.filter((line) => /^conv_[01] /.test(line));
    expect(fetches.length - muted.length).toBeLessThan(20);
    expect(stream.wait(0.95)).toBeLessThanOrEqual(200);
  });

  it('is not impressed by one frame that is almost two seconds late', async () => {
    const stream = new Stream(new Dice(seed));
    await stream.blow(60, () => ({ late: 0.2, lateMs: 150 }));
    await stream.blow(1, (id) => (id === 'conv_3' ? { late: 1, lateMs: 1_900 } : {}));
    await stream.blow(10, (id) => (id === 'conv_3' ? { loss: 0.3 } : {}));
    expect(stream.waits.length).toBeGreaterThan(0);
    expect(stream.wait(1)).toBeLessThan(500);
  });
});

describe('GAP-1: a fixed window', () => {
  it('fills at once where somebody is muted, and stops doing so when frames come by themselves after all', async () => {
    const stream = new Stream(new Dice(4), { gapWindow: 2_000 });
    await stream.blow(20, (id) => (id === 'conv_0' ? { loss: 0.3 } : {}));
    const { gaps, fetches } = await stream.blow(100, () => ({ late: 0.3, lateMs: 300 }));
    expect(gaps).toBeGreaterThan(200);
    expect(fetches).toBeLessThan(5);
  });
});
