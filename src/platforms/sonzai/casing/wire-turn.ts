import { checkOptionNames } from '../../../http/index.js';
import type { OpenRecord } from '../records/open-record.js';
import type { SessionTurn } from '../records/session.js';

const NAMES: readonly string[] = [
  'messages',
  'fetch_next_context',
  'provider',
  'model',
  'user_display_name',
  'user_timezone',
];

/** Whose turn it is. */
interface TurnOf {
  readonly userId: string;
  readonly instanceId: string | undefined;
}

/** The body of a turn, which travels in camelCase. Messages travel as they are. @throws ValidationError that names the field. */
export function wireTurn(of: TurnOf, turn: SessionTurn): OpenRecord {
  checkOptionNames(turn, NAMES, 'turn field');
  const { messages, fetch_next_context, provider, model, user_display_name, user_timezone } = turn;
  return {
    userId: of.userId,
    messages,
    instanceId: of.instanceId,
    fetchNextContext: fetch_next_context,
    provider,
    model,
    userDisplayName: user_display_name,
    userTimezone: user_timezone,
  };
}
