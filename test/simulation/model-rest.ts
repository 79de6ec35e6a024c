import {
  AgentChatError,
  createAgentChatError,
  ForbiddenError,
  NotFoundError,
  RateLimitedError,
  ServerError,
  TimeoutError,
} from '../../src/errors/index.js';
import type { RealtimeSource } from '../../src/realtime/index.js';
import type { SourceCallOptions, SourceHistoryOptions } from '../../src/realtime/source.js';
import type { ConversationListItem, Message, SyncEnvelope } from '../../src/wire/index.js';
import type { VirtualClock } from '../support/virtual-clock.js';
import type { ModelService } from './model-service.js';
import type { RestWatcher } from './rest-witness.js';
import type { Rng } from './rng.js';
import type { RestMode } from './schedule.js';
import { BOT, isOwed, type Stored } from './stored.js';

/** What `mixed` may be at any request. */
const MIXED: readonly RestMode[] = ['ok', 'slow', 'failing', 'limited', 'hanging'];
/** How far `lagging` history is behind. */
const LAG_MS = 4_000;
/** What each row of an answer takes on a slow link. */
const ROW_MS = 700;

/** What the bot says about a request of its own. */
type Call = SourceCallOptions & { limit?: number; after?: string };

/** A process that asks. */
export interface Asker {
  isAlive(): boolean;
  /** The answer has come back to the process, which takes it in when it can. */
  hear(answer: () => void): void;
}

/** The REST of the service, and everything that can go wrong with it. */
export class ModelRest {
  mode: RestMode = 'ok';
  /** True once history was refused for good, in any life. */
  hasRefused = false;

  constructor(
    private readonly clock: VirtualClock,
    private readonly rng: Rng,
    private readonly service: ModelService,
    private readonly network: { readonly isDown: boolean },
    private readonly witness: RestWatcher,
  ) {}

  /**
   * Answers a request as the mode of the hour has it. Nobody hears an answer when the process is gone. `what` names a
   * read, which is paced.
   */
  answer<T>(asker: Asker, what: string | null, call: Call, answer: () => T): Promise<T> {
    // A killed process asks nothing more: what still runs of it here, a handler's end perhaps, runs nowhere else.
    if (!asker.isAlive()) return new Promise(() => {});
    if (what !== null) this.witness.asks(what, call);
    const trouble = this.mode === 'mixed' ? this.rng.pick(MIXED) : this.mode;
    const slow = trouble === 'slow' ? this.rng.int(1_000, 8_000) : this.slowness(trouble, what, answer);
    const { timeoutMs = Number.POSITIVE_INFINITY } = call;
    const isSilent = trouble === 'slow pages' || trouble === 'slow start';
    return new Promise((resolve, reject) => {
      if (trouble === 'hanging' && this.rng.chance(0.5)) return;
      const timeOut = () => {
        if (!asker.isAlive() || call.signal?.aborted === true) return;
        if (what !== null) this.witness.timedOut(what, call);
        asker.hear(() => reject(new TimeoutError(`nothing came within ${timeoutMs} ms`)));
      };
      const come = () => {
        if (!asker.isAlive()) return;
        try {
          this.fail(trouble, what, answer);
          // CATCH-4: what time it is for the service.
          const date = new Date(this.clock.wallNow()).toUTCString();
          const answered = answer();
          if (what !== null) this.witness.answered(what, call, answered);
          else this.witness.oneRowAnswered();
          asker.hear(() => {
            call.onResponse?.({ headers: { get: (name) => (name === 'date' ? date : null) } });
            resolve(answered);
          });
        } catch (error) {
          asker.hear(() => reject(error));
        }
      };
      const takes = this.rng.int(5, 60) + slow;
      if (isSilent && takes > timeoutMs) this.clock.setTimer(timeOut, timeoutMs, 'background');
      else this.clock.setTimer(come, takes, 'background');
    });
  }

  /** CATCH-2: how long an answer takes on a slow link. */
  private slowness(trouble: RestMode, what: string | null, answer: () => unknown): number {
    if (what === null) return 0;
    if (trouble === 'slow start') return this.rng.int(11_000, 19_000);
    if (trouble !== 'thin link' && trouble !== 'slow pages') return 0;
    const rows = answer();
    return Array.isArray(rows) ? rows.length * ROW_MS : 0;
  }

  /** A slow link stays what it is: everything has to come over it all the same. */
  calmDown(): void {
    if (this.mode !== 'thin link' && this.mode !== 'slow pages') this.mode = 'ok';
  }

  private fail(trouble: RestMode, what: string | null, answer: () => unknown): void {
    if (this.network.isDown || (trouble === 'failing' && this.rng.chance(0.8))) {
      // Half of the failures happen after the work was done.
      if (this.rng.chance(0.5)) answer();
      throw new ServerError({ message: 'unavailable', status: 503 });
    }
    if (trouble === 'foreign' && this.rng.chance(0.6)) {
      const status = this.rng.pick([401, 403, 404, 410]);
      throw createAgentChatError(
        { code: `HTTP_${status}`, message: 'default backend', foreign: true },
        status,
      );
    }
    if (trouble === 'limited' && this.rng.chance(0.6)) {
      const retryAfterMs = 1_000 * this.rng.int(1, 5);
      if (what === 'sync') this.witness.limited(what, retryAfterMs);
      throw new RateLimitedError({ message: 'slow down', status: 429, retryAfterMs });
    }
  }

  // -- reading ------------------------------------------------------------------------------------------------------

  history(id: string, { limit = 50, afterSeq, beforeSeq }: SourceHistoryOptions): Message[] {
    if (this.mode === 'gone' && this.rng.chance(0.5)) this.refuse();
    const rows = this.visible(id);
    if (afterSeq !== undefined) return rows.filter(({ seq }) => seq > afterSeq).slice(0, limit);
    const older = beforeSeq === undefined ? rows : rows.filter(({ seq }) => seq < beforeSeq);
    return older.reverse().slice(0, limit);
  }

  private refuse(): never {
    this.hasRefused = true;
    const status = this.rng.pick([403, 404, 410]);
    const message = `refused with ${status}`;
    if (status === 403) throw new ForbiddenError({ message, status });
    if (status === 404) throw new NotFoundError({ message, status });
    throw new AgentChatError({ message, status });
  }

  private visible(id: string): Message[] {
    const now = this.clock.now();
    const isVisible = ({ hidden, writtenAt, visibleAt }: Stored) =>
      !hidden &&
      (this.mode !== 'lagging' || writtenAt <= now - LAG_MS) &&
      (this.mode !== 'patchy' || visibleAt <= now);
    return this.service
      .historyOf(id)
      .filter(isVisible)
      .map(({ message }) => ({ ...message }));
  }

  sync(limit: number, after: string | undefined): SyncEnvelope[] {
    const { inbox, isPaused } = this.service;
    if (isPaused) return [];
    const from = after === undefined ? 0 : this.placeOf(after) + 1;
    const rows: SyncEnvelope[] = [];
    for (let at = from; at < inbox.length && rows.length < limit; at += 1) {
      const stored = inbox[at];
      if (stored === undefined || stored.state !== 'stored' || stored.hidden) continue;
      const { message, deliveryId } = stored;
      rows.push({
        ...message,
        metadata: {},
        content: { ...message.content },
        delivery_id: deliveryId,
      });
    }
    return rows;
  }

  syncAck(cursor: string): { acked: number } {
    const { service } = this;
    if (service.isPaused) return { acked: 0 };
    const open = service.inbox
      .slice(0, this.placeOf(cursor) + 1)
      .filter(({ state, hidden }) => state === 'stored' && !hidden);
    for (const stored of open) service.markDelivered(stored, 'cursor');
    return { acked: open.length };
  }

  list(): ConversationListItem[] {
    return [...this.service.conversationIds].map((id) => {
      const last = this.service.historyOf(id).findLast(isOwed)?.message;
      return {
        id,
        type: 'direct',
        participants: [],
        group_name: null,
        group_avatar_url: null,
        group_member_count: null,
        last_message_at: last?.created_at ?? null,
        updated_at: last?.created_at ?? new Date(0).toISOString(),
        newest_unread_seq: last?.seq ?? null,
        is_muted: this.service.mutedIds.has(id),
      } as unknown as ConversationListItem;
    });
  }

  private placeOf(deliveryId: string): number {
    return this.service.inbox.findIndex((stored) => stored.deliveryId === deliveryId);
  }
}

/** A client of that REST, for one life of the bot. */
export class ModelSource implements RealtimeSource {
  private readonly listeners = new Set<(message: Message) => void>();

  constructor(
    private readonly rest: ModelRest,
    private readonly asker: Asker,
  ) {}

  getMessages(id: string, options: SourceHistoryOptions = {}) {
    return this.answer('getMessages', options, () => this.rest.history(id, options));
  }

  sync(options: { limit?: number; after?: string } & SourceCallOptions = {}) {
    const { limit = 200, after, signal } = options;
    // Nobody hears what an aborted request is answered with, a `Retry-After` least of all.
    const isAlive = () => this.asker.isAlive() && signal?.aborted !== true;
    const asker: Asker = { isAlive, hear: (answer) => this.asker.hear(answer) };
    return this.rest.answer(asker, 'sync', options, () => this.rest.sync(limit, after));
  }

  syncAck(cursor: string, options: SourceCallOptions = {}) {
    return this.answer(null, options, () => this.rest.syncAck(cursor));
  }

  listConversations(options: Call = {}) {
    return this.answer('listConversations', options, () => this.rest.list());
  }

  getMe(options: SourceCallOptions = {}) {
    return this.answer('getMe', options, () => ({ handle: BOT }) as never);
  }

  onSent(callback: (message: Message) => void) {
    this.listeners.add(callback);
    return () => this.listeners.delete(callback);
  }

  /** The response to a send has come. */
  sent(message: Message): void {
    if (!this.asker.isAlive()) return;
    for (const listener of this.listeners) listener({ ...message });
  }

  private answer<T>(what: string | null, call: Call, answer: () => T): Promise<T> {
    return this.rest.answer(this.asker, what, call, answer);
  }
}
