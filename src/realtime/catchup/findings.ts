/** A message that REST showed and the socket had not brought (LIVE-2). */
export interface Finding {
  readonly messageId: string;
  readonly conversationId: string;
  /** A bare handle. */
  readonly sender: string;
  /** When REST showed it, on the monotonic clock. */
  readonly at: number;
}

export interface Findings {
  /** Since the session began and since the socket last brought a message: what it did not bring, oldest first. */
  readonly row: readonly Finding[];
  /** `asking`: it is being asked who is muted, and whether the owner has paused us. */
  readonly phase: 'watching' | 'asking';
  /** The number of the last question. */
  readonly asked: number;
  /** Until then the socket counts as silent: it has brought nothing at all, not even a ping, for long. */
  readonly silentUntil: number;
  /** When the socket was last replaced on this account. */
  readonly replacedAt: number;
  /**
   * Senders and conversations for which a socket was replaced while they may have been muted, and until when they are
   * taken for that. They are taken off when the socket brings something of theirs.
   */
  readonly presumedMuted: ReadonlyMap<string, number>;
}

export type FindingsEvent =
  | { readonly type: 'session' }
  | { readonly type: 'brought'; readonly conversationId: string; readonly sender: string }
  | { readonly type: 'found'; readonly finding: Finding }
  /** The socket has been silent, and REST was asked whether that is real (LIVE-1). */
  | { readonly type: 'silent' }
  | { readonly type: 'timer' }
  | { readonly type: 'answer'; readonly asked: number; readonly judgement: Judgement };

/**
 * The answer to a question: ids of findings whose sender or conversation is muted, and of those of which nobody can say.
 * Or the owner has paused us: nothing is pushed, and nothing is wrong.
 */
export type Judgement =
  | 'paused'
  | { readonly muted: ReadonlySet<string>; readonly doubtful: ReadonlySet<string> };

export type FindingsEffect =
  /** Starts the one timer, or (null) has none. */
  | { readonly do: 'timer'; readonly at: number | null }
  | { readonly do: 'ask'; readonly asked: number }
  | { readonly do: 'replace'; readonly findings: readonly Finding[] };

/** So many in a row say that the socket is deaf. */
export const FINDINGS_NEEDED = 3;
/** The socket gets this long to bring what REST has shown already. So each finding is at least as old as that. */
export const RIPE_MS = 30_000;
/** At most once in this time is a socket replaced. */
export const REPLACE_SPACING_MS = 600_000;
/** Of a socket that is silent altogether one finding is enough, and it is old enough after this. */
export const RIPE_WHEN_SILENT_MS = 5_000;
/** A silence that was probed is believed this long: a fill takes its time to show what there is. */
const SILENT_MS = 30_000;
/** Where nobody says who is muted, a sender for whom a socket was replaced in vain is taken for muted this long. */
const PRESUMED_MS = 3_600_000;
const PRESUMED_AT_MOST = 1_000;
const ROW_AT_MOST = 50;

const NO_TIMER = { do: 'timer', at: null } as const;

export const NOTHING_FOUND: Findings = {
  row: [],
  phase: 'watching',
  asked: 0,
  silentUntil: Number.NEGATIVE_INFINITY,
  replacedAt: Number.NEGATIVE_INFINITY,
  presumedMuted: new Map(),
};

/**
 * LIVE-2 as a pure function: when is a socket deaf that seems well? REST shows what it did not bring, three times in a
 * row, each time with 30 seconds to bring it after all; and neither a mute nor a pause explains it.
 */
export function observe(state: Findings, event: FindingsEvent, now: number): [Findings, FindingsEffect[]] {
  switch (event.type) {
    case 'session':
      return decide(afresh(state), now);
    case 'brought':
      return decide(
        { ...afresh(state), presumedMuted: withoutKeys(state.presumedMuted, keysOf(event)) },
        now,
      );
    case 'found':
      return decide(found(state, event.finding), now);
    case 'silent':
      return decide({ ...state, silentUntil: now + SILENT_MS }, now);
    case 'timer':
      return decide(state, now);
    case 'answer':
      // An answer from the past changes nothing.
      if (state.phase !== 'asking' || event.asked !== state.asked) return [state, []];
      return judge({ ...state, phase: 'watching' }, event.judgement, now);
  }
}

/** Nothing is held against the socket. A question that is out means nothing any more. */
function afresh(state: Findings): Findings {
  return { ...state, row: [], phase: 'watching', silentUntil: Number.NEGATIVE_INFINITY };
}

function found(state: Findings, finding: Finding): Findings {
  const { row } = state;
  if (row.length >= ROW_AT_MOST || row.some(({ messageId }) => messageId === finding.messageId)) return state;
  return { ...state, row: [...row, finding] };
}

function decide(state: Findings, now: number): [Findings, FindingsEffect[]] {
  if (state.phase === 'asking') return [state, []];
  const at = dueAt(state, now);
  if (at === null || at > now) return [state, [{ do: 'timer', at }]];
  const asked = state.asked + 1;
  return [{ ...state, phase: 'asking', asked }, [NO_TIMER, { do: 'ask', asked }]];
}

/** When the findings so far are enough, if nothing is brought until then. */
function dueAt({ row, silentUntil, replacedAt }: Findings, now: number): number | null {
  const last = row[FINDINGS_NEEDED - 1];
  const deafAt = last === undefined ? null : Math.max(last.at + RIPE_MS, replacedAt + REPLACE_SPACING_MS);
  const silentAt = row[0] === undefined ? null : row[0].at + RIPE_WHEN_SILENT_MS;
  if (silentAt === null || Math.max(silentAt, now) >= silentUntil) return deafAt;
  return deafAt === null ? silentAt : Math.min(silentAt, deafAt);
}

function judge(state: Findings, judgement: Judgement, now: number): [Findings, FindingsEffect[]] {
  if (judgement === 'paused') return decide({ ...state, row: [] }, now);
  const { muted, doubtful } = judgement;
  const isPresumed = (finding: Finding) =>
    doubtful.has(finding.messageId) &&
    keysOf(finding).some((key) => (state.presumedMuted.get(key) ?? now) > now);
  const row = state.row.filter((finding) => !muted.has(finding.messageId) && !isPresumed(finding));
  const left: Findings = { ...state, row };
  const due = dueAt(left, now);
  if (due === null || due > now) return decide(left, now);
  const inDoubt = row.filter(({ messageId }) => doubtful.has(messageId)).flatMap(keysOf);
  const presumedMuted = withKeys(state.presumedMuted, inDoubt, now);
  return [{ ...afresh(left), replacedAt: now, presumedMuted }, [NO_TIMER, { do: 'replace', findings: row }]];
}

/** What a message may have been muted by. No handle begins with `@`, and no id does. */
function keysOf({ sender, conversationId }: { sender: string; conversationId: string }): string[] {
  return [`@${sender}`, conversationId];
}

type Presumed = Findings['presumedMuted'];

function withKeys(presumed: Presumed, keys: readonly string[], now: number): Presumed {
  const next = new Map([...presumed].filter(([, until]) => until > now));
  for (const key of keys) {
    next.delete(key);
    next.set(key, now + PRESUMED_MS);
  }
  return new Map([...next].slice(-PRESUMED_AT_MOST));
}

function withoutKeys(presumed: Presumed, keys: readonly string[]): Presumed {
  if (!keys.some((key) => presumed.has(key))) return presumed;
  return new Map([...presumed].filter(([key]) => !keys.includes(key)));
}
