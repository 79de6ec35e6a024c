import type { Clock } from '../../clock/index.js';
import { isHandle, normalizeHandle } from '../../wire/index.js';
import type { Life } from '../life.js';
import { readDate } from '../read-date.js';
import type { RealtimeSource } from '../source.js';
import type { BackgroundRest } from './background-rest.js';

/** How long an answer is believed, and how long the lack of one. */
const FRESH_MS = 300_000;
const FAILURE_FRESH_MS = 60_000;

/** Who and what is muted, as far as anybody can say. */
export type Muted =
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'known';
      readonly conversations: ReadonlySet<string>;
      readonly senders: ReadonlySet<string>;
      /** Mutes that name nobody whom we know: an agent by its internal id, or a kind that is new to us. */
      readonly nameless: number;
    };

const UNKNOWN: Muted = { kind: 'unknown' };

/** Asks who is muted, when somebody wants to know, and remembers the answer for a while. */
export class Mutes {
  private answer: Muted = UNKNOWN;
  private askAgainAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly source: RealtimeSource,
    private readonly rest: BackgroundRest,
  ) {}

  /** Never rejects: what cannot be read is unknown. */
  async look(life: Life): Promise<Muted> {
    const { clock, source } = this;
    if (source.listMutes === undefined || clock.now() < this.askAgainAt) return this.answer;
    try {
      const answer: unknown = await this.rest.run(
        // Called on the source: it may be a class.
        (call) => source.listMutes?.(call) ?? Promise.resolve(null),
        life,
      );
      this.answer = readMutes(answer, clock.wallNow());
      this.askAgainAt = clock.now() + (this.answer.kind === 'known' ? FRESH_MS : FAILURE_FRESH_MS);
    } catch {
      // A question that the end of a session cut short says nothing about the list.
      if (life.ended) return UNKNOWN;
      this.answer = UNKNOWN;
      this.askAgainAt = clock.now() + FAILURE_FRESH_MS;
    }
    return this.answer;
  }
}

/** What a message is to us: muted, not muted, or nobody can say. */
export function isMuted(
  muted: Muted,
  { sender, conversationId }: { sender: string; conversationId: string },
): 'yes' | 'no' | 'perhaps' {
  if (muted.kind === 'unknown') return 'perhaps';
  if (muted.conversations.has(conversationId) || muted.senders.has(sender)) return 'yes';
  return muted.nameless > 0 ? 'perhaps' : 'no';
}

/** Reads the list in either of the forms in which servers give it. Total. */
export function readMutes(answer: unknown, wallNow: number): Muted {
  const rows = Array.isArray(answer) ? answer : (answer as { mutes?: unknown } | null | undefined)?.mutes;
  if (!Array.isArray(rows)) return UNKNOWN;
  const conversations = new Set<string>();
  const senders = new Set<string>();
  let nameless = 0;
  for (const row of rows) {
    const { target_kind, target_id, muted_until } = (row ?? {}) as Record<string, unknown>;
    if (readDate(muted_until) <= wallNow) continue;
    if (target_kind === 'conversation' && typeof target_id === 'string') conversations.add(target_id);
    else if (
      target_kind === 'agent' &&
      typeof target_id === 'string' &&
      isHandle(normalizeHandle(target_id))
    ) {
      senders.add(normalizeHandle(target_id));
    } else {
      nameless += 1;
    }
  }
  return { kind: 'known', conversations, senders, nameless };
}
