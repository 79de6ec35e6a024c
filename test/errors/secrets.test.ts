import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConnectionError, createAgentChatError, redactText } from '../../src/errors/index.js';

const KEY = 'ac_live_0123456789abcdef';

describe('what an error shows', () => {
  const error = createAgentChatError(
    {
      code: 'UNAUTHORIZED',
      message: `The key ${KEY} is revoked`,
      details: {
        api_key: 'opaque',
        nested: [{ hint: `Bearer ${KEY}`, code: '123456' }],
        fieldErrors: { code: ['six digits'] },
      },
    },
    401,
    new Headers({ 'x-request-id': 'req_1' }),
  );
  const hostile = Object.assign(new Error(`request with ${KEY} failed`), {
    headers: { Authorization: `Bearer ${KEY}` },
  });
  const caused = new ConnectionError({ message: 'The service was not reached', cause: hostile });

  it.each([
    ['message', (each: Error) => each.message],
    ['stack', (each: Error) => String(each.stack)],
    ['String', (each: Error) => String(each)],
    ['JSON.stringify', (each: Error) => JSON.stringify(each)],
    ['util.inspect', (each: Error) => inspect(each, { depth: 10, showHidden: true })],
    ['util.inspect inside something else', (each: Error) => inspect({ errors: [each] }, { depth: 10 })],
  ])('holds no secret in %s', (_, show) => {
    for (const each of [error, caused]) {
      expect(show(each)).not.toContain('0123456789');
      expect(show(each)).not.toContain('opaque');
      expect(show(each)).not.toContain('123456');
    }
  });

  it('keeps what helps', () => {
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'UnauthorizedError',
      message:
        'The key ac_*** is revoked. `code`: six digits. Check the API key: it is missing, wrong or replaced, or its account was deleted.',
      code: 'UNAUTHORIZED',
      status: 401,
      requestId: 'req_1',
      retryable: false,
      outcome: 'rejected',
      details: {
        api_key: '***',
        nested: [{ hint: 'Bearer ***', code: '***' }],
        fieldErrors: { code: ['six digits'] },
      },
    });
    expect(inspect(error)).toContain("requestId: 'req_1'");
    expect(inspect(caused)).toContain('request with ac_*** failed');
  });

  it('shows a cause that cannot be shown', () => {
    expect(new ConnectionError({ message: 'x', cause: Object.create(null) }).toJSON().cause).toBe(
      'a value that cannot be shown',
    );
    expect(new ConnectionError({ message: 'x', cause: 'reset' }).toJSON().cause).toBe('reset');
  });

  it('shows what refers to itself', () => {
    const details: Record<string, unknown> = { name: 'ring' };
    details.self = details;
    const ring = createAgentChatError({ code: 'BLOCKED', message: 'x', details }, 403);
    expect(() => [JSON.stringify(ring), inspect(ring)]).not.toThrow();
  });
});

describe('redactText', () => {
  it.each([
    [`key=${KEY}`, 'key=ac_***'],
    ['secret whsec_abcdefgh.', 'secret whsec_***.'],
    ['Authorization: Bearer abc.def', 'Authorization: Bearer ***'],
    ['nothing to hide in ac_ or back_up', 'nothing to hide in ac_ or back_up'],
  ])('%j becomes %j', (text, shown) => {
    expect(redactText(text)).toBe(shown);
  });
});
