import { setImmediate, setTimeout } from 'node:timers/promises';

export const KEY = 'ac_live_bench_key_00000';
export const HELLO = JSON.stringify({ type: 'hello', api_key: KEY, capabilities: ['ack'] });
/** Any frame after the hello sets a server of this folder going. */
export const GO = { type: 'go', payload: {} };

/** What a handler may do with a message: nothing, or wait in one way or another. */
export const HANDLERS = {
  sync: () => {},
  async: async () => {},
  microtask: async () => {
    await null;
  },
  immediate: async () => {
    await setImmediate();
  },
};

/** Time that passed, and time that this process worked. */
export function stopwatch() {
  const at = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { wallMs: performance.now() - at, cpuMs: (user + system) / 1000 };
  };
}

/** What this process keeps, in bytes: once everything that can go has gone, where it may be asked to go. */
export async function memory() {
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
  // Freed pages go back to the system a little later.
  await setTimeout(200);
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}

/** One burst after the other: how long each takes, from its first message to its last, or to the last acknowledgement. */
export class Burst {
  #seen = 0;
  #elapsed = () => {};
  #done = () => {};

  constructor(count, acks) {
    this.count = count;
    this.acks = acks;
  }

  begin(go) {
    return new Promise((resolve) => {
      this.#seen = 0;
      this.#done = resolve;
      go();
    });
  }

  message() {
    if (this.#seen === 0) this.#elapsed = stopwatch();
    this.#seen += 1;
    if (this.#seen === this.count && !this.acks) this.end();
  }

  end() {
    this.#done(this.#elapsed());
  }
}

/** Opens `count` clients, a few at a time, and says what they keep. The first one's share is code, not client. */
export async function memoryOfMany(count, open) {
  const clients = [await open()];
  const before = await memory();
  const elapsed = stopwatch();
  while (clients.length <= count) {
    clients.push(...(await Promise.all(Array.from({ length: 20 }, open))));
  }
  const { cpuMs } = elapsed();
  const after = await memory();
  return { before, after, clients: clients.length - 1, cpuMs };
}

/** Notes how long after the frame behind it a lost message was handled. */
export class GapTimes {
  #startedAt = wallTime();
  times = [];
  /** When the lost message of a conversation was handled. */
  #handled = new Map();

  handle({ conversation_id, metadata: { lost, sentBehindLost } }) {
    if (lost) this.#handled.set(conversation_id, wallTime());
    const handledAt = this.#handled.get(conversation_id);
    if (sentBehindLost === 0 || handledAt === undefined) return;
    this.#handled.delete(conversation_id);
    this.times.push({ openedMs: sentBehindLost - this.#startedAt, ms: handledAt - sentBehindLost });
  }
}

/** Comparable between processes, and finer than a millisecond. */
export function wallTime() {
  return performance.timeOrigin + performance.now();
}
