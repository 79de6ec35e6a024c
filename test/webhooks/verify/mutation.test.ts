import { describe, expect, it } from 'vitest';
import {
  type VerifiedWebhook,
  type VerifyWebhookOptions,
  WebhookVerificationError,
} from '../../../src/webhooks/index.js';
import { nodeCrypto, verifyInNode } from '../../../src/webhooks/node-hmac.js';
import { readRequest } from '../../../src/webhooks/request.js';
import { mulberry32 } from '../../support/mulberry32.js';
import { Dice, mutatedRequest, type Sent, sentRequests } from './mutation.js';
import { WAYS } from './ways.js';

/**
 * No mutation of header or body of a genuine request verifies with other bytes or with another time.
 *
 * `WEBHOOK_MUTATIONS=5000000 npm test -- test/webhooks/verify/mutation` for more of them, `WEBHOOK_SEED=7` to see a
 * failure again.
 */
const COUNT = Number(process.env.WEBHOOK_MUTATIONS ?? 200_000);
const SEED = Number(process.env.WEBHOOK_SEED ?? Date.now() % 2 ** 32);
/** All of them once with node:crypto and once with Web Crypto; a tenth of them in the other ways. */
const countOf = (name: string) => (name.startsWith('through') ? COUNT : Math.ceil(COUNT / 10));
const ALL_WAYS = WAYS.map((way) => ({ ...way, count: countOf(way.name) }));
/** Fifty microseconds each are plenty on an idle machine, and few machines are. */
const PATIENCE_MS = 30_000 + COUNT * 0.6;

const sentBytes = (payload: VerifyWebhookOptions['payload']) =>
  typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload as Uint8Array);

/** How the verdicts were spread, so that a test of nothing but refusals for rubbish is noticed. */
class Verdicts {
  readonly counts = new Map<string, number>();

  constructor(private readonly sent: readonly Sent[]) {}

  refused(error: unknown, said: () => string): void {
    if (!(error instanceof WebhookVerificationError))
      throw new Error(`Something else was thrown: ${said()}`, { cause: error });
    this.count(error.reason);
  }

  /** Only what was sent, when it was sent. */
  accepted({ payload, signedAt }: VerifiedWebhook, given: VerifyWebhookOptions, said: () => string): void {
    const bytes = sentBytes(given.payload);
    const original = this.sent.find((one) => one.timestamp === signedAt && bytes.equals(one.bytes));
    if (original === undefined) throw new Error(`Accepted what was not sent: ${said()}`);
    const text = Buffer.from(original.bytes)
      .toString()
      .replace(/^\ufeff/, '');
    if (JSON.stringify(payload) !== text) throw new Error(`Read something else than was sent: ${said()}`);
    this.count('accepted');
  }

  private count(verdict: string): void {
    this.counts.set(verdict, (this.counts.get(verdict) ?? 0) + 1);
  }
}

const told = (number: number, { payload, signature, ...rest }: VerifyWebhookOptions) =>
  `WEBHOOK_SEED=${SEED}, request ${number}: ${JSON.stringify({ payload, signature, ...rest })}`;

describe(`no mutation of a request verifies with other bytes or another time (WEBHOOK_SEED=${SEED})`, () => {
  it(`at once, ${COUNT} times`, { timeout: PATIENCE_MS }, () => {
    const crypto = nodeCrypto();
    if (crypto === undefined) throw new Error('These tests need Node 20.16.');
    const dice = new Dice(mulberry32(SEED));
    const sent = sentRequests(dice, 64);
    const verdicts = new Verdicts(sent);
    const { stackTraceLimit } = Error;
    // Taking down where an error was made takes longer than all of the rest.
    Error.stackTraceLimit = 0;
    try {
      for (let number = 0; number < COUNT; number += 1) {
        const request = mutatedRequest(dice, sent);
        const said = () => told(number, request);
        let verified: VerifiedWebhook;
        try {
          verified = verifyInNode(crypto, readRequest(request));
        } catch (error) {
          verdicts.refused(error, said);
          continue;
        }
        verdicts.accepted(verified, request, said);
      }
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
    const few = COUNT / 1_000;
    for (const verdict of ['accepted', 'bad_signature', 'malformed_signature']) {
      expect(verdicts.counts.get(verdict), `${verdict}, WEBHOOK_SEED=${SEED}`).toBeGreaterThan(few);
    }
  });

  it.each(ALL_WAYS)('$name, $count times', { timeout: PATIENCE_MS }, async ({ identifyWebhook, count }) => {
    const dice = new Dice(mulberry32(SEED));
    const sent = sentRequests(dice, 64);
    const verdicts = new Verdicts(sent);
    const keys = new Map();
    for (let number = 0; number < count; number += 1) {
      const request = mutatedRequest(dice, sent);
      const said = () => told(number, request);
      await identifyWebhook(request, keys).then(
        (verified) => verdicts.accepted(verified, request, said),
        (error: unknown) => verdicts.refused(error, said),
      );
    }
    expect(verdicts.counts.get('accepted'), `WEBHOOK_SEED=${SEED}`).toBeGreaterThan(0);
  });
});
