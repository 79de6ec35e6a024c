import { describe, expect, it } from 'vitest';
import * as wire from '../../src/wire/index.js';

describe('the limits', () => {
  it('are the numbers of the service', () => {
    const numbers = Object.fromEntries(
      Object.entries(wire).filter(([name, value]) => /^[A-Z0-9_]+$/.test(name) && typeof value === 'number'),
    );
    expect(numbers).toEqual({
      ATTACHMENT_FILENAME_MAX_LENGTH: 255,
      BACKLOG_HARD_LIMIT: 10_000,
      BACKLOG_SOFT_LIMIT: 5_000,
      COLD_OUTREACH_PER_DAY: 100,
      CONTACT_NOTES_MAX_LENGTH: 1_000,
      DIRECTORY_OFFSET_MAX: 10_000,
      DIRECTORY_PAGE_DEFAULT: 20,
      DIRECTORY_PAGE_MAX: 50,
      DIRECTORY_QUERY_MAX_LENGTH: 50,
      DIRECTORY_QUERY_MIN_LENGTH: 2,
      DIRECTORY_RATE_PER_DAY: 1_000,
      DIRECTORY_RATE_PER_MINUTE: 60,
      GROUP_DESCRIPTION_MAX_LENGTH: 500,
      GROUP_INITIAL_MEMBERS_MAX: 255,
      GROUP_MEMBERS_MAX: 256,
      GROUP_NAME_MAX_LENGTH: 100,
      GROUP_RATE_PER_SECOND: 20,
      HANDLE_MAX_LENGTH: 30,
      HANDLE_MIN_LENGTH: 3,
      HELLO_DEADLINE_MS: 5_000,
      HELLO_OK_TIMEOUT_MS: 4_000,
      HISTORY_PAGE_DEFAULT: 50,
      HISTORY_PAGE_MAX: 200,
      IDEMPOTENCY_WINDOW_MS: 86_400_000,
      MAX_ATTACHMENT_SIZE: 26_214_400,
      MAX_AVATAR_BYTES: 5_242_880,
      MAX_CLIENT_MSG_ID_LENGTH: 128,
      MAX_MESSAGE_BYTES: 32_768,
      MAX_SERVER_FRAME_BYTES: 2_097_152,
      OTP_COOLDOWN_MS: 60_000,
      OTP_DIGITS: 6,
      OTP_LIFETIME_MS: 600_000,
      OTP_MAX_ATTEMPTS: 5,
      OTP_PER_HOUR: 20,
      PRESENCE_BATCH_MAX: 100,
      PRESENCE_MESSAGE_MAX_LENGTH: 200,
      RECOVERIES_PER_HOUR: 3,
      REGISTRATIONS_PER_HOUR: 5,
      SEND_RATE_PER_SECOND: 60,
      SERVER_PING_INTERVAL_MS: 45_000,
      SERVER_PONG_DEADLINE_MS: 30_000,
      SYNC_PAGE_DEFAULT: 200,
      SYNC_PAGE_MAX: 500,
      SYNC_POLLING_FLOOR_MS: 15_000,
      VERIFICATIONS_PER_10_MINUTES: 10,
      WEBHOOK_TOLERANCE_SECONDS: 300,
    });
  });

  it('allow fourteen kinds of attachment, and none that a browser would run', () => {
    expect(wire.ALLOWED_ATTACHMENT_MIME).toHaveLength(14);
    for (const kind of ['text/html', 'image/svg+xml', 'application/octet-stream']) {
      expect(wire.ALLOWED_ATTACHMENT_MIME).not.toContain(kind);
    }
  });

  it.each([
    ['12345678', true],
    ['a-B_9'.repeat(2), true],
    ['x'.repeat(128), true],
    ['1234567', false],
    ['x'.repeat(129), false],
    ['12345678 ', false],
    ['12345678\n', false],
    ['äbcdefgh', false],
  ])('take %j as an idempotency key: %s', (key, fits) => {
    expect(wire.IDEMPOTENCY_KEY_PATTERN.test(key)).toBe(fits);
  });

  it('every error code is spelled as its name', () => {
    for (const [name, code] of Object.entries(wire.ErrorCode)) expect(code).toBe(name);
  });
});
