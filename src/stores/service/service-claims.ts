import { type Clock, systemClock } from '../../clock/index.js';
import { checkFilled, checkInteger, checkOptionNames, given } from '../../http/index.js';
import { type Claim, type DedupeStore, messageIdOf } from '../dedupe-store.js';
import { MemoryDedupeStore } from '../memory/memory-dedupe-store.js';
import { Undelivered, type UndeliveredSource } from './undelivered.js';

/** The part of `AgentChatClient` that {@link serviceClaims} uses. */
export interface ServiceClaimsClient extends UndeliveredSource {
  claimReply(
    request: { message_id: string; holder: string },
    options: { deadlineMs: number },
  ): Promise<{ readonly claimed: boolean }>;
}

export interface ServiceClaimsOptions {
  /**
   * What this process is called. Each process needs a name of its own; one that a restart keeps (`bot-0`, `bot-1`) gets its
   * claims back after a crash. Default: a random name.
   */
  holder?: string | undefined;
  /**
   * How long another process may take over a message that it has claimed, in milliseconds. After that this process handles it
   * as well. 1 to 86,400,000 (a day); longer than your slowest handler. Default 120,000 (two minutes).
   */
  takeOverMs?: number | undefined;
  /** Replaces time. For tests. */
  clock?: Clock | undefined;
}

const TAKE_OVER_MS = 120_000;
/** A day. */
const MOST_TAKE_OVER_MS = 86_400_000;
/** Together with a look at what is undelivered, less than the five seconds that a store may take. */
const DEADLINE_MS = 2_500;
/** Messages of others that are remembered while they are waited for; then the oldest is forgotten, and waits anew. */
const MOST_WAITED_FOR = 10_000;

/**
 * Claims messages at the service, so that of two processes of one agent one handles each message, without a store that they
 * share. It is best effort. What it cannot promise:
 *
 * - **It fails open.** When the service does not answer in 2.5 s, refuses, or does not offer claims (it may answer 404), both processes handle
 *   the message. Send with `replyId(message)`, so that the service keeps one answer.
 * - **A claim cannot be given back, and how long it holds is not documented.** A message that another process has claimed waits here
 *   until the service says that it was acknowledged. After `takeOverMs` this process handles it too, whether the other one
 *   has died or is only slow. The conversation stands still meanwhile. This process never acknowledges a message only because another has claimed it.
 * - **Nothing keeps the order** between two processes that handle one conversation for one of these reasons.
 * - **It is for messages only**: every process handles every other event of a webhook.
 * - A service that takes no acknowledgements counts a message as delivered when it is pushed. There, a message is lost when its
 *   process dies over it.
 *
 * What a process has handled it remembers for a day, in memory. For more than this, use a store with replicas.
 *
 * @throws ValidationError that names the option which is wrong.
 * @example
 * const dedupe = serviceClaims(client, { holder: process.env.HOSTNAME });
 * const realtime = new RealtimeClient({ client, dedupe });
 */
export function serviceClaims(client: ServiceClaimsClient, options: ServiceClaimsOptions = {}): DedupeStore {
  checkOptionNames(options, ['holder', 'takeOverMs', 'clock'], 'serviceClaims option');
  const { holder = crypto.randomUUID(), takeOverMs = TAKE_OVER_MS, clock = systemClock } = given(options);
  checkFilled(holder, 'holder');
  checkInteger(takeOverMs, 'takeOverMs', 1, MOST_TAKE_OVER_MS);
  return new ServiceClaims(client, holder, takeOverMs, clock);
}

class ServiceClaims implements DedupeStore {
  /** The service gives a holder its own messages as often as it asks: what comes twice here is told apart here. */
  private readonly own: MemoryDedupeStore;
  private readonly undelivered: Undelivered;
  /** Messages that another process has claimed, and since when we know. */
  private readonly waitedFor = new Map<string, number>();

  constructor(
    private readonly client: ServiceClaimsClient,
    private readonly holder: string,
    private readonly takeOverMs: number,
    private readonly clock: Clock,
  ) {
    this.own = new MemoryDedupeStore({ clock });
    this.undelivered = new Undelivered(client, clock);
  }

  async claim(key: string): Promise<Claim> {
    const own = await this.own.claim(key);
    const messageId = messageIdOf(key);
    if (own.state !== 'claimed' || messageId === null) return own;
    const state = await this.ask(messageId);
    if (state !== 'in_progress') this.waitedFor.delete(messageId);
    if (state === 'claimed') return own;
    if (state === 'done') await this.own.commit(key, own.token);
    else await this.own.release(key, own.token);
    return { state };
  }

  commit(key: string, token: string): Promise<void> {
    return this.own.commit(key, token);
  }

  /** The claim at the service stays ours. */
  release(key: string, token: string): Promise<void> {
    return this.own.release(key, token);
  }

  renew(key: string, token: string): Promise<void> {
    return this.own.renew(key, token);
  }

  /** Never rejects. */
  private async ask(messageId: string): Promise<Claim['state']> {
    if (await this.isGranted(messageId)) return 'claimed';
    const now = this.clock.now();
    const since = this.waitedFor.get(messageId);
    if (since === undefined) {
      this.waitFor(messageId, now);
      return 'in_progress';
    }
    // First: what was acknowledged after all need not be taken over.
    if (await this.undelivered.lacks(messageId, since)) return 'done';
    return now - since >= this.takeOverMs ? 'claimed' : 'in_progress';
  }

  private async isGranted(messageId: string): Promise<boolean> {
    try {
      const request = { message_id: messageId, holder: this.holder };
      const { claimed } = await this.client.claimReply(request, { deadlineMs: DEADLINE_MS });
      return claimed;
    } catch {
      return true;
    }
  }

  private waitFor(messageId: string, since: number): void {
    this.waitedFor.set(messageId, since);
    const [oldest] = this.waitedFor.keys();
    if (this.waitedFor.size > MOST_WAITED_FOR && oldest !== undefined) this.waitedFor.delete(oldest);
  }
}
