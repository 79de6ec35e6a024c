import { describe, expect, it } from 'vitest';
import {
  backoffMs,
  DEFAULT_RETRY_POLICY,
  decideRetry,
  type FailureFacts,
} from '../../src/http/retry-policy.js';

const facts = (some: Partial<FailureFacts>): FailureFacts => ({
  failures: 1,
  retriable: true,
  retryAfterMs: null,
  remainingMs: Number.POSITIVE_INFINITY,
  ...some,
});
const decide = (some: Partial<FailureFacts>, random = 0.5) =>
  decideRetry(DEFAULT_RETRY_POLICY, facts(some), random);

describe('retry policy', () => {
  it('backs off 250 ms x 2^n, a quarter of jitter either way, never beyond the cap', () => {
    const middle = [1, 2, 3, 4, 5, 6, 7, 1_000].map((failures) =>
      backoffMs(DEFAULT_RETRY_POLICY, failures, 0.5),
    );
    expect(middle).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    expect(backoffMs(DEFAULT_RETRY_POLICY, 2, 0)).toBe(375);
    expect(backoffMs(DEFAULT_RETRY_POLICY, 2, 0.999999)).toBe(625);
    expect(backoffMs(DEFAULT_RETRY_POLICY, 9, 0)).toBe(6_000);
    expect(backoffMs(DEFAULT_RETRY_POLICY, 9, 0.999999)).toBe(8_000);
  });

  it('makes 1 + 3 attempts', () => {
    expect([1, 2, 3, 4].map((failures) => decide({ failures }).kind)).toEqual([
      'retry',
      'retry',
      'retry',
      'stop',
    ]);
  });

  it('never undercuts a hint, and waits at least the backoff', () => {
    expect(decide({ retryAfterMs: 5_000 })).toEqual({ kind: 'retry', delayMs: 5_000 });
    expect(decide({ retryAfterMs: 8_000 })).toEqual({ kind: 'retry', delayMs: 8_000 });
    expect(decide({ retryAfterMs: 0 })).toEqual({ kind: 'retry', delayMs: 250 });
    for (let random = 0; random < 1; random += 0.01) {
      for (const retryAfterMs of [0, 1, 249, 1_000, 7_999, 8_000]) {
        const verdict = decide({ retryAfterMs, failures: 3 }, random);
        expect(verdict.kind === 'retry' && verdict.delayMs >= retryAfterMs).toBe(true);
      }
    }
  });

  it.each([8_001, 90_000, 2 ** 31, Number.MAX_SAFE_INTEGER])(
    'stops at once at a hint of %d ms',
    (retryAfterMs) => {
      expect(decide({ retryAfterMs })).toEqual({ kind: 'stop', why: 'hint_too_long' });
    },
  );

  it('stops at once when the deadline falls into the pause', () => {
    expect(decide({ remainingMs: 250 })).toEqual({ kind: 'stop', why: 'deadline' });
    expect(decide({ remainingMs: 251 })).toEqual({ kind: 'retry', delayMs: 250 });
    expect(decide({ remainingMs: 4_000, retryAfterMs: 5_000 })).toEqual({ kind: 'stop', why: 'deadline' });
    expect(decide({ remainingMs: -1 })).toEqual({ kind: 'stop', why: 'deadline' });
  });

  it('stops at what is final by nature', () => {
    expect(decide({ retriable: false, retryAfterMs: 10 })).toEqual({ kind: 'stop', why: 'not_retriable' });
  });
});
