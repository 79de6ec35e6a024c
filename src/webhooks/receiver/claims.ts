import { type Clock, systemClock } from '../../clock/index.js';
import { AgentChatError, TimeoutError } from '../../errors/index.js';
import { type Claim, type DedupeStore, messageClaimKey } from '../../stores/index.js';
import type { WebhookPayload } from '../../wire/index.js';
import { readBody, type WebhookBody } from '../body.js';
import { utf8 } from '../web-hmac.js';

/** A store that takes longer has failed: the service waits about ten seconds for an answer. */
const PATIENCE_MS = 5_000;

/**
 * What an event is known by. A message has an id, by which it is also known when it comes over the WebSocket; other
 * events are known by their bytes, which a sender's retry repeats.
 */
export async function claimKeyOf({ event, data }: WebhookPayload, body: WebhookBody): Promise<string> {
  const { id } = data as { id?: unknown };
  if (event === 'message.new' && typeof id === 'string' && id !== '') return messageClaimKey(id);
  const read = readBody(body);
  const digest = await crypto.subtle.digest('SHA-256', typeof read === 'string' ? utf8(read) : read.slice());
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${event}:${hex}`;
}

/** A dedupe store that always answers, or fails, in time. */
export class Claims {
  constructor(
    private readonly store: DedupeStore,
    private readonly clock: Clock = systemClock,
  ) {}

  /** @throws AgentChatError `STORE_FAILED`. A claim that comes too late to be used is released. */
  claim(key: string): Promise<Claim> {
    return this.inTime(
      () => this.store.claim(key),
      (late) => {
        if (late.state === 'claimed') void this.release(key, late.token).catch(() => {});
      },
    );
  }

  /** @throws AgentChatError `STORE_FAILED`. */
  commit(key: string, token: string): Promise<void> {
    return this.inTime(() => this.store.commit(key, token));
  }

  /** @throws AgentChatError `STORE_FAILED`. */
  release(key: string, token: string): Promise<void> {
    return this.inTime(() => this.store.release(key, token));
  }

  private inTime<T>(ask: () => Promise<T>, onLate: (answer: T) => void = () => {}): Promise<T> {
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = this.clock.setTimer(() => {
        late = true;
        reject(failed(new TimeoutError(`The dedupe store gave no answer for ${PATIENCE_MS / 1000} s.`)));
      }, PATIENCE_MS);
      new Promise<T>((answer) => answer(ask())).then(
        (value) => {
          this.clock.clearTimer(timer);
          if (late) onLate(value);
          else resolve(value);
        },
        (error: unknown) => {
          this.clock.clearTimer(timer);
          reject(failed(error));
        },
      );
    });
  }
}

function failed(cause: unknown): AgentChatError {
  return new AgentChatError({
    code: 'STORE_FAILED',
    message:
      'The dedupe store failed. Events wait for it, or are handled without it, as onDedupeFailure says.',
    outcome: 'unknown',
    cause,
  });
}
