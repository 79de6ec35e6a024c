import { isHandle, normalizeHandle, readDate } from '../../wire/index.js';
import type { Life } from '../util/life.js';
import { fieldsOf, rowsOf } from './answers.js';
import type { RestPorts } from './rest-gate.js';

/** How long an answer is believed, and how long the lack of one. */
const FRESH_MS = 300_000;
const FAILURE_FRESH_MS = 60_000;
/** Conversations are listed by activity: those that a question is about stand in front. */
const LIST_PAGE = 100;

/** Who and what is muted, as far as anybody can say. */
export interface Muted {
  readonly conversations: ReadonlySet<string>;
  readonly senders: ReadonlySet<string>;
  /** Whether others may be muted as well: there is no list, or it names agents by ids that we do not know. */
  readonly others: 'none' | 'perhaps';
}

export const UNKNOWN: Muted = { conversations: new Set(), senders: new Set(), others: 'perhaps' };

/** Asks who is muted, when somebody wants to know, and remembers the answer for a while. */
export class Mutes {
  private answer = UNKNOWN;
  private askAgainAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly ports: RestPorts) {}

  /** Never rejects: what cannot be read is unknown. */
  async read(life: Life): Promise<Muted> {
    const { clock } = this.ports;
    if (clock.now() < this.askAgainAt) return this.answer;
    const listed = await this.readList(life);
    const all = listed?.others === 'none' ? listed : await this.withMarked(listed ?? UNKNOWN, life);
    // A question that the end of a session cut short says nothing about the list.
    if (life.ended) return UNKNOWN;
    this.answer = all;
    this.askAgainAt = clock.now() + (listed === null ? FAILURE_FRESH_MS : FRESH_MS);
    return all;
  }

  private async readList(life: Life): Promise<Muted | null> {
    const { clock, rest, source } = this.ports;
    const { listMutes } = source;
    if (listMutes === undefined) return null;
    try {
      return readMutes(await rest.run((call) => listMutes.call(source, call), life), clock.wallNow());
    } catch {
      return null;
    }
  }

  /** A muted agent's own conversation is marked in the list of conversations, whatever the agent's internal id. */
  private async withMarked(muted: Muted, life: Life): Promise<Muted> {
    const { rest, source } = this.ports;
    const { listConversations } = source;
    if (listConversations === undefined) return muted;
    try {
      const query = { limit: LIST_PAGE, offset: 0 };
      const marked = markedIn(
        await rest.run((call) => listConversations.call(source, { ...query, ...call }), life),
      );
      return { ...muted, conversations: new Set([...muted.conversations, ...marked]) };
    } catch {
      return muted;
    }
  }
}

/** What a message is to us: muted, not muted, or nobody can say. */
export function isMuted(
  { conversations, senders, others }: Muted,
  { sender, conversationId }: { sender: string; conversationId: string },
): 'yes' | 'no' | 'perhaps' {
  if (conversations.has(conversationId) || senders.has(sender)) return 'yes';
  return others === 'perhaps' ? 'perhaps' : 'no';
}

/** Reads the list in either of the forms in which servers give it; null when it is none. Total. */
export function readMutes(answer: unknown, wallNow: number): Muted | null {
  const rows = rowsOf(answer, 'mutes');
  if (rows === null) return null;
  const conversations = new Set<string>();
  const senders = new Set<string>();
  let others: Muted['others'] = 'none';
  for (const row of rows) {
    const { target_kind, target_id, muted_until } = fieldsOf(row);
    if (readDate(muted_until) <= wallNow) continue;
    const handle = typeof target_id === 'string' ? normalizeHandle(target_id) : '';
    if (target_kind === 'conversation' && typeof target_id === 'string') conversations.add(target_id);
    else if (target_kind === 'agent' && isHandle(handle)) senders.add(handle);
    else others = 'perhaps';
  }
  return { conversations, senders, others };
}

function markedIn(rows: unknown): string[] {
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row) => {
    const { id, is_muted } = fieldsOf(row);
    return is_muted === true && typeof id === 'string' ? [id] : [];
  });
}
