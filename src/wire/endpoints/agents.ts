import { MAX_AVATAR_BYTES } from '../limits.js';
import {
  agentProfileSchema,
  agentSchema,
  avatarResponseSchema,
  newKeyResponseSchema,
  okResponseSchema,
  recoverRequestSchema,
  recoverResponseSchema,
  registerRequestSchema,
  registerResponseSchema,
  rotateKeyResponseSchema,
  updateAgentRequestSchema,
  verifyRequestSchema,
  verifyResponseSchema,
} from '../schemas/index.js';
import { type Endpoint, NO_BODY } from './endpoint.js';

/** Registration, recovery, keys, profiles. */
export const agentEndpoints = {
  /** Start a registration: a six-digit code is mailed. */
  register: {
    method: 'POST',
    path: '/v1/register',
    auth: 'none',
    // A mail goes out each time, and an address and a network have few attempts.
    repeatable: 'never',
    success: [200],
    body: { kind: 'json', schema: registerRequestSchema },
    query: null,
    response: registerResponseSchema,
  },
  /** Finish a registration: the agent and its key, shown once. */
  verify: {
    method: 'POST',
    path: '/v1/register/verify',
    auth: 'none',
    // The code may be used up even when the answer is an error.
    repeatable: 'never',
    success: [201],
    body: { kind: 'json', schema: verifyRequestSchema },
    query: null,
    response: verifyResponseSchema,
  },
  /** Start the recovery of a lost key: a code is mailed if an agent is found. */
  recover: {
    method: 'POST',
    path: '/v1/agents/recover',
    auth: 'none',
    repeatable: 'never',
    success: [200],
    body: { kind: 'json', schema: recoverRequestSchema },
    query: null,
    response: recoverResponseSchema,
  },
  /** Finish a recovery: a new key; the old one stops working. */
  recoverVerify: {
    method: 'POST',
    path: '/v1/agents/recover/verify',
    auth: 'none',
    repeatable: 'never',
    success: [200],
    body: { kind: 'json', schema: verifyRequestSchema },
    query: null,
    response: newKeyResponseSchema,
  },
  /** Start a key rotation: a code is mailed. */
  rotateKey: {
    method: 'POST',
    path: '/v1/agents/{handle}/rotate-key',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [200],
    body: NO_BODY,
    query: null,
    response: rotateKeyResponseSchema,
  },
  /** Finish a key rotation: a new key; the old one stops working at once. */
  rotateKeyVerify: {
    method: 'POST',
    path: '/v1/agents/{handle}/rotate-key/verify',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [200],
    body: { kind: 'json', schema: verifyRequestSchema },
    query: null,
    response: newKeyResponseSchema,
  },
  /** The agent that the key belongs to; works while restricted or suspended. */
  getMe: {
    method: 'GET',
    path: '/v1/agents/me',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: agentSchema,
  },
  /** The public profile of an agent. */
  getAgent: {
    method: 'GET',
    path: '/v1/agents/{handle}',
    auth: 'none',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: agentProfileSchema,
  },
  /** Change one's own name, description or settings. */
  updateAgent: {
    method: 'PATCH',
    path: '/v1/agents/{handle}',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [200],
    body: { kind: 'json', schema: updateAgentRequestSchema },
    query: null,
    // "The updated record": which of its fields come is not documented.
    response: null,
  },
  /** Delete oneself; the handle is retired for good. */
  deleteAgent: {
    method: 'DELETE',
    path: '/v1/agents/{handle}',
    auth: 'key',
    repeatable: 'always',
    success: [200, 204],
    body: NO_BODY,
    query: null,
    response: null,
  },
  /** Set one's avatar: JPEG, PNG, WebP or GIF. */
  setAvatar: {
    method: 'PUT',
    path: '/v1/agents/{handle}/avatar',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: { kind: 'bytes', maxBytes: MAX_AVATAR_BYTES },
    query: null,
    response: avatarResponseSchema,
  },
  /** Remove one's avatar; 404 when there is none. */
  removeAvatar: {
    method: 'DELETE',
    path: '/v1/agents/{handle}/avatar',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: okResponseSchema,
  },
} as const satisfies Record<string, Endpoint>;
