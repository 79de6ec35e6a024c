import { describe, expect, it, vi } from 'vitest';
import { ConnectionError } from '../../src/errors/index.js';
import { heldBackBy } from '../../src/realtime/explain/explain.js';
import { HOLDUPS_AT_MOST } from '../../src/realtime/explain/holdups.js';
import type { Explanation, RealtimeOptions } from '../../src/realtime/index.js';
import type { SourceCallOptions } from '../../src/realtime/source.js';
import { message, row } from './catchup/engine-rig.js';
import { ClientRig } from './client-rig.js';

/** What is explained must survive JSON unchanged: plain data, nothing infinite, nothing undefined. */
function explained(rig: ClientRig): Explanation {
  const told = rig.client.explain();
  expect(JSON.parse(JSON.stringify(told))).toStrictEqual(told);
  return told;
}

const summary = (rig: ClientRig) => explained(rig).summary;

/** A connected client with a handler. */
async function receiving(options: Partial<RealtimeOptions> = {}): Promise<ClientRig> {
  const rig = new ClientRig(options);
  rig.client.on('message.new', () => {});
  await rig.connected();
  return rig;
}

const never = () => new Promise<never>(() => {});
const failing = () => Promise.reject(new ConnectionError({ message: 'down' }));

describe('explain(): why am I not receiving?', () => {
  it('before connect()', () => {
    expect(summary(new ClientRig())).toBe(
      'Not connected, and not trying to connect: connect() has not been called.',
    );
  });

  it.each([
    [
      600_000,
      /^Connected and receiving; .* The clock of this host is (600|599) s ahead of the service's: correct it\.$/,
    ],
    [-600_000, /600 s behind the service's/],
    [3_000, /^Connected and receiving; the last data arrived \d+ s ago\.$/],
  ])('CATCH-4: names a clock that is %i ms ahead', async (aheadMs, said) => {
    const rig = new ClientRig();
    rig.client.on('message.new', () => {});
    const { source, clock } = rig;
    const { sync } = source;
    const dated = (options: SourceCallOptions = {}) => {
      const date = new Date(clock.wallNow() - aheadMs).toUTCString();
      options.onResponse?.({ headers: { get: () => date } });
      return sync.call(source, options as object);
    };
    Object.assign(source, { sync: dated });
    expect(explained(rig).hostClockAheadMs).toBeNull();
    await rig.connected();
    await clock.advance(1_000);
    expect(summary(rig)).toMatch(said);
    const { hostClockAheadMs } = explained(rig);
    if (Math.abs(aheadMs) < 30_000) expect(hostClockAheadMs).toBe(0);
    else expect(Math.abs((hostClockAheadMs ?? 0) - aheadMs)).toBeLessThan(2_000);
  });

  it('after disconnect()', async () => {
    const rig = await receiving();
    void rig.client.disconnect();
    expect(summary(rig)).toMatch(/^Stopping: no new messages are taken in/);
    await rig.clock.advance(1_000);
    expect(summary(rig)).toBe('Not connected, and not trying to connect: disconnect() was called.');
  });

  it('after a refusal: says what the service said, and what to do', async () => {
    const rig = new ClientRig();
    void rig.client.connect();
    await rig.clock.settle();
    rig.network.last.refuse(401);
    expect(summary(rig)).toMatch(
      /^Not connected, and not trying to connect: The service refused the API key/,
    );
    expect(explained(rig).connection).toMatchObject({
      state: 'idle',
      lastClose: { code: 1006 },
      attempts: [{ attempt: 1, outcome: 'failed' }],
    });
  });

  it('after the last attempt, and after an abort', async () => {
    const rig = new ClientRig({ reconnect: false });
    void rig.client.connect();
    await rig.clock.settle();
    rig.network.last.end();
    expect(summary(rig)).toContain('reconnecting is off');
    const abort = new AbortController();
    void rig.client.connect({ signal: abort.signal });
    await rig.clock.settle();
    abort.abort();
    expect(summary(rig)).toContain('aborted by its signal');
  });

  it('while it connects: which part is slow', async () => {
    let give = (_key: string) => {};
    const apiKey = () => new Promise<string>((resolve) => (give = resolve));
    const rig = new ClientRig({ apiKey });
    void rig.client.connect();
    await rig.clock.settle();
    expect(summary(rig)).toBe('Connecting, attempt 1: the apiKey function has not answered yet.');
    give('ac_test_key');
    await rig.clock.settle();
    expect(summary(rig)).toBe('Connecting, attempt 1: the socket is not open yet.');
    rig.network.last.open();
    expect(summary(rig)).toBe('Connecting, attempt 1: the service has not accepted it yet (no hello.ok).');
  });

  it('while it waits: when the next attempt begins, and why the last one failed', async () => {
    const rig = new ClientRig();
    void rig.client.connect();
    await rig.clock.settle();
    rig.network.last.refuse(503);
    expect(summary(rig)).toMatch(
      /^Not connected: the next attempt begins in 1 s\. The last attempt failed: the server answered the upgrade with HTTP 503/,
    );
    await rig.clock.advanceUntil(() => rig.network.sockets.length === 2);
    expect(summary(rig)).toMatch(
      /^Connecting, attempt 2: the socket is not open yet\. The last attempt failed: /,
    );
    rig.network.last.end();
    expect(summary(rig)).toContain('failed (2 failures in a row): the socket closed with code 1006.');
    const { connection } = explained(rig);
    expect(connection.nextAttemptInMs).toBeGreaterThan(0);
    expect(connection.failuresInARow).toBe(2);
  });

  it('RCN-4: while it waits: that it was asked to', async () => {
    const rig = new ClientRig();
    void rig.client.connect();
    await rig.clock.settle();
    rig.network.last.refuse(429, { headers: { 'retry-after': '20' } });
    expect(summary(rig)).toMatch(
      /^Not connected: the next attempt begins in 2[01] s, because the service or a proxy asked us to wait until then \(Retry-After\)\. The last attempt failed: .*HTTP 429/,
    );
  });

  it('after a lost connection: how it ended', async () => {
    const rig = await receiving();
    rig.network.last.end({ code: 1012, reason: 'restart', wasClean: true });
    expect(summary(rig)).toBe(
      'Not connected: the next attempt begins in 1 s. The connection was lost: closed with code 1012: restart.',
    );
    expect(explained(rig).connection.lastClose).toMatchObject({ code: 1012, reason: 'restart' });
  });

  it.each([
    ['no handler', 'Call on("message.new", ...)', {}, undefined],
    ['identity unknown', 'does not know its own handle yet', { handle: undefined }, never],
  ] as const)('connected, with messages held back: %s', async (heldBack, words, options, getMe) => {
    const rig = new ClientRig(options);
    Object.assign(rig.source, { getMe });
    if (heldBack !== 'no handler') rig.client.on('message.new', () => {});
    await rig.connected();
    expect(explained(rig)).toMatchObject({ heldBack, summary: expect.stringContaining(words) });
    expect(summary(rig)).toMatch(/^Connected, but /);
  });

  it('connected, with all slots taken', async () => {
    const rig = new ClientRig({ concurrency: 1 });
    rig.client.on('message.new', never);
    await rig.connected();
    await rig.frame(message(1));
    expect(explained(rig)).toMatchObject({ heldBack: 'all slots taken', runningHandlers: 1 });
    expect(summary(rig)).toContain('`concurrency`');
  });

  it('BP-2: connected, with the turn of the loop used up: nothing is held back', () => {
    const parts = {
      consumers: { present: true, asking: true },
      identity: { isSettled: true },
      lanes: { flowing: false, full: false },
    };
    expect(heldBackBy(parts as unknown as Parameters<typeof heldBackBy>[0])).toBeNull();
  });

  it('connected, with messages that nobody asks the iterator for', async () => {
    const rig = new ClientRig();
    rig.client.messages();
    await rig.connected();
    expect(summary(rig)).toContain('nobody has asked messages() for the next message');
  });

  it('connected, while what was missed offline cannot be read, and while it is read', async () => {
    const rig = new ClientRig();
    rig.client.on('message.new', () => {});
    rig.source.next('sync', failing);
    rig.source.next('sync', never);
    void rig.client.connect();
    await rig.accept();
    expect(summary(rig)).toMatch(/but the messages missed while offline cannot be read: CONNECTION_ERROR\.$/);
    expect(explained(rig)).toMatchObject({ catchUp: { draining: true, lastPass: null } });

    const other = new ClientRig();
    other.client.on('message.new', () => {});
    other.source.next('sync', never);
    void other.client.connect();
    await other.accept();
    expect(summary(other)).toBe(
      'Connected and receiving; still reading the messages missed while offline, 0 so far.',
    );
    expect(explained(other).catchUp).toEqual({ draining: true, rowsSoFar: 0, lastPass: null });
  });

  it('connected: how the last pass through the undelivered queue went', async () => {
    const rig = new ClientRig();
    rig.client.on('message.new', () => {});
    rig.source.rows = [row(1), row(2)];
    await rig.connected();
    await rig.clock.advance(5_000);
    expect(explained(rig).catchUp).toMatchObject({
      draining: false,
      rowsSoFar: null,
      lastPass: { rows: 2, complete: true },
    });
    expect(explained(rig).catchUp.lastPass?.agoMs).toBeGreaterThanOrEqual(4_000);
  });

  it('connected, with a gap: of which conversation, for how long, and what is done about it', async () => {
    const rig = await receiving();
    await rig.frame(message(1), message(4));
    await rig.clock.advance(500);
    expect(summary(rig)).toBe(
      'Connected and receiving, but one conversation waits: conv_a has waited 1 s for messages 2 to 3, with 1 message behind it; it may still arrive; the client reads the history in 2 s.',
    );
    expect(explained(rig).holdups).toEqual({
      total: 1,
      longest: [
        {
          conversationId: 'conv_a',
          kind: 'gap',
          expected: 2,
          missing: { from: 2, to: 3 },
          waiting: 1,
          forMs: 500,
          doing: 'it may still arrive; the client reads the history in 2 s',
        },
      ],
    });
    rig.source.next('getMessages', never);
    await rig.clock.advance(2_000);
    expect(summary(rig)).toContain('the client is reading the history');
  });

  it('connected, with a gap that history does not close', async () => {
    const rig = await receiving();
    rig.source.next('getMessages', failing, 100);
    await rig.frame(message(1), message(3));
    await rig.clock.advance(20_000);
    expect(summary(rig)).toMatch(
      /for message 2, with 1 message behind it; the history did not show it \(asked \d+ times\); the client asks again in \d+ s\.$/,
    );
    expect(explained(rig).totals.held).toBe(1);
  });

  it('connected, with a gap and nobody to ask', async () => {
    const rig = await receiving({ client: undefined });
    await rig.frame(message(1), message(3));
    expect(summary(rig)).toContain('without a `client` the history cannot be read');
  });

  it('connected, with a gap that the drain may close', async () => {
    const rig = new ClientRig();
    rig.client.on('message.new', () => {});
    rig.source.next('sync', never);
    void rig.client.connect();
    await rig.accept();
    await rig.frame(message(1), message(3));
    await rig.clock.advance(3_000);
    expect(summary(rig)).toContain('it may be among the messages missed while offline, which are being read');
  });

  it('connected, with a gap behind a full lane', async () => {
    const rig = new ClientRig({ bounds: { lane: 2 } });
    rig.client.on('message.new', never);
    await rig.connected();
    await rig.frame(message(1), message(2), message(3), message(5));
    await rig.clock.advance(4_000);
    expect(explained(rig).holdups.longest[0]).toMatchObject({
      kind: 'gap',
      missing: { from: 4, to: 4 },
      doing: 'its queue is full, so its handlers have to catch up first',
    });
    await rig.frame(message(4));
    await rig.clock.advance(4_000);
    expect(explained(rig).holdups.longest[0]).toMatchObject({ kind: 'handler', waiting: 4 });
  });

  it('connected, with a conversation whose beginning is being looked for', async () => {
    const rig = await receiving();
    rig.source.next('sync', never, 10);
    await rig.frame(message(7, 'conv_new'));
    expect(summary(rig)).toMatch(/^Connected and receiving; /);
    await rig.clock.advance(3_000);
    expect(summary(rig)).toMatch(
      /conv_new has waited 3 s to learn where it begins, with 1 message behind it; the client is looking for older messages/,
    );
    expect(explained(rig).holdups.longest[0]).toMatchObject({ kind: 'position', expected: null });
  });

  it('connected, with a store that does not answer', async () => {
    const rig = await receiving({ store: { load: never, save: () => Promise.resolve() } });
    await rig.frame(message(1));
    await rig.clock.advance(2_000);
    expect(summary(rig)).toContain('the store has not said yet where it left off');
    await rig.clock.advance(20_000);
    expect(explained(rig).recentErrors.at(-1)).toMatchObject({ code: 'STORE_FAILED' });
  });

  it('connected, with a new conversation that waits for the drain', async () => {
    const rig = new ClientRig();
    rig.client.on('message.new', () => {});
    rig.source.next('sync', never);
    void rig.client.connect();
    await rig.accept();
    await rig.frame(message(7, 'conv_new'));
    await rig.clock.advance(2_000);
    expect(summary(rig)).toContain('it begins after the messages missed while offline have been read');
  });

  it('connected, with a handler that takes long', async () => {
    const rig = new ClientRig();
    rig.client.on('message.new', never);
    await rig.connected();
    await rig.frame(message(1), message(2));
    expect(summary(rig)).toMatch(/^Connected and receiving; /);
    await rig.clock.advance(6_000);
    expect(summary(rig)).toBe(
      'Connected and receiving, but one conversation waits: conv_a has waited 6 s for its handlers, with 1 message behind it; a handler is working on message a1 (attempt 1).',
    );
    await rig.clock.advance(90_000);
    expect(summary(rig)).toContain('no longer counts towards `concurrency`');
  });

  it('connected, with a handler that keeps failing', async () => {
    const rig = new ClientRig({ onHandlerFailure: 'block', handlerRetry: { retries: 1 } });
    rig.client.on('message.new', () => {
      throw new Error('on purpose');
    });
    await rig.connected();
    await rig.frame(message(1));
    await rig.clock.advance(3_000);
    expect(summary(rig)).toMatch(
      /a handler failed on message a1 and is called again soon \(attempt \d+\)\.$/,
    );
    expect(explained(rig).holdups.longest[0]).toMatchObject({ kind: 'handler', conversationId: 'conv_a' });
  });

  it('connected, with a socket that does not answer a ping', async () => {
    const rig = await receiving();
    rig.network.last.ping = () => {};
    await rig.clock.advance(20_000);
    expect(summary(rig)).toMatch(
      /^Connected and receiving; the last data arrived 20 s ago, and a ping has been unanswered for \d s\. Without an answer the client replaces the socket\.$/,
    );
  });

  it('connected and well', async () => {
    const rig = await receiving();
    await rig.clock.advance(4_000);
    expect(summary(rig)).toBe('Connected and receiving; the last data arrived 4 s ago.');
  });

  it('tells the longest waits first, and only so many of them', async () => {
    const rig = await receiving({ client: undefined, gapFillWindowMs: 60_000 });
    const count = HOLDUPS_AT_MOST + 15;
    for (let n = 0; n < count; n += 1) {
      await rig.frame(message(1, `conv_${n}`), message(3, `conv_${n}`));
      await rig.clock.advance(10);
    }
    const { total, longest } = explained(rig).holdups;
    expect(total).toBe(count);
    expect(longest).toHaveLength(HOLDUPS_AT_MOST);
    expect(longest.map(({ conversationId }) => conversationId)).toEqual(
      Array.from({ length: HOLDUPS_AT_MOST }, (_, n) => `conv_${n}`),
    );
    expect(summary(rig)).toContain(`${count} conversations wait: conv_0 `);
  });

  it('remembers the last errors, five of them, whether or not anybody listens', async () => {
    const rig = await receiving();
    for (let n = 0; n < 9; n += 1) rig.network.last.frame({ type: 'message.new', payload: { id: `m${n}` } });
    rig.network.last.frame({ type: 'message.new', payload: { id: 'm8' } });
    const { recentErrors } = explained(rig);
    expect(recentErrors).toHaveLength(5);
    expect(recentErrors.at(-1)).toMatchObject({ code: 'PROTOCOL_ERROR', times: 2, agoMs: 0 });
    expect(recentErrors.at(-1)?.message).toContain('m8');
  });

  it('forgets a wait that is over', async () => {
    const rig = await receiving();
    await rig.frame(message(1), message(3));
    expect(explained(rig).holdups.total).toBe(1);
    await rig.frame(message(2));
    expect(explained(rig).holdups).toEqual({ total: 0, longest: [] });
  });
});

describe('state and counters', () => {
  it('onStateChange tells every state once, with the one before', async () => {
    const rig = new ClientRig();
    const told: string[] = [];
    const off = rig.client.onStateChange((state, previous) => {
      told.push(`${previous} -> ${state}`);
      expect(rig.client.state).toBe(state);
    });
    await rig.connected();
    rig.network.last.end();
    await rig.clock.advanceUntil(() => rig.network.sockets.length === 2);
    await rig.accept();
    void rig.client.disconnect();
    await rig.clock.advance(1_000);
    expect(told).toEqual([
      'idle -> connecting',
      'connecting -> connected',
      'connected -> waiting',
      'waiting -> connecting',
      'connecting -> connected',
      'connected -> stopping',
      'stopping -> idle',
    ]);
    off();
    void rig.client.connect();
    await rig.clock.settle();
    expect(told).toHaveLength(7);
  });

  it('counters are plain numbers that only grow', async () => {
    const rig = await receiving();
    await rig.frame(message(1), message(2), message(2), message(4));
    rig.source.history = [message(3)];
    await rig.clock.advance(5_000);
    const { counters } = rig.client;
    expect(counters).toMatchObject({ received: 4, handled: 4, duplicates: 1, gapsOpened: 1, gapsFilled: 1 });
    for (const value of Object.values(counters)) expect(Number.isSafeInteger(value)).toBe(true);
    expect(explained(rig).counters).not.toBe(counters);
  });
});

describe('HND-3: a failing handler shows its author why', () => {
  const boom = () => {
    throw new TypeError('baskets is not iterable');
  };

  it('in the console, with the place where it threw, while nobody listens', async () => {
    const written = vi.spyOn(console, 'error').mockImplementation(() => {});
    const rig = new ClientRig({}, false);
    rig.client.on('message.new', boom);
    await rig.connected();
    await rig.frame(message(1));
    expect(written.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^agentchat-client: A handler failed on message a1 .*: TypeError: baskets is not iterable\n +at boom /,
        ),
      ],
    ]);
    written.mockRestore();
  });

  it('in recentErrors, without secrets', async () => {
    const rig = new ClientRig();
    rig.client.on('message.new', () => {
      throw new Error('no access with ac_live_0123456789abcdef');
    });
    await rig.connected();
    await rig.frame(message(1));
    const [error] = explained(rig).recentErrors;
    expect(error).toMatchObject({ code: 'HANDLER_FAILED', cause: 'Error: no access with ac_***' });
    expect(JSON.stringify(error)).not.toContain('0123456789');
  });

  it('and what else has a cause shows it, too', async () => {
    const written = vi.spyOn(console, 'error').mockImplementation(() => {});
    const load = () => Promise.reject(new Error('the disk is gone'));
    const rig = new ClientRig({ store: { load, save: async () => {} } }, false);
    rig.client.on('message.new', () => {});
    await rig.connected();
    await rig.frame(message(1));
    expect(written.mock.calls.flat()).toContainEqual(
      expect.stringMatching(/cursor store could not be read.* Cause: Error: the disk is gone$/),
    );
    expect(explained(rig).recentErrors.at(-1)).toMatchObject({ cause: 'Error: the disk is gone' });
    written.mockRestore();
  });

  it('in the summary: a parked and a missing message are not passed over', async () => {
    const rig = await receiving({ handlerRetry: { retries: 0 }, gapGiveUpMs: 0 });
    rig.client.on('message.new', ({ payload }) => {
      if (payload.seq === 1) boom();
    });
    await rig.frame(message(1));
    expect(summary(rig)).toMatch(/^Connected and receiving, 1 message parked; the last data arrived/);
    rig.source.next('getMessages', () => Promise.reject(Object.assign(new Error('no'), { status: 403 })), 9);
    await rig.frame(message(4));
    await rig.clock.advance(5_000);
    expect(summary(rig)).toMatch(
      /^Connected and receiving, 1 message parked, 2 messages missing; the last data/,
    );
  });
});
