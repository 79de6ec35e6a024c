import { describe, expect, it } from 'vitest';
import {
  AbortedError,
  AgentChatError,
  AwaitingReplyError,
  BlockedError,
  ConnectionError,
  createAgentChatError,
  HandlerError,
  NotFoundError,
  PausedByOwnerError,
  ProtocolError,
  prospectOf,
  RateLimitedError,
  ServerError,
  StoreError,
  TimeoutError,
  ValidationError,
} from '../../../src/errors/index.js';
import { message } from '../catchup/engine-rig.js';
import { ClientRig } from '../client-rig.js';
import { LanesRig } from './lanes-rig.js';

const HOUR = 3_600_000;
const blocked = () => new BlockedError({ message: 'blocked', status: 403 });
const paused = () => new PausedByOwnerError({ message: 'paused', status: 403 });

describe('HND-2: what an error says about calling the handler again', () => {
  it.each([
    ['never', blocked()],
    ['never', new NotFoundError({ message: 'x', status: 404 })],
    ['never', new ValidationError('found here')],
    ['never', createAgentChatError({ code: 'VALIDATION_ERROR', message: 'x' }, 400)],
    ['later', paused()],
    ['later', new AwaitingReplyError({ message: 'x', status: 403 })],
    ['soon', new RateLimitedError({ message: 'x', status: 429 })],
    ['soon', new ServerError({ message: 'x', status: 503 })],
    ['soon', new ConnectionError('x')],
    ['soon', new TimeoutError('x')],
    ['soon', new AbortedError({ message: 'x', outcome: 'not_sent' })],
    ['soon', new ProtocolError('a page that is no answer')],
    ['soon', new NotFoundError({ message: 'the page of a proxy', status: 404, foreign: true })],
    ['soon', new AgentChatError('somebody made it')],
    ['soon', handlerError()],
    ['soon', new StoreError({ engine: 'memory', fault: 'lease_lost' })],
    ['soon', Object.assign(new Error('theirs'), { retryable: false, status: 404 })],
    ['soon', undefined],
  ] as const)('%s: %o', (prospect, error) => {
    expect(prospectOf(error)).toBe(prospect);
  });
});

function handlerError(): HandlerError {
  return new HandlerError({
    messageId: 'm',
    conversationId: 'c',
    attempt: 1,
    willRetry: false,
    cause: blocked(),
  });
}

describe('HND-2: a handler that fails over what retrying cannot change', () => {
  it.each([
    [
      'sync',
      () => {
        throw blocked();
      },
    ],
    ['async', () => Promise.reject(blocked())],
  ])('is not called again, and the dead letter gets its message at once: %s', async (_, fail) => {
    const letters: unknown[] = [];
    const rig = new LanesRig({
      onDeadLetter: ({ payload }, error) => void letters.push([payload.id, error]),
    });
    let calls = 0;
    rig.handlers(() => {
      calls += 1;
      return fail();
    });
    rig.push('a1');
    await rig.clock.settle();
    expect(letters).toEqual([['a1', expect.any(BlockedError)]]);
    expect([calls, rig.handled]).toEqual([1, ['a1']]);
    expect(rig.errors).toMatchObject([{ attempt: 1, willRetry: false }]);
  });

  it('is retried while another handler of the message may still succeed', async () => {
    const rig = new LanesRig({ handlerRetry: { retries: 1, minDelayMs: 500, maxDelayMs: 500 } });
    const calls: string[] = [];
    rig.handlers(
      () => {
        calls.push('passing');
        throw new Error('passing');
      },
      () => {
        calls.push('blocked');
        throw blocked();
      },
    );
    rig.push('a1');
    await rig.clock.advance(1_000);
    expect(calls).toEqual(['passing', 'blocked', 'passing', 'blocked']);
  });

  it('waits with its lane where the policy is to block', async () => {
    const rig = new LanesRig({ onHandlerFailure: 'block' });
    rig.handlers(rig.manual);
    rig.push('a1', 'a2');
    rig.call('a1').fail(blocked());
    await rig.clock.advance(10_000);
    expect(rig.started).toEqual(['a1', 'a1']);
  });

  async function parked(fail: () => Error) {
    const rig = new ClientRig();
    let calls = 0;
    rig.client.on('message.new', () => {
      calls += 1;
      throw fail();
    });
    rig.source.history = [message(1)];
    await rig.connected();
    await rig.frame(message(1));
    return { rig, calls: () => calls };
  }

  it('has its message parked, and never fetched again: it rests', async () => {
    const { rig, calls } = await parked(blocked);
    expect(rig.client.counters.parked).toBe(1);
    await rig.clock.advance(24 * HOUR);
    expect(calls()).toBe(1);
    expect(rig.source.count('getMessages')).toBe(0);
    expect(rig.client.explain().totals.parked).toBe(1);
  });

  it('has its message parked and fetched again, ever later, when somebody may lift what stands in its way', async () => {
    const { rig, calls } = await parked(paused);
    await rig.clock.advance(59_000);
    expect(calls()).toBe(1);
    await rig.clock.advance(2_000);
    expect(calls()).toBe(2);
  });

  it.each([
    ['with REST', {}],
    ['without REST', { client: undefined }],
  ])('is given a message without a seq again after the same pauses, from memory: %s', async (_, options) => {
    const rig = new ClientRig(options);
    const calls: string[] = [];
    let fail: () => Error = paused;
    rig.client.on('message.new', ({ payload }, { redelivered }) => {
      calls.push(`${payload.id}${redelivered ? ' again' : ''}`);
      if (payload.id === 'a9') throw fail();
    });
    await rig.connected();
    await rig.frame({ ...message(9), seq: undefined } as never, message(1));
    await rig.clock.advance(59_000);
    expect(calls).toEqual(['a9', 'a1']);
    await rig.clock.advance(2_000);
    expect(calls).toEqual(['a9', 'a1', 'a9 again']);
    fail = blocked;
    await rig.clock.advance(120_000);
    expect(calls).toHaveLength(4);
    await rig.clock.advance(24 * HOUR);
    expect(calls).toHaveLength(4);
    expect(rig.client.explain().totals.parked).toBe(1);
  });

  it('has its message fetched again when the dead letter failed in passing', async () => {
    const rig = new ClientRig({
      onDeadLetter: () => {
        letters += 1;
        throw new Error('the disk is full');
      },
    });
    let letters = 0;
    rig.client.on('message.new', () => {
      throw blocked();
    });
    rig.source.history = [message(1)];
    await rig.connected();
    await rig.frame(message(1));
    await rig.clock.advance(61_000);
    expect(letters).toBe(2);
  });
});

describe('HND-1: a handler that is asked to wait', () => {
  const limited = (seconds: number) =>
    new RateLimitedError({ message: 'slow down', status: 429, retryAfterMs: seconds * 1_000 });

  /** When the handler was called, in seconds. */
  async function callsOf(rig: ClientRig, fail: () => Error): Promise<number[]> {
    const calls: number[] = [];
    rig.client.on('message.new', () => {
      calls.push(rig.clock.now() / 1_000);
      throw fail();
    });
    rig.source.history = [message(1)];
    await rig.connected();
    await rig.frame(message(1));
    return calls;
  }

  it('is called again when it may be, and not before', async () => {
    const rig = new ClientRig();
    const calls = await callsOf(rig, () => limited(40));
    await rig.clock.advance(125_000);
    expect(calls).toEqual([0, 40, 80, 120]);
    expect(rig.client.counters.parked).toBe(1);
  });

  it('for more than a minute, has its message parked at once, for so long', async () => {
    const rig = new ClientRig();
    const calls = await callsOf(rig, () => limited(600));
    expect(rig.client.counters.parked).toBe(1);
    await rig.clock.advance(599_000);
    expect(calls).toEqual([0]);
    await rig.clock.advance(2_000);
    expect(calls).toHaveLength(2);
  });

  it('for a day, is called again after an hour', async () => {
    const rig = new ClientRig();
    const calls = await callsOf(rig, () => limited(86_400));
    await rig.clock.advance(HOUR - 1_000);
    expect(calls).toEqual([0]);
    await rig.clock.advance(2_000);
    expect(calls).toHaveLength(2);
  });

  it('waits with its lane where the policy is to block, an hour at most', async () => {
    const rig = new ClientRig({ onHandlerFailure: 'block' });
    const calls = await callsOf(rig, () => limited(86_400));
    await rig.clock.advance(HOUR - 1_000);
    expect(calls).toEqual([0]);
    await rig.clock.advance(2_000);
    expect(calls).toHaveLength(2);
    expect(rig.client.counters.parked).toBe(0);
  });

  it('keeps a message without a seq for so long, from memory', async () => {
    const rig = new ClientRig();
    const calls: number[] = [];
    rig.client.on('message.new', () => {
      calls.push(rig.clock.now() / 1_000);
      throw limited(600);
    });
    await rig.connected();
    await rig.frame({ ...message(9), seq: undefined } as never);
    await rig.clock.advance(599_000);
    expect(calls).toEqual([0]);
    await rig.clock.advance(2_000);
    expect(calls).toHaveLength(2);
  });
});

describe('REP-3: a handler that fails because its conversation went to another replica', () => {
  const lost = () => new StoreError({ engine: 'memory', fault: 'lease_lost' });

  it('is no news, unless it goes on failing so, and its message does not rest', async () => {
    const rig = new LanesRig();
    rig.handlers(rig.manual);
    rig.push('a1');
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      rig.call('a1').fail(lost());
      await rig.clock.advance(10_000);
      expect(rig.started).toHaveLength(attempt + 1);
    }
    expect(rig.errors).toEqual([]);
    rig.call('a1').fail(lost());
    await rig.clock.settle();
    expect(rig.errors).toMatchObject([{ attempt: 4, willRetry: false, cause: { fault: 'lease_lost' } }]);
  });
});
