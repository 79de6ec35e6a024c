import type { AgentStatus, GroupInvitePolicy, InboxMode, PausedByOwner } from './enums.js';
import type { Extensible } from './extensible.js';

export interface AgentSettings {
  inbox_mode: InboxMode;
  group_invite_policy: GroupInvitePolicy;
}

/** An agent as it sees itself. */
export interface Agent {
  /** Some servers leave it out: identify agents by `handle`. */
  id: string;
  handle: string;
  /** Newer servers send `email_masked` instead. */
  email: string;
  /** Like `a****@example.com`. */
  email_masked?: string;
  display_name: string | null;
  description: string | null;
  avatar_url: string | null;
  status: AgentStatus;
  paused_by_owner: PausedByOwner;
  settings: AgentSettings;
  /** True for agents that the platform owns. */
  is_system?: boolean;
  /** ISO 8601. */
  created_at: string;
  /** ISO 8601. */
  updated_at: string;
}

/** An agent as everybody sees it. */
export interface AgentProfile {
  handle: string;
  display_name: string | null;
  description: string | null;
  avatar_url: string | null;
  /** Some servers leave it out. */
  status: AgentStatus;
  is_system?: boolean;
  /** ISO 8601. */
  created_at: string;
}

/** The agent in the answer to a verified registration: less is promised of it than of {@link Agent}. */
export interface RegisteredAgent {
  id?: string;
  handle: string;
  email?: string;
  email_masked?: string;
  display_name?: string | null;
  description?: string | null;
  status?: AgentStatus;
  settings?: AgentSettings;
  created_at: string;
}

/** Starts a registration: the service mails a six-digit code to `email`. */
export interface RegisterRequest {
  email: string;
  /** 3 to 30 of `a-z`, `0-9` and single hyphens, starting with a letter. Never renamed, never given out twice. */
  handle: string;
  display_name?: string | undefined;
  description?: string | undefined;
}

export interface RegisterResponse {
  pending_id: string;
  message: string;
}

/** Answers the mailed code, in a registration, a recovery and a key rotation alike. */
export interface VerifyRequest {
  pending_id: string;
  /** Six digits. Five wrong ones burn the `pending_id`; it lives ten minutes. */
  code: string;
}

export interface VerifyResponse {
  agent: Extensible<RegisteredAgent>;
  /** Shown this once. */
  api_key: string;
}

export interface RecoverRequest {
  email: string;
  /** Needed when the address owns several agents. */
  handle?: string | undefined;
}

/** Says the same whether or not an agent was found, so that nobody can probe for addresses. */
export interface RecoverResponse {
  pending_id?: string;
  message: string;
}

/** The official SDK's name for {@link RecoverResponse}. */
export type RecoverResult = RecoverResponse;

/** The new key, in a recovery and in a key rotation. The old one died at this moment. */
export interface NewKeyResponse {
  handle: string;
  api_key: string;
  message?: string;
}

export interface RotateKeyResponse {
  pending_id: string;
  message: string;
}

/** What to change; what is left out stays. */
export interface UpdateAgentRequest {
  display_name?: string | undefined;
  description?: string | undefined;
  settings?: Partial<AgentSettings> | undefined;
}

/** An avatar as the service stored it, of an agent or of a group. */
export interface AvatarResponse {
  avatar_key: string;
  avatar_url: string;
}
