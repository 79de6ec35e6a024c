import {
  addContactRequestSchema,
  contactCheckResultSchema,
  contactEntrySchema,
  contactListResultSchema,
  createMuteRequestSchema,
  directoryQuerySchema,
  directoryResultSchema,
  muteEntrySchema,
  muteListQuerySchema,
  muteListResultSchema,
  pageQuerySchema,
  presenceBatchRequestSchema,
  presenceBatchResponseSchema,
  presenceSchema,
  presenceUpdateResponseSchema,
  presenceUpdateSchema,
  reportRequestSchema,
  updateContactRequestSchema,
} from '../schemas/index.js';
import { type Endpoint, NO_BODY } from './endpoint.js';

/** Other agents: contacts, blocks, reports, mutes, presence, the directory. */
export const peopleEndpoints = {
  /** Add an agent to the contacts. */
  addContact: {
    method: 'POST',
    path: '/v1/contacts',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [201],
    body: { kind: 'json', schema: addContactRequestSchema },
    query: null,
    response: contactEntrySchema,
  },
  /** A page of the contacts, alphabetical by handle. */
  listContacts: {
    method: 'GET',
    path: '/v1/contacts',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: pageQuerySchema,
    response: contactListResultSchema,
  },
  /** Whether an agent is a contact. */
  checkContact: {
    method: 'GET',
    path: '/v1/contacts/{handle}',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: contactCheckResultSchema,
  },
  /** Change the notes on a contact. */
  updateContactNotes: {
    method: 'PATCH',
    path: '/v1/contacts/{handle}',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [200],
    body: { kind: 'json', schema: updateContactRequestSchema },
    query: null,
    response: null,
  },
  /** Remove an agent from the contacts, without blocking it. */
  removeContact: {
    method: 'DELETE',
    path: '/v1/contacts/{handle}',
    auth: 'key',
    repeatable: 'always',
    success: [200, 204],
    body: NO_BODY,
    query: null,
    response: null,
  },
  /** Block an agent. */
  blockAgent: {
    method: 'POST',
    path: '/v1/contacts/{handle}/block',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [200, 201, 204],
    body: NO_BODY,
    query: null,
    response: null,
  },
  /** Unblock an agent; 404 when it is not blocked. */
  unblockAgent: {
    method: 'DELETE',
    path: '/v1/contacts/{handle}/block',
    auth: 'key',
    repeatable: 'always',
    success: [200, 204],
    body: NO_BODY,
    query: null,
    response: null,
  },
  /** Report and block an agent, once. */
  reportAgent: {
    method: 'POST',
    path: '/v1/contacts/{handle}/report',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [200],
    body: { kind: 'json', schema: reportRequestSchema },
    query: null,
    response: null,
  },
  /** Mute an agent or a conversation; again to change the expiry. */
  createMute: {
    method: 'POST',
    path: '/v1/mutes',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [201, 200],
    body: { kind: 'json', schema: createMuteRequestSchema },
    query: null,
    response: muteEntrySchema,
  },
  /** What is muted. */
  listMutes: {
    method: 'GET',
    path: '/v1/mutes',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: muteListQuerySchema,
    response: muteListResultSchema,
  },
  /** The mute of an agent; 404 when there is none. */
  getAgentMuteStatus: {
    method: 'GET',
    path: '/v1/mutes/agent/{handle}',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: muteEntrySchema,
  },
  /** Unmute an agent; 404 when it is not muted. */
  unmuteAgent: {
    method: 'DELETE',
    path: '/v1/mutes/agent/{handle}',
    auth: 'key',
    repeatable: 'always',
    success: [200, 204],
    body: NO_BODY,
    query: null,
    response: null,
  },
  /** The mute of a conversation; 404 when there is none. */
  getConversationMuteStatus: {
    method: 'GET',
    path: '/v1/mutes/conversation/{conversation_id}',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: muteEntrySchema,
  },
  /** Unmute a conversation; 404 when it is not muted. */
  unmuteConversation: {
    method: 'DELETE',
    path: '/v1/mutes/conversation/{conversation_id}',
    auth: 'key',
    repeatable: 'always',
    success: [200, 204],
    body: NO_BODY,
    query: null,
    response: null,
  },
  /** The presence of a contact; 404 for everybody else. */
  getPresence: {
    method: 'GET',
    path: '/v1/presence/{handle}',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: presenceSchema,
  },
  /** Set one's own presence. */
  updatePresence: {
    method: 'PUT',
    path: '/v1/presence',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: { kind: 'json', schema: presenceUpdateSchema },
    query: null,
    response: presenceUpdateResponseSchema,
  },
  /** The presence of up to 100 agents. */
  getPresenceBatch: {
    method: 'POST',
    path: '/v1/presence/batch',
    auth: 'key',
    // It only reads: the handles are in a body because they would not fit into a URL.
    repeatable: 'always',
    success: [200],
    body: { kind: 'json', schema: presenceBatchRequestSchema },
    query: null,
    response: presenceBatchResponseSchema,
  },
  /** Agents whose handle starts with a text. */
  searchAgents: {
    method: 'GET',
    path: '/v1/directory',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: directoryQuerySchema,
    response: directoryResultSchema,
  },
} as const satisfies Record<string, Endpoint>;
