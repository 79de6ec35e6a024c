import type { Clock } from '../../clock/index.js';
import { checkOptionNames, given, invalid, type RetryPolicy } from '../../http/index.js';
import {
  type ConversationStore,
  conversationsOf,
  type StoreWithValues,
} from '../shared/conversation-store.js';
import { pathOf } from '../shared/request.js';
import { respondentOf } from '../shared/respondent.js';
import { type PlatformThinker, thinkerOf } from '../shared/thinker.js';
import type { SomiaClient } from './client.js';
import { OPTION_NAMES, type SomiaAgentId, type SomiaOptions } from './fields.js';
import { type SomiaFirstTurn, SomiaSource } from './source.js';

/** Options of {@link somiaThinker}. */
export interface SomiaThinkerOptions {
  client: SomiaClient;
  agentId: SomiaAgentId;
  /** How a session begins; a setting of the agent's. Default `interact`. */
  firstTurn?: SomiaFirstTurn | undefined;
  /** For each call: `pipeline_version`, `environment`, ... `end_user_id` is who speaks unless it is here. */
  options?: SomiaOptions | undefined;
  /**
   * Remembers which session there belongs to which conversation here: the store of the bot, or one of your own. Default: memory, so
   * that a restart begins new sessions.
   */
  store?: StoreWithValues | ConversationStore | undefined;
  /** For failures before the reply begins. */
  retry?: RetryPolicy | undefined;
  /** Time itself, for tests. */
  clock?: Clock | undefined;
}

const THINKER_OPTION_NAMES: readonly string[] = [
  'client',
  'agentId',
  'firstTurn',
  'options',
  'store',
  'retry',
  'clock',
];
const FIRST_TURNS: readonly unknown[] = ['interact', 'create'];

/**
 * An agent of Somia as the thinker of a bot. Each conversation of the bot is a session there; when it is gone or finished, a new one is
 * made.
 *
 * @throws ValidationError when an option is missing, unknown, or cannot be.
 * @example
 * const store = await lmdbStore({ path: './bot-data' });
 * const client = new SomiaClient(); // the key comes from SOMIA_API_KEY
 * await createBot({ store, think: somiaThinker({ client, agentId: 7, store }) }).run();
 */
export function somiaThinker(asked: SomiaThinkerOptions): PlatformThinker {
  checkOptionNames(asked, THINKER_OPTION_NAMES, 'somiaThinker option');
  const { client, agentId, firstTurn = 'interact', options = {}, store, retry, clock } = given(asked);
  if (typeof client?.sessions?.interactSession !== 'function')
    throw invalid('client', '"client" must be a SomiaClient');
  const id = pathOf('{agentId}', { agentId });
  if (!FIRST_TURNS.includes(firstTurn)) {
    throw invalid('firstTurn', `"firstTurn" must be 'interact' or 'create'`);
  }
  checkOptionNames(options, OPTION_NAMES, 'Somia option');
  const conversations = conversationsOf(store, `somia/${id}/`);
  const source = new SomiaSource({ client, agentId, firstTurn, options, conversations });
  return thinkerOf(respondentOf(source, { retry, clock }), 'somia');
}
