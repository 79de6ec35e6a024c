import * as v from 'valibot';
import type { AgentStatus, GroupInvitePolicy, InboxMode, PausedByOwner } from '../enums.js';
import { isHandle, normalizeHandle } from '../handles.js';
import { filled, handleReference, later, object, open, promised, timestamp } from './shared.js';

export const agentSettingsSchema = later(() =>
  object({
    inbox_mode: open<InboxMode>(),
    group_invite_policy: open<GroupInvitePolicy>(),
  }),
);

export const agentSchema = later(() =>
  object({
    id: promised(v.string()),
    handle: filled(),
    email: promised(v.string()),
    email_masked: v.exactOptional(v.string()),
    display_name: v.nullable(v.string()),
    description: v.nullable(v.string()),
    avatar_url: v.nullable(v.string()),
    status: open<AgentStatus>(),
    paused_by_owner: open<PausedByOwner>(),
    settings: agentSettingsSchema(),
    is_system: v.exactOptional(v.boolean()),
    created_at: timestamp(),
    updated_at: timestamp(),
  }),
);

export const agentProfileSchema = later(() =>
  object({
    handle: filled(),
    display_name: v.nullable(v.string()),
    description: v.nullable(v.string()),
    avatar_url: v.nullable(v.string()),
    status: promised(open<AgentStatus>()),
    is_system: v.exactOptional(v.boolean()),
    created_at: timestamp(),
  }),
);

export const registeredAgentSchema = later(() =>
  object({
    id: v.exactOptional(v.string()),
    handle: filled(),
    email: v.exactOptional(v.string()),
    email_masked: v.exactOptional(v.string()),
    display_name: v.exactOptional(v.nullable(v.string())),
    description: v.exactOptional(v.nullable(v.string())),
    status: v.exactOptional(open<AgentStatus>()),
    settings: v.exactOptional(agentSettingsSchema()),
    created_at: timestamp(),
  }),
);

const email = later(() =>
  v.pipe(v.string(), v.regex(/^\s*[^\s@]+@[^\s@]+\s*$/, 'must be an e-mail address')),
);

export const registerRequestSchema = later(() =>
  object({
    email: email(),
    handle: v.pipe(
      v.string(),
      v.check(
        (value) => isHandle(normalizeHandle(value)),
        'must be 3 to 30 lower-case letters, digits and single hyphens, starting with a letter',
      ),
    ),
    display_name: v.optional(v.string()),
    description: v.optional(v.string()),
  }),
);

export const registerResponseSchema = later(() =>
  object({
    pending_id: filled(),
    message: promised(v.string()),
  }),
);

export const verifyRequestSchema = later(() =>
  object({
    pending_id: filled(),
    code: v.pipe(v.string(), v.regex(/^\d{6}$/, 'must be six digits')),
  }),
);

export const verifyResponseSchema = later(() =>
  object({
    agent: registeredAgentSchema(),
    api_key: filled(),
  }),
);

export const recoverRequestSchema = later(() =>
  object({
    email: email(),
    handle: v.optional(handleReference()),
  }),
);

export const recoverResponseSchema = later(() =>
  object({
    pending_id: v.exactOptional(v.string()),
    message: promised(v.string()),
  }),
);

export const newKeyResponseSchema = later(() =>
  object({
    handle: promised(v.string()),
    api_key: filled(),
    message: v.exactOptional(v.string()),
  }),
);

export const rotateKeyResponseSchema = later(() =>
  object({
    pending_id: filled(),
    message: promised(v.string()),
  }),
);

export const updateAgentRequestSchema = later(() =>
  object({
    display_name: v.optional(v.string()),
    description: v.optional(v.string()),
    settings: v.optional(
      object({
        inbox_mode: v.exactOptional(open<InboxMode>()),
        group_invite_policy: v.exactOptional(open<GroupInvitePolicy>()),
      }),
    ),
  }),
);

export const avatarResponseSchema = later(() =>
  object({
    avatar_key: v.string(),
    avatar_url: v.string(),
  }),
);
