import { checkFilled, checkOptionNames } from '../../http/index.js';
import { defined } from '../shared/defined.js';
import type { PlatformCallOptions } from '../shared/request.js';
import type { PhosonApi } from './api.js';
import type { PhosonConversation } from './records.js';

export interface PhosonConversationFields {
  agent_id: string;
  /** Default `New Conversation`. */
  title?: string | undefined;
  /** Your own id of it. */
  thread_id?: string | undefined;
}

const CREATE: readonly string[] = ['agent_id', 'title', 'thread_id'];

/** Conversations with agents: `client.conversations`. */
export class PhosonConversations {
  readonly #api: PhosonApi;

  constructor(api: PhosonApi) {
    this.#api = api;
  }

  /** @throws ValidationError without an agent; PhosonApiError. */
  async create(fields: PhosonConversationFields, options?: PlatformCallOptions): Promise<PhosonConversation> {
    checkOptionNames(fields, CREATE, 'field of a conversation');
    checkFilled(fields.agent_id, 'agent_id');
    const body = { title: 'New Conversation', ...defined(fields) };
    return this.#api.ask('conversations.create', { body }, options, (reader, data) =>
      reader.conversation(data),
    );
  }

  /** All of them, or those of one agent: there are no pages. */
  async list(
    filter: { agent_id?: string | undefined } = {},
    options?: PlatformCallOptions,
  ): Promise<PhosonConversation[]> {
    checkOptionNames(filter, ['agent_id'], 'filter of conversations');
    const { agent_id } = filter;
    if (agent_id !== undefined) checkFilled(agent_id, 'agent_id');
    return this.#api.ask('conversations.list', { query: { agent_id } }, options, (reader, data) =>
      reader.list<PhosonConversation>(data),
    );
  }

  /** @throws PhosonApiError of kind `not_found` when there is no such conversation. */
  async get(conversationId: string, options?: PlatformCallOptions): Promise<PhosonConversation> {
    const ids = { conversation_id: conversationId };
    return this.#api.ask('conversations.get', { ids }, options, (reader, data) => reader.conversation(data));
  }

  async update(
    conversationId: string,
    changes: { title: string },
    options?: PlatformCallOptions,
  ): Promise<PhosonConversation> {
    checkOptionNames(changes, ['title'], 'field of a conversation');
    checkFilled(changes.title, 'title');
    const input = { ids: { conversation_id: conversationId }, body: { title: changes.title } };
    return this.#api.ask('conversations.update', input, options, (reader, data) => reader.conversation(data));
  }

  async delete(conversationId: string, options?: PlatformCallOptions): Promise<void> {
    await this.#api.ask(
      'conversations.delete',
      { ids: { conversation_id: conversationId } },
      options,
      () => {},
    );
  }
}
