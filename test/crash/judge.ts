import { type Message, messageClaimKey, replyId } from 'agentchat-client';
import type { Entry } from './happening.js';

/** What the service knows when all is over. */
export interface Records {
  /** Messages to the bot and from it, in the order in which they were stored. */
  readonly messages: readonly Message[];
  /** By message: the first life that began after the service had taken its acknowledgement. */
  readonly acknowledgedBefore: ReadonlyMap<string, number>;
  /** Messages that the service would give again. */
  readonly undelivered: readonly Message[];
}

/** What went wrong, in words; empty when every promise was kept. */
export function violationsIn(journal: readonly Entry[], records: Records, bot: string): string[] {
  return [...handedOutWrongly(journal, records), ...answeredWrongly(journal, records, bot)];
}

/** Messages that were handed out too often, too late, or beside each other. */
function* handedOutWrongly(
  journal: readonly Entry[],
  { acknowledgedBefore }: Records,
): Generator<string, void> {
  const committed = new Map<string, number>();
  /** By conversation: up to where the store has confirmed that all is handled. */
  const saved = new Map<string, { readonly expected: number; readonly life: number }>();
  /** By life and conversation: what is at work, and the newest that was. */
  const lanes = new Map<string, { atWork: number | null; newest: number }>();
  const begun = new Set<string>();
  /** By conversation: the newest that has ended in any life. */
  const through = new Map<string, number>();
  for (const entry of journal) {
    const { life } = entry;
    if (entry.what === 'commit') committed.set(entry.claimKey, life);
    else if (entry.what === 'save') saved.set(entry.conversation, { expected: entry.expected, life });
    if (entry.what !== 'begin' && entry.what !== 'end') continue;
    const { what, id, conversation, seq } = entry;
    const name = `seq ${seq} of ${conversation} (${id}) in life ${life}`;
    const laneId = `${life} ${conversation}`;
    const lane = lanes.get(laneId) ?? { atWork: null, newest: 0 };
    lanes.set(laneId, lane);
    if (what === 'end') {
      lane.atWork = null;
      through.set(conversation, Math.max(seq, through.get(conversation) ?? 0));
      continue;
    }
    if (lane.atWork !== null) yield `${name} began while seq ${lane.atWork} was at work`;
    if (seq <= lane.newest) yield `${name} began after seq ${lane.newest}`;
    if (!begun.has(id) && seq < (through.get(conversation) ?? 0)) yield `${name} had been skipped`;
    lane.atWork = seq;
    lane.newest = Math.max(seq, lane.newest);
    begun.add(id);
    const acknowledged = acknowledgedBefore.get(id);
    if (acknowledged !== undefined && acknowledged <= life) yield `${name} had been acknowledged`;
    if (committed.has(messageClaimKey(id)))
      yield `${name} was done, says the store since life ${committed.get(messageClaimKey(id))}`;
    const cursor = saved.get(conversation);
    if (cursor !== undefined && seq < cursor.expected) {
      yield `${name} was below the cursor ${cursor.expected} that was saved in life ${cursor.life}`;
    }
  }
}

/** Messages that were not handled, or not answered once and in their order. */
function* answeredWrongly(
  journal: readonly Entry[],
  { messages, undelivered }: Records,
  bot: string,
): Generator<string, void> {
  const ended = new Set(journal.flatMap((entry) => (entry.what === 'end' ? [entry.id] : [])));
  const inbound = messages.filter(({ sender }) => sender !== bot);
  const replies = messages.filter(({ sender }) => sender === bot);
  for (const { id, seq, conversation_id } of inbound) {
    if (!ended.has(id)) yield `seq ${seq} of ${conversation_id} (${id}) was never handled`;
  }
  for (const { id } of undelivered) yield `${id} was not acknowledged in the end`;
  for (const conversation of new Set(messages.map(({ conversation_id }) => conversation_id))) {
    const isHere = ({ conversation_id }: Message) => conversation_id === conversation;
    const wanted = inbound.filter(isHere).map((message) => replyId(message));
    const stored = replies.filter(isHere).map((reply) => reply.client_msg_id);
    for (const id of wanted) {
      const times = stored.filter((other) => other === id).length;
      if (times !== 1) yield `${id} in ${conversation} was stored ${times} times`;
    }
    if (wanted.length === stored.length && wanted.some((id, place) => stored[place] !== id)) {
      yield `the replies in ${conversation} are not in the order of the messages`;
    }
    if (wanted.length < stored.length)
      yield `${stored.length - wanted.length} replies too many in ${conversation}`;
  }
}
