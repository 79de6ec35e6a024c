import { describe, expect, it } from 'vitest';
import { SYNC_PAGE_MAX } from '../../../src/wire/index.js';
import { EngineRig, message, row } from './engine-rig.js';

/** What happens next: the service pushes a message of the backlog, a page of the drain comes, a live frame comes. */
type Step = 'push' | 'page' | 'fail' | 'live' | 'cut';

/** Every order in which the streams can run into one another; each stream keeps its own order. */
function interleavings(...streams: Step[][]): Step[][] {
  const open = streams.filter((stream) => stream.length > 0);
  if (open.length === 0) return [[]];
  return open.flatMap((stream) => {
    const [first = 'push', ...rest] = stream;
    const others = open.map((other) => (other === stream ? rest : other));
    return interleavings(...others).map((tail) => [first, ...tail]);
  });
}

function times(step: Step, count: number): Step[] {
  return Array.from({ length: count }, () => step);
}

/** Rows of somebody else, so that a page is full and there is a next one. */
const FILLER = Array.from({ length: SYNC_PAGE_MAX - 2 }, (_, n) => row(n + 1, 'conv_z'));
/** All rows in the service's order. */
const ROW_IDS = [...FILLER.map(({ id }) => id), 'a11', 'a12', 'a13', 'a14'];
const BEFORE_US = { created_at: '2025-12-31T23:00:00.000Z' };

interface World {
  readonly ackMode: boolean;
  /** Whether this process has handled messages of the conversation in an earlier session. */
  readonly conversation: 'known' | 'new';
  readonly handler: 'sync' | 'async';
}

/** A bot that comes back: 11, 12 and 13 were sent while it was away, 14 and 15 are sent now. */
class Return {
  readonly rig: EngineRig;
  /** Whose handlers have succeeded. */
  readonly finished = new Set<string>();
  private readonly backlog = [11, 12, 13];
  private readonly live = [14, 15];
  private readonly pages = [
    [...FILLER, row(11, 'conv_a', BEFORE_US), row(12, 'conv_a', BEFORE_US)],
    // A live one is undelivered too when the page is read.
    [row(13, 'conv_a', BEFORE_US), row(14)],
  ];
  private sync: { resolve: (page: unknown) => void; reject: (error: unknown) => void } | null = null;
  readonly complaints: string[] = [];

  constructor(private readonly world: World) {
    this.rig = new EngineRig({
      handler: async ({ payload }) => {
        await Promise.resolve();
        this.finished.add(payload.id);
      },
      ...(world.handler === 'sync'
        ? { handler: ({ payload }: { payload: { id: string } }) => void this.finished.add(payload.id) }
        : {}),
    });
  }

  async begin(): Promise<void> {
    const { rig } = this;
    const { source } = rig;
    source.history = [
      ...Array.from({ length: 13 }, (_, n) => message(n + 1, 'conv_a', BEFORE_US)),
      message(14),
      message(15),
    ];
    if (this.world.conversation === 'known') {
      await rig.hello(this.world.ackMode);
      source.next('sync', async () => [row(10, 'conv_a', BEFORE_US)]);
      await rig.frame(message(10, 'conv_a', BEFORE_US));
      // Without acks the look at what is older asks history, which shows what is not ours.
      await rig.clock.advance(1_000);
      expect(rig.handled).toEqual(['a10']);
      await rig.lost();
      await rig.clock.advance(1_000);
    }
    this.holdSyncs();
    await rig.hello(this.world.ackMode);
  }

  private holdSyncs(): void {
    const { source } = this.rig;
    const usual = source.syncAck.bind(source);
    source.sync = () => {
      source.asked.push('sync');
      if (this.pages.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        this.sync = { resolve: resolve as (page: unknown) => void, reject };
      });
    };
    source.syncAck = (cursor) => {
      this.checkCursor(cursor);
      return usual(cursor);
    };
  }

  /** ACK-2: the cursor never passes an unhandled row. */
  private checkCursor(cursor: string): void {
    const at = ROW_IDS.indexOf(cursor.slice('del_'.length));
    const passed = ROW_IDS.slice(0, at + 1).find((id) => !this.finished.has(id));
    if (passed !== undefined) this.complaints.push(`${cursor} passes ${passed}, which is not handled`);
  }

  async take(step: Step): Promise<void> {
    const { rig } = this;
    if (step === 'push') await rig.frame(message(this.backlog.shift() ?? 0, 'conv_a', BEFORE_US));
    if (step === 'live') await rig.frame(message(this.live.shift() ?? 0));
    if (step === 'page') this.sync?.resolve(this.pages.shift());
    if (step === 'fail') {
      this.sync?.reject(new TypeError('fetch failed'));
      await rig.clock.advance(1_000);
    }
    await rig.clock.settle();
    this.check();
  }

  /** Holds after every step. */
  private check(): void {
    const { rig } = this;
    for (const id of rig.acked) {
      if (!this.finished.has(id)) this.complaints.push(`${id} is acknowledged and not handled`);
    }
    if (!this.world.ackMode && rig.acked.length > 0) this.complaints.push('acknowledged without ack mode');
  }

  /** What was not as it must be, when everything is over. */
  async end(): Promise<string[]> {
    const { rig, complaints } = this;
    await rig.clock.advance(20_000);
    this.check();
    const handled = rig.handled.filter((id) => id.startsWith('a') && id !== 'a10');
    if (handled.join() !== 'a11,a12,a13,a14,a15') complaints.push(`handled ${handled.join()}`);
    if (rig.handled.filter((id) => id.startsWith('z')).length !== FILLER.length)
      complaints.push('filler lost');
    if (rig.gaps.length > 0) complaints.push(`reported ${JSON.stringify(rig.gaps)}`);
    if (rig.engine.counters.late > 0) complaints.push('delivered late');
    const cursor = rig.source.asked.findLast((line) => line.startsWith('syncAck'));
    if (cursor !== 'syncAck del_a14') complaints.push(`the last cursor is ${cursor}`);
    if (this.world.ackMode && !rig.acked.includes('a15')) complaints.push('a15 is not acknowledged');
    return complaints;
  }
}

async function complaintsOf(world: World, all: Step[][]): Promise<string[]> {
  const found: string[] = [];
  for (const steps of all) {
    const bot = new Return(world);
    await bot.begin();
    for (const step of steps) await bot.take(step);
    const complaints = await bot.end();
    if (complaints.length > 0) found.push(`${steps.join(' ')}: ${complaints.join('; ')}`);
  }
  return found;
}

const WORLDS: [string, World][] = [
  ['in ack mode, a conversation that we know', { ackMode: true, conversation: 'known', handler: 'sync' }],
  ['in ack mode, one that is new to us', { ackMode: true, conversation: 'new', handler: 'async' }],
  ['without acks, a conversation that we know', { ackMode: false, conversation: 'known', handler: 'async' }],
  ['without acks, one that is new to us', { ackMode: false, conversation: 'new', handler: 'sync' }],
];

describe('CATCH-1: backlog, drain and live frames in every order', () => {
  const all = interleavings(times('push', 3), times('page', 2), times('live', 2));

  it.each(WORLDS)('%s: each message once, in order, acknowledged after it was handled', async (_, world) => {
    expect(all).toHaveLength(210);
    expect(await complaintsOf(world, all)).toEqual([]);
  });

  it.each(WORLDS)('%s: also when the second page fails first', async (_, world) => {
    const failing = interleavings(times('push', 3), ['page', 'fail', 'page'], times('live', 2));
    expect(failing).toHaveLength(560);
    // Every tenth: time passes in these.
    const some = failing.filter((_steps, n) => n % 10 === 0);
    expect(await complaintsOf(world, some)).toEqual([]);
  });

  it.each(WORLDS)('%s: also when nothing of the backlog is pushed', async (_, world) => {
    const drained = interleavings(times('page', 2), times('live', 2));
    expect(drained).toHaveLength(6);
    expect(await complaintsOf(world, drained)).toEqual([]);
  });
});

/** A service in ack mode: what was not acknowledged is pushed and listed again after every hello. */
class AckingService {
  readonly rig: EngineRig;
  readonly finished: string[] = [];
  private undelivered: number[] = [11, 12, 13];
  private toPush: number[] = [];
  private toSend = [14, 15];
  /** Reads that were not answered, also those of a session that is over. */
  private readonly syncs: (() => void)[] = [];

  constructor() {
    this.rig = new EngineRig({ handler: ({ payload }) => void this.finished.push(payload.id) });
    const { source } = this.rig;
    source.sync = () =>
      new Promise((resolve) => {
        const page = this.undelivered.map((seq) => row(seq, 'conv_a', BEFORE_US));
        this.syncs.push(() => resolve(page));
      });
    source.syncAck = async (cursor) => {
      const through = Number(cursor.slice('del_a'.length));
      this.undelivered = this.undelivered.filter((seq) => seq > through);
      return { acked: 1 };
    };
    source.history = Array.from({ length: 15 }, (_, n) => message(n + 1, 'conv_a', BEFORE_US));
  }

  async hello(): Promise<void> {
    await this.rig.hello(true);
    this.toPush = [...this.undelivered];
  }

  async take(step: Step): Promise<void> {
    const { rig } = this;
    if (step === 'push') await this.push();
    else if (step === 'page') this.syncs.shift()?.();
    else if (step === 'live') {
      const seq = this.toSend.shift() ?? 0;
      this.undelivered.push(seq);
      await rig.frame(message(seq, 'conv_a', BEFORE_US));
    } else {
      await rig.lost();
      await this.hello();
    }
    await rig.clock.settle();
    this.hearAcks();
  }

  private async push(): Promise<void> {
    const seq = this.toPush.shift();
    if (seq !== undefined) await this.rig.frame(message(seq, 'conv_a', BEFORE_US));
  }

  private hearAcks(): void {
    const acked = new Set(this.rig.acked.map((id) => Number(id.slice(1))));
    this.undelivered = this.undelivered.filter((seq) => !acked.has(seq));
  }

  async end(): Promise<{ handled: string[]; undelivered: number[]; gaps: number }> {
    const { rig } = this;
    while (this.toSend.length > 0) await this.take('live');
    for (let n = 0; n < 100; n += 1) {
      this.syncs.shift()?.();
      await this.push();
      await rig.clock.advance(200);
      this.hearAcks();
    }
    return { handled: this.finished, undelivered: this.undelivered, gaps: rig.gaps.length };
  }
}

describe('CATCH-1: a session that is lost at any point of a drain', () => {
  it('loses nothing, repeats nothing, and leaves nothing unacknowledged', async () => {
    const found: string[] = [];
    const all = interleavings(times('push', 3), times('page', 1), times('live', 2)).flatMap((steps) =>
      Array.from({ length: steps.length + 1 }, (_, at) => steps.toSpliced(at, 0, 'cut')),
    );
    expect(all).toHaveLength(420);
    for (const steps of all) {
      const service = new AckingService();
      await service.hello();
      for (const step of steps) await service.take(step);
      const { handled, undelivered, gaps } = await service.end();
      const good = handled.join() === 'a11,a12,a13,a14,a15' && undelivered.length === 0 && gaps === 0;
      if (!good)
        found.push(`${steps.join(' ')}: ${handled.join()}, undelivered ${undelivered}, ${gaps} gaps`);
    }
    expect(found).toEqual([]);
  });
});
