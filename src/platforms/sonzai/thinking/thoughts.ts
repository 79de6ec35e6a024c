import type {
  DoneThought,
  ErrorThought,
  ThoughtAsk,
  ThoughtCapabilities,
  ThoughtEvent,
} from '../../shared/thought.js';
import type { ChatFields } from '../chat/chat-fields.js';
import type { Sonzai } from '../client.js';

/** What a chat of a thinker is asked with besides the text, the person and the session. */
export type ChatDefaults = Omit<ChatFields, 'messages' | 'user_id' | 'session_id'>;

/** With whom, and how, an agent of Sonzai thinks. */
export interface SourceParts {
  readonly client: Sonzai;
  readonly agentId: string;
  readonly chat: ChatDefaults;
}

export type Ask = ThoughtAsk & { readonly signal: AbortSignal };
export type Thought = Exclude<ThoughtEvent, ErrorThought>;

/** What Sonzai can tell in a stream. */
export const STREAM_CAPABILITIES: ThoughtCapabilities = {
  reasoning: false,
  toolEvents: true,
  usage: true,
  multiMessage: true,
  serverHistory: true,
};

/** The chat that a text asks for: our conversation is the session there, and the person is the user. */
export function fieldsOf(
  input: string,
  { conversationKey, userId, userName, hints }: Ask,
  chat: ChatDefaults,
): ChatFields {
  return {
    ...chat,
    ...(userName === undefined ? {} : { user_display_name: userName }),
    ...hints,
    messages: [{ role: 'user', content: input }],
    // Everybody without an id would be one person there, and would hear what others have said.
    user_id: userId ?? conversationKey,
    session_id: conversationKey,
  };
}

/** The end of a reply, without what is not known. */
export function doneOf(done: {
  readonly text: string;
  readonly remoteId: string | null;
  readonly usage?: DoneThought['usage'] | null;
  readonly tokens?: number | undefined;
  readonly externalToolCalls?: readonly unknown[] | undefined;
  readonly raw?: unknown;
}): DoneThought {
  const { text, remoteId, usage, tokens, externalToolCalls = [], raw } = done;
  return {
    type: 'done',
    text,
    ...(remoteId === null ? {} : { remoteId }),
    ...(usage == null ? {} : { usage }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(externalToolCalls.length === 0 ? {} : { externalToolCalls }),
    ...(raw == null ? {} : { raw }),
  };
}
