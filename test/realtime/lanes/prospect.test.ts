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
