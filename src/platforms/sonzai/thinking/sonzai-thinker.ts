import { type Clock, systemClock } from '../../../clock/index.js';
import { checkFilled, checkOptionNames, given, invalid, type RetryPolicy } from '../../../http/index.js';
import {
  type ConversationStore,
  conversationsOf,
  type StoreWithValues,
} from '../../shared/conversation-store.js';
import { respondentOf } from '../../shared/respondent.js';
import { type PlatformThinker, thinkerOf } from '../../shared/thinker.js';
import { Sonzai } from '../client.js';
import { PendingChats } from './pending-chats.js';
import { QueuedSource } from './queued-source.js';
import { StreamedSource } from './streamed-source.js';
import type { ChatDefaults } from './thoughts.js';

/** Options of {@link sonzaiThinker}. */
export interface SonzaiThinkerOptions {
  client: Sonzai;
  /** The agent, by its id or its name. */
  agentId: string;
  /** Fields of each chat: `model`, `language`, `timezone`, ... */
  chat?: ChatDefaults | undefined;
  /**
   * For turns that may take longer than a connection lasts, about 100 seconds: the chat is queued on the platform and asked for every few
   * seconds, for ten minutes at most. Such a reply says neither what it cost nor where its messages end. Default false: one
   * stream.
   */
  longTurns?: boolean | undefined;
  /**
   * The store of the bot, or one of your own. Conversations need none: each is a session of the same name. With `longTurns` it holds which
   * chat is under way, so that a turn that runs again after a crash waits for it instead of asking twice. Default: memory.
   */
  store?: StoreWithValues | ConversationStore | undefined;
  /** For failures before the reply begins. */
  retry?: RetryPolicy | undefined;
  /** Time itself, for tests. */
  clock?: Clock | undefined;
}

const OPTION_NAMES: readonly string[] = ['client', 'agentId', 'chat', 'longTurns', 'store', 'retry', 'clock'];
/** What a thinker says itself. */
const OWN_FIELDS: readonly string[] = ['messages', 'user_id', 'session_id', 'stream'];

/**
 * An agent of Sonzai as the thinker of a bot. Each conversation of the bot is a session there, and who writes is its user, so the agent
 * remembers people across conversations and restarts.
 *
 * @throws ValidationError when an option is missing, unknown, or cannot be.
 * @example
 * const client = new Sonzai(); // the key comes from SONZAI_API_KEY
 * await createBot({ think: sonzaiThinker({ client, agentId: 'luna' }) }).run();
 */
export function sonzaiThinker(asked: SonzaiThinkerOptions): PlatformThinker {
  checkOptionNames(asked, OPTION_NAMES, 'sonzaiThinker option');
  const { client, agentId, chat = {}, longTurns = false, store, retry, clock } = given(asked);
  if (!(client instanceof Sonzai)) throw invalid('client', '"client" must be a Sonzai');
  checkFilled(agentId, 'agentId');
  if (typeof longTurns !== 'boolean') throw invalid('longTurns', '"longTurns" must be true or false');
  checkDefaults(chat);
  const parts = { client, agentId, chat };
  const pending = new PendingChats(conversationsOf(store, `sonzai/${agentId}/`));
  const source = longTurns
    ? new QueuedSource(parts, pending, clock ?? systemClock)
    : new StreamedSource(parts);
  return thinkerOf(respondentOf(source, { retry, clock }), 'sonzai');
}

function checkDefaults(chat: ChatDefaults): void {
  if (typeof chat !== 'object' || Array.isArray(chat)) {
    throw invalid('chat', '"chat" must be an object with fields of a chat, such as { model: "..." }');
  }
  for (const name of OWN_FIELDS) {
    if (Object.hasOwn(chat, name)) {
      throw invalid(`chat.${name}`, `"chat.${name}" is said by the thinker itself: leave it out`);
    }
  }
}
