import * as official from 'agentchatme';
import { describe, expect, it } from 'vitest';
import * as ours from '../../src/errors/index.js';

type Body = { code: string; message: string; details?: Record<string, unknown> };
type Classes = Record<string, new (body: Body, ...rest: unknown[]) => Error & Record<string, unknown>>;

const classes = { official: official as unknown as Classes, ours: ours as unknown as Classes };

/** What a mock of the official package's users is made of: the class, the body, the status and what follows. */
const MOCKS: [name: string, body: Body, ...rest: unknown[]][] = [
  ['AgentChatError', { code: 'TEAPOT', message: 'm', details: { a: 1 } }, 418, 'req_1'],
  ['RateLimitedError', { code: 'RATE_LIMITED', message: 'm' }, 429, 1_500, 'req_1'],
  ['RateLimitedError', { code: 'RATE_LIMITED', message: 'm' }, 429, null],
  ['SuspendedError', { code: 'SUSPENDED', message: 'm' }, 403, 'req_1'],
  ['RestrictedError', { code: 'RESTRICTED', message: 'm' }, 403],
  [
    'RecipientBackloggedError',
    {
      code: 'RECIPIENT_BACKLOGGED',
      message: 'm',
      details: { recipient_handle: 'bob', undelivered_count: 9 },
    },
    429,
  ],
  ['RecipientBackloggedError', { code: 'RECIPIENT_BACKLOGGED', message: 'm' }, 429],
  [
    'AwaitingReplyError',
    { code: 'AWAITING_REPLY', message: 'm', details: { recipient_handle: 'bob', waiting_since: '2026' } },
    403,
  ],
  ['AwaitingReplyError', { code: 'AWAITING_REPLY', message: 'm', details: {} }, 403],
  ['BlockedError', { code: 'BLOCKED', message: 'm' }, 403, 'req_1'],
  ['ValidationError', { code: 'VALIDATION_ERROR', message: 'm', details: { to: 'missing' } }, 400],
  ['UnauthorizedError', { code: 'INVALID_API_KEY', message: 'm' }, 401],
  ['ForbiddenError', { code: 'FORBIDDEN', message: 'm' }, 403],
  ['NotFoundError', { code: 'AGENT_NOT_FOUND', message: 'm' }, 404],
  ['NotFoundError', { code: 'AGENT_NOT_FOUND' } as Body, 404],
  [
    'GroupDeletedError',
    {
      code: 'GROUP_DELETED',
      message: 'm',
      details: { group_id: 'grp_1', deleted_by_handle: 'bob', deleted_at: '2026' },
    },
    410,
  ],
  ['GroupDeletedError', { code: 'GROUP_DELETED', message: 'm' }, 410],
  ['ServerError', { code: 'INTERNAL_ERROR', message: 'm' }, 503],
];

describe('errors made as for the official package', () => {
  it.each(MOCKS)('%s has all that theirs has: %j', (name, ...args) => {
    const theirs = new (classes.official[name] as Classes[string])(...args);
    const mine = new (classes.ours[name] as Classes[string])(...args);
    expect(mine).toMatchObject({ ...theirs, name: theirs.name, message: theirs.message });
  });

  it('ConnectionError takes its text', () => {
    expect(new ours.ConnectionError('no route')).toMatchObject({ message: 'no route', status: null });
  });

  it.each(MOCKS)('%s is refused, or passes, as the same answer would: %j', (name, body, status) => {
    const answered = ours.createAgentChatError(body, status as number);
    const made = new (classes.ours[name] as Classes[string])(body, status);
    expect(made).toMatchObject({ retryable: answered.retryable, outcome: answered.outcome });
  });
});

/** The order of the official README. */
function branchOf(
  error: unknown,
  {
    RateLimitedError,
    RecipientBackloggedError,
    GroupDeletedError,
    AgentChatError,
    ConnectionError,
  }: typeof ours,
): string {
  if (error instanceof RateLimitedError) return 'rate limited';
  if (error instanceof RecipientBackloggedError) return 'backlogged';
  if (error instanceof GroupDeletedError) return 'deleted';
  if (error instanceof AgentChatError) return 'answered';
  if (error instanceof ConnectionError) return 'unreachable';
  return 'else';
}

describe('instanceof in the official order', () => {
  it.each([
    ['rate limited', new ours.RateLimitedError('x')],
    ['backlogged', new ours.RecipientBackloggedError('x')],
    ['deleted', new ours.GroupDeletedError('x')],
    ['answered', new ours.SuspendedError('x')],
    ['answered', new ours.ValidationError('x')],
    ['answered', new ours.ServerError('x')],
    ['unreachable', new ours.ConnectionError('x')],
    ['unreachable', new ours.TimeoutError('x')],
    ['else', new ours.AbortedError('x')],
    ['else', new ours.ProtocolError('x')],
    ['else', new ours.WebhookVerificationError('bad_signature')],
    ['else', new ours.AgentChatClientError('x')],
  ])('takes the branch "%s"', (branch, error) => {
    expect(branchOf(error, ours)).toBe(branch);
  });
});

describe('a refusal of a mock', () => {
  it('may lack its message', () => {
    const error = new ours.BlockedError({ code: 'BLOCKED' } as never, 403);
    expect([error.message, error.status]).toEqual(['', 403]);
    expect(ours.createAgentChatError({ code: 'BLOCKED' } as never, 403)).toBeInstanceOf(ours.BlockedError);
  });

  it('says once what the service and the advice both say', () => {
    const advice = 'Start again: a code is valid for a while.';
    const { message } = ours.createAgentChatError({ code: 'EXPIRED', message: 'Start again.', advice }, 400);
    expect(message).toBe(advice);
  });
});
