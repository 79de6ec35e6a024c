import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apiErrorSchema, findProblems, readErrorBody } from '../../src/wire/index.js';
import { junk, nearly } from './junk.js';

describe('readErrorBody', () => {
  it('reads the flat body', () => {
    const body = { code: 'AWAITING_REPLY', message: 'Not yet', details: { recipient_handle: 'alice' } };
    expect(readErrorBody(body, 403)).toEqual({ ...body, recognised: true });
  });

  it('unwraps a body that is nested under "error"', () => {
    expect(readErrorBody({ error: { code: 'BLOCKED', message: 'No' } }, 403)).toEqual({
      code: 'BLOCKED',
      message: 'No',
      recognised: true,
    });
  });

  it('keeps what stands beside the code in details, which go first', () => {
    const body = {
      code: 'GROUP_DELETED',
      message: 'Gone',
      group_id: 'grp_1',
      details: { group_id: 'grp_2' },
      extra: 1,
    };
    expect(readErrorBody(body, 410).details).toEqual({ group_id: 'grp_2', extra: 1 });
  });

  it('keeps a code that it does not know', () => {
    expect(readErrorBody({ code: 'MOON_PHASE', message: 'Wait' }, 418).code).toBe('MOON_PHASE');
  });

  it('does without a message', () => {
    expect(readErrorBody({ code: 'BLOCKED' }, 403).message).toBe('HTTP 403, BLOCKED');
  });

  it.each([
    [400, 'VALIDATION_ERROR'],
    [401, 'UNAUTHORIZED'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [409, 'HTTP_409'],
    [410, 'HTTP_410'],
    [413, 'PAYLOAD_TOO_LARGE'],
    [422, 'VALIDATION_ERROR'],
    [429, 'RATE_LIMITED'],
    [500, 'INTERNAL_ERROR'],
    [503, 'INTERNAL_ERROR'],
  ])("takes the code from the status when the body is not the service's: %d is %s", (status, code) => {
    expect(readErrorBody('<html>proxy</html>', status)).toMatchObject({ code, recognised: false });
  });

  it('says what came instead, and keeps a piece of it', () => {
    const page = `<!DOCTYPE html>${'x'.repeat(5_000)}`;
    const read = readErrorBody(page, 404);
    expect(read.message).toBe('HTTP 404 with an HTML page of 5015 characters instead of an AgentChat error');
    expect(String(read.details?.body)).toHaveLength(1_003);
    expect(readErrorBody('down for tea', 503).message).toContain('a text of 12 characters');
    expect(readErrorBody(undefined, 503)).toEqual({
      code: 'INTERNAL_ERROR',
      message: 'HTTP 503 with an empty body',
      recognised: false,
    });
    expect(readErrorBody({ oops: true }, 500).details).toEqual({ body: { oops: true } });
  });

  it.each([
    ['null', null],
    ['an array', [{ code: 'BLOCKED' }]],
    ['a numeric code', { code: 7, message: 'x' }],
    ['an empty code', { code: '', message: 'x' }],
    ['a nested error without a code', { error: { message: 'x' } }],
    ['an error text', { error: 'x' }],
  ])('does not recognise %s', (_, body) => {
    expect(readErrorBody(body, 404)).toMatchObject({ code: 'NOT_FOUND', recognised: false });
  });

  it('is total, and what it returns is an error body', () => {
    const body = fc.oneof(junk, nearly(['code', 'message', 'details', 'error', 'group_id', '__proto__']));
    fc.assert(
      fc.property(body, fc.oneof(fc.integer({ min: 100, max: 599 }), fc.integer()), (value, status) => {
        const { recognised, ...read } = readErrorBody(value, status);
        expect(findProblems(apiErrorSchema, read)).toEqual([]);
        expect(recognised).toBeTypeOf('boolean');
      }),
      { numRuns: 1_000 },
    );
  });
});
