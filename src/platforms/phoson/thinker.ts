import type { Clock } from '../../clock/index.js';
import { checkFilled, checkOptionNames, given, invalid, type RetryPolicy } from '../../http/index.js';
import {
  type ConversationStore,
  conversationsOf,
  type StoreWithValues,
} from '../shared/conversation-store.js';
import { respondentOf } from '../shared/respondent.js';
import { type PlatformThinker, thinkerOf } from '../shared/thinker.js';
import type { PhosonClient } from './client.js';
import { type PhosonReplyOptions, REPLY_OPTION_NAMES } from './messages.js';
import { PhosonSource } from './source.js';

/** Options of {@link phosonThinker}. */
export interface PhosonThinkerOptions {
  client: PhosonClient;
  agentId: string;
  /** How the agent is to reply: `model`, `provider`, ... */
  options?: PhosonReplyOptions | undefined;
  /** What conversations are called there. Default: Phoson's own name for a new one. */
  title?: string | undefined;
  /**
   * Remembers which conversation there belongs to which here: the store of the bot, or one of your own. Default: memory, so that a
   * restart begins new conversations.
   */
  store?: StoreWithValues | ConversationStore | undefined;
  /** For failures before the reply begins. */
  retry?: RetryPolicy | undefined;
  /** Time itself, for tests. */
  clock?: Clock | undefined;
}

const OPTION_NAMES: readonly string[] = ['client', 'agentId', 'options', 'title', 'store', 'retry', 'clock'];

/**
 * An agent of Phoson as the thinker of a bot. Each conversation of the bot is one there; when it is gone, a new one is made.
 *
 * @throws ValidationError when an option is missing, unknown, or cannot be.
 * @example
 * const store = await lmdbStore({ path: './bot-data' });
 * const client = new PhosonClient({ apiKey: process.env.PHOSON_API_KEY });
 * await createBot({ store, think: phosonThinker({ client, agentId: 'agt_1', store }) }).run();
 */
export function phosonThinker(asked: PhosonThinkerOptions): PlatformThinker {
  checkOptionNames(asked, OPTION_NAMES, 'phosonThinker option');
  const { client, agentId, options = {}, title, store, retry, clock } = given(asked);
  if (typeof client?.messages?.stream !== 'function')
    throw invalid('client', '"client" must be a PhosonClient');
  checkFilled(agentId, 'agentId');
  if (title !== undefined) checkFilled(title, 'title');
  checkOptionNames(options, REPLY_OPTION_NAMES, 'reply option');
  const conversations = conversationsOf(store, `phoson/${agentId}/`);
  const source = new PhosonSource({ client, agentId, reply: options, title, conversations });
  return thinkerOf(respondentOf(source, { retry, clock }), 'phoson');
}
