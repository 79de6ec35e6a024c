import type { Bot } from './bot.js';
import { isOwed, keyOf, PEER, type Stored } from './stored.js';
import type { World } from './world.js';

/** When everything works again, something of what was missed comes within this, until nothing is but parked messages. */
const SOON_MS = 6 * 60_000;
/** The slowest way back: a parked message, doubling to an hour. */
const AT_LAST_MS = 12 * 3_600_000;
/** The slowest handler, and the longest that a store is waited for. */
const QUIET_MS = 120_000;
/** Handlers take up to 30 ms, and frames 5. */
const AT_WORK_MS = 12;
const LOOK_MS = 5_000;
/** Where nobody asks REST by itself, only a new connect brings what is missing. */
const RECONNECT_EVERY_MS = 60_000;

/** What must hold once the trouble is over: all that is owed arrives, and a stop leaves nothing behind. */
export class Aftermath {
  private cutAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly world: World,
    private bot: Bot,
    /** Starts the bot's process anew. */
    private readonly restart: () => Promise<Bot>,
  ) {}

  async run(): Promise<void> {
    const { world, bot } = this;
    const { facts } = world;
    world.calmDown();
    const { hanging } = bot.handlers;
    // One that hangs may be all that is allowed to wait.
    if (hanging.size > 0 && world.schedule.bounds.waitingConversations === undefined) {
      await this.wait(SOON_MS, () => this.open(isSoon).filter((id) => !hanging.has(id.conversation)).length);
      // ORD-1: a handler that never settles delays its own conversation only.
      for (const { key, conversation } of this.open(isSoon)) {
        if (!hanging.has(conversation)) facts.object('ORD-1', `${key} waits for another's handler`);
      }
    }
    if (hanging.size > 0) bot.stop(0, 1);
    await this.wait(SOON_MS, () => this.open(isSoon).length);
    this.judge(isSoon);
    if (facts.isBroken) return;
    await this.wait(AT_LAST_MS, () => this.open(isAny).length);
    this.judge(isAny);
    // HND-2: what rests comes again after a restart.
    if (facts.resting.size > 0 && !facts.isBroken) {
      this.bot = await this.restart();
      await this.wait(AT_LAST_MS, () => this.open(isAny).length);
      this.judge(isAny);
    }
    if (!facts.isBroken) await this.stop();
  }

  /** STOP-1: stops in the middle of work. What was begun is finished, saved and acknowledged; nothing runs afterwards. */
  private async stop(): Promise<void> {
    const { world, bot } = this;
    const { clock, facts, service, schedule } = world;
    world.network.readingMs = 0;
    await clock.advance(QUIET_MS);
    world.rest.mode = 'ok';
    world.handlerMode = 'async';
    for (let n = 0; n < 3 * schedule.conversations; n += 1) service.send(n % schedule.conversations, PEER);
    await clock.advance(AT_WORK_MS);
    const wasConnected = bot.client.isConnected;
    bot.end();
    await clock.advance(20_000);
    this.judgeDone(wasConnected);
    if (bot.unsettled > 0) facts.object('STOP-1', `${bot.unsettled} promises never settled`);
    if (bot.clock.pending > 0) facts.object('STOP-1', `${bot.clock.pending} timers are left after the stop`);
    service.send(0, PEER);
    await clock.advance(120_000);
    if (bot.clock.pending > 0) facts.object('STOP-1', `${bot.clock.pending} timers were set after the stop`);
  }

  // -- waiting ------------------------------------------------------------------------------------------------------

  private async wait(limitMs: number, open: () => number): Promise<void> {
    const { clock, facts } = this.world;
    let left = open();
    for (let waited = 0; waited < limitMs && left > 0 && !facts.isBroken; waited += LOOK_MS) {
      this.reconnect();
      await clock.advance(LOOK_MS);
      const before = left;
      left = open();
      if (left < before) waited = 0;
    }
  }

  private reconnect(): void {
    const { clock, schedule, network, service } = this.world;
    const nobodyAsks = !schedule.hasRest || schedule.reconcileIntervalMs === 0;
    // Without acks the queue is read after a connect and not again: what has no seq waits there.
    const isQueued = ({ message, state }: Stored) => message.seq === undefined && state === 'stored';
    const needed = nobodyAsks || (schedule.acks !== 'ack' && service.inbox.some(isQueued));
    if (!needed || clock.now() - this.cutAt < RECONNECT_EVERY_MS) return;
    this.cutAt = clock.now();
    network.cut();
  }

  // -- what is owed -------------------------------------------------------------------------------------------------

  /** What has not arrived, or was handled and not acknowledged. */
  private open(which: (world: World, key: string) => boolean): { key: string; conversation: string }[] {
    const { service } = this.world;
    const open: { key: string; conversation: string }[] = [];
    for (const stored of service.inbox) {
      const key = keyOf(stored.message);
      if ((this.isLost(stored, key) || this.isUnacked(stored, key)) && which(this.world, key))
        open.push({ key, conversation: stored.message.conversation_id });
    }
    return open;
  }

  private isLost(stored: Stored, key: string): boolean {
    const { handled, named, excused } = this.world.facts;
    return isOwed(stored) && !handled.has(key) && !named.has(key) && !excused.has(key);
  }

  private isUnacked(stored: Stored, key: string): boolean {
    const { schedule, facts } = this.world;
    return schedule.acks === 'ack' && isOwed(stored) && stored.state === 'stored' && facts.handled.has(key);
  }

  /** STOP-1: running handlers finish, and what they owe is saved and sent. */
  private judgeDone(wasConnected: boolean): void {
    const { facts, service, schedule, ackWitness } = this.world;
    // A queue of acknowledgements that is full forgets some: they are due when the message comes again.
    const mayForget = schedule.bounds.pendingAcks !== undefined;
    for (const stored of service.inbox) {
      const key = keyOf(stored.message);
      if (!facts.handledInLife.has(key) && facts.startedInLife.has(key) && !facts.exhausted.has(key))
        facts.object('STOP-1', `the handler of ${key} was not waited for`);
      if (!facts.handledInLife.has(key)) continue;
      if (schedule.hasStore && !ackWitness.isPersisted(stored, key))
        facts.object('STOP-1', `${key} is handled, and was not saved before the end`);
      if (wasConnected && !mayForget && this.isUnacked(stored, key))
        facts.object('STOP-1', `${key} is handled, and was not acknowledged before the end`);
    }
  }

  private judge(which: (world: World, key: string) => boolean): void {
    const { facts, service } = this.world;
    for (const stored of service.inbox) {
      const key = keyOf(stored.message);
      if (!which(this.world, key)) continue;
      if (this.isLost(stored, key)) facts.object('LOST', `${key} (${stored.message.id}, ${stored.state})`);
      if (this.isUnacked(stored, key)) facts.object('ACK-1', `${key} was handled and never acknowledged`);
    }
  }
}

/** HND-1: what was parked comes back ever less often. So do acknowledgements that found no room. */
function isSoon({ facts, schedule }: World, key: string): boolean {
  if (facts.exhausted.has(key)) return false;
  return schedule.bounds.pendingAcks === undefined || !facts.handled.has(key);
}

function isAny({ facts }: World, key: string): boolean {
  return !facts.resting.has(key);
}
