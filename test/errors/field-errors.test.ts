import { describe, expect, it } from 'vitest';
import { createAgentChatError, ValidationError } from '../../src/errors/index.js';

const refused = (fieldErrors: unknown, message = 'Request validation failed') =>
  createAgentChatError(
    { code: 'VALIDATION_ERROR', message, details: { fieldErrors } },
    400,
  ) as ValidationError;

describe('the message of a request that the service refuses', () => {
  it('says what is wrong with which field', () => {
    const error = refused({ to: ['Unknown handle'], content: ['Required', 'Must be an object'] });
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toBe(
      'Request validation failed. `to`: Unknown handle; `content`: Required. ' +
        'Correct the request; `details` says what is wrong with it.',
    );
    expect(error.field).toBe('to');
  });

  it('takes a text for a list of one, and leaves out what is no text', () => {
    expect(refused({ to: 'too long', at: [7], '': [], by: [' '] }).message).toContain(
      'failed. `to`: too long. Correct',
    );
  });

  it('names three fields at most, and quotes little of each', () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`f${n}`, ['x'.repeat(9_000)]]));
    const { message } = refused(many);
    expect(message).toContain('`f2`');
    expect(message).not.toContain('`f3`');
    expect(message).toContain('; and 47 more.');
    expect(message.length).toBeLessThan(1_000);
  });

  it.each([undefined, null, 'text', 7, [], ['a'], {}])('is as ever when fieldErrors is %j', (fieldErrors) => {
    expect(refused(fieldErrors).message).toBe(
      'Request validation failed. Correct the request; `details` says what is wrong with it.',
    );
  });

  it('shows no secret that the service echoes', () => {
    expect(refused({ api_key: ['ac_live_S3cr3tS3cr3t is not valid'] }).message).not.toContain('S3cr3t');
    expect(refused({ code: '123456 is wrong' }).message).not.toContain('123456');
  });
});
