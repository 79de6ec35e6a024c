import { setTimeout } from 'node:timers/promises';
import { Burst, GapTimes, GO, HANDLERS, KEY, memory, memoryOfMany } from './common.mjs';

const QUIET_MS = 1_000;

/** What a client library has to do here. Ours and the official one have the same names for it. */
export function tasksOf({ AgentChatClient, RealtimeClient }) {
  const realtime = (port, options = {}) =>
    new RealtimeClient({ apiKey: KEY, baseUrl: `ws://127.0.0.1:${port}`, ...options });
  const rest = (port) => new AgentChatClient({ apiKey: KEY, baseUrl: `http://127.0.0.1:${port}` });

  return {
    /** A connection that receives bursts of `count` messages; with `acks`, acknowledges each that its handler has done with. */
    async receiver({ port, count, acks, handler, withRest }) {
      const client = realtime(port, withRest ? { client: rest(port) } : {});
      const burst = new Burst(count, acks);
      const handle = HANDLERS[handler];
      client.on('message.new', () => {
        burst.message();
        return handle();
      });
      client.on('all.acked', () => burst.end());
      await connected(client);
      return { burst: () => burst.begin(() => client.send(GO)) };
    },

    /** From `hello.ok` until the last row was handled, and until the last was acknowledged. */
    async drain({ port, rows }) {
      const client = realtime(port, { client: rest(port) });
      let handled = 0;
      let handledMs = 0;
      let startedAt = 0;
      client.onConnect(() => {
        startedAt = performance.now();
      });
      client.on('message.new', ({ payload }) => {
        if (typeof payload.content.text === 'string') handled += 1;
        if (handled === rows) handledMs = performance.now() - startedAt;
      });
      const acked = new Promise((resolve) => client.on('all.acked', resolve));
      await connected(client);
      await acked;
      const ackedMs = performance.now() - startedAt;
      await client.disconnect();
      return { handled, handledMs, ackedMs };
    },

    /** One message in each of `count` conversations, and then nothing. */
    async idle({ port, count }) {
      const client = realtime(port);
      let seen = 0;
      const all = new Promise((resolve) => {
        client.on('message.new', () => {
          seen += 1;
          if (seen === count) resolve();
        });
      });
      await connected(client);
      const before = await memory();
      client.send(GO);
      await all;
      const after = await memory();
      await client.disconnect();
      return { before, after };
    },

    /** `withRest`: each has a REST client of its own, too. None reads what it missed. */
    clients({ port, count, withRest }) {
      return memoryOfMany(count, async () => {
        const client = realtime(port, withRest ? { client: rest(port), autoDrainOnConnect: false } : {});
        client.on('message.new', () => {});
        await connected(client);
        return client;
      });
    },

    /** From the first message until `count` were handled, or none came for `patienceMs`. */
    async crowd({ port, count, patienceMs }) {
      const client = realtime(port, { client: rest(port) });
      let handled = 0;
      let startedAt = 0;
      let lastAt = 0;
      await connected(client);
      // What is read after a connect is over.
      await setTimeout(QUIET_MS);
      await new Promise((resolve) => {
        const timer = globalThis.setTimeout(resolve, patienceMs);
        client.on('message.new', () => {
          lastAt = performance.now();
          if (handled === 0) startedAt = lastAt;
          handled += 1;
          if (handled === count) resolve();
          else if (handled % 100 === 0 || handled > count * 0.9) timer.refresh();
        });
        client.send(GO);
      });
      await client.disconnect();
      return { handled, ms: lastAt - startedAt };
    },

    /** How long after the frame behind it each lost message was handled. */
    async gaps({ port, graceMs, options }) {
      const client = realtime(port, { client: rest(port), ...options });
      const gaps = new GapTimes();
      client.on('message.new', ({ payload }) => gaps.handle(payload));
      const sent = new Promise((resolve) => client.on('all.sent', ({ payload }) => resolve(payload)));
      await connected(client);
      client.send(GO);
      const { lost } = await sent;
      await setTimeout(graceMs);
      await client.disconnect();
      return { times: gaps.times, lost };
    },
  };
}

/** At `hello.ok`. */
function connected(client) {
  return new Promise((resolve) => {
    client.onConnect(resolve);
    void client.connect();
  });
}
