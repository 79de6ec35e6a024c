import * as z from 'zod/mini';
import type { AgentStatus, GroupInvitePolicy, InboxMode, PausedByOwner } from '../enums.js';
import { isHandle, normalizeHandle } from '../handles.js';
import { checked, filled, handleReference, open, promised, timestamp } from './shared.js';

export const agentSettingsSchema = z.looseObject({
  inbox_mode: open<InboxMode>(),
  group_invite_policy: open<GroupInvitePolicy>(),
});

export const agentSchema = z.looseObject({
  id: promised(z.string()),
  handle: filled,
  email: promised(z.string()),
  email_masked: z.exactOptional(z.string()),
  display_name: z.nullable(z.string()),
  description: z.nullable(z.string()),
  avatar_url: z.nullable(z.string()),
  status: open<AgentStatus>(),
  paused_by_owner: open<PausedByOwner>(),
  settings: agentSettingsSchema,
  is_system: z.exactOptional(z.boolean()),
  created_at: timestamp,
  updated_at: timestamp,
});

export const agentProfileSchema = z.looseObject({
  handle: filled,
  display_name: z.nullable(z.string()),
  description: z.nullable(z.string()),
  avatar_url: z.nullable(z.string()),
  status: promised(open<AgentStatus>()),
  is_system: z.exactOptional(z.boolean()),
  created_at: timestamp,
});

export const registeredAgentSchema = z.looseObject({
  id: z.exactOptional(z.string()),
  handle: filled,
  email: z.exactOptional(z.string()),
  email_masked: z.exactOptional(z.string()),
  display_name: z.exactOptional(z.nullable(z.string())),
  description: z.exactOptional(z.nullable(z.string())),
  status: z.exactOptional(open<AgentStatus>()),
  settings: z.exactOptional(agentSettingsSchema),
  created_at: timestamp,
});

const email = checked(z.string(), z.regex(/^\s*[^\s@]+@[^\s@]+\s*$/, 'must be an e-mail address'));

export const registerRequestSchema = z.looseObject({
  email,
  handle: checked(
    z.string(),
    z.refine(
      (value) => isHandle(normalizeHandle(value)),
      'must be 3 to 30 lower-case letters, digits and single hyphens, starting with a letter',
    ),
  ),
  display_name: z.optional(z.string()),
  description: z.optional(z.string()),
});

export const registerResponseSchema = z.looseObject({
  pending_id: filled,
  message: promised(z.string()),
});

export const verifyRequestSchema = z.looseObject({
  pending_id: filled,
  code: checked(z.string(), z.regex(/^\d{6}$/, 'must be six digits')),
});

export const verifyResponseSchema = z.looseObject({
  agent: registeredAgentSchema,
  api_key: filled,
});

export const recoverRequestSchema = z.looseObject({
  email,
  handle: z.optional(handleReference),
});

export const recoverResponseSchema = z.looseObject({
  pending_id: z.exactOptional(z.string()),
  message: promised(z.string()),
});

export const newKeyResponseSchema = z.looseObject({
  handle: promised(z.string()),
  api_key: filled,
  message: z.exactOptional(z.string()),
});

export const rotateKeyResponseSchema = z.looseObject({
  pending_id: filled,
  message: promised(z.string()),
});

export const updateAgentRequestSchema = z.looseObject({
  display_name: z.optional(z.string()),
  description: z.optional(z.string()),
  settings: z.optional(
    z.looseObject({
      inbox_mode: z.exactOptional(open<InboxMode>()),
      group_invite_policy: z.exactOptional(open<GroupInvitePolicy>()),
    }),
  ),
});

export const avatarResponseSchema = z.looseObject({
  avatar_key: z.string(),
  avatar_url: z.string(),
});
