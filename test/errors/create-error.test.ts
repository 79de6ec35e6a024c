import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentChatError, ConflictError, createAgentChatError } from '../../src/errors/index.js';
import { ErrorCode, readErrorBody } from '../../src/wire/index.js';
import { junk, nearly } from '../wire/junk.js';

/** For each code: the status that the service sends with it, the class, and whether a repeat could help. */
const CODES: Readonly<Record<ErrorCode, readonly [number, string, 'retryable' | 'final']>> = {
  VALIDATION_ERROR: [400, 'ValidationError', 'final'],
  INVALID_HANDLE: [400, 'ValidationError', 'final'],
  INVALID_CODE: [400, 'ValidationError', 'final'],
  EXPIRED: [400, 'ValidationError', 'final'],
  IDEMPOTENCY_KEY_INVALID: [400, 'ValidationError', 'final'],
  UNAUTHORIZED: [401, 'UnauthorizedError', 'final'],
  INVALID_API_KEY: [401, 'UnauthorizedError', 'final'],
  FORBIDDEN: [403, 'ForbiddenError', 'final'],
  BLOCKED: [403, 'BlockedError', 'final'],
  INBOX_RESTRICTED: [403, 'InboxRestrictedError', 'final'],
  AWAITING_REPLY: [403, 'AwaitingReplyError', 'final'],
  RESTRICTED: [403, 'RestrictedError', 'final'],
  AGENT_RESTRICTED: [403, 'RestrictedError', 'final'],
  ACCOUNT_RESTRICTED: [403, 'RestrictedError', 'final'],
  SUSPENDED: [403, 'SuspendedError', 'final'],
  AGENT_SUSPENDED: [403, 'SuspendedError', 'final'],
  ACCOUNT_SUSPENDED: [403, 'SuspendedError', 'final'],
  AGENT_PAUSED_BY_OWNER: [403, 'PausedByOwnerError', 'final'],
  AGENT_NOT_FOUND: [404, 'NotFoundError', 'final'],
  CONVERSATION_NOT_FOUND: [404, 'NotFoundError', 'final'],
  MESSAGE_NOT_FOUND: [404, 'NotFoundError', 'final'],
  NOT_FOUND: [404, 'NotFoundError', 'final'],
  OWNER_NOT_FOUND: [404, 'NotFoundError', 'final'],
  CLAIM_NOT_FOUND: [404, 'NotFoundError', 'final'],
  PENDING_NOT_FOUND: [404, 'NotFoundError', 'final'],
  HANDLE_TAKEN: [409, 'ConflictError', 'final'],
  EMAIL_LIMIT_REACHED: [409, 'EmailLimitReachedError', 'final'],
  EMAIL_EXHAUSTED: [409, 'EmailExhaustedError', 'final'],
  EMAIL_TAKEN: [409, 'EmailLimitReachedError', 'final'],
  HANDLE_REQUIRED: [409, 'HandleRequiredError', 'final'],
  ALREADY_REPORTED: [409, 'ConflictError', 'final'],
  ALREADY_CLAIMED: [409, 'ConflictError', 'final'],
  SYSTEM_AGENT_PROTECTED: [409, 'SystemAgentProtectedError', 'final'],
  IDEMPOTENT_IN_PROGRESS: [409, 'ConflictError', 'retryable'],
  GROUP_DELETED: [410, 'GroupDeletedError', 'final'],
  PAYLOAD_TOO_LARGE: [413, 'ValidationError', 'final'],
  IDEMPOTENCY_KEY_CONFLICT: [422, 'ValidationError', 'final'],
  RATE_LIMITED: [429, 'RateLimitedError', 'retryable'],
  COLD_CAP_EXCEEDED: [429, 'RateLimitedError', 'final'],
  COLD_OUTREACH_CAP_EXCEEDED: [429, 'RateLimitedError', 'final'],
  OTP_COOLDOWN: [429, 'RateLimitedError', 'retryable'],
  RECIPIENT_BACKLOGGED: [429, 'RecipientBackloggedError', 'final'],
  OTP_FAILED: [503, 'ServerError', 'final'],
  INTERNAL_ERROR: [500, 'ServerError', 'retryable'],
  WEBHOOK_DELIVERY_FAILED: [502, 'ServerError', 'retryable'],
};

const rows = Object.entries(CODES).map(([code, row]) => [code, ...row] as const);

describe('createAgentChatError', () => {
  it('has an answer for every code of the service', () => {
    expect(rows.map(([code]) => code).toSorted()).toEqual(Object.values(ErrorCode).toSorted());
  });

  it.each(rows)('%s (%d) is a %s, %s', (code, status, name, repeat) => {
    const error = createAgentChatError({ code, message: 'It did not work', status });
    expect(error).toMatchObject({ name, code, status, retryable: repeat === 'retryable' });
    expect(error.outcome).toBe(status >= 500 ? 'unknown' : 'rejected');
  });

  it.each(rows)('%s says what happened and what to do about it', (code, status) => {
    const { message } = createAgentChatError({ code, message: 'It did not work', status });
    expect(message).toMatch(/^It did not work\. [A-Z].{15,}[.)]$/);
    expect(message).not.toContain('does not know the code');
  });

  it.each([
    [400, 'ValidationError', false],
    [401, 'UnauthorizedError', false],
    [403, 'ForbiddenError', false],
    [404, 'NotFoundError', false],
    [408, 'AgentChatError', true],
    [409, 'ConflictError', false],
    [413, 'ValidationError', false],
    [418, 'AgentChatError', false],
    [422, 'ValidationError', false],
    [425, 'AgentChatError', true],
    [429, 'RateLimitedError', true],
    [500, 'ServerError', true],
    [501, 'ServerError', false],
    [503, 'ServerError', true],
    [504, 'ServerError', true],
  ])('takes the class of an unknown code from the status: %d is a %s', (status, name, retryable) => {
    const error = createAgentChatError({ code: 'MOON_PHASE', message: 'Wait', status });
    expect(error).toMatchObject({ name, code: 'MOON_PHASE', status, retryable });
  });

  it.each(['constructor', '__proto__', 'toString', ''])('treats the code %j as any unknown one', (code) => {
    expect(createAgentChatError({ code, message: 'x', status: 500 })).toMatchObject({
      name: 'ServerError',
      code,
    });
  });

  it('believes the code over the status', () => {
    expect(createAgentChatError({ code: 'CONVERSATION_NOT_FOUND', message: 'x', status: 409 }).name).toBe(
      'NotFoundError',
    );
    expect(createAgentChatError({ code: 'AWAITING_REPLY', message: 'x', status: 429 })).toMatchObject({
      name: 'AwaitingReplyError',
      retryable: false,
    });
  });

  it.each([409, 429, 503])('an exhausted address is final, also with status %d', (status) => {
    const body = { code: 'EMAIL_EXHAUSTED', message: 'x', details: { retry_after_ms: 5 } };
    expect(createAgentChatError(body, status)).toMatchObject({
      name: 'EmailExhaustedError',
      retryable: false,
    });
  });

  it.each(['EMAIL_LIMIT_REACHED', 'EMAIL_EXHAUSTED'])('%s tells the limit, or null', (code) => {
    const limited = (details?: Record<string, unknown>) =>
      createAgentChatError({ code, message: 'x', details }, 409);
    expect(limited({ limit: 10 })).toMatchObject({ limit: 10 });
    for (const details of [undefined, {}, { limit: '10' }])
      expect(limited(details)).toMatchObject({ limit: null });
    expect(limited()).toBeInstanceOf(ConflictError);
  });

  it('any code that ends in _NOT_FOUND is a NotFoundError', () => {
    expect(createAgentChatError({ code: 'PLANET_NOT_FOUND', message: 'x', status: 409 }).name).toBe(
      'NotFoundError',
    );
  });

  it('takes status and headers apart, as the official SDK does', () => {
    const headers = new Headers({ 'x-request-id': 'req_1', 'retry-after': '3' });
    const error = createAgentChatError({ code: 'RATE_LIMITED', message: 'Too fast!' }, 429, headers);
    expect(error).toMatchObject({
      name: 'RateLimitedError',
      status: 429,
      requestId: 'req_1',
      retryAfterMs: 3_000,
    });
    expect(error.message).toBe('Too fast! Wait 3 s, then try again.');
  });

  it('takes the hint in the details where there is no header', () => {
    const response = { code: 'RATE_LIMITED', message: 'x', details: { retry_after_ms: 1_500 } };
    expect(createAgentChatError(response, 429).retryAfterMs).toBe(1_500);
    expect(createAgentChatError(response, 429, new Headers({ 'retry-after': '9' })).retryAfterMs).toBe(9_000);
    for (const hint of [-1, '1500', null, Number.NaN]) {
      const details = { retry_after_ms: hint };
      expect(
        createAgentChatError({ code: 'RATE_LIMITED', message: 'x', details }, 429).retryAfterMs,
      ).toBeNull();
    }
  });

  it('finds the tombstone of a group in the details, then beside the code', () => {
    const tombstone = {
      group_id: 'grp_1',
      deleted_by_handle: 'alice',
      deleted_at: '2026-07-12T18:04:11.482Z',
    };
    const fields = { groupId: 'grp_1', deletedByHandle: 'alice', deletedAt: '2026-07-12T18:04:11.482Z' };
    const body = { code: 'GROUP_DELETED', message: 'Gone' };
    expect(createAgentChatError({ ...body, details: tombstone }, 410)).toMatchObject(fields);
    expect(createAgentChatError({ ...body, ...tombstone }, 410)).toMatchObject(fields);
    const both = { ...body, group_id: 'grp_2', details: { group_id: 'grp_1' } };
    expect(createAgentChatError(both, 410)).toMatchObject({ groupId: 'grp_1' });
  });

  it('carries the fields of the codes that have some', () => {
    const details = {
      recipient_handle: 'bob',
      undelivered_count: 10_000,
      waiting_since: '2026-07-12T18:04:11.482Z',
    };
    expect(createAgentChatError({ code: 'RECIPIENT_BACKLOGGED', message: 'x', details }, 429)).toMatchObject({
      recipientHandle: 'bob',
      undeliveredCount: 10_000,
    });
    expect(createAgentChatError({ code: 'AWAITING_REPLY', message: 'x', details }, 403)).toMatchObject({
      recipientHandle: 'bob',
      waitingSince: details.waiting_since,
    });
    const fieldErrors = { 'content.text': ['too long'] };
    expect(
      createAgentChatError({ code: 'VALIDATION_ERROR', message: 'x', details: { fieldErrors } }, 400),
    ).toMatchObject({
      field: 'content.text',
    });
  });

  it('makes an error of whatever a server answers', () => {
    const body = fc.oneof(junk, nearly(['code', 'message', 'details', 'error', 'group_id']));
    fc.assert(
      fc.property(body, fc.integer({ min: 300, max: 599 }), (value, status) => {
        const error = createAgentChatError(readErrorBody(value, status), status);
        expect(error).toBeInstanceOf(AgentChatError);
        expect(error.status).toBe(status);
        expect(error.message).not.toBe('');
        expect(() => JSON.stringify(error.toJSON().code)).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });
});
