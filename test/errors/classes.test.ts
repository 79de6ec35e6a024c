import { describe, expect, it, vi } from 'vitest';
import * as errors from '../../src/errors/index.js';

const { AgentChatClientError, AgentChatError } = errors;

/** Each class with an instance, the class that it extends, and what it says without being told more. */
const CLASSES: [
  name: string,
  error: errors.AgentChatClientError,
  parent: string,
  code: string,
  status: number | null,
  retryable: boolean,
  outcome: errors.Outcome,
][] = [
  [
    'AgentChatClientError',
    new errors.AgentChatClientError('x'),
    'AgentChatClientError',
    'INTERNAL_ERROR',
    null,
    false,
    'unknown',
  ],
  ['AbortedError', new errors.AbortedError('x'), 'AgentChatClientError', 'ABORTED', null, false, 'unknown'],
  [
    'ConnectionError',
    new errors.ConnectionError('x'),
    'AgentChatClientError',
    'CONNECTION_ERROR',
    null,
    true,
    'unknown',
  ],
  ['TimeoutError', new errors.TimeoutError('x'), 'ConnectionError', 'TIMEOUT', null, true, 'unknown'],
  [
    'ProtocolError',
    new errors.ProtocolError('x'),
    'AgentChatClientError',
    'PROTOCOL_ERROR',
    null,
    false,
    'unknown',
  ],
  [
    'WebhookVerificationError',
    new errors.WebhookVerificationError('bad_signature', 'x'),
    'AgentChatClientError',
    'WEBHOOK_VERIFICATION_FAILED',
    null,
    false,
    'rejected',
  ],
  [
    'AgentChatError',
    new errors.AgentChatError('x'),
    'AgentChatClientError',
    'INTERNAL_ERROR',
    500,
    true,
    'unknown',
  ],
  [
    'AwaitingReplyError',
    new errors.AwaitingReplyError('x'),
    'AgentChatError',
    'AWAITING_REPLY',
    403,
    false,
    'rejected',
  ],
  ['BlockedError', new errors.BlockedError('x'), 'AgentChatError', 'BLOCKED', 403, false, 'rejected'],
  ['ForbiddenError', new errors.ForbiddenError('x'), 'AgentChatError', 'FORBIDDEN', 403, false, 'rejected'],
  [
    'InboxRestrictedError',
    new errors.InboxRestrictedError('x'),
    'ForbiddenError',
    'INBOX_RESTRICTED',
    403,
    false,
    'rejected',
  ],
  [
    'PausedByOwnerError',
    new errors.PausedByOwnerError('x'),
    'ForbiddenError',
    'AGENT_PAUSED_BY_OWNER',
    403,
    false,
    'rejected',
  ],
  [
    'ConflictError',
    new errors.ConflictError('x'),
    'AgentChatError',
    'INTERNAL_ERROR',
    409,
    false,
    'rejected',
  ],
  [
    'EmailLimitReachedError',
    new errors.EmailLimitReachedError('x'),
    'ConflictError',
    'EMAIL_LIMIT_REACHED',
    409,
    false,
    'rejected',
  ],
  [
    'EmailExhaustedError',
    new errors.EmailExhaustedError('x'),
    'ConflictError',
    'EMAIL_EXHAUSTED',
    409,
    false,
    'rejected',
  ],
  [
    'HandleRequiredError',
    new errors.HandleRequiredError('x'),
    'ConflictError',
    'HANDLE_REQUIRED',
    409,
    false,
    'rejected',
  ],
  [
    'GroupDeletedError',
    new errors.GroupDeletedError('x'),
    'AgentChatError',
    'GROUP_DELETED',
    410,
    false,
    'rejected',
  ],
  ['NotFoundError', new errors.NotFoundError('x'), 'AgentChatError', 'NOT_FOUND', 404, false, 'rejected'],
  [
    'RateLimitedError',
    new errors.RateLimitedError('x'),
    'AgentChatError',
    'RATE_LIMITED',
    429,
    true,
    'rejected',
  ],
  [
    'RecipientBackloggedError',
    new errors.RecipientBackloggedError('x'),
    'AgentChatError',
    'RECIPIENT_BACKLOGGED',
    429,
    false,
    'rejected',
  ],
  [
    'RestrictedError',
    new errors.RestrictedError('x'),
    'AgentChatError',
    'RESTRICTED',
    403,
    false,
    'rejected',
  ],
  ['ServerError', new errors.ServerError('x'), 'AgentChatError', 'INTERNAL_ERROR', 500, true, 'unknown'],
  ['SuspendedError', new errors.SuspendedError('x'), 'AgentChatError', 'SUSPENDED', 403, false, 'rejected'],
  [
    'SystemAgentProtectedError',
    new errors.SystemAgentProtectedError('x'),
    'AgentChatError',
    'SYSTEM_AGENT_PROTECTED',
    409,
    false,
    'rejected',
  ],
  [
    'UnauthorizedError',
    new errors.UnauthorizedError('x'),
    'AgentChatError',
    'UNAUTHORIZED',
    401,
    false,
    'rejected',
  ],
  [
    'ValidationError',
    new errors.ValidationError('x'),
    'AgentChatError',
    'VALIDATION_ERROR',
    400,
    false,
    'not_sent',
  ],
];

type ErrorClass = abstract new (...args: never[]) => errors.AgentChatClientError;
const classNamed = (name: string) => (errors as unknown as Record<string, ErrorClass>)[name] as ErrorClass;

describe('the error classes', () => {
  it.each(CLASSES)(
    '%s descends from the root and says what it is',
    (name, error, parent, code, status, retryable, outcome) => {
      expect(error).toBeInstanceOf(Error);
      expect(error).toBeInstanceOf(AgentChatClientError);
      expect(error).toBeInstanceOf(classNamed(parent));
      expect(error).toBeInstanceOf(classNamed(name));
      expect(error).toMatchObject({ code, status, retryable, outcome, message: 'x' });
      expect(error).toMatchObject({ requestId: null, retryAfterMs: null });
      expect(error.name).toBe(name === 'AbortedError' ? 'AbortError' : name);
      expect(error.constructor.name).toBe(name);
      expect(error.stack).toContain(`${error.name}: x`);
      expect(error instanceof AgentChatError).toBe(status !== null);
    },
  );

  it.each(CLASSES)('%s is no instance of a class that it does not extend', (name, error, parent) => {
    const root = error.status === null ? [] : ['AgentChatError'];
    for (const [other] of CLASSES) {
      if (![name, parent, 'AgentChatClientError', ...root].includes(other))
        expect(error).not.toBeInstanceOf(classNamed(other));
    }
  });

  it.each([null, undefined, 0, 'error', {}, [], new Error('x'), () => undefined, Object.create(null)])(
    'no class takes %o for its own',
    (value) => {
      for (const [name] of CLASSES) expect(value instanceof classNamed(name)).toBe(false);
    },
  );

  it('no class takes what throws when it is looked at for its own, nor throws itself', () => {
    class Mine extends errors.BlockedError {}
    const fail = () => {
      throw new Error('a trap was touched');
    };
    const trap = new Proxy(
      {},
      { get: fail, has: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail },
    );
    for (const [name] of CLASSES) expect(trap instanceof classNamed(name)).toBe(false);
    expect(trap instanceof Mine).toBe(false);
  });

  it('classes that a user derives work as classes do', () => {
    class Mine extends errors.BlockedError {}
    const mine = new Mine('x');
    expect(mine).toBeInstanceOf(Mine);
    expect(mine).toBeInstanceOf(errors.BlockedError);
    expect(mine).toBeInstanceOf(AgentChatError);
    expect(new errors.BlockedError('x')).not.toBeInstanceOf(Mine);
    expect(new errors.RateLimitedError('x')).not.toBeInstanceOf(Mine);
  });

  it('instanceof recognises an error of the other copy of this package, subclasses too', () => {
    // What the CommonJS copy makes: another class object, the same brand.
    const foreign = Object.defineProperty(
      new Error('from the other copy'),
      Symbol.for('agentchat-client.error'),
      {
        value: ['TimeoutError', 'ConnectionError', 'AgentChatClientError'],
      },
    );
    expect(foreign).toBeInstanceOf(AgentChatClientError);
    expect(foreign).toBeInstanceOf(errors.ConnectionError);
    expect(foreign).toBeInstanceOf(errors.TimeoutError);
    expect(foreign).not.toBeInstanceOf(errors.RateLimitedError);
    expect(errors.isConnectionError(foreign)).toBe(true);
  });

  it('a second copy of the module recognises the errors of the first', async () => {
    vi.resetModules();
    const copy: typeof errors = await import('../../src/errors/index.js');
    expect(copy.RateLimitedError).not.toBe(errors.RateLimitedError);
    expect(new errors.RateLimitedError('x')).toBeInstanceOf(copy.RateLimitedError);
    expect(new copy.RateLimitedError('x')).toBeInstanceOf(errors.AgentChatError);
    expect(new copy.RateLimitedError('x')).not.toBeInstanceOf(errors.BlockedError);
  });

  it('tells by the status whether a call may have taken effect', () => {
    const outcomes = [400, 401, 403, 404, 408, 409, 429, 500, 503].map(
      (status) => new AgentChatError({ message: 'x', status }).outcome,
    );
    const rejected = 'rejected';
    expect(outcomes).toEqual([
      rejected,
      rejected,
      rejected,
      rejected,
      'unknown',
      rejected,
      rejected,
      'unknown',
      'unknown',
    ]);
  });

  it('believes what it is told over what it could tell', () => {
    const error = new errors.ConnectionError({
      message: 'x',
      outcome: 'not_sent',
      retryable: false,
      code: 'DNS',
    });
    expect(error).toMatchObject({ outcome: 'not_sent', retryable: false, code: 'DNS' });
  });

  it('names the field of a ValidationError', () => {
    expect(new errors.ValidationError({ message: 'x', field: 'content.text' }).field).toBe('content.text');
    expect(
      new errors.ValidationError({ message: 'x', details: { fieldErrors: { to: ['required'] } } }).field,
    ).toBe('to');
    expect(new errors.ValidationError('x').field).toBeUndefined();
  });

  it('reads its fields from the details, and takes none of a wrong type', () => {
    expect(
      new errors.AwaitingReplyError({
        message: 'x',
        details: { recipient_handle: 'bob', waiting_since: '2026' },
      }),
    ).toMatchObject({ recipientHandle: 'bob', waitingSince: '2026' });
    expect(
      new errors.RecipientBackloggedError({
        message: 'x',
        details: { recipient_handle: 7, undelivered_count: '7' },
      }),
    ).toMatchObject({ recipientHandle: null, undeliveredCount: null });
    const handles = ['zoe', 'alice'];
    expect(new errors.HandleRequiredError({ message: 'x', details: { handles } }).handles).toEqual(handles);
    expect(new errors.HandleRequiredError({ message: 'x', details: { handles: ['a', 7] } }).handles).toEqual([
      'a',
    ]);
    expect(new errors.HandleRequiredError({ message: 'x', details: { handles: 'a' } }).handles).toEqual([]);
    expect(
      new errors.InboxRestrictedError({ message: 'x', details: { handle: 'bob' } }).recipientHandle,
    ).toBe('bob');
    expect(new errors.WebhookVerificationError('timestamp_skew')).toMatchObject({ reason: 'timestamp_skew' });
  });

  it('keeps the cause', () => {
    const cause = new TypeError('fetch failed');
    expect(new errors.ConnectionError({ message: 'x', cause }).cause).toBe(cause);
    expect('cause' in new errors.ConnectionError('x')).toBe(false);
  });
});

describe('the guards', () => {
  it('tell the errors that a program treats apart', () => {
    expect(errors.isAgentChatError(new errors.BlockedError('x'))).toBe(true);
    expect(errors.isAgentChatError(new Error('x'))).toBe(false);
    expect(errors.isAgentChatError(new errors.ConnectionError('x'))).toBe(false);
    expect(errors.isAgentChatClientError(new errors.ConnectionError('x'))).toBe(true);
    expect(errors.isRateLimited(new errors.RateLimitedError('x'))).toBe(true);
    expect(errors.isRateLimited(new errors.RecipientBackloggedError('x'))).toBe(false);
    expect(errors.isNotFound(new errors.NotFoundError('x'))).toBe(true);
    expect(errors.isUnauthorized(new errors.UnauthorizedError('x'))).toBe(true);
    expect(errors.isConnectionError(new errors.TimeoutError('x'))).toBe(true);
  });

  it.each<[(error: unknown) => boolean, errors.AgentChatClientError]>([
    [errors.isAborted, new errors.AbortedError('x')],
    [errors.isAwaitingReply, new errors.AwaitingReplyError('x')],
    [errors.isBlocked, new errors.BlockedError('x')],
    [errors.isConflict, new errors.HandleRequiredError('x')],
    [errors.isForbidden, new errors.PausedByOwnerError('x')],
    [errors.isGroupDeleted, new errors.GroupDeletedError('x')],
    [errors.isRecipientBacklogged, new errors.RecipientBackloggedError('x')],
    [errors.isServerError, new errors.ServerError('x')],
    [errors.isTimeout, new errors.TimeoutError('x')],
    [errors.isValidationError, new errors.ValidationError('x')],
  ])('%o knows its own and no other', (guard, error) => {
    expect(guard(error)).toBe(true);
    expect(guard(new errors.NotFoundError('x'))).toBe(false);
    expect(guard(undefined)).toBe(false);
  });

  it('mayHaveHappened errs on the safe side', () => {
    expect(errors.mayHaveHappened(new errors.ValidationError('x'))).toBe(false);
    expect(errors.mayHaveHappened(new AgentChatError({ message: 'x', status: 403 }))).toBe(false);
    expect(errors.mayHaveHappened(new AgentChatError({ message: 'x', status: 502 }))).toBe(true);
    expect(errors.mayHaveHappened(new errors.TimeoutError('x'))).toBe(true);
    expect(errors.mayHaveHappened('anything else')).toBe(true);
  });
});
