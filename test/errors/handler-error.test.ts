import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ConnectionError, HandlerError } from '../../src/errors/index.js';

const KEY = 'ac_live_0123456789abcdef';
const facts = { messageId: 'msg_1', conversationId: 'conv_1', attempt: 1, willRetry: true };

function thrower(): never {
  throw new TypeError('baskets is not iterable');
}

function thrown(throws: () => never): unknown {
  try {
    return throws();
  } catch (error) {
    return error;
  }
}

describe('HND-3: a HandlerError shows its author why', () => {
  const cause = thrown(thrower);
  const error = new HandlerError({ ...facts, cause });

  it('says in its message what the handler said', () => {
    expect(error.message).toBe(
      'A handler failed on message msg_1 (attempt 1; it will be called again): TypeError: baskets is not iterable',
    );
    expect(error.cause).toBe(cause);
  });

  it.each([
    ['stack', String(error.stack)],
    ['console.error', inspect(error)],
    ['console.error of an object that holds it', inspect({ error })],
  ])('shows the place where the handler threw, and not ours: %s', (_, shown) => {
    expect(shown).toMatch(/^(\{ error: |\{\n\s+error: )?HandlerError: A handler failed on message msg_1/);
    expect(shown).toContain('at thrower');
    expect(shown).not.toContain('new HandlerError');
  });

  it('is printed with its cause as an Error, with the stack of its own', () => {
    for (const shown of [inspect(error), inspect({ error })]) {
      expect(shown).toMatch(/\[cause\]: TypeError: baskets is not iterable\n\s+at thrower/);
      expect(shown).not.toContain('_HandlerError');
    }
  });

  it('prints the causes of its cause, and what errors of ours know', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { name: 'SocketError' });
    const failed = new ConnectionError({ message: 'not reached', outcome: 'not_sent', cause: reset });
    const shown = inspect(new HandlerError({ ...facts, cause: failed }));
    expect(shown).toMatch(/\[cause\]: ConnectionError: not reached\n\s+at /);
    expect(shown).toMatch(/outcome: 'not_sent',\n\s+\[cause\]: SocketError: read ECONNRESET\n\s+at /);
  });

  it.each([
    ['a string', 'boom', /\): Error: boom \(thrown as it is/],
    ['nothing', undefined, /\): Error: undefined \(thrown as it is/],
    ['an object', { status: 500 }, /\): Error: \[object Object\] \(thrown as it is/],
    ['what cannot be shown', Object.create(null), /\): Error: a value that cannot be shown/],
  ])('has an Error as its cause when %s was thrown', (_, what, message) => {
    const made = new HandlerError({ ...facts, cause: what });
    expect(made.cause).toBeInstanceOf(Error);
    expect(made.message).toMatch(message);
    expect(made.stack).not.toContain('handler-error');
  });

  it('knows the errors of another realm', () => {
    const foreign = runInNewContext('new RangeError("far away")');
    expect(new HandlerError({ ...facts, cause: foreign })).toMatchObject({
      cause: foreign,
      message: expect.stringMatching(/RangeError: far away$/),
    });
  });

  it('says why the cause failed, too', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { name: 'SocketError' });
    const failed = new TypeError('fetch failed', { cause: reset });
    expect(new HandlerError({ ...facts, cause: failed }).message).toMatch(
      /TypeError: fetch failed \(SocketError: read ECONNRESET\)$/,
    );
  });

  it('ends for a cause that refers to itself, and for one without end', () => {
    const ring = new Error('ring');
    ring.cause = ring;
    expect(new HandlerError({ ...facts, cause: ring }).message).toMatch(/Error: ring \(Error: ring/);
    expect(() => inspect(new HandlerError({ ...facts, cause: ring }), { depth: null })).not.toThrow();
    const own = new ConnectionError('ring');
    Object.assign(own, { cause: own });
    expect(() => inspect(own, { depth: null })).not.toThrow();
    expect(new HandlerError({ ...facts, cause: new Error('x'.repeat(1e6)) }).message.length).toBeLessThan(
      700,
    );
  });

  it('shows no secret of the cause', () => {
    const leaky = new Error(`with ${KEY}`);
    Object.assign(leaky, { headers: { 'x-token': 'hush' } });
    leaky.stack += `\n    at https://example.com/?key=${KEY}:1:1`;
    const made = new HandlerError({ ...facts, cause: leaky });
    for (const shown of [made.message, made.stack, inspect(made), JSON.stringify(made)]) {
      expect(shown).not.toContain('0123456789');
      expect(shown).not.toContain('hush');
    }
  });

  it.each(['stack', 'message', 'name'])('survives a cause whose %s throws', (field) => {
    const hostile = Object.defineProperty(new Error('x'), field, {
      get() {
        throw new Error('no');
      },
    });
    expect(() => inspect(new HandlerError({ ...facts, cause: hostile }))).not.toThrow();
  });
});
