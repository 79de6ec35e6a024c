import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { type AgentChatClientError, ValidationError } from '../../../src/errors/index.js';
import { type Claim, type DedupeStore, MemoryDedupeStore } from '../../../src/stores/index.js';
import { GatheredBytes } from '../../../src/webhooks/receiver/bytes.js';
import { type NodeBody, readStream } from '../../../src/webhooks/receiver/node-http.js';
import type { WebhookReceiverOptions } from '../../../src/webhooks/receiver/options.js';
import {
  type Received,
  type ReceiverRequest,
  WebhookReceiver,
} from '../../../src/webhooks/receiver/receiver.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { messageBody, SECRET, signatureOf } from './kit/request.js';
import { gate } from './kit/rigs.js';
import { TestStore } from './kit/stores.js';

function stage(options: Partial<WebhookReceiverOptions> = {}) {
  const clock = new VirtualClock();
  const errors: AgentChatClientError[] = [];
  const calls: string[] = [];
  const receiver = new WebhookReceiver(
    {
      secret: SECRET,
      respond: 'when-handled',
      onEvent: ({ event }) => calls.push(event),
      onError: (error) => errors.push(error),
      ...options,
    },
    {},
    clock,
  );
  return { clock, errors, calls, receiver };
}

function request(body = messageBody(), changes: Partial<ReceiverRequest> = {}): ReceiverRequest {
  return {
    method: 'POST',
    contentType: 'application/json',
    contentEncoding: undefined,
    signature: signatureOf(body),
    readBody: async () => body,
    ...changes,
  };
}

const status = async (receiving: Promise<Received>) => (await receiving).answer.status;

describe('the receiver and its store', () => {
  it('gives back a claim that comes too late to be used', async () => {
    const memory = new MemoryDedupeStore();
    const late = gate();
    const released = gate<string>();
    const store: DedupeStore = {
      async claim(key) {
        await late.opened;
        return memory.claim(key);
      },
      commit: (key, token) => memory.commit(key, token),
      release(key, token) {
        released.open(key);
        return memory.release(key, token);
      },
    };
    const { clock, receiver, calls } = stage({ dedupe: store });
    const answered = status(receiver.receive(request()));
    await clock.advance(5_000);
    expect(await answered).toBe(503);
    late.open();
    expect((await memory.claim(await released.opened)).state).toBe('claimed');
    expect(calls).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['true', true],
    ['another state', { state: 'free' }],
    ['a claim without a token', { state: 'claimed' }],
  ])('takes a store that answers %s for one that fails', async (_what, answer) => {
    const dedupe: DedupeStore = { ...new TestStore(), claim: async () => answer as Claim, commit, release };
    const { receiver, errors, calls } = stage({ dedupe });
    expect(await status(receiver.receive(request()))).toBe(503);
    expect(errors).toEqual([expect.objectContaining({ code: 'STORE_FAILED' })]);
    expect(calls).toEqual([]);
  });

  it('survives a store that answers nonsense when it is too late', async () => {
    const late = gate();
    const dedupe: DedupeStore = {
      claim: () => late.opened.then(() => null as unknown as Claim),
      commit,
      release,
    };
    const { clock, receiver } = stage({ dedupe });
    const answered = status(receiver.receive(request()));
    await clock.advance(5_000);
    expect(await answered).toBe(503);
    late.open();
    await clock.settle();
  });

  it.each(['commit', 'release'] as const)('waits five seconds for a %s that hangs', async (method) => {
    const store = new TestStore();
    const asked = store.hangAt(method);
    const { clock, receiver, errors } = stage({
      dedupe: store,
      onEvent() {
        if (method === 'release') throw new Error('failed');
      },
    });
    const answered = status(receiver.receive(request()));
    await asked;
    const closed = receiver.close();
    await clock.advance(5_000);
    expect(await answered).toBe(method === 'commit' ? 200 : 500);
    expect(errors.at(-1)).toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining(method) });
    await closed;
    // It is tried again later, if the process lives so long.
    expect(clock.pendingForegroundTimers).toBe(0);
    store.mend();
    await clock.advance(1_000);
    expect(store.asked).toEqual(['claim', method, method]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('says whose turn it is to two processes with one store', async () => {
    const dedupe = new TestStore();
    const { opened, open } = gate();
    const one = stage({ dedupe, onEvent: () => opened });
    const other = stage({ dedupe });
    const body = messageBody();
    const first = one.receiver.receive(request(body));
    await vi.waitFor(() => expect(dedupe.asked).toEqual(['claim']));
    // It may have died over it, so the sender has to ask again.
    expect(await status(other.receiver.receive(request(body)))).toBe(503);
    open();
    expect(await status(first)).toBe(200);
    expect((await other.receiver.receive(request(body))).answer.body).toContain('duplicate');
    expect(other.calls).toEqual([]);
  });

  it('keeps an event claimed for as long as its handler takes', async () => {
    const clock = new VirtualClock();
    const dedupe = new TestStore({ clock, leaseMs: 60_000 });
    const { opened, open } = gate();
    const receiver = (onEvent: () => unknown) =>
      new WebhookReceiver(
        { secret: SECRET, respond: 'when-handled', dedupe, onEvent },
        { stopsWithAnswer: true },
        clock,
      );
    const body = messageBody();
    const first = receiver(() => opened).receive(request(body));
    await clock.advance(3_600_000);
    const other = receiver(() => expect.unreachable());
    expect(await status(other.receive(request(body)))).toBe(503);
    open();
    expect(await status(first)).toBe(200);
    expect((await other.receive(request(body))).answer.body).toContain('duplicate');
    expect(clock.pendingTimers).toBe(0);
  });

  it('asks the store once for copies that come together, and again for later ones', async () => {
    const store = new TestStore();
    const { opened, open } = gate();
    let calls = 0;
    const { receiver } = stage({
      dedupe: store,
      onEvent() {
        calls += 1;
        return opened;
      },
    });
    const body = messageBody();
    const copies = Array.from({ length: 10 }, () => receiver.receive(request(body)));
    await vi.waitFor(() => expect(calls).toBe(1));
    expect(store.asked).toEqual(['claim']);
    open();
    const answers = (await Promise.all(copies)).map(({ answer }) => answer.body);
    expect(answers.filter((each) => each.includes('duplicate'))).toHaveLength(9);
    expect(await status(receiver.receive(request(body)))).toBe(200);
    expect(store.asked).toEqual(['claim', 'commit', 'claim']);
  });

  it('shares one question and one refusal between copies while the store hangs', async () => {
    const store = new TestStore();
    const asked = store.hangAt('claim');
    const { clock, receiver, errors } = stage({ dedupe: store });
    const body = messageBody();
    const copies = [receiver.receive(request(body)), receiver.receive(request(body))];
    await asked;
    await clock.advance(5_000);
    expect(await Promise.all(copies.map(status))).toEqual([503, 503]);
    expect(errors).toHaveLength(1);
    store.mend();
    expect(await status(receiver.receive(request(body)))).toBe(200);
  });
});

describe('the receiver and its handlers', () => {
  it('answers 503 after half a minute while a handler is at work, to its copies, too', async () => {
    const store = new TestStore();
    const { opened, open } = gate();
    const begun = gate();
    const { clock, receiver } = stage({
      dedupe: store,
      onEvent() {
        begun.open();
        return opened;
      },
    });
    const body = messageBody();
    const first = receiver.receive(request(body));
    await begun.opened;
    await clock.advance(15_000);
    const copy = receiver.receive(request(body));
    await clock.advance(14_999);
    expect(clock.pendingForegroundTimers).toBe(1);
    await clock.advance(1);
    expect([await status(first), await status(copy)]).toEqual([503, 503]);
    expect((await copy).afterwards).toBeNull();
    // It goes on, and counts, until it is done.
    expect(await status(receiver.receive(request(body)))).toBe(503);
    open();
    await (await first).afterwards?.();
    expect(store.asked).toEqual(['claim', 'commit']);
    expect((await receiver.receive(request(body))).answer.body).toContain('duplicate');
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits for the handler as long as it takes where everything stops with the answer', async () => {
    const { opened, open } = gate();
    const clock = new VirtualClock();
    const onEvent = () => opened;
    const receiver = new WebhookReceiver(
      { secret: SECRET, respond: 'when-handled', onEvent },
      { stopsWithAnswer: true },
      clock,
    );
    const received = receiver.receive(request());
    await clock.advance(600_000);
    open();
    expect(await status(received)).toBe(200);
  });

  it.each([
    ['ten seconds', undefined, 10_000],
    ['what it was told', { deadlineMs: 500 }, 500],
  ])(
    'waits %s for what is in hand when it is closed, and then tells the handlers',
    async (_, options, deadline) => {
      const begun = gate<AbortSignal>();
      const { clock, receiver, errors } = stage({
        respond: 'at-once',
        onEvent(_event, { signal }) {
          begun.open(signal);
          return new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason)),
          );
        },
      });
      const { afterwards } = await receiver.receive(request());
      const work = afterwards?.();
      const signal = await begun.opened;
      const ended: string[] = [];
      const closed = receiver.close(options).then(() => ended.push('closed'));
      await clock.advance(deadline - 1);
      expect([ended, signal.aborted]).toEqual([[], false]);
      await clock.advance(1);
      await closed;
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toMatchObject({ code: 'ABORTED' });
      await work;
      expect(errors).toEqual([expect.objectContaining({ code: 'HANDLER_FAILED' })]);
      await receiver.close(options);
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it('closes at its deadline although a handler heeds no signal', async () => {
    const { clock, receiver } = stage({ respond: 'at-once', onEvent: () => new Promise(() => {}) });
    const { afterwards } = await receiver.receive(request());
    void afterwards?.();
    const closed = receiver.close({ deadlineMs: 100 });
    await clock.advance(100);
    await closed;
  });

  it('tells a handler that asks only after the deadline, too', async () => {
    const { opened, open } = gate();
    const aborted = gate<boolean>();
    const { clock, receiver } = stage({
      respond: 'at-once',
      async onEvent(_event, context) {
        await opened;
        aborted.open(context.signal.aborted);
      },
    });
    const { afterwards } = await receiver.receive(request());
    void afterwards?.();
    const closed = receiver.close({ deadlineMs: 0 });
    await clock.advance(0);
    await closed;
    open();
    expect(await aborted.opened).toBe(true);
  });

  it('aborts nothing that was done in time', async () => {
    const signals: AbortSignal[] = [];
    const { clock, receiver } = stage({ onEvent: (_event, { signal }) => signals.push(signal) });
    await receiver.receive(request());
    await receiver.close();
    await clock.advance(60_000);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });

  it.each([{ deadlineMs: -1 }, { deadlineMs: Number.NaN }, { deadlineMs: '5' }, { deadline: 5 }, null])(
    'refuses to be closed with %o, and goes on',
    async (options) => {
      const { receiver } = stage();
      expect(() => receiver.close(options as object)).toThrow(ValidationError);
      expect(await status(receiver.receive(request()))).toBe(200);
    },
  );
});

describe('the receiver and its requests', () => {
  it('waits thirty seconds for a body, and then tells whoever reads it', async () => {
    const { clock, receiver } = stage();
    const readBody = (_most: number, signal: AbortSignal) =>
      new Promise<string>((_, reject) =>
        signal.addEventListener('abort', () => reject(new Error('aborted'))),
      );
    const answered = receiver.receive(request('', { readBody }));
    await clock.advance(29_999);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    expect((await answered).answer).toMatchObject({
      status: 408,
      body: expect.stringContaining('BODY_TOO_SLOW'),
    });
  });

  it('leaves no timer behind', async () => {
    const { clock, receiver } = stage({ dedupe: new TestStore() });
    await receiver.receive(request());
    await receiver.receive(request('x'));
    await receiver.receive(request('', { readBody: () => Promise.reject(new Error('broken off')) }));
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets slow bodies keep nobody out, and holds up no close', async () => {
    const { receiver, calls } = stage({ maxPending: 1 });
    const { opened, open } = gate<string>();
    const slow = Array.from({ length: 5 }, () => receiver.receive(request('', { readBody: () => opened })));
    expect(await status(receiver.receive(request()))).toBe(200);
    await receiver.close();
    open('{}');
    expect(await Promise.all(slow.map(status))).toEqual(Array(5).fill(400));
    expect(calls).toHaveLength(1);
  });

  it('asks again whether there is room when the body has come', async () => {
    const body = messageBody();
    const { opened, open } = gate<string>();
    const { receiver, calls } = stage();
    const slow = receiver.receive(request(body, { readBody: () => opened }));
    await receiver.close();
    open(body);
    expect(await status(slow)).toBe(503);
    expect(calls).toEqual([]);
  });

  it('closes for everybody who waits for it, when what was answered for is done', async () => {
    const { opened, open } = gate();
    const { receiver } = stage({ respond: 'at-once', onEvent: () => opened });
    const { answer, afterwards } = await receiver.receive(request());
    expect(answer.status).toBe(200);
    const ended: string[] = [];
    const closes = [1, 2].map(() => receiver.close().then(() => ended.push('closed')));
    const work = afterwards?.().then(() => ended.push('handled'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toEqual([]);
    open();
    await Promise.all([...closes, work]);
    expect(ended.sort()).toEqual(['closed', 'closed', 'handled']);
  });

  it('answers 500 to what should not happen, and says so', async () => {
    const { receiver, errors } = stage();
    const hostile = new Proxy(request(), {
      get() {
        throw new TypeError('hostile');
      },
    });
    expect(await status(receiver.receive(hostile))).toBe(500);
    expect(errors).toEqual([expect.objectContaining({ code: 'RECEIVER_MISCONFIGURED' })]);
  });
});

describe('reading a body from a Node stream', () => {
  const MOST = 100;
  const patient = new AbortController().signal;
  const read = (stream: NodeBody, headers = {}, clock = new VirtualClock()) =>
    readStream(stream, headers, MOST, patient, clock);
  const text = (body: unknown) => Buffer.from(body as Uint8Array).toString();

  it('gives the bytes that came', async () => {
    expect(text(await read(Readable.from([Buffer.from('ab'), Buffer.from('c')])))).toBe('abc');
    expect(text(await read(Readable.from([])))).toBe('');
  });

  it('reads also what somebody has paused before', async () => {
    const stream = Readable.from([Buffer.from('abc')]);
    stream.pause();
    expect(text(await read(stream))).toBe('abc');
  });

  it('does not wait for what has ended, been read, or broken off before', async () => {
    const ended = Readable.from([]).resume();
    await new Promise((resolve) => ended.once('close', resolve));
    expect(text(await read(ended))).toBe('');
    const spent = Readable.from([Buffer.from('x')]).resume();
    await new Promise((resolve) => spent.once('close', resolve));
    await expect(read(spent)).rejects.toMatchObject({ reason: 'body_already_parsed' });
    const broken = new Readable({ read() {} }).destroy();
    await new Promise((resolve) => broken.once('close', resolve));
    await expect(read(broken)).rejects.toThrow('broke off');
    await expect(readStream(new Readable({ read() {} }), {}, MOST, AbortSignal.abort())).rejects.toThrow();
  });

  it.each(['before', 'after'])('rejects when it breaks off, and minds no error %s that', async (when) => {
    const stream = new Readable({ read() {}, autoDestroy: false });
    const reading = expect(read(stream)).rejects.toThrow('broke off');
    stream.push('half of it');
    if (when === 'before') stream.emit('error', new Error('connection reset'));
    stream.emit('close');
    await reading;
    stream.emit('error', new Error('once more'));
  });

  it('reads on for two seconds what is too long, then answers, then hangs up', async () => {
    const clock = new VirtualClock();
    const stream = new Readable({ read() {} });
    let answer: unknown;
    const reading = read(stream, {}, clock).then((body) => {
      answer = body;
    });
    stream.push(Buffer.alloc(MOST + 1));
    await clock.settle();
    expect(answer).toBeUndefined();
    await clock.advance(2_000);
    await reading;
    expect(answer).toBeNull();
    stream.push(Buffer.alloc(1_000));
    await clock.advance(1_999);
    expect([stream.destroyed, stream.readableLength]).toEqual([false, 0]);
    await clock.advance(1);
    expect(stream.destroyed).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('answers as soon as what is too long has ended', async () => {
    const clock = new VirtualClock();
    const stream = Readable.from([Buffer.alloc(50), Buffer.alloc(60), Buffer.alloc(70)]);
    expect(await read(stream, { 'content-length': '180' }, clock)).toBeNull();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('the bytes of a body', () => {
  it('are put together as they come: no chunk is kept, however small and many they are', () => {
    const gathered = new GatheredBytes();
    const chunk = new Uint8Array(1);
    for (let number = 0; number < 100_000; number += 1) {
      chunk[0] = number;
      gathered.add(number === 0 ? chunk.slice() : chunk);
    }
    expect(gathered.length).toBe(100_000);
    expect(Buffer.from(gathered.whole)).toEqual(Buffer.from(Array.from({ length: 100_000 }, (_, at) => at)));
    expect(gathered.whole.buffer.byteLength).toBeLessThanOrEqual(200_000);
  });

  it('are not copied when they come in one piece, nor written into', () => {
    const gathered = new GatheredBytes();
    const [first, second] = [Buffer.from('ab--').subarray(0, 2), Buffer.from('cd')];
    gathered.add(new Uint8Array(0));
    gathered.add(first);
    expect(gathered.whole.buffer).toBe(first.buffer);
    gathered.add(second);
    expect(Buffer.from(gathered.whole).toString()).toBe('abcd');
    expect(Buffer.from(first.buffer, first.byteOffset, 4).toString()).toBe('ab--');
  });

  it('may be none', () => {
    expect(new GatheredBytes().whole).toHaveLength(0);
  });
});

async function commit(): Promise<void> {}
async function release(): Promise<void> {}
