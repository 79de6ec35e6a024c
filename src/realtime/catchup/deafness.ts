import { isHandle, type Message, normalizeHandle, readDate, senderOf } from '../../wire/index.js';
import type { Session } from '../connection/session.js';
import type { Identity } from '../identity.js';
import type { Inbox } from '../inbox.js';
import { JudgingTimer } from '../util/judging-timer.js';
import { Life } from '../util/life.js';
import { fieldsOf, rowsOf } from './answers.js';
import type { Demand } from './demand.js';
import {
  type FindingsEffect,
  type FindingsEvent,
  type Judgement,
  NOTHING_FOUND,
  observe,
} from './findings.js';
import type { RestPorts } from './rest-gate.js';

/** The service's clock may be ahead of ours by this much: what it wrote then may be older than the session. */
const CLOCK_LEAD_MS = 5_000;

export interface SocketOwner {
  replace(session: Session, why: string): void;
}

/** What `explain()` tells of it. */
export interface HearingInsight {
  /** Messages in a row that REST showed and the socket, which seems well, has not brought. */
  readonly findings: number;
  /** How long ago a socket was replaced because of such messages; null when that never happened. */
  readonly lastReplacedAgoMs: number | null;
}

/** Notices a socket that seems well and brings nothing (LIVE-2). The rules are in `observe`; this carries them out. */
export class Deafness {
  private state = NOTHING_FOUND;
  private session: Session | null = null;
  private life = new Life();
  /** The beginning of the session, on the monotonic clock. */
  private since = Number.POSITIVE_INFINITY;
  private readonly timer: JudgingTimer;
  private readonly mutes: Mutes;

  constructor(
    private readonly ports: RestPorts,
    private readonly identity: Pick<Identity, 'isOwn'>,
    private readonly owner: SocketOwner,
    private readonly inbox: Pick<Inbox, 'lastBrought' | 'watcher'>,
    /** REP-4: the service may push a message to another replica, so what REST shows proves nothing. */
    private readonly isShared: boolean,
  ) {
    this.timer = new JudgingTimer(ports.clock, 'background');
    this.mutes = new Mutes(ports);
  }

  get insight(): HearingInsight {
    const { row, replacedAt } = this.state;
    const ago = this.ports.clock.now() - replacedAt;
    return { findings: row.length, lastReplacedAgoMs: Number.isFinite(ago) ? ago : null };
  }

  sessionStarted(session: Session): void {
    this.session = session;
    this.life = new Life();
    this.since = this.ports.clock.now();
    this.tell({ type: 'session' });
  }

  sessionEnded(): void {
    this.session = null;
    this.life.end();
    this.tell({ type: 'session' });
  }

  /** The socket brought a message while something was held against it. */
  brought(message: Message): void {
    this.tell({ type: 'brought', conversationId: message.conversation_id, sender: senderOf(message) });
  }

  /**
   * REST showed a message that had not arrived. A finding it is only if the socket should have brought it: written while
   * this session was up, and after everything that the socket brought.
   */
  found(message: Message): void {
    if (this.isShared || this.session === null || this.identity.isOwn(message)) return;
    const written = readDate(message.created_at);
    if (!(written > this.ports.serviceClock.latest(this.since) + CLOCK_LEAD_MS)) return;
    const { lastBrought } = this.inbox;
    if (lastBrought !== null && !(written > readDate(lastBrought))) return;
    const { clock, counters } = this.ports;
    const before = this.state.row.length;
    const { id: messageId, conversation_id: conversationId } = message;
    const finding = { messageId, conversationId, sender: senderOf(message), at: clock.now() };
    this.tell({ type: 'found', finding });
    if (this.state.row.length > before) counters.findings += 1;
  }

  /** A session was silent altogether, and REST has been asked since (LIVE-1). */
  silent(session: Session): void {
    if (session.id === this.session?.id) this.tell({ type: 'silent' });
  }

  private tell(event: FindingsEvent): void {
    const [state, effects] = observe(this.state, event, this.ports.clock.now());
    this.state = state;
    const alert = state.row.length > 0 || state.presumedMuted.size > 0 || Number.isFinite(state.silentUntil);
    this.inbox.watcher = alert ? this : null;
    for (const effect of effects) this.perform(effect);
  }

  private perform(effect: FindingsEffect): void {
    switch (effect.do) {
      case 'timer':
        if (effect.at === null) this.timer.clear();
        else this.timer.start(effect.at - this.ports.clock.now(), () => this.tell({ type: 'timer' }));
        break;
      case 'ask':
        void this.ask(effect.asked);
        break;
      case 'replace':
        this.replace(effect.findings.length);
        break;
    }
  }

  private replace(count: number): void {
    if (this.session === null) return;
    this.ports.counters.socketsReplaced += 1;
    const what = count === 1 ? 'a message' : `${count} messages`;
    this.owner.replace(this.session, `REST showed ${what} that the socket had not brought`);
  }

  private async ask(asked: number): Promise<void> {
    // An answer that comes too late is told by its number.
    this.tell({ type: 'answer', asked, judgement: await this.judgement(this.life) });
  }

  private async judgement(life: Life): Promise<Judgement> {
    const mutes = await this.mutes.read(life);
    const anythingLeft = this.state.row.some((finding) => isMuted(mutes, finding) !== 'yes');
    if (anythingLeft && (await this.isPaused(life))) return 'paused';
    const idsOf = (verdict: 'yes' | 'perhaps') => {
      const findings = this.state.row.filter((finding) => isMuted(mutes, finding) === verdict);
      return new Set(findings.map(({ messageId }) => messageId));
    };
    return { muted: idsOf('yes'), doubtful: idsOf('perhaps') };
  }

  /** While the owner has paused everything, nothing is pushed. Anything but a clear yes is a no. */
  private async isPaused(life: Life): Promise<boolean> {
    const { source, rest } = this.ports;
    const { getMe } = source;
    if (getMe === undefined) return false;
    try {
      const me: unknown = await rest.run((call) => getMe.call(source, call), life);
      return (me as { paused_by_owner?: unknown } | null | undefined)?.paused_by_owner === 'full';
    } catch {
      return false;
    }
  }
}

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
  /** How many mutes there are, whomever they name. */
  readonly total: number;
}

export const UNKNOWN: Muted = { conversations: new Set(), senders: new Set(), others: 'perhaps', total: 0 };

/** Asks who is muted, when somebody wants to know, and remembers the answer for a while. */
export class Mutes {
  private answer = UNKNOWN;
  private askAgainAt = Number.NEGATIVE_INFINITY;

  private readonly demand: Demand;

  constructor(private readonly ports: RestPorts) {
    this.demand = ports.rest.pagesOf(LIST_PAGE);
  }

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
    const { clock, rest, source, serviceClock } = this.ports;
    const { listMutes } = source;
    if (listMutes === undefined) return null;
    try {
      return readMutes(
        await rest.run((call) => listMutes.call(source, call), life),
        serviceClock.latest(clock.now()),
      );
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
      const ask = (call: object, limit: number) =>
        listConversations.call(source, { limit, offset: 0, ...call });
      const marked = markedIn(await rest.run(ask, life, this.demand));
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
  let total = 0;
  for (const row of rows) {
    const { target_kind, target_id, muted_until } = fieldsOf(row);
    if (readDate(muted_until) <= wallNow) continue;
    total += 1;
    const handle = typeof target_id === 'string' ? normalizeHandle(target_id) : '';
    if (target_kind === 'conversation' && typeof target_id === 'string') conversations.add(target_id);
    else if (target_kind === 'agent' && isHandle(handle)) senders.add(handle);
    else others = 'perhaps';
  }
  return { conversations, senders, others, total };
}

function markedIn(rows: unknown): string[] {
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row) => {
    const { id, is_muted } = fieldsOf(row);
    return is_muted === true && typeof id === 'string' ? [id] : [];
  });
}
