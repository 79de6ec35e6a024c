import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replyId } from 'agentchat-client';
import { describe, it, type TestContext } from 'vitest';
import { Child } from './child.js';
import { type Entry, Journal } from './journal.js';
import { JsonFileStore } from './json-file-store.js';
import type { Death, MortalBotSetup, MortalBotTold } from './programs/mortal-bot.js';
import { burst, type Mode, World } from './world.js';

const MORTAL_BOT = new URL('./programs/mortal-bot.ts', import.meta.url);
/** Handler calls, or writes of the store, that a life gets. */
const LIFESPAN = 7;
const EACH = 40;

/** What was left behind by a life. */
interface Estate {
  /** Ids that the server would give again. */
  readonly undelivered: ReadonlySet<string>;
  readonly store: JsonFileStore | null;
}

/**
 * One bot, several lives. People write to it all the time, also while it is dead. Its first life and its last end
 * peacefully.
 */
async function dies(
  { expect, onTestFinished }: TestContext,
  mode: Mode,
  memory: 'with a store' | 'without a store',
  deaths: readonly Death[],
): Promise<void> {
  const world = await World.open(mode);
  const folder = mkdtempSync(join(tmpdir(), 'agentchat-kill-'));
  onTestFinished(async () => {
    await world.close();
    rmSync(folder, { recursive: true });
  });
  const { server } = world;
  const bot = await world.agent('bot');
  const senders = await world.agents('sender', 3);
  const journalPath = join(folder, 'journal');
  const storePath = memory === 'with a store' ? join(folder, 'cursors.json') : null;
  const estates: Estate[] = [];
  let lives = 0;

  const live = async (death: Death | null, whileAlive: (child: Child<MortalBotTold>) => Promise<void>) => {
    lives += 1;
    const setup: MortalBotSetup = {
      baseUrl: server.url,
      apiKey: bot.apiKey,
      life: lives,
      journalPath,
      storePath,
      death,
      deathAt: LIFESPAN,
    };
    const child = await Child.start<MortalBotTold>(MORTAL_BOT, setup);
    onTestFinished(() => child.end());
    await whileAlive(child);
    expect(await child.exit).toEqual(
      death === null ? { code: 0, signal: null } : { code: null, signal: 'SIGKILL' },
    );
    // What it had written before it died has arrived.
    await expect.poll(() => server.connections('bot')).toBe(0);
    estates.push({
      undelivered: new Set(server.undelivered('bot').map(({ id }) => id)),
      store: storePath === null ? null : JsonFileStore.read(storePath),
    });
  };
  /** Lets a bot live until so many messages have been handled, in all lives together. */
  const liveUntilHandled = async (count: number) => {
    const before = lives === 0 ? [] : Journal.read(journalPath);
    const handled = new Set(before.filter(({ what }) => what === 'end').map(({ id }) => id));
    await live(null, async (child) => {
      await child.until(() => {
        for (const { kind, id } of child.told) if (kind === 'ended') handled.add(id);
        return handled.size >= count;
      });
      child.tell('stop');
    });
  };

  await burst(senders, 'bot', 1, 'first');
  await liveUntilHandled(senders.length);
  const writing = burst(senders, 'bot', EACH);
  for (const death of deaths) {
    await live(death, async (child) => {
      if (death !== 'from outside') return;
      await child.until(() => child.told.length >= LIFESPAN);
      child.signal('SIGKILL');
    });
  }
  await writing;
  const inbound = world.storedFor(bot);
  expect(inbound).toHaveLength(senders.length * (EACH + 1));
  await liveUntilHandled(inbound.length);

  const journal = Journal.read(journalPath);
  expect(faultsIn(journal, estates)).toEqual([]);
  // Those deaths were in the middle of something.
  expect(journal.filter(({ what }) => what === 'begin').length).toBeGreaterThan(inbound.length);
  for (const { id } of inbound) {
    expect(journal.some((entry) => entry.what === 'end' && entry.id === id)).toBe(true);
  }
  const replies = server.allMessages().filter(({ sender }) => sender === 'bot');
  expect(replies.map((reply) => reply.client_msg_id).sort()).toEqual(inbound.map((m) => replyId(m)).sort());
  expect(server.undelivered('bot')).toEqual([]);
}

/** What went wrong, in words: order, overlaps, skips, and repeats that were not called for. */
function faultsIn(journal: readonly Entry[], estates: readonly Estate[]): string[] {
  const found: string[] = [];
  const endedIn = new Map<string, number>();
  const begunIn = new Map<string, number>();
  /** By life and conversation: what is at work, and the last seq that was. */
  const lanes = new Map<string, { atWork: number | null; last: number }>();
  /** By conversation: the highest seq that has ended, ever. */
  const through = new Map<string, number>();
  for (const { life, what, id, conversation, seq } of journal) {
    const name = `seq ${seq} of ${conversation} in life ${life}`;
    const laneId = `${life} ${conversation}`;
    const lane = lanes.get(laneId) ?? { atWork: null, last: 0 };
    lanes.set(laneId, lane);
    if (what === 'end') {
      if (lane.atWork !== seq) found.push(`${name} ended and had not begun`);
      lane.atWork = null;
      endedIn.set(id, life);
      through.set(conversation, Math.max(seq, through.get(conversation) ?? 0));
      continue;
    }
    if (lane.atWork !== null) found.push(`${name} began during seq ${lane.atWork}`);
    if (seq <= lane.last) found.push(`${name} began after seq ${lane.last}`);
    lane.atWork = seq;
    lane.last = seq;
    const before = begunIn.get(id);
    begunIn.set(id, life);
    if (before === undefined) {
      if (seq < (through.get(conversation) ?? 0)) found.push(`${name} had been skipped`);
      continue;
    }
    // ACK-1: again only what had not ended, or had ended and was neither written down nor acknowledged.
    const estate = estates[life - 2];
    const ended = endedIn.has(id);
    if (before === life) found.push(`${name} began twice`);
    else if (ended && estate?.store?.covers(conversation, seq)) found.push(`${name} was in the store`);
    else if (ended && estate?.store === null && !estate.undelivered.has(id)) {
      found.push(`${name} had been acknowledged`);
    }
  }
  return found;
}

// Most of their time these tests wait for processes to start.
describe.concurrent('ACK-1 kill -9 in the middle of handlers', { timeout: 180_000 }, () => {
  const INSIDE: Death[] = ['before the reply', 'after the reply', 'after the handler', 'from outside'];
  const WITH_STORE: Death[] = [...INSIDE, 'before the cursor is written', 'after the cursor was written'];

  it('loses no message, answers each once and repeats no acknowledged one, without a store', (context) =>
    dies(context, 'ack', 'without a store', INSIDE));

  it.for<Mode>(['ack', 'legacy'])(
    'loses no message, answers each once and repeats none that the store knows, %s mode',
    (mode, context) => dies(context, mode, 'with a store', WITH_STORE),
  );
});
